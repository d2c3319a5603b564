"""The only importer of faiss: exact tables of views, parts, colors and concepts of marks, searched by inner product."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from services.image_search.parts import MOST_PARTS
from services.image_search.portrait import MOST_VIEWS, Places, Portrait

Rows = NDArray[np.float32]
RowIds = NDArray[np.int64]


class Face(Enum):
    """What of a mark is searched; `most` is how many rows of it a mark has at most."""

    COLOR = "color"
    VIEWS = "views"
    PARTS = "parts"
    CONCEPT = "concept"

    @property
    def most(self) -> int:
        """Return how many rows of this face a mark has at most."""
        return {Face.VIEWS: MOST_VIEWS, Face.PARTS: MOST_PARTS}.get(self, 1)


@dataclass(frozen=True)
class Match:
    """A mark's row in the register, and its best score over all pairings of a query row and a row of its own."""

    row_id: int
    score: float


@dataclass(frozen=True)
class QueryRows:
    """What to look for: n rows, and what is taken off the scores that each of them brings."""

    rows: Rows
    penalties: Rows


@dataclass(frozen=True)
class _Indexed:
    """What is kept of a mark beside its rows: their places, how many show the whole, and whether it has a concept."""

    places: Places
    views: int
    has_concept: bool

    def count(self, face: Face) -> int:
        """Return how many rows there are of a face."""
        counts = {Face.VIEWS: self.views, Face.PARTS: len(self.places) - self.views, Face.CONCEPT: self.has_concept}
        return int(counts.get(face, 1))


class MarkIndex:
    """Finds the marks nearest to a query by one of their faces; safe to use from several threads.

    A mark takes four bytes for each of `shape_dims` in each view and part, six at most, and two for each of the color's
    and the concept's.
    """

    def __init__(self, shape_dims: int, color_dims: int, concept_dims: int) -> None:
        faiss.omp_set_num_threads(1)
        dims = {
            Face.COLOR: color_dims,
            Face.VIEWS: shape_dims,
            Face.PARTS: shape_dims,
            Face.CONCEPT: concept_dims,
        }
        self._tables = {face: _Table(dims[face], face) for face in Face}
        self._marks: dict[int, _Indexed] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Return how many marks are indexed."""
        return len(self._marks)

    def put(self, row_ids: Sequence[int], portraits: Sequence[Portrait]) -> None:
        """Add or replace marks, the last one where a row is named twice; a search sees all of them or none."""
        marks = dict(zip(row_ids, portraits, strict=True))
        with self._lock:
            self._remove([row_id for row_id in marks if row_id in self._marks])
            for face, table in self._tables.items():
                table.add({row_id: _rows(portrait, face) for row_id, portrait in marks.items()})
            self._marks |= {row_id: _indexed(portrait) for row_id, portrait in marks.items()}

    def remove(self, row_id: int) -> None:
        """Take a mark out; one that is not there is no error."""
        with self._lock:
            self._remove([row_id] if row_id in self._marks else [])

    def portraits(self, row_ids: Sequence[int]) -> dict[int, Portrait]:
        """Return marks as they were put; those that are not indexed are left out."""
        with self._lock:
            marks = {row_id: self._marks[row_id] for row_id in row_ids if row_id in self._marks}
            rows = {face: table.rows(_counts(marks, face)) for face, table in self._tables.items()}
        return {
            row_id: Portrait(
                np.concatenate([rows[Face.VIEWS][row_id], rows[Face.PARTS][row_id]]),
                rows[Face.COLOR][row_id][0],
                mark.places,
                rows[Face.CONCEPT][row_id][0] if mark.has_concept else None,
            )
            for row_id, mark in marks.items()
        }

    def search(self, face: Face, queries: QueryRows, limit: int, allowed: RowIds | None = None) -> list[Match]:
        """Return the best `limit` marks by a face, best first, among the `allowed` rows (None: all)."""
        with self._lock:
            return self._tables[face].search(queries, limit, allowed)

    def _remove(self, row_ids: Sequence[int]) -> None:
        marks = {row_id: self._marks.pop(row_id) for row_id in row_ids}
        for face, table in self._tables.items():
            table.remove(_counts(marks, face))


class _Table:
    """A flat faiss index in which a row's key is `most` times the mark's row, plus the row's own number."""

    def __init__(self, dims: int, face: Face) -> None:
        # Any: the stubs of faiss describe its C++ faces, not the numpy ones that it is called by.
        self._index: Any = faiss.IndexIDMap2(_flat(dims, face))
        self._most = face.most

    def add(self, rows: dict[int, Rows]) -> None:
        """Add the rows of marks that have none yet."""
        keys = self._keys({row_id: len(of_mark) for row_id, of_mark in rows.items()})
        if len(keys):
            self._index.add_with_ids(np.concatenate([of_mark for of_mark in rows.values() if len(of_mark)]), keys)

    def remove(self, counts: dict[int, int]) -> None:
        """Take the rows of marks out that have so many."""
        keys = self._keys(counts)
        if len(keys):
            self._index.remove_ids(keys)

    def rows(self, counts: dict[int, int]) -> dict[int, Rows]:
        """Return the rows of marks that have so many."""
        keys = self._keys(counts)
        found = self._index.reconstruct_batch(keys) if len(keys) else np.empty((0, self._index.d), np.float32)
        ends = np.cumsum(list(counts.values()), dtype=np.intp)[:-1]
        return dict(zip(counts, np.split(found, ends), strict=True)) if counts else {}

    def search(self, queries: QueryRows, limit: int, allowed: RowIds | None) -> list[Match]:
        """Return the best marks: they are among the best `most` times as many rows for each row of the query."""
        depth = min(self._most * limit, self._index.ntotal)
        if depth == 0 or len(queries.rows) == 0 or (allowed is not None and len(allowed) == 0):
            return []
        selector = None if allowed is None else self._selector(allowed)
        scores, keys = self._index.search(np.ascontiguousarray(queries.rows), depth, params=selector)
        return _best((scores - queries.penalties[:, None]).ravel(), (keys // self._most).ravel())[:limit]

    def _keys(self, counts: dict[int, int]) -> RowIds:
        return np.array([self._most * row_id + n for row_id, count in counts.items() for n in range(count)], np.int64)

    def _selector(self, allowed: RowIds) -> Any:
        """Mark all keys of every allowed row in a bitmap; keys past its end are not allowed."""
        bits = np.zeros((int(allowed.max()) + 1, self._most), bool)
        bits[allowed] = True
        numpy_faiss: Any = faiss
        bitmap = np.packbits(bits.ravel(), bitorder="little")
        return numpy_faiss.SearchParameters(sel=numpy_faiss.IDSelectorBitmap(bitmap))


def _flat(dims: int, face: Face) -> Any:
    """Return an empty table; single rows are kept in half precision, in which they come from the register anyway."""
    if face.most == 1:
        return faiss.IndexScalarQuantizer(dims, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
    return faiss.IndexFlatIP(dims)


def _rows(portrait: Portrait, face: Face) -> Rows:
    match face:
        case Face.COLOR:
            return portrait.color[None]
        case Face.VIEWS:
            return portrait.shape[: portrait.views]
        case Face.PARTS:
            return portrait.shape[portrait.views :]
        case Face.CONCEPT:
            return np.empty((0, 0), np.float32) if portrait.concept is None else portrait.concept[None]


def _indexed(portrait: Portrait) -> _Indexed:
    return _Indexed(portrait.places, portrait.views, portrait.concept is not None)


def _counts(marks: dict[int, _Indexed], face: Face) -> dict[int, int]:
    """Return how many rows of a face each mark has."""
    return {row_id: mark.count(face) for row_id, mark in marks.items()}


def _best(scores: Rows, row_ids: RowIds) -> list[Match]:
    """Keep each mark's best score; of equal scores the older mark comes first, so that an order is always the same."""
    order = np.lexsort((row_ids, -scores))
    order = order[row_ids[order] >= 0]
    _, first = np.unique(row_ids[order], return_index=True)
    best = order[np.sort(first)]
    return [Match(row_id, score) for row_id, score in zip(row_ids[best].tolist(), scores[best].tolist(), strict=True)]
