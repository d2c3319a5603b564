"""What is measured of concept search, and what it must reach and aims at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks.classify_statistics import Estimate
from benchmarks.concept_judging import Found
from benchmarks.goals import Goal, Wanted

ENCODER: Final = "concept encoder"
BOTH: Final = "concept encoder + gradient histograms"
HELD_OUT: Final = "concepts never taught"
UNSEEN_HANDS: Final = "taught concepts, sets never taught"
SEVERAL_HANDS: Final = "names never taught, drawn in 2 or more sets"
NEVER_TAUGHT: Final = "names never taught, all"
TAUGHT_NAMES: Final = "taught names, sets never taught"
BARE: Final = "as it is"


@dataclass(frozen=True)
class ImageFigures:
    """One method and group of queries: all right answers, and those that are drawn really differently."""

    all: Found
    far: Found


@dataclass(frozen=True)
class FramedFigures:
    """Drawings put into a frame or tile: searched by, and searched for by their names."""

    by_image: Found
    by_word: Found


@dataclass(frozen=True)
class Suggestions:
    """Icons labelled by hand: share with a right division first, and among the first five."""

    icons: int
    first: Estimate
    five: Estimate


@dataclass(frozen=True)
class ConceptFigures:
    """Everything that is measured; `by_image` is by method and group, the others by group."""

    gallery: int
    concepts: int
    goals: Sequence[Goal]
    by_image: Mapping[str, Mapping[str, ImageFigures]]
    by_word: Mapping[str, Found]
    unread_names: int
    framed: Mapping[str, FramedFigures]
    suggestions: Mapping[str, Suggestions]
    embed_p50_milliseconds: float
    embed_p95_milliseconds: float


def goals_of(
    by_image: Mapping[str, ImageFigures], by_word: Mapping[str, Found], suggestions: Mapping[str, Suggestions]
) -> list[Goal]:
    """Compare figures with their goals."""
    held = by_image[HELD_OUT]
    measured = (
        (Wanted("unseen concepts by image, hit@10 all / far", (0.75, 0.68), (0.84, 0.78)), (held.all, held.far)),
        (Wanted("by word, taught names, unseen sets, hit@10", (0.58,), (0.70,)), (by_word[TAUGHT_NAMES],)),
        (Wanted("by word, names never taught, 2+ sets, hit@10", (0.35,), (0.52,)), (by_word[SEVERAL_HANDS],)),
    )
    goals = [Goal.of(wanted, [each.hit_at_10 for each in found]) for wanted, found in measured]
    return [
        *goals,
        *(
            Goal.of(Wanted(f"Vienna division among five, {name}", (0.55,), (0.75,)), [each.five])
            for name, each in suggestions.items()
        ),
    ]
