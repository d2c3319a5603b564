"""As many marks as wanted, made from real ones, which lie about as near to one another as real ones do.

A mark is a real one moved up to half way toward one of its ten nearest, then by a share of the difference between two
rows of any marks. With this share the ten nearest of 6,036 such marks are as far away as among the 6,036 real logos
(cosine of the tenth: .42 in the middle for both). Every number follows from the mark's row alone.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.image_search.index import Dims
from services.image_search.portrait import Portrait, Rows
from services.image_search.portraits import Portraits, RowIds, spread

_NEIGHBOURS: Final = 10
_FARTHEST: Final = 0.5  # of the way to the neighbour
_NOISE: Final = 0.4
_BATCH: Final = 4096

Numbers = NDArray[np.float64]


class SyntheticMarks:
    """A source for an index: marks of the rows from 1 on, without changes."""

    signature = "synthetic/1"

    def __init__(self, real: Portraits, count: int) -> None:
        self._real, self._count = real, count

    @property
    def dims(self) -> Dims:
        """Return the lengths of the rows."""
        return Dims(self._real.shape.shape[1], self._real.colors.shape[1], self._real.concepts.shape[1])

    def last_change(self) -> int:
        """Return the number of the last change."""
        return 0

    def changes_since(self, change: int) -> tuple[RowIds, int]:
        """Return no row."""
        return np.empty(0, np.int64), change

    def row_ids(self) -> RowIds:
        """Return all rows."""
        return np.arange(1, self._count + 1)

    def of(self, row_ids: Sequence[int]) -> dict[int, Portrait]:
        """Return some marks."""
        marks = self.made(np.array(row_ids, np.int64))
        return {int(row_id): marks.portrait(n) for n, row_id in enumerate(marks.row_ids)}

    def in_batches(self) -> Iterator[Portraits]:
        """Give all marks."""
        for start in range(1, self._count + 1, _BATCH):
            yield self.made(np.arange(start, min(start + _BATCH, self._count + 1)))

    def made(self, row_ids: RowIds) -> Portraits:
        """Make marks."""
        own = _below(len(self._real), row_ids, 1)
        other = self._neighbours[own, _below(_NEIGHBOURS, row_ids, 2)]
        way = (_FARTHEST * _random(row_ids, 3))[:, None].astype(np.float32)
        base = self._real.taken(own)
        return Portraits(
            row_ids,
            base.counts,
            base.views,
            self._rows(base, row_ids, own, other, way),
            base.places,
            _moved(self._real.colors, own, other, way, row_ids),
            _moved(self._real.concepts, own, other, way, row_ids),
            np.ones(len(row_ids), bool),
        )

    def _rows(self, base: Portraits, row_ids: RowIds, own: RowIds, other: RowIds, way: Rows) -> Rows:
        """Move each row toward the row of the same number of the other mark, or its last one."""
        real, number = self._real, np.arange(len(base.shape)) - base.starts[base.owners]
        first = spread(real.starts[own], base.counts)
        second = real.starts[other][base.owners] + np.minimum(number, real.counts[other][base.owners] - 1)
        return _moved(real.shape, first, second, way[base.owners], 8 * row_ids[base.owners] + number)

    @cached_property
    def _neighbours(self) -> RowIds:
        """Return the nearest of each real mark by its first row."""
        wholes = self._real.shape[self._real.starts]
        return np.concatenate(
            [
                np.argsort(-(part @ wholes.T), axis=1)[:, 1 : _NEIGHBOURS + 1]
                for part in np.array_split(wholes, -(-len(wholes) // 500))
            ]
        )


def _moved(rows: Rows, first: RowIds, second: RowIds, way: Rows, keys: RowIds) -> Rows:
    """Move rows toward others and aside, and bring them to unit length."""
    aside = rows[_below(len(rows), keys, 4)] - rows[_below(len(rows), keys, 5)]
    share = (_NOISE * (0.3 + 1.4 * _random(keys, 6)))[:, None].astype(np.float32)
    moved = (1 - way) * rows[first] + way * rows[second] + share * aside
    return np.asarray(moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9), np.float32)


def _below(bound: int, keys: RowIds, salt: int) -> RowIds:
    return (_random(keys, salt) * bound).astype(np.int64)


def _random(keys: RowIds, salt: int) -> Numbers:
    """Return a number from 0 to 1 for each key, always the same (splitmix64)."""
    mixed = keys.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(salt * 0x632BE59BD9B4E019 % 2**64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return ((mixed ^ (mixed >> np.uint64(31))) >> np.uint64(11)) / 2.0**53
