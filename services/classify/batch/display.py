"""What an operator sees of a run: a bar on a terminal, plain lines in a log, and a summary at the end."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from services.classify.batch.notes import Progress as RunProgress

_SECONDS_BETWEEN_LINES: Final = 30.0
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class Display(Protocol):
    """Shows how far a run has come."""

    def show(self, progress: RunProgress, read_bytes: int) -> None:
        """Show the progress, and how much of the back-file has been read for it."""


def say(console: Console, text: str) -> None:
    """Print a sentence as it is, whatever a file's name in it holds."""
    line = _CONTROLS.sub(" ", text).encode(errors="backslashreplace").decode()
    console.print(line, markup=False, highlight=False, soft_wrap=True)


@contextmanager
def display(console: Console, begin: RunProgress, size_bytes: int) -> Iterator[Display]:
    """Show a run of so many bytes: a bar where the console is a terminal, else a line now and then."""
    if not console.is_terminal:
        yield _Lines(console, begin, size_bytes)
        return
    columns = (
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.description}"),
        TimeRemainingColumn(),
        TextColumn("left"),
    )
    with Progress(*columns, console=console) as bar:
        yield _Bar(bar, begin, size_bytes)


class _Bar:
    def __init__(self, bar: Progress, begin: RunProgress, size_bytes: int) -> None:
        self._bar = bar
        self._pace = _Pace(begin)
        self._size_bytes = size_bytes
        self._task = bar.add_task("opening the back-file", total=None)

    def show(self, progress: RunProgress, read_bytes: int) -> None:
        """Move the bar."""
        told = self._pace.told(progress)
        self._bar.update(self._task, description=told, completed=read_bytes, total=self._size_bytes)


class _Lines:
    def __init__(self, console: Console, begin: RunProgress, size_bytes: int) -> None:
        self._console = console
        self._pace = _Pace(begin)
        self._size_bytes = size_bytes
        self._next = time.monotonic() + _SECONDS_BETWEEN_LINES

    def show(self, progress: RunProgress, read_bytes: int) -> None:
        """Print a line when it is time."""
        if time.monotonic() >= self._next:
            self._next += _SECONDS_BETWEEN_LINES
            say(self._console, f"{read_bytes / self._size_bytes:.1%} read: {self._pace.told(progress)}")


class _Pace:
    """How fast documents are classified since this run began."""

    def __init__(self, begin: RunProgress) -> None:
        self._documents = begin.documents
        self._began = time.monotonic()

    def told(self, progress: RunProgress) -> str:
        pace = (progress.documents - self._documents) / max(time.monotonic() - self._began, 0.001)
        return f"{progress.documents:,} documents, {pace:,.0f}/s, {sum(progress.refused.values()):,} refused"


def summary(progress: RunProgress, before: RunProgress) -> str:
    """Say what became of the documents, and how long it took; `before` is where this run went on."""
    refused = sum(progress.refused.values())
    codes = f" ({', '.join(f'{code} {count:,}' for code, count in progress.refused.items())})" if refused else ""
    counts = (
        f"{progress.documents:,} documents: {progress.documents - refused:,} classified, {refused:,} refused{codes}"
    )
    seconds = max(progress.seconds, 0.001)
    pace = f"{seconds:,.1f} s, {progress.documents / seconds:,.1f} documents/s"
    return f"{counts}. {pace}{', earlier parts of the run counted' if before.pieces else ''}."
