"""What an operator is told of an import: a bar while it goes on, a summary, and all that was refused or found twice."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from examkit.errors import StartError
from services.image_search.importing.outcomes import Outcome, Tally, Verdict

_MOST_SHOWN: Final = 20
_COLUMNS: Final = ("file", "place", "markId", "outcome", "code", "reason", "sameImageAs", "looksLike")


class Listing(Protocol):
    """Keeps the outcomes that an operator may want to look into."""

    def add(self, outcome: Outcome) -> None:
        """List an outcome."""


class Report:
    """Counts outcomes, and keeps the first of those worth showing."""

    def __init__(self, listing: Listing | None = None) -> None:
        self.tally = Tally()
        self._listing = listing
        self._refused: list[Outcome] = []
        self._twice: list[Outcome] = []

    def add(self, outcome: Outcome) -> None:
        """Take an outcome in."""
        self.tally.add(outcome)
        for is_meant, shown in ((outcome.code, self._refused), (_twin(outcome), self._twice)):
            if is_meant and len(shown) < _MOST_SHOWN:
                shown.append(outcome)
        if self._listing and (outcome.code or _twin(outcome)):
            self._listing.add(outcome)

    def show(self, console: Console) -> None:
        """Print the summary."""
        say(console, str(self.tally))
        for outcome in self._refused:
            say(console, f"  {outcome.place}: {outcome.reason}")
        self._show_rest(console, self.tally.verdicts[Verdict.REFUSED], len(self._refused))
        twice = self.tally.same_images + self.tally.alike
        if twice:
            say(
                console,
                f"{self.tally.same_images:,} with the image of another mark, {self.tally.alike:,} that look the same:",
            )
        for outcome in self._twice:
            how = "has the image of" if outcome.same_image else "looks like"
            say(console, f"  {outcome.place}: {outcome.mark_id} {how} {_twin(outcome)}")
        self._show_rest(console, twice, len(self._twice))

    def _show_rest(self, console: Console, number: int, shown: int) -> None:
        if number > shown:
            say(console, f"  and {number - shown:,} more: all of them are written with --report FILE.")


@contextmanager
def listed_in(file: Path | None) -> Iterator[Listing | None]:
    """Write outcomes to a CSV file where one is named; raise StartError when it cannot be written."""
    if file is None:
        yield None
        return
    try:
        opened = file.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise StartError(f"{file} cannot be written: {error.strerror}.") from None
    with opened:
        writer = csv.writer(opened)
        writer.writerow(_COLUMNS)
        yield _Rows(writer)


class _Row(Protocol):
    def writerow(self, row: "list[str | None]", /) -> object: ...


class _Rows:
    def __init__(self, writer: "_Row") -> None:
        self._writer = writer

    def add(self, outcome: Outcome) -> None:
        """Write a row."""
        place = outcome.place
        told = (outcome.mark_id, outcome.verdict, outcome.code, outcome.reason, outcome.same_image, outcome.alike)
        self._writer.writerow([place.file, f"{place.unit} {place.number}", *told])


@contextmanager
def progress_of(console: Console) -> Iterator["Display"]:
    """Show how far an import is."""
    columns = (BarColumn(), TaskProgressColumn(), TextColumn("{task.description}"), TimeRemainingColumn())
    with Progress(*columns, console=console) as bar:
        yield Display(bar)


class Display:
    """A bar, and how many records were dealt with."""

    def __init__(self, bar: Progress) -> None:
        self._bar = bar
        self._task = bar.add_task("opening", total=1)

    def show(self, tally: Tally, progress: float) -> None:
        """Move the bar to a share of the whole."""
        self._bar.update(self._task, description=f"{tally}", completed=progress)


def say(console: Console, text: str) -> None:
    """Print a sentence as it is, whatever a file's name in it holds."""
    console.print(
        "".join(sign if sign.isprintable() else " " for sign in text), markup=False, highlight=False, soft_wrap=True
    )


def _twin(outcome: Outcome) -> str | None:
    return outcome.same_image or outcome.alike
