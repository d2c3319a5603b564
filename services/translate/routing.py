"""Which way a text goes from one language into another: one engine where there is one, else a chain of two or three.

Ways are compared by how well they were measured to translate (chrF, 0 to 100, in a table that comes with the
artifacts); of a way that nobody measured the product of what its steps keep is taken.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import prod
from pathlib import Path
from typing import Final

from examkit.artifact import open_artifact
from examkit.errors import ArtifactError
from services.translate.languages import LanguagePair, LanguageTag

TABLE: Final = "translation-routes"
_FORMAT_VERSION: Final = 1
_MOST_STEPS: Final = 3
_UNMEASURED: Final = 50.0
_BY_RULES: Final = "apertium"


class Status(StrEnum):
    """Whether a way can be taken; one that is off is too weak, and an operator can switch it on."""

    READY = "ready"
    OFF = "off"
    NOT_INSTALLED = "not-installed"


@dataclass(frozen=True)
class Step:
    """One engine for one pair; `package` names what has to be installed first."""

    pair: LanguagePair
    engine: str
    package: str | None = None


@dataclass(frozen=True)
class Route:
    """A way from one language into another; `chrf` is what was measured of it, None where nothing was."""

    steps: tuple[Step, ...]
    status: Status = Status.READY
    chrf: float | None = None

    @property
    def pair(self) -> LanguagePair:
        """Tell what is translated into what."""
        return LanguagePair(self.steps[0].pair.source, self.steps[-1].pair.target)

    @property
    def languages(self) -> tuple[LanguageTag, ...]:
        """Give the languages on the way, first and last included."""
        return (self.steps[0].pair.source, *(step.pair.target for step in self.steps))

    @property
    def engines(self) -> tuple[str, ...]:
        """Give the engine of each step."""
        return tuple(step.engine for step in self.steps)

    @property
    def packages(self) -> tuple[str, ...]:
        """Name what has to be installed first."""
        return tuple(dict.fromkeys(step.package for step in self.steps if step.package is not None))

    @property
    def is_gist(self) -> bool:
        """Tell whether it gives the gist of a text only: by rules, or in several steps."""
        return len(self.steps) > 1 or _BY_RULES in self.engines


@dataclass(frozen=True)
class Measured:
    """What is known of a way: its chrF, and whether it is good enough to be offered."""

    chrf: float
    is_offered: bool


_Key = tuple[tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True)
class RouteTable:
    """Ways that were measured."""

    rows: Mapping[_Key, Measured] = field(default_factory=dict)

    @classmethod
    def open(cls, artifacts_dir: Path) -> "RouteTable":
        """Read the table of a folder of artifacts, an empty one where there is none; raise ArtifactError."""
        if not (artifacts_dir / TABLE).is_dir():
            return cls()
        artifact = open_artifact(artifacts_dir / TABLE, format=TABLE, format_version=_FORMAT_VERSION)
        with artifact.file("routes.tsv").open(encoding="utf-8", newline="") as file:
            try:
                return cls(dict(_read(row) for row in csv.DictReader(file, delimiter="\t")))
            except (KeyError, TypeError, ValueError):
                raise ArtifactError(f"The table of {TABLE} cannot be read.") from None

    def of(self, steps: Sequence[Step]) -> Measured | None:
        """Give what is known of a way."""
        languages = (steps[0].pair.source, *(step.pair.target for step in steps))
        return self.rows.get((tuple(map(str, languages)), tuple(step.engine for step in steps)))


def plan(steps: Iterable[Step], table: RouteTable, *, with_weak: bool) -> list[Route]:
    """Give the best way for each pair that can be reached, in order of the languages.

    One that needs nothing installed comes before one that does, one that is offered before one that is not.
    """
    best: dict[LanguagePair, tuple[tuple[bool, bool, float], Route]] = {}
    for way in _ways(list(steps)):
        route, rank = _judged(way, table, with_weak=with_weak)
        if route.pair not in best or best[route.pair][0] < rank:
            best[route.pair] = rank, route
    return [route for _, (_, route) in sorted(best.items(), key=lambda item: str(item[0]))]


def _ways(steps: Sequence[Step]) -> Iterator[tuple[Step, ...]]:
    """Give every way that passes no language twice, shorter ones first."""
    ways: list[tuple[Step, ...]] = [(step,) for step in steps]
    for _ in range(_MOST_STEPS):
        yield from ways
        ways = [(*way, step) for way in ways for step in steps if _goes_on(way, step.pair)]


def _goes_on(way: tuple[Step, ...], pair: LanguagePair) -> bool:
    passed = {way[0].pair.source, *(step.pair.target for step in way)}
    return way[-1].pair.target == pair.source and pair.target not in passed


def _judged(way: tuple[Step, ...], table: RouteTable, *, with_weak: bool) -> tuple[Route, tuple[bool, bool, float]]:
    measured = table.of(way)
    is_offered = measured.is_offered if measured else len(way) == 1 or all(step.engine != _BY_RULES for step in way)
    is_installed = all(step.package is None for step in way)
    status = Status.NOT_INSTALLED if not is_installed else Status.READY if is_offered or with_weak else Status.OFF
    score = measured.chrf if measured else 100 * prod(_share(step, table) for step in way)
    return Route(way, status, measured.chrf if measured else None), (is_installed, is_offered, score)


def _share(step: Step, table: RouteTable) -> float:
    measured = table.of((step,))
    return (measured.chrf if measured else _UNMEASURED) / 100


def _read(row: Mapping[str, str]) -> tuple[_Key, Measured]:
    if row["offered"] not in ("yes", "no"):
        raise ValueError(row["offered"])
    key = tuple(row["languages"].split()), tuple(row["engines"].split())
    return key, Measured(float(row["chrf"]), row["offered"] == "yes")
