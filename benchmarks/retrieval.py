"""Measures of a ranking: mean average precision, and whether something relevant stands among the first."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.classify_statistics import Estimate

Scores = NDArray[np.float32]
Order = NDArray[np.int64]  # images, best first
_BLOCK: Final = 256
_SEED: Final = 20261122
_RESAMPLES: Final = 5000
_LEVELS: Final = (2.5, 97.5)


@dataclass(frozen=True)
class Vectors:
    """Rows of several images: `owners` gives each row's image, in ascending order and without gaps."""

    rows: NDArray[np.float32]
    owners: NDArray[np.int64]

    def of(self, image: int) -> NDArray[np.float32]:
        """Return the rows of one image."""
        rows: NDArray[np.float32] = self.rows[self.owners == image]
        return rows


@dataclass(frozen=True)
class Judged:
    """A query's right answers, and what is taken out of its ranking; indexes of gallery images."""

    right: Collection[int]
    left_out: Collection[int]


@dataclass(frozen=True)
class Result:
    """How one query went; queries of one `group` (a brand) go well or badly together."""

    group: str
    precision: float
    rank: float


@dataclass(frozen=True)
class Quality:
    """Means over queries, with intervals from resampling their groups."""

    queries: int
    mean_average_precision: Estimate
    hit_at_1: Estimate
    hit_at_10: Estimate


def score_all(queries: Vectors, gallery: Vectors) -> Iterator[Scores]:
    """Give, for each query image, the score of every gallery image: the best of all pairings of their rows."""
    starts = np.flatnonzero(np.diff(gallery.owners, prepend=-1))
    query_starts = np.append(np.flatnonzero(np.diff(queries.owners, prepend=-1)), len(queries.owners))
    for at in range(0, len(query_starts) - 1, _BLOCK):
        bounds = query_starts[at : at + _BLOCK + 1]
        products = queries.rows[bounds[0] : bounds[-1]] @ gallery.rows.T
        by_image = np.maximum.reduceat(products, starts, axis=1)
        yield from np.maximum.reduceat(by_image, bounds[:-1] - bounds[0], axis=0)


def order_of(scores: Scores) -> Order:
    """Rank images by their scores."""
    return np.argsort(-scores, kind="stable")


def judge(order: Order, judged: Judged, group: str) -> Result:
    """Judge a ranking, which may end early: right answers that are not in it count as never found."""
    counted = order[~np.isin(order, list(judged.left_out))]
    ranks = np.flatnonzero(np.isin(counted, list(judged.right))) + 1
    precision = float((np.arange(1, len(ranks) + 1) / ranks).sum() / len(judged.right))
    return Result(group, precision, float(ranks[0]) if len(ranks) else np.inf)


def summarize(results: Sequence[Result]) -> Quality:
    """Average over queries."""
    groups = [result.group for result in results]
    ranks = np.array([result.rank for result in results])
    precisions = np.array([result.precision for result in results])
    return Quality(
        len(results),
        mean_by_group(precisions, groups),
        mean_by_group(ranks <= 1, groups),
        mean_by_group(ranks <= 10, groups),
    )


def mean_by_group(values: NDArray[np.floating] | NDArray[np.bool_], groups: Sequence[str]) -> Estimate:
    """Return the mean of values (n,) with its 95 % interval, resampling whole groups (cluster bootstrap)."""
    _, numbers = np.unique(groups, return_inverse=True)
    sums, sizes = np.bincount(numbers, np.asarray(values, np.float64)), np.bincount(numbers)
    count = len(sizes)
    draws = np.random.default_rng(_SEED).multinomial(count, np.full(count, 1 / count), _RESAMPLES)
    low, high = np.percentile(draws @ sums / (draws @ sizes), _LEVELS)
    return Estimate(*(round(float(number), 4) for number in (sums.sum() / sizes.sum(), low, high)))
