"""Measures of concept search with their uncertainty: queries of one concept go together when they are drawn again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.classify_statistics import Estimate
from benchmarks.concept_protocol import Asked, Positions

_RESAMPLES: Final = 2000
_SEED: Final = 20261123
_LEVELS: Final = (2.5, 97.5)
_BEST: Final = 10

Rows = NDArray[np.float32]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Judgement:
    """One query: average precision, and whether a right answer is first or among the first ten."""

    concept: str
    precision: float
    first: float
    ten: float


@dataclass(frozen=True)
class Found:
    """Means over queries with 95 % intervals by concept; `ten_by_concept` is the mean over concepts."""

    queries: int
    concepts: int
    mean_average_precision: Estimate
    hit_at_1: Estimate
    hit_at_10: Estimate
    hit_at_10_by_concept: Estimate


def judge(scores: Rows, concept: str, right: Positions, left_out: Positions) -> Judgement:
    """Judge one ranking of the gallery by `scores`."""
    counted = scores.copy()
    counted[left_out] = -np.inf
    # Ties count against the query: a right answer stands behind whatever else has its score.
    ordered = np.sort(counted)
    ranks = np.sort(len(counted) - np.searchsorted(ordered, counted[right], side="left"))
    ranks = np.maximum(ranks, np.arange(1, len(ranks) + 1))
    precision = float((np.arange(1, len(ranks) + 1) / ranks).mean())
    return Judgement(concept, precision, float(ranks[0] == 1), float(ranks[0] <= _BEST))


def judge_all(asked: Iterable[tuple[Asked, Rows]]) -> list[Judgement]:
    """Judge queries, each with its scores of the whole gallery."""
    return [judge(scores, query.concept, query.right, query.left_out) for query, scores in asked]


def judge_far(asked: Iterable[tuple[Asked, Rows]]) -> list[Judgement]:
    """Judge by what is drawn really differently alone; the other right answers are left out."""
    return [
        judge(scores, query.concept, query.far, np.union1d(query.left_out, np.setdiff1d(query.right, query.far)))
        for query, scores in asked
        if len(query.far)
    ]


def summarize(judged: Sequence[Judgement]) -> Found:
    """Average over queries, and over concepts."""
    concepts = np.unique([each.concept for each in judged], return_inverse=True)[1]
    columns = ([each.precision for each in judged], [each.first for each in judged], [each.ten for each in judged])
    precision, first, ten = (_by_query(np.array(column), concepts) for column in columns)
    return Found(
        len(judged), int(concepts.max()) + 1, precision, first, ten, _by_concept(np.array(columns[2]), concepts)
    )


def _by_query(values: Floats, concepts: NDArray[np.int64]) -> Estimate:
    sums, counts = np.bincount(concepts, values), np.bincount(concepts)
    drawn = _draws(len(counts))
    return _estimate(values.mean(), (drawn @ sums) / (drawn @ counts))


def _by_concept(values: Floats, concepts: NDArray[np.int64]) -> Estimate:
    means = np.bincount(concepts, values) / np.bincount(concepts)
    return _estimate(means.mean(), _draws(len(means)) @ means / len(means))


def _draws(count: int) -> Floats:
    """Return how often each concept comes in each resample."""
    return np.random.default_rng(_SEED).multinomial(count, np.full(count, 1 / count), _RESAMPLES).astype(np.float64)


def _estimate(value: float, resampled: Floats) -> Estimate:
    low, high = np.percentile(resampled, _LEVELS)
    return Estimate(*(round(float(number), 4) for number in (value, low, high)))
