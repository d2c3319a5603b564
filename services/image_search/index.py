"""The only importer of faiss: an exact inner-product index of marks, each with the vectors of one or two views."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

_MOST_VIEWS = 2

Vectors = NDArray[np.float32]
RowIds = NDArray[np.int64]


@dataclass(frozen=True)
class Match:
    """A mark's row and its best score over all pairings of query view and mark view."""

    row_id: int
    score: float


class EmbeddingIndex:
    """Finds the rows whose vectors have the greatest inner product with a query; safe to use from several threads.

    A view's key in faiss is twice the row plus the number of the view.
    """

    def __init__(self, dimensions: int) -> None:
        faiss.omp_set_num_threads(1)
        # Any: the stubs of faiss describe its C++ faces, not the numpy ones that it is called by.
        self._index: Any = faiss.IndexIDMap2(faiss.IndexFlatIP(dimensions))
        self._views: dict[int, int] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Return how many marks are indexed."""
        return len(self._views)

    def put(self, row_ids: Sequence[int], vectors: Sequence[NDArray[np.floating]]) -> None:
        """Add or replace marks, each with its one or two vectors; a search sees all of them or none."""
        keys = [
            _key(row_id, view) for row_id, views in zip(row_ids, vectors, strict=True) for view in range(len(views))
        ]
        with self._lock:
            self._remove([row_id for row_id in row_ids if row_id in self._views])
            if keys:
                rows = np.concatenate(vectors).astype(np.float32)
                self._index.add_with_ids(rows, np.array(keys, np.int64))
            self._views |= {row_id: len(views) for row_id, views in zip(row_ids, vectors, strict=True)}

    def remove(self, row_id: int) -> None:
        """Take a mark out; one that is not there is no error."""
        with self._lock:
            self._remove([row_id] if row_id in self._views else [])

    def vectors(self, row_id: int) -> Vectors:
        """Return the vectors of a mark, one row a view; a mark that is not indexed has none."""
        with self._lock:
            keys = [_key(row_id, view) for view in range(self._views.get(row_id, 0))]
            found = [self._index.reconstruct(key) for key in keys]
        return np.array(found, np.float32).reshape(len(found), self._index.d)

    def search(self, queries: Vectors, limit: int, allowed: RowIds | None = None) -> list[Match]:
        """Return the best `limit` marks, best first, among the `allowed` rows (None: all).

        Every mark has at most two vectors, so the best marks are among twice as many vectors for each query view.
        """
        with self._lock:
            depth = min(_MOST_VIEWS * limit, self._index.ntotal)
            if depth == 0 or (allowed is not None and len(allowed) == 0):
                return []
            selector = None if allowed is None else _selector(allowed)
            scores, keys = self._index.search(np.ascontiguousarray(queries), depth, params=selector)
        return _best(scores.ravel(), keys.ravel())[:limit]

    def _remove(self, row_ids: Sequence[int]) -> None:
        if row_ids:
            keys = [_key(row_id, view) for row_id in row_ids for view in range(self._views.pop(row_id))]
            self._index.remove_ids(np.array(keys, np.int64))


def _key(row_id: int, view: int) -> int:
    return _MOST_VIEWS * row_id + view


def _selector(allowed: RowIds) -> Any:
    """Mark both keys of every allowed row in a bitmap; keys past its end are not allowed."""
    bits = np.zeros(_MOST_VIEWS * (int(allowed.max()) + 1), bool)
    for view in range(_MOST_VIEWS):
        bits[_MOST_VIEWS * allowed + view] = True
    numpy_faiss: Any = faiss
    return numpy_faiss.SearchParameters(sel=numpy_faiss.IDSelectorBitmap(np.packbits(bits, bitorder="little")))


def _best(scores: Vectors, keys: RowIds) -> list[Match]:
    """Keep each row's best score; of equal scores the older row comes first, so that an order is always the same."""
    best: dict[int, float] = {}
    for key, score in zip(keys.tolist(), scores.tolist(), strict=True):
        row_id = key // _MOST_VIEWS
        if key >= 0 and score > best.get(row_id, -np.inf):
            best[row_id] = score
    return [Match(row_id, score) for row_id, score in sorted(best.items(), key=lambda item: (-item[1], item[0]))]
