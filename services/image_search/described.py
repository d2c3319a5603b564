"""The marks of a register as the encoders in use have described them: what an index is made of."""

from collections.abc import Iterator, Sequence
from heapq import merge
from itertools import groupby, islice
from operator import itemgetter
from typing import Final

from services.image_search.encoders import Encoders
from services.image_search.index import Dims
from services.image_search.marks import Vectors
from services.image_search.portrait import Portrait
from services.image_search.portraits import Portraits, RowIds
from services.image_search.register import Register

_BATCH: Final = 4096


class DescribedMarks:
    """Reads portraits from a register; a mark belongs to it once the encoder of looks has described it."""

    def __init__(self, encoders: Encoders, register: Register) -> None:
        self._encoders = encoders
        self._register = register

    @property
    def signature(self) -> str:
        """Return what the portraits are made by; those of another signature cannot be compared with them."""
        return " ".join(self._encoders.signatures)

    @property
    def dims(self) -> Dims:
        """Return the lengths of the rows."""
        return Dims(self._encoders.looks.shape_dims, self._encoders.looks.color_dims, self._encoders.concepts.dims)

    def last_change(self) -> int:
        """Return the number of the last change of any mark."""
        return self._register.last_change()

    def changes_since(self, change: int) -> tuple[RowIds, int]:
        """Return the rows of marks added, replaced or removed after a change, and the number of the last change."""
        return self._register.changes_since(change)

    def row_ids(self) -> RowIds:
        """Return the rows of all marks, in order."""
        return self._register.described_rows(self._encoders.looks_signature)

    def of(self, row_ids: Sequence[int]) -> dict[int, Portrait]:
        """Return the marks of some rows; rows that are gone or not described are left out."""
        looks = self._register.embeddings_of(self._encoders.looks_signature, row_ids)
        concepts = self._register.embeddings_of(self._encoders.concepts_signature, row_ids)
        return {row_id: self._portrait(vectors, concepts.get(row_id)) for row_id, vectors in looks.items()}

    def in_batches(self) -> Iterator[Portraits]:
        """Give all marks in order of the rows; those that change meanwhile as they were or as they are."""
        portraits = self._portraits()
        while batch := dict(islice(portraits, _BATCH)):
            yield Portraits.of(batch, self.dims.concept)

    def _portraits(self) -> Iterator[tuple[int, Portrait]]:
        rows = merge(*map(self._described_by, self._encoders.signatures), key=itemgetter(0))
        for row_id, of_mark in groupby(rows, key=itemgetter(0)):
            vectors = {signature: made for _, signature, made in of_mark}
            if self._encoders.looks_signature in vectors:
                yield row_id, self._encoders.portrait(vectors)

    def _described_by(self, signature: str) -> Iterator[tuple[int, str, Vectors]]:
        return ((row_id, signature, vectors) for row_id, vectors in self._register.embeddings(signature))

    def _portrait(self, looks: Vectors, concept: Vectors | None) -> Portrait:
        made = {self._encoders.looks_signature: looks}
        return self._encoders.portrait(made if concept is None else made | {self._encoders.concepts_signature: concept})
