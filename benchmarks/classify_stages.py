"""The parts of a long run: a bar for each, and the minutes it took."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

Tick = Callable[[int], None]


class Stages:
    """Shows the parts of a run on a console, one below the other; `minutes` says what each that is over took."""

    def __init__(self, progress: Progress) -> None:
        self.minutes: dict[str, float] = {}
        self._progress = progress

    @classmethod
    @contextmanager
    def on(cls, console: Console) -> Iterator["Stages"]:
        """Begin a run."""
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=console) as progress:
            yield cls(progress)

    @contextmanager
    def stage(self, name: str, steps: int) -> Iterator[Tick]:
        """Begin a part; what is yielded is called with the number of steps done since the last call."""
        task = self._progress.add_task(name, total=steps)
        started = time.perf_counter()
        yield lambda done: self._progress.advance(task, done)
        self.minutes[name] = round((time.perf_counter() - started) / 60, 1)
        self._progress.update(task, completed=steps)
