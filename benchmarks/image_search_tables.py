"""The figures of the search of marks as tables of a terminal."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from rich.table import Table

from benchmarks.classify_tables import goals_table
from benchmarks.goals import Goal
from benchmarks.image_search_gallery import LEVELS
from benchmarks.image_search_speed import Speed
from benchmarks.retrieval import Quality

_MEASURES: Final = "mAP / hit@1 / hit@10, with half the width of the 95 % intervals (brands resampled)"


def tables_of(
    goals: Sequence[Goal],
    by_method: Mapping[str, Mapping[str, Quality]],
    colored: Mapping[str, Mapping[str, Quality]],
    imitations: Mapping[str, Quality],
    speed: Speed,
) -> Iterator[Table]:
    """Yield the tables, goals first."""
    yield goals_table(goals)
    yield levels_table(f"Another hand's drawing is found: {_MEASURES}", by_method)
    yield levels_table("The same among marks in color only", colored)
    yield imitations_table(imitations)
    yield speed_table(speed)


def levels_table(title: str, by_method: Mapping[str, Mapping[str, Quality]]) -> Table:
    """Return a row a method and a column a level; under the figures half the interval."""
    table = Table("method", *LEVELS, title=title)
    for name, levels in by_method.items():
        count = "/".join(str(levels[level].queries) for level in LEVELS)
        table.add_row(f"{name}\n{count} queries", *(_quality(levels[level]) for level in LEVELS))
    return table


def imitations_table(imitations: Mapping[str, Quality]) -> Table:
    """Return a row an imitation, worst first."""
    table = Table("imitation", "hit@1", "hit@10", "mean of 1 / rank", title="An imitated mark is found")
    for name, quality in sorted(imitations.items(), key=lambda item: item[1].hit_at_10.value):
        hits = (quality.hit_at_1.value, quality.hit_at_10.value, quality.mean_average_precision.value)
        table.add_row(name, *(f"{value:.3f}" for value in hits))
    return table


def speed_table(speed: Speed) -> Table:
    """Return the times of one thread."""
    table = Table("processor time, one thread", "p50", "p95", title=f"Speed among {speed.marks_searched} marks")
    table.add_row("describe, ms", str(speed.embed_p50_milliseconds), str(speed.embed_p95_milliseconds))
    table.add_row("describe and search, ms", str(speed.search_p50_milliseconds), str(speed.search_p95_milliseconds))
    table.add_row("marks a second taken in", str(speed.marks_added_a_second), "")
    return table


def _quality(quality: Quality) -> str:
    measures = (quality.mean_average_precision, quality.hit_at_1, quality.hit_at_10)
    values = " / ".join(f"{measure.value:.3f}" for measure in measures)
    return f"{values}\n±" + " / ".join(f"{measure.margin:.3f}" for measure in measures)
