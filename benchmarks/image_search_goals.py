"""What the search of marks must reach and aims at, next to what was measured."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from benchmarks.goals import Goal, Wanted
from benchmarks.image_search_speed import Speed
from benchmarks.retrieval import Quality

_FOUND: Final = "mAP / hit@10"
_COMBINED: Final = (
    ("all", Wanted(f"combined, all pairs, {_FOUND}", (0.82, 0.93), (0.87, 0.96))),
    ("near and far", Wanted(f"combined, near and far, {_FOUND}", (0.68, 0.83), (0.76, 0.90))),
)
_FAR: Final = Wanted("combined, far, mAP", (0.55,), (0.65,))
_COLOR: Final = Wanted("color-color pairs, color, near and far, mAP", (0.41,), (0.50,))
_IMITATIONS: Final = Wanted("16 imitations, hit@10, mean / worst", (0.93, 0.65), (0.97, 0.85))
_ENCODE: Final = Wanted("describe an image, p50 ms of processor time", (30,), is_ceiling=True)


def quality_goals(combined: Mapping[str, Quality], color: Mapping[str, Quality]) -> list[Goal]:
    """Compare `combined` among all marks, and `color` among those in color, with their goals by level."""
    pairs = [
        Goal.of(wanted, (combined[level].mean_average_precision, combined[level].hit_at_10))
        for level, wanted in _COMBINED
    ]
    far = Goal.of(_FAR, (combined["far"].mean_average_precision,))
    return [*pairs, far, Goal.of(_COLOR, (color["near and far"].mean_average_precision,))]


def imitation_goal(imitations: Mapping[str, Quality]) -> Goal:
    """Compare the hits of imitated marks with their goal."""
    hits = [quality.hit_at_10.value for quality in imitations.values()]
    return Goal.of(_IMITATIONS, (round(float(np.mean(hits)), 4), min(hits)))


def speed_goal(speed: Speed) -> Goal:
    """Compare the time for one image with its goal."""
    return Goal.of(_ENCODE, (speed.embed_p50_milliseconds,))
