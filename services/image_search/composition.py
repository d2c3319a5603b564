"""How alike marks are put together: which of their parts are alike, and whether these lie in the same places."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.image_search.portrait import Places, Portrait, count_views
from services.image_search.portraits import Portraits

_PART_PENALTY = 0.10
_ARRANGED = 0.3  # how much the arrangement counts beside the best pair
_PLACE_SPREAD = 0.25  # of the mark's longer side

Cosines = NDArray[np.float32]  # rows of the query x rows of all marks
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Pairings:
    """Of n marks: how alike each is to the query, from 0 to 1, and which rows of theirs are most alike.

    `mark_rows` counts the rows of all marks.
    """

    scores: Numbers
    query_rows: NDArray[np.int64]
    mark_rows: NDArray[np.int64]


@dataclass(frozen=True)
class _Elements:
    """The rows that are paired: the parts, or of a mark of one piece that piece, without the tile; n x most of them.

    Where a mark has fewer, `are_there` is False and the row is another one of the same mark.
    """

    rows: NDArray[np.int64]
    are_there: NDArray[np.bool_]


def compare_compositions(query: Portrait, marks: Portraits, cosines: Cosines) -> Pairings:
    """Compare a mark with others by their parts.

    The best pair counts most, be it whole with whole, part with whole or part with part; the rest is how well the parts
    agree in drawing, place and size when each is paired with one of the other mark.
    """
    own_penalties = np.where(np.arange(len(query.places)) < query.views, 0, _PART_PENALTY)
    penalties = np.where(marks.is_part, _PART_PENALTY, 0)
    adjusted = cosines - np.maximum(own_penalties[:, None], penalties[None])
    best = adjusted.max(axis=0)
    best_of_mark = np.maximum.reduceat(best, marks.starts)
    _, first = np.unique(marks.owners[best == best_of_mark[marks.owners]], return_index=True)
    mark_rows = np.flatnonzero(best == best_of_mark[marks.owners])[first]
    scores = (1 - _ARRANGED) * best_of_mark + _ARRANGED * _arrangement(query, marks, cosines)
    return Pairings(scores, adjusted[:, mark_rows].argmax(axis=0), mark_rows)


def _arrangement(query: Portrait, marks: Portraits, cosines: Cosines) -> Numbers:
    """Pair parts, the best pair first, and add up how far each pair agrees, by its share of the ink."""
    own = _elements(np.zeros(1, np.int64), np.array([len(query.places)]), np.array([count_views(query.places)])).rows[0]
    theirs = _elements(marks.starts, marks.counts, marks.views)
    shares = np.sqrt(query.places["ink_share"][own][:, None] * marks.places["ink_share"][theirs.rows][:, None])
    alike = cosines[own].T[theirs.rows].swapaxes(1, 2).clip(0, 1)
    agreement = shares * alike * _same_place(query, own, marks, theirs) * theirs.are_there[:, None]
    return _paired(agreement)


def _paired(agreement: Numbers) -> Numbers:
    """Add up, of n tables, the best pair, then the best without its row and column, and so on."""
    marks, rows, columns = agreement.shape
    every, total = np.arange(marks), np.zeros(marks)
    for _ in range(min(rows, columns)):
        row, column = np.divmod(agreement.reshape(marks, -1).argmax(axis=1), columns)
        total += agreement[every, row, column]
        agreement[every, row] = 0
        agreement[every, :, column] = 0
    return total


def _elements(starts: NDArray[np.int64], counts: NDArray[np.int64], views: NDArray[np.int64]) -> _Elements:
    first = np.where(counts > views, views, views - 1)
    numbers = first[:, None] + np.arange((counts - first).max())
    are_there = numbers < counts[:, None]
    return _Elements(starts[:, None] + np.where(are_there, numbers, first[:, None]), are_there)


def _same_place(query: Portrait, own: NDArray[np.int64], marks: Portraits, theirs: _Elements) -> Numbers:
    first = _relative(query.places[query.views - 1], query.places[own])[None, :, None]
    frames = marks.places[marks.starts + marks.views - 1]
    second = _relative(frames[:, None], marks.places[theirs.rows])[:, None]
    distance = np.linalg.norm(first[..., :2] - second[..., :2], axis=-1)
    sizes = np.minimum(first[..., 2], second[..., 2]) / np.maximum(first[..., 2], second[..., 2])
    return np.asarray(np.exp(-((distance / _PLACE_SPREAD) ** 2)) * sizes, np.float64)


def _relative(frames: Places, places: Places) -> Numbers:
    """Return center (x, y) and size of places, as shares of the longer side of the mark within its tile."""
    side = np.maximum(frames["width"], frames["height"])
    x = (places["x"] + places["width"] / 2 - frames["x"] - frames["width"] / 2) / side
    y = (places["y"] + places["height"] / 2 - frames["y"] - frames["height"] / 2) / side
    return np.stack([x, y, np.maximum(places["width"], places["height"]) / side], axis=-1)
