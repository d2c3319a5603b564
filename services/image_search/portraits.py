"""Many marks' portraits side by side in arrays, as they are compared and kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from services.image_search.image import Box
from services.image_search.portrait import PLACE, Places, Portrait, Rows

RowIds = NDArray[np.int64]
Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Portraits:
    """n marks: `row_ids` says which; `shape` and `places` hold all rows of the first, then all of the second, ...

    `counts` says how many rows each mark has, `views` how many of these show the whole. `colors` and `concepts` have a
    row a mark; that of a mark whose concept is not known is zero, and `has_concept` is False.
    """

    row_ids: RowIds
    counts: Counts
    views: Counts
    shape: Rows
    places: Places
    colors: Rows
    concepts: Rows
    has_concept: NDArray[np.bool_]

    @classmethod
    def of(cls, marks: Mapping[int, Portrait], concept_dims: int) -> Self:
        """Put portraits, at least one, side by side."""
        each = list(marks.values())
        unknown = np.zeros(concept_dims, np.float32)
        return cls(
            row_ids=np.array(list(marks), np.int64),
            counts=np.array([len(mark.shape) for mark in each], np.int64),
            views=np.array([mark.views for mark in each], np.int64),
            shape=np.concatenate([mark.shape for mark in each]),
            places=np.concatenate([mark.places.view(np.uint8) for mark in each]).view(PLACE),  # fields are slow to join
            colors=np.stack([mark.color for mark in each]),
            concepts=np.stack([unknown if mark.concept is None else mark.concept for mark in each]),
            has_concept=np.array([mark.concept is not None for mark in each], bool),
        )

    @classmethod
    def joined(cls, blocks: Sequence[Self]) -> Self:
        """Put blocks, at least one, one after another."""
        if len(blocks) == 1:
            return blocks[0]
        names = cls.__dataclass_fields__
        return cls(**{name: np.concatenate([getattr(block, name) for block in blocks]) for name in names})

    def __len__(self) -> int:
        """Return how many marks there are."""
        return len(self.row_ids)

    @cached_property
    def starts(self) -> Counts:
        """Return the first row of each mark."""
        return np.asarray(np.cumsum(self.counts) - self.counts, np.int64)

    @cached_property
    def owners(self) -> Counts:
        """Return the place of each row's mark."""
        return np.repeat(np.arange(len(self)), self.counts)

    @cached_property
    def is_part(self) -> NDArray[np.bool_]:
        """Tell of each row whether it is of a part, not of the whole."""
        return np.asarray(np.arange(len(self.shape)) - self.starts[self.owners] >= self.views[self.owners], bool)

    def rows_of(self, n: int) -> slice:
        """Return where the rows of the n-th mark are."""
        return slice(int(self.starts[n]), int(self.starts[n] + self.counts[n]))

    def taken(self, wanted: NDArray[np.int64]) -> Self:
        """Return some of the marks, in the order that is asked for."""
        rows = spread(self.starts[wanted], self.counts[wanted])
        return type(self)(
            self.row_ids[wanted],
            self.counts[wanted],
            self.views[wanted],
            self.shape[rows],
            self.places[rows],
            self.colors[wanted],
            self.concepts[wanted],
            self.has_concept[wanted],
        )

    def portrait(self, n: int) -> Portrait:
        """Return the n-th mark by itself."""
        rows = self.rows_of(n)
        concept = self.concepts[n] if self.has_concept[n] else None
        return Portrait(self.shape[rows], self.colors[n], self.places[rows], concept)

    def box(self, row: int) -> Box:
        """Return where a row's subject lies in the image of its mark."""
        place = self.places[row]
        return Box(*(int(place[name]) for name in ("x", "y", "width", "height")))


def spread(starts: Counts, counts: Counts) -> NDArray[np.int64]:
    """Return the numbers from each start on, as many as its count, one after another."""
    ends = np.cumsum(counts)
    return np.asarray(np.arange(ends[-1] if len(ends) else 0) + np.repeat(starts - (ends - counts), counts), np.int64)
