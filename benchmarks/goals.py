"""What a figure must reach and aims at, next to what was measured."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from benchmarks.classify_statistics import Estimate


class Reached(StrEnum):
    """How far a figure came."""

    AIM = "aim"
    MUST = "must"
    MISSED = "missed"


@dataclass(frozen=True)
class Wanted:
    """The numbers a figure must reach and those aimed at, empty where there is no aim; `is_ceiling`: at most."""

    measure: str
    must: tuple[float, ...]
    aim: tuple[float, ...] = ()
    is_ceiling: bool = False

    def is_reached(self, goal: tuple[float, ...], measured: tuple[float, ...]) -> bool:
        """Tell whether every number reaches its goal."""
        pairs = zip(measured, goal, strict=True)
        return bool(goal) and all(each <= limit if self.is_ceiling else each >= limit for each, limit in pairs)


@dataclass(frozen=True)
class Goal:
    """A goal, what was measured, and half the width of the 95 % intervals (empty where there is none)."""

    wanted: Wanted
    measured: tuple[float, ...]
    margins: tuple[float, ...]
    reached: Reached

    @classmethod
    def of(cls, wanted: Wanted, measured: Sequence[Estimate | float]) -> "Goal":
        """Compare a measurement with its goal."""
        values = tuple(each.value if isinstance(each, Estimate) else each for each in measured)
        margins = tuple(round(each.margin, 4) for each in measured if isinstance(each, Estimate))
        reached = Reached.MUST if wanted.is_reached(wanted.must, values) else Reached.MISSED
        return cls(wanted, values, margins, Reached.AIM if wanted.is_reached(wanted.aim, values) else reached)
