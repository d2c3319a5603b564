"""The register: marks with their metadata, images and embeddings in one SQLite file, safe against a sudden end.

A write is on disk (write-ahead log, synchronous FULL) before the call returns, and is there whole or not at all.
One process owns the folder at a time; a second is refused.
"""

import fcntl
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, delete, func, insert, select

from examkit.errors import StartError
from services.image_search import tables
from services.image_search.codes import NiceClass, ViennaCode
from services.image_search.marks import (
    Entry,
    Mark,
    MarkFilter,
    MarkMetadata,
    StoredImage,
    Vectors,
    Written,
    unknown_mark,
)

RowIds = NDArray[np.int64]

_READ_BATCH = 500  # SQLite takes a bounded number of bound values in one statement


class Register:
    """Reads and writes marks in `folder`; safe to use from several threads of one process."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = _own(folder)
        self._engine = tables.open_database(folder / "register.sqlite")

    def close(self) -> None:
        """Let go of the file and of the folder."""
        self._engine.dispose()
        os.close(self._lock)

    def write(self, entries: Sequence[Entry]) -> list[Written]:
        """Add or replace marks, all of them or none; the order of the answer is that of the entries."""
        with self._engine.begin() as connection:
            return [_write(connection, entry) for entry in entries]

    def replace_vectors(self, row_id: int, vectors: Vectors, embedder: str) -> None:
        """Set the embedding of a mark anew."""
        with self._engine.begin() as connection:
            connection.execute(delete(tables.embeddings).where(tables.embeddings.c.row_id == row_id))
            connection.execute(insert(tables.embeddings).values(_vector_values(row_id, vectors, embedder)))

    def delete(self, mark_id: str) -> int:
        """Remove a mark and all that belongs to it; return its row; raise NotFoundError."""
        with self._engine.begin() as connection:
            row_id = _row_id(connection, mark_id)
            if row_id is None:
                raise unknown_mark()
            connection.execute(delete(tables.marks).where(tables.marks.c.row_id == row_id))
            return row_id

    def row_id(self, mark_id: str) -> int:
        """Return the row of a mark; raise NotFoundError."""
        with self._engine.connect() as connection:
            row_id = _row_id(connection, mark_id)
        if row_id is None:
            raise unknown_mark()
        return row_id

    def image(self, mark_id: str) -> StoredImage:
        """Return the image of a mark; raise NotFoundError."""
        statement = (
            select(tables.images.c.data, tables.images.c.media_type)
            .join(tables.marks)
            .where(tables.marks.c.mark_id == mark_id)
        )
        with self._engine.connect() as connection:
            row = connection.execute(statement).one_or_none()
        if row is None:
            raise unknown_mark()
        return StoredImage(row.data, row.media_type)

    def marks(self, row_ids: Collection[int]) -> dict[int, Mark]:
        """Return the marks of these rows; rows that are gone are left out."""
        wanted = list(row_ids)
        found: dict[int, Mark] = {}
        with self._engine.connect() as connection:
            for at in range(0, len(wanted), _READ_BATCH):
                found |= _read(connection, tables.marks.c.row_id.in_(wanted[at : at + _READ_BATCH]))
        return found

    def mark(self, mark_id: str) -> Mark:
        """Return a mark; raise NotFoundError."""
        for mark in self.marks_named([mark_id]).values():
            return mark
        raise unknown_mark()

    def marks_named(self, mark_ids: Sequence[str]) -> dict[str, Mark]:
        """Return those of the named marks that are registered."""
        found: dict[str, Mark] = {}
        with self._engine.connect() as connection:
            for at in range(0, len(mark_ids), _READ_BATCH):
                batch = _read(connection, tables.marks.c.mark_id.in_(mark_ids[at : at + _READ_BATCH]))
                found |= {mark.mark_id: mark for mark in batch.values()}
        return found

    def page(self, wanted: MarkFilter, *, limit: int, offset: int) -> tuple[list[Mark], int]:
        """Return one page of the marks that pass, in order of their ids, and how many pass in all."""
        conditions = tables.conditions(wanted)
        ids = (
            select(tables.marks.c.row_id)
            .where(*conditions)
            .order_by(tables.marks.c.mark_id)
            .limit(limit)
            .offset(offset)
        )
        with self._engine.connect() as connection:
            count = connection.execute(select(func.count()).select_from(tables.marks).where(*conditions)).scalar_one()
            row_ids = list(connection.execute(ids).scalars())
            found = _read(connection, tables.marks.c.row_id.in_(row_ids))
        return [found[row_id] for row_id in row_ids], count

    def matching_rows(self, wanted: MarkFilter) -> RowIds:
        """Return the rows of all marks that pass."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(tables.marks.c.row_id).where(*tables.conditions(wanted)))
            return np.fromiter(rows.scalars(), np.int64)

    def embeddings(self, embedder: str) -> Iterator[tuple[int, Vectors]]:
        """Give the row and the vectors of every mark that this embedder has described."""
        statement = (
            select(tables.embeddings)
            .where(tables.embeddings.c.embedder == embedder)
            .order_by(tables.embeddings.c.row_id)
        )
        with self._engine.connect() as connection:
            for row in connection.execution_options(yield_per=_READ_BATCH).execute(statement):
                yield row.row_id, np.frombuffer(row.vectors, np.float16).reshape(row.views, -1)

    def rows_without(self, embedder: str) -> list[int]:
        """Return the rows of the marks that this embedder has not described."""
        described = select(tables.embeddings.c.row_id).where(tables.embeddings.c.embedder == embedder)
        with self._engine.connect() as connection:
            return list(
                connection.execute(
                    select(tables.marks.c.row_id).where(tables.marks.c.row_id.not_in(described))
                ).scalars()
            )


def _own(folder: Path) -> int:
    """Lock the folder for this process; the system lets go of it even when the process is killed."""
    lock = os.open(folder / "register.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise StartError(f"The register in {folder} is in use by another process; stop that first.") from None
    return lock


def _write(connection: Connection, entry: Entry) -> Written:
    """Write one entry; a mark that is replaced keeps its row and nothing else."""
    known = _row_id(connection, entry.mark_id)
    if known is not None:
        connection.execute(delete(tables.marks).where(tables.marks.c.row_id == known))
    values = _mark_values(entry) | ({} if known is None else {"row_id": known})
    row_id: int = connection.execute(insert(tables.marks).values(values).returning(tables.marks.c.row_id)).scalar_one()
    image = {"row_id": row_id, "media_type": entry.image.media_type, "data": entry.image.data}
    connection.execute(insert(tables.images).values(image))
    connection.execute(insert(tables.embeddings).values(_vector_values(row_id, entry.vectors, entry.embedder)))
    _write_codes(connection, row_id, entry.metadata)
    return Written(row_id, is_new=known is None)


def _write_codes(connection: Connection, row_id: int, metadata: MarkMetadata) -> None:
    for nice_class in set(metadata.nice_classes):
        connection.execute(insert(tables.nice_classes).values(row_id=row_id, number=nice_class.number))
    for vienna_code in set(metadata.vienna_codes):
        connection.execute(insert(tables.vienna_codes).values(row_id=row_id, code=str(vienna_code)))


def _mark_values(entry: Entry) -> dict[str, Any]:
    metadata = entry.metadata
    return {
        "mark_id": entry.mark_id,
        "name": metadata.name,
        "applicant": metadata.applicant,
        "applicant_folded": None if metadata.applicant is None else metadata.applicant.casefold(),
        "office": metadata.office,
        "status": metadata.status,
        "application_date": metadata.application_date,
        "mark_feature": metadata.mark_feature,
        "image_sha256": entry.image.sha256,
    }


def _vector_values(row_id: int, vectors: Vectors, embedder: str) -> dict[str, Any]:
    return {"row_id": row_id, "embedder": embedder, "views": len(vectors), "vectors": vectors.tobytes()}


def _row_id(connection: Connection, mark_id: str) -> int | None:
    return connection.execute(
        select(tables.marks.c.row_id).where(tables.marks.c.mark_id == mark_id)
    ).scalar_one_or_none()


def _read(connection: Connection, condition: ColumnElement[bool]) -> dict[int, Mark]:
    """Read marks with their classes and codes, in three statements however many they are."""
    rows = connection.execute(select(tables.marks).where(condition)).all()
    of_these = [row.row_id for row in rows]
    classes: dict[int, list[NiceClass]] = {row_id: [] for row_id in of_these}
    codes: dict[int, list[ViennaCode]] = {row_id: [] for row_id in of_these}
    for row_id, number in connection.execute(
        select(tables.nice_classes).where(tables.nice_classes.c.row_id.in_(of_these))
    ):
        classes[row_id].append(NiceClass(number))
    for row_id, code in connection.execute(
        select(tables.vienna_codes).where(tables.vienna_codes.c.row_id.in_(of_these))
    ):
        codes[row_id].append(ViennaCode.parse(code))
    return {row.row_id: _mark(row, classes, codes) for row in rows}


def _mark(row: Any, classes: Mapping[int, list[NiceClass]], codes: Mapping[int, list[ViennaCode]]) -> Mark:
    metadata = MarkMetadata(
        name=row.name,
        applicant=row.applicant,
        office=row.office,
        status=row.status,
        application_date=row.application_date,
        nice_classes=tuple(sorted(classes[row.row_id])),
        vienna_codes=tuple(sorted(codes[row.row_id])),
        mark_feature=row.mark_feature,
    )
    return Mark(row.mark_id, metadata, row.image_sha256)
