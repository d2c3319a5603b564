"""Rank the marks of an index: the nearest by each face are found first, then compared with the query in full."""

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from services.image_search.composition import Pairings, compare_compositions
from services.image_search.image import Box
from services.image_search.index import Face, QueryRows
from services.image_search.portraits import Portraits, RowIds
from services.image_search.query import Query
from services.image_search.relevance import judge_scores

WINDOWS = (256, 10_240)  # how many marks by each face are compared in full; the second for pages far down

Scores = NDArray[np.float32]
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Likeness:
    """A mark's score for a query: overall, and by each strategy that the query allows, all from 0 to 1.

    `words` is the share of the words asked for that the mark's name holds, None where no words are.

    `query_box` and `mark_box` show what was most alike, in pixels of the two images.
    """

    score: float
    shape: float | None
    color: float | None
    composition: float | None
    concept: float | None = None
    query_box: Box | None = None
    mark_box: Box | None = None
    words: float | None = None


@dataclass(frozen=True)
class Ranked:
    """A mark's row in the register, and how like the query it is."""

    row_id: int
    likeness: Likeness


class Searched(Protocol):
    """What can be ranked: an index of marks."""

    def candidates(self, face: Face, queries: QueryRows, limit: int, allowed: RowIds | None = None) -> RowIds:
        """Return marks among which the best `limit` by a face are, among the `allowed` rows (None: all)."""

    def portraits(self, row_ids: RowIds) -> Portraits | None:
        """Return marks; those that are not indexed are left out. None where that leaves none."""


def rank(index: Searched, query: Query, wanted: range, allowed: RowIds | None = None) -> list[Ranked]:
    """Return the marks at places `wanted` of the ranking, best first, among the `allowed` rows (None: all)."""
    marks = index.portraits(_candidates(index, query, wanted.stop, allowed))
    if marks is None:
        return []
    scores = _Comparison(query, marks).scores
    order = np.lexsort((marks.row_ids, -scores))[wanted.start : wanted.stop]
    if len(order) == 0:
        return []
    likenesses = _Comparison(query, marks.taken(order)).likenesses(scores[order])
    return [Ranked(int(row_id), likeness) for row_id, likeness in zip(marks.row_ids[order], likenesses, strict=True)]


def _candidates(index: Searched, query: Query, needed: int, allowed: RowIds | None) -> RowIds:
    """Return marks that are near by any face that counts; all that are allowed where they are few."""
    window = next(size for size in WINDOWS if needed <= size)
    if allowed is not None and len(allowed) <= window:
        return allowed
    asked = [search for each in (query, *query.liked) for search in _searches(each)]
    return np.unique(np.concatenate([index.candidates(face, rows, window, allowed) for face, rows in asked]))


def _searches(query: Query) -> list[tuple[Face, QueryRows]]:
    weights = query.weights
    wanted: list[tuple[Face, QueryRows]] = []
    if weights.shape or weights.composition:
        wanted += [(Face.VIEWS, query.for_views()), (Face.PARTS, query.for_parts())]
    if weights.color:
        wanted.append((Face.COLOR, query.for_colors()))
    if weights.concept:
        wanted.append((Face.CONCEPT, query.for_concepts()))
    return wanted


class _Comparison:
    """A query beside n marks, every row of shape with every other."""

    def __init__(self, query: Query, marks: Portraits) -> None:
        self._query = query
        self._marks = marks

    @cached_property
    def scores(self) -> Numbers:
        """Return the score of each mark by the query's weights, and by examples where there are any."""
        weights = self._query.weights
        total = np.zeros(len(self._marks))
        if weights.color:
            total += weights.color * self.colors
        if weights.concept:
            total += weights.concept * self.concepts
        if weights.shape:
            total += weights.shape * self.shapes
        if weights.composition:
            total += weights.composition * self.pairings.scores
        return self._by_examples(total.clip(0, 1))

    def _by_examples(self, own: Numbers) -> Numbers:
        liked, disliked = (
            [_Comparison(example, self._marks).scores for example in examples]
            for examples in (self._query.liked, self._query.disliked)
        )
        return judge_scores(own, liked, disliked) if liked or disliked else own

    @cached_property
    def shapes(self) -> Scores:
        """Return how like each mark is in shape: the best pair of a row of the query and one of the mark."""
        return np.asarray(np.maximum.reduceat(self._penalised.max(axis=0), self._marks.starts), np.float32)

    @cached_property
    def _cosines(self) -> Scores:
        return np.asarray(self._query.for_views().rows @ self._marks.shape.T, np.float32)

    @cached_property
    def _penalised(self) -> Scores:
        """Return the cosines less the penalties; turned rows are not compared with parts."""
        own, is_part = len(self._query.portrait.shape), self._marks.is_part
        likeness = self._cosines - self._query.for_views().penalties[:, None]
        likeness[:own, is_part] = self._cosines[:own, is_part] - self._query.for_parts().penalties[:, None]
        likeness[own:, is_part] = -1
        return np.asarray(likeness, np.float32)

    @cached_property
    def colors(self) -> Scores:
        """Return how like each mark is in color."""
        return np.asarray(self._marks.colors @ self._query.portrait.color, np.float32)

    @cached_property
    def concepts(self) -> Scores:
        """Return how far each mark shows the same; 0 where that is not asked for, or not known of a mark."""
        asked = self._query.portrait.concept
        if asked is None:
            return np.zeros(len(self._marks), np.float32)
        return np.asarray(self._marks.concepts @ asked, np.float32)

    @cached_property
    def pairings(self) -> Pairings:
        """Return how like each mark is in composition."""
        own = len(self._query.portrait.shape)
        return compare_compositions(self._query.portrait, self._marks, self._cosines[:own])

    def likenesses(self, scores: Numbers) -> list[Likeness]:
        """Return each mark's likeness in full, given its score."""
        if not self._query.has_shape:
            pairs = zip(scores, self.colors, strict=True)
            return [Likeness(float(score), None, _cut(color), None) for score, color in pairs]
        return [self._likeness(n, float(score)) for n, score in enumerate(scores)]

    def _likeness(self, n: int, score: float) -> Likeness:
        query_row, mark_row = self._best_rows(n)
        return Likeness(
            score,
            _cut(self.shapes[n]),
            _cut(self.colors[n]),
            _cut(self.pairings.scores[n]),
            self._concept(n),
            self._query.box(query_row),
            self._marks.box(mark_row),
        )

    def _concept(self, n: int) -> float | None:
        is_known = self._query.portrait.concept is not None and self._marks.has_concept[n]
        return _cut(self.concepts[n]) if is_known else None

    def _best_rows(self, n: int) -> tuple[int, int]:
        if self._query.weights.composition:
            return int(self.pairings.query_rows[n]), int(self.pairings.mark_rows[n])
        rows = self._marks.rows_of(n)
        row, column = divmod(int(self._penalised[:, rows].argmax()), rows.stop - rows.start)
        return row, rows.start + column


def _cut(score: float) -> float:
    return min(max(float(score), 0.0), 1.0)
