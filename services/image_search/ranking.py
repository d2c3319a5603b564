"""Rank the marks of an index: the nearest by each face are found first, then compared with the query in full."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from services.image_search.composition import Pairing, compare_compositions
from services.image_search.image import Box
from services.image_search.index import Face, MarkIndex, QueryRows, RowIds
from services.image_search.portrait import Portrait
from services.image_search.query import Query

WINDOWS = (256, 10_240)  # how many marks by each face are compared in full; the second for pages far down


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


def rank(index: MarkIndex, query: Query, wanted: range, allowed: RowIds | None = None) -> list[Ranked]:
    """Return the marks at places `wanted` of the ranking, best first, among the `allowed` rows (None: all)."""
    row_ids = _candidates(index, query, wanted.stop, allowed)
    portraits = index.portraits(row_ids)
    if not portraits:
        return []
    comparison = _Comparison(query, list(portraits.values()))
    ids = np.array(list(portraits))
    order = np.lexsort((ids, -comparison.scores))[wanted.start : wanted.stop]
    return [Ranked(int(ids[n]), comparison.likeness(int(n))) for n in order]


def _candidates(index: MarkIndex, query: Query, needed: int, allowed: RowIds | None) -> list[int]:
    """Return marks that are near by any face that counts; all that are allowed where they are few."""
    window = next(size for size in WINDOWS if needed <= size)
    if allowed is not None and len(allowed) <= window:
        return [int(row_id) for row_id in allowed]
    found: dict[int, None] = {}
    for face, rows in _searches(query):
        found |= dict.fromkeys(match.row_id for match in index.search(face, rows, window, allowed))
    return list(found)


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

    def __init__(self, query: Query, marks: list[Portrait]) -> None:
        self._query = query
        self._marks = marks
        ends = np.cumsum([len(mark.shape) for mark in marks])
        self._slices = [slice(end - len(mark.shape), end) for mark, end in zip(marks, ends, strict=True)]
        self._cosines = query.for_views().rows @ np.concatenate([mark.shape for mark in marks]).T

    @cached_property
    def scores(self) -> NDArray[np.float64]:
        """Return the score of each mark by the query's weights."""
        weights = self._query.weights
        total = weights.color * self.colors + weights.concept * self.concepts
        if weights.shape:
            total = total + weights.shape * self.shapes
        if weights.composition:
            total = total + weights.composition * np.array([self._pairing(n).score for n in range(len(self._marks))])
        return np.asarray(total.clip(0, 1), np.float64)

    @cached_property
    def shapes(self) -> NDArray[np.float32]:
        """Return how like each mark is in shape: the best pair of a row of the query and one of the mark."""
        best = self._penalised.max(axis=0)
        return np.asarray(np.maximum.reduceat(best, [rows.start for rows in self._slices]), np.float32)

    @cached_property
    def _penalised(self) -> NDArray[np.float32]:
        """Return the cosines less the penalties; turned rows are not compared with parts."""
        own = len(self._query.portrait.shape)
        is_part = np.concatenate([np.arange(len(mark.shape)) >= mark.views for mark in self._marks])
        likeness = self._cosines - self._query.for_views().penalties[:, None]
        likeness[:own, is_part] = self._cosines[:own, is_part] - self._query.for_parts().penalties[:, None]
        likeness[own:, is_part] = -1
        return np.asarray(likeness, np.float32)

    @cached_property
    def colors(self) -> NDArray[np.float32]:
        """Return how like each mark is in color."""
        rows = np.stack([mark.color for mark in self._marks])
        return np.asarray(rows @ self._query.portrait.color, np.float32)

    @cached_property
    def concepts(self) -> NDArray[np.float32]:
        """Return how far each mark shows the same; 0 where that is not asked for, or not known of a mark."""
        asked = self._query.portrait.concept
        if asked is None:
            return np.zeros(len(self._marks), np.float32)
        unknown = np.zeros_like(asked)
        rows = np.stack([unknown if mark.concept is None else mark.concept for mark in self._marks])
        return np.asarray(rows @ asked, np.float32)

    def likeness(self, n: int) -> Likeness:
        """Return the n-th mark's likeness in full."""
        score, color = float(self.scores[n]), _cut(self.colors[n])
        if not self._query.has_shape:
            return Likeness(score, None, color, None)
        pairing = self._pairing(n)
        query_row, mark_row = self._best_rows(n, pairing)
        return Likeness(
            score,
            _cut(self.shapes[n]),
            color,
            _cut(pairing.score),
            self._concept(n),
            self._query.box(query_row),
            self._marks[n].box(mark_row),
        )

    def _concept(self, n: int) -> float | None:
        is_known = self._query.portrait.concept is not None and self._marks[n].concept is not None
        return _cut(self.concepts[n]) if is_known else None

    def _pairing(self, n: int) -> Pairing:
        own = len(self._query.portrait.shape)
        return compare_compositions(self._query.portrait, self._marks[n], self._cosines[:own, self._slices[n]])

    def _best_rows(self, n: int, pairing: Pairing) -> tuple[int, int]:
        if self._query.weights.composition:
            return pairing.query_row, pairing.mark_row
        likeness = self._penalised[:, self._slices[n]]
        row, column = divmod(int(likeness.argmax()), likeness.shape[1])
        return row, column


def _cut(score: float) -> float:
    return float(np.clip(score, 0, 1))
