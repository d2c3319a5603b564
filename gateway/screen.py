"""What the gateway's commands show to a person: plain sentences and tables, and one sentence where they fail."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console, RenderableType

from examkit.errors import ExamError, StartError


def show(what: RenderableType) -> None:
    """Write to standard output; sentences are left to the terminal to break."""
    _write(Console(), what)


def remark(sentence: str) -> None:
    """Write to standard error, so that standard output can be taken by a program."""
    _write(Console(stderr=True), sentence)


@contextmanager
def one_sentence_on_error() -> Iterator[None]:
    """End with status 1 and a plain sentence where the reason is known; anything else is a bug and shows its trace."""
    try:
        yield
    except StartError as error:
        remark(str(error))
    except ExamError as error:
        remark(error.detail)
    else:
        return
    raise typer.Exit(1)


def _write(console: Console, what: RenderableType) -> None:
    console.print(what, markup=False, highlight=False, soft_wrap=isinstance(what, str))
