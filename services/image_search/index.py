"""The only importer of faiss: tables of views, parts, colors and concepts of marks, searched by inner product.

Flat tables are exact and change at any time; listed ones hold many more rows in codes, and are made once.
"""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Self

import faiss
import numpy as np
from numpy.typing import NDArray

from services.image_search.parts import MOST_PARTS
from services.image_search.portrait import MOST_VIEWS, Portrait
from services.image_search.portraits import Portraits, RowIds

_BITS = 4
_MANY = 1024  # rows that tell enough of the others
_ROUNDS = 8  # of finding the centers of lists
ROWS_A_LIST = 64  # that its center is found by

Rows = NDArray[np.float32]
Bitmap = NDArray[np.uint8]


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
class Dims:
    """How many numbers a row has, by what it describes."""

    shape: int
    color: int
    concept: int


@dataclass(frozen=True)
class QueryRows:
    """What to look for: n rows, and what is taken off the scores that each of them brings."""

    rows: Rows
    penalties: Rows


class MarkIndex:
    """Finds the marks nearest to a query by one of their faces; safe to use from several threads.

    A mark is kept as it was put and in the tables: eight bytes for each of `shape_dims` in each view and part, six at
    most, and six for each of the color's and the concept's.
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
        self._concept_dims = concept_dims
        self._marks: dict[int, Portrait] = {}
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
            self._marks |= marks

    def remove(self, row_id: int) -> None:
        """Take a mark out; one that is not there is no error."""
        with self._lock:
            self._remove([row_id] if row_id in self._marks else [])

    def portraits(self, row_ids: Iterable[int]) -> Portraits | None:
        """Return marks as they were put; those that are not indexed are left out. None where that leaves none."""
        with self._lock:
            marks = {int(row_id): self._marks[row_id] for row_id in row_ids if row_id in self._marks}
        return Portraits.of(marks, self._concept_dims) if marks else None

    def candidates(self, face: Face, queries: QueryRows, limit: int, allowed: RowIds | None = None) -> RowIds:
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
        self._index: Any = faiss.IndexIDMap(_flat(dims, face))
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

    def search(self, queries: QueryRows, limit: int, allowed: RowIds | None) -> RowIds:
        """Return the best marks: they are among the best `most` times as many rows for each row of the query."""
        depth = min(self._most * limit, self._index.ntotal)
        if depth == 0 or len(queries.rows) == 0 or (allowed is not None and len(allowed) == 0):
            return np.empty(0, np.int64)
        selector = None if allowed is None else self._selector(allowed)
        scores, keys = self._index.search(np.ascontiguousarray(queries.rows), depth, params=selector)
        return _best_of_each(scores - queries.penalties[:, None], keys // self._most, limit)

    def _keys(self, counts: dict[int, int]) -> RowIds:
        return np.array([self._most * row_id + n for row_id, count in counts.items() for n in range(count)], np.int64)

    def _selector(self, allowed: RowIds) -> Any:
        """Mark all keys of every allowed row in a bitmap; keys past its end are not allowed."""
        bits = np.zeros((int(allowed.max()) + 1, self._most), bool)
        bits[allowed] = True
        numpy_faiss: Any = faiss
        bitmap = np.packbits(bits.ravel(), bitorder="little")
        return numpy_faiss.SearchParameters(sel=numpy_faiss.IDSelectorBitmap(bitmap))


class ListedTable:
    """Rows in codes of four bits, in lists of rows that lie near one another, each with its mark's number.

    Scores are near enough to find what has to be compared in full. One list: every row is looked at.
    """

    def __init__(self, index: Any) -> None:
        self._index = index
        self._listed: Any = faiss.downcast_index(index.index)

    @classmethod
    def trained(cls, sample: Rows, lists: int, most_a_code: int) -> Self:
        """Make an empty table for rows like those of a sample; where that is small, for rows of any direction too.

        A code stands for as many numbers as divide a row, and not for more than are allowed.
        """
        faiss.omp_set_num_threads(1)
        dims = sample.shape[1]
        axes = np.eye(dims, dtype=np.float32)
        known = sample if len(sample) >= _MANY else np.concatenate([sample, axes, -axes])
        metric = faiss.METRIC_INNER_PRODUCT
        codes = dims // next(size for size in range(most_a_code, 0, -1) if dims % size == 0)
        listed: Any = faiss.IndexIVFPQFastScan(faiss.IndexFlatIP(dims), dims, lists, codes, _BITS, metric)
        listed.by_residual = lists > 1
        listed.cp.niter, listed.cp.max_points_per_centroid = _ROUNDS, ROWS_A_LIST
        listed.cp.min_points_per_centroid = listed.pq.cp.min_points_per_centroid = 1
        index: Any = faiss.IndexPreTransform(faiss.RandomRotationMatrix(dims, dims), listed)
        index.train(np.resize(known, (max(len(known), 2**_BITS, lists), dims)))
        return cls(index)

    @classmethod
    def opened(cls, file: Path) -> Self:
        """Map a file that `write` made; raise RuntimeError when it cannot be read."""
        faiss.omp_set_num_threads(1)
        return cls(faiss.read_index(str(file), faiss.IO_FLAG_MMAP_IFC))

    @property
    def lists(self) -> int:
        """Return how many lists there are."""
        return int(self._listed.nlist)

    def add(self, rows: Rows, numbers: RowIds) -> None:
        """Add rows, each with the number of its mark."""
        if len(rows):
            self._index.add_with_ids(np.ascontiguousarray(rows), numbers)

    def write(self, file: Path) -> None:
        """Write the table to a file."""
        faiss.write_index(self._index, str(file))

    def candidates(self, queries: QueryRows, limit: int, lists: int, chosen: Bitmap | None = None) -> RowIds:
        """Return the numbers of about the best `limit` marks, looking at so many lists for each row of the query.

        Of each row of the query the best `limit` rows are seen. `chosen` has a bit for each number, the lowest first.
        """
        numpy_faiss: Any = faiss
        selector = None if chosen is None else numpy_faiss.IDSelectorBitmap(chosen)
        of_lists = numpy_faiss.SearchParametersIVF(nprobe=lists, sel=selector)
        parameters = numpy_faiss.SearchParametersPreTransform(index_params=of_lists)
        depth = min(limit, self._index.ntotal)
        if depth == 0:
            return np.empty(0, np.int64)
        scores, numbers = self._index.search(np.ascontiguousarray(queries.rows), depth, params=parameters)
        return _best_of_each(scores - queries.penalties[:, None], numbers, limit)


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


def rows_of(marks: Portraits, face: Face) -> Rows:
    """Return the rows by which marks are searched by a face, in order of the marks."""
    match face:
        case Face.COLOR:
            return marks.colors
        case Face.VIEWS:
            return marks.shape[~marks.is_part]
        case Face.PARTS:
            return marks.shape[marks.is_part]
        case Face.CONCEPT:
            return marks.concepts[marks.has_concept]


def owners_of(marks: Portraits, face: Face) -> RowIds:
    """Return the place of the mark of each of `rows_of`."""
    match face:
        case Face.COLOR:
            return np.arange(len(marks))
        case Face.VIEWS:
            return marks.owners[~marks.is_part]
        case Face.PARTS:
            return marks.owners[marks.is_part]
        case Face.CONCEPT:
            return np.flatnonzero(marks.has_concept)


def _counts(marks: dict[int, Portrait], face: Face) -> dict[int, int]:
    """Return how many rows of a face each mark has."""
    return {row_id: len(_rows(mark, face)) for row_id, mark in marks.items()}


def _best_of_each(scores: Rows, ids: RowIds, limit: int) -> RowIds:
    """Return the ids, none negative, with the best scores, best first; of equal scores the lower id comes first."""
    scores, ids = scores.ravel(), ids.ravel()
    order = np.lexsort((ids, -scores))
    order = order[ids[order] >= 0]
    _, first = np.unique(ids[order], return_index=True)
    return ids[order[np.sort(first)[:limit]]]
