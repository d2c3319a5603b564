"""What the runner tells the person at the terminal; the only place that writes to it."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console, RenderableType

from stack.programs import Program

_NAME_WIDTH = 13


class Screen:
    """Sentences, and things to look at. Works without color, on a dumb terminal and in a pipe."""

    def __init__(self, console: Console | None = None, error_console: Console | None = None) -> None:
        self._console = console or Console(highlight=False)
        self._errors = error_console or Console(stderr=True, highlight=False)

    def say(self, sentence: str) -> None:
        """Show one sentence, never broken by the terminal's width."""
        self._console.print(sentence, markup=False, soft_wrap=True)

    def show(self, what: RenderableType) -> None:
        """Show something laid out for the terminal's width."""
        self._console.print(what)

    def ready(self, program: Program, seconds: float) -> None:
        """Tell that a program is ready."""
        self.say(f"  {program.name:<{_NAME_WIDTH}} ready in {seconds:.1f} s")

    def after_interrupt(self) -> None:
        """Begin a new line: a terminal has just shown `^C` on this one."""
        if self._console.is_terminal:
            self._console.print()

    def fail(self, error: Exception) -> None:
        """Tell why it does not go on."""
        self._errors.print(str(error), style="bold", markup=False, soft_wrap=True)

    @contextmanager
    def busy(self, sentence: str) -> Iterator[None]:
        """Show, on a terminal that can, that something is being done while the block runs."""
        with self._console.status(sentence, spinner="line"):
            yield
