"""The command itself: what an operator can ask, and how it ends."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final, Literal

# One thread a process: two whose matrix products use both cores each take twice as long. Said before numpy is loaded.
os.environ["OMP_NUM_THREADS"] = "1"  # noqa: TID251 - it tells a library that is told no other way

import typer
from rich.console import Console

from examkit.errors import ExamError, StartError
from services.classify.batch.display import say
from services.classify.batch.run import Order, carry_out
from services.classify.engine import Options
from services.classify.ipc import Level, Symbol
from services.classify.schemas import MOST_PREDICTIONS
from services.classify.symbol_set import AUTO

_SOME_REFUSED: Final = 1
_UNUSABLE: Final = 2
_BROKEN_OFF: Final = 3
_INTERRUPTED: Final = 130
_AGAIN: Final = "Give the same command again to go on."

_LevelName = Literal["section", "class", "subclass", "mainGroup", "subgroup", "auto"]

# Tracebacks with local variables would show texts.
app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(  # noqa: PLR0913, PLR0917 - one a line of `--help`
    backfile: Annotated[
        Path, typer.Argument(exists=True, help="A JSONL, CSV, TSV or XML file, a zip of such files, or a folder.")
    ],
    out: Annotated[Path, typer.Option(help="Where results go: .jsonl or .csv. A run broken off is gone on with.")],
    artifacts: Annotated[
        Path,
        typer.Option(
            envvar="CLASSIFY_ARTIFACTS_DIR", exists=True, file_okay=False, help="Folder of the model and the scheme."
        ),
    ],
    level: Annotated[_LevelName, typer.Option(help="How deep; auto goes as deep as the evidence allows.")] = "subclass",
    limit: Annotated[int, typer.Option(min=1, max=MOST_PREDICTIONS, help="Most predictions for a document.")] = 5,
    threshold: Annotated[float, typer.Option(min=0, max=1, help="Least score of a prediction.")] = 0.0,
    start_from: Annotated[str | None, typer.Option(help="Predict below this symbol only.")] = None,
    processes: Annotated[int | None, typer.Option(min=1, help="How many at once; all cores if left out.")] = None,
    encode: Annotated[
        bool, typer.Option(envvar="CLASSIFY_ENCODE", help="Read with the encoders too; terms alone are quicker.")
    ] = True,
) -> None:
    """Classify a back-file: many patent documents, without the service.

    Ends with 0 when all were classified, 1 when some were refused (listed in OUT.errors.csv), 2 when the command cannot
    be carried out as given, 3 when it broke off, 130 when it was interrupted. After 3 and 130 the same command goes on.
    """
    console = Console(stderr=True)
    # `docker stop` and service managers end a program with this signal: as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with _endings(console):
        asked = level if level == AUTO else Level(level)
        start = None if start_from is None else Symbol.parse(start_from)
        options = Options(level=asked, limit=limit, start_from=start, threshold=threshold)
        cores = len(os.sched_getaffinity(0))
        order = Order(backfile.resolve(), out.resolve(), artifacts, options, processes or cores, encode)
        if carry_out(order, console).refused:
            raise typer.Exit(_SOME_REFUSED)


@contextmanager
def _endings(console: Console) -> Iterator[None]:
    """Say in a sentence why a run ends early, and choose the exit status."""
    try:
        yield
    except ExamError as error:
        raise _end(console, " ".join((error.detail, *(each.message for each in error.details))), _UNUSABLE) from None
    except StartError as error:
        raise _end(console, str(error), _UNUSABLE) from None
    except BrokenProcessPool:
        reason = "A process died, perhaps for want of memory: try fewer --processes."
        raise _end(console, f"{reason} {_AGAIN}", _BROKEN_OFF) from None
    except OSError as error:
        raise _end(console, f"Broken off: {error.strerror}. {_AGAIN}", _BROKEN_OFF) from None
    except KeyboardInterrupt:
        raise _end(console, f"Interrupted; what was done is kept. {_AGAIN}", _INTERRUPTED) from None


def _end(console: Console, sentence: str, status: int) -> typer.Exit:
    say(console, sentence)
    return typer.Exit(status)


if __name__ == "__main__":
    app()
