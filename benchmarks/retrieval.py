"""Measures of a ranking: mean average precision, and whether something relevant stands among the first."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]
_BLOCK = 256


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
class Quality:
    """Means over queries."""

    queries: int
    mean_average_precision: float
    hit_at_1: float
    hit_at_10: float


@dataclass(frozen=True)
class Judged:
    """A query's right answers, and what is taken out of its ranking; indexes of gallery images."""

    right: Collection[int]
    left_out: Collection[int]


def score_all(queries: Vectors, gallery: Vectors) -> Iterator[Scores]:
    """Give, for each query image, the score of every gallery image: the best of all pairings of their rows."""
    starts = np.flatnonzero(np.diff(gallery.owners, prepend=-1))
    query_starts = np.append(np.flatnonzero(np.diff(queries.owners, prepend=-1)), len(queries.owners))
    for at in range(0, len(query_starts) - 1, _BLOCK):
        bounds = query_starts[at : at + _BLOCK + 1]
        products = queries.rows[bounds[0] : bounds[-1]] @ gallery.rows.T
        by_image = np.maximum.reduceat(products, starts, axis=1)
        yield from np.maximum.reduceat(by_image, bounds[:-1] - bounds[0], axis=0)


def judge(scores: Scores, judged: Judged) -> tuple[float, bool, bool]:
    """Return average precision, and whether a right answer is first, or among the first ten."""
    counted = np.ones(len(scores), bool)
    counted[list(judged.left_out)] = False
    order = np.argsort(-scores, kind="stable")
    order = order[counted[order]]
    ranks = np.flatnonzero(np.isin(order, list(judged.right))) + 1
    precision = float((np.arange(1, len(ranks) + 1) / ranks).mean())
    return precision, bool(ranks[0] == 1), bool(ranks[0] <= 10)


def summarize(results: Sequence[tuple[float, bool, bool]]) -> Quality:
    """Average over queries."""
    precision, first, ten = np.array(results, float).mean(axis=0).round(4).tolist()
    return Quality(len(results), precision, first, ten)
