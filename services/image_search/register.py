"""The register: marks with their metadata, images and embeddings in one database, safe against a sudden end.

A write is on disk before the call returns, and is there whole or not at all. One process owns a register at a time; a
second may read it, and is refused otherwise. Changes are numbered, so that an index can be kept in step from outside.
Every call raises RegisterUnavailableError or RegisterDiskFullError when the database fails it.
"""

import threading
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, Engine, delete, func, select

from examkit.database import reading, writing
from examkit.errors import NotReadyError, StartError
from examkit.tenants import DEFAULT_TENANT, tenant_folder, tenant_schema
from services.image_search import tables
from services.image_search.database import REGISTER, migrate, open_sqlite, require_newest_form
from services.image_search.marks import (
    Entry,
    Mark,
    MarkFilter,
    StoredImage,
    Vectors,
    Written,
    unknown_mark,
)
from services.image_search.ownership import DatabaseOwnership, FolderOwnership, NoOwnership, Ownership
from services.image_search.rows import find_row, read_marks, record_change, write_entry, write_vectors, write_words

RowIds = NDArray[np.int64]

_READ_BATCH = 500  # SQLite takes a bounded number of bound values in one statement


class Register:
    """Reads and writes marks; safe to use from several threads of one process."""

    def __init__(
        self,
        folder: Path,
        database_url: str | None = None,
        *,
        tenant: str = DEFAULT_TENANT,
        read_only: bool = False,
    ) -> None:
        """Open a tenant's in the PostgreSQL database of a URL, else in SQLite below a folder.

        Raise StartError when it cannot be used. With `read_only` it may be another process's; every write raises
        RegisterReadOnlyError.
        """
        self.folder, self.is_read_only = tenant_folder(folder, tenant), read_only
        schema = tenant_schema(tenant)
        self._ownership, self._engine = (_read_along if read_only else _own)(self.folder, database_url, schema)
        self._reader, self._writer = reading(self._engine), writing(self._engine)
        self.written = threading.Event()  # set after marks were written; cleared by who waits for it

    @property
    def database(self) -> Engine:
        """Return the database, for what is kept beside the marks."""
        return self._engine

    def close(self) -> None:
        """Let go of the database, and of the register."""
        self._engine.dispose()
        self._ownership.release()

    def is_reachable(self) -> bool:
        """Tell whether the database answers."""
        try:
            with self._reading() as connection:
                connection.execute(select(tables.marks.c.row_id).limit(1))
        except NotReadyError:
            return False
        return True

    def write(self, entries: Sequence[Entry]) -> list[Written]:
        """Add or replace marks, all of them or none; the order of the answer is that of the entries."""
        with self._writing() as connection:
            written = [write_entry(connection, entry) for entry in entries]
            record_change(connection, [each.row_id for each in written])
        self.written.set()
        return written

    def replace_vectors(self, row_id: int, vectors: Vectors, embedder: str, image_sha256: str | None = None) -> bool:
        """Set one embedder's vectors of a mark anew; tell whether the mark is still there.

        With `image_sha256` they are set only where that is still the mark's image.
        """
        wanted = [tables.marks.c.row_id == row_id]
        if image_sha256 is not None:
            wanted.append(tables.marks.c.image_sha256 == image_sha256)
        with self._writing() as connection:
            if connection.execute(select(tables.marks.c.row_id).where(*wanted)).one_or_none() is None:
                return False
            write_vectors(connection, row_id, vectors, embedder)
            record_change(connection, [row_id])
        return True

    def drop_older_vectors(self, embedder: str) -> int:
        """Remove what other versions of an embedder (`name/version`) described; return how many rows that were."""
        name = embedder.partition("/")[0]
        column = tables.embeddings.c.embedder
        older = delete(tables.embeddings).where(column.startswith(f"{name}/", autoescape=True), column != embedder)
        with self._writing() as connection:
            return connection.execute(older).rowcount

    def delete(self, mark_id: str) -> int:
        """Remove a mark and all that belongs to it; return its row; raise NotFoundError."""
        with self._writing() as connection:
            row_id = find_row(connection, mark_id)
            if row_id is None:
                raise unknown_mark()
            connection.execute(delete(tables.marks).where(tables.marks.c.row_id == row_id))
            record_change(connection, [row_id])
            return row_id

    def row_id(self, mark_id: str) -> int:
        """Return the row of a mark; raise NotFoundError."""
        with self._reading() as connection:
            row_id = find_row(connection, mark_id)
        if row_id is None:
            raise unknown_mark()
        return row_id

    def image(self, mark_id: str) -> StoredImage:
        """Return the image of a mark; raise NotFoundError."""
        return self._image(tables.marks.c.mark_id == mark_id)

    def image_in_row(self, row_id: int) -> StoredImage:
        """Return the image of the mark in a row; raise NotFoundError."""
        return self._image(tables.marks.c.row_id == row_id)

    def marks(self, row_ids: Collection[int]) -> dict[int, Mark]:
        """Return the marks of these rows; rows that are gone are left out."""
        wanted = list(row_ids)
        found: dict[int, Mark] = {}
        with self._reading() as connection:
            for at in range(0, len(wanted), _READ_BATCH):
                found |= read_marks(connection, tables.marks.c.row_id.in_(wanted[at : at + _READ_BATCH]))
        return found

    def mark(self, mark_id: str) -> Mark:
        """Return a mark; raise NotFoundError."""
        for mark in self.marks_named([mark_id]).values():
            return mark
        raise unknown_mark()

    def marks_named(self, mark_ids: Sequence[str]) -> dict[str, Mark]:
        """Return those of the named marks that are registered."""
        found: dict[str, Mark] = {}
        with self._reading() as connection:
            for at in range(0, len(mark_ids), _READ_BATCH):
                batch = read_marks(connection, tables.marks.c.mark_id.in_(mark_ids[at : at + _READ_BATCH]))
                found |= {mark.mark_id: mark for mark in batch.values()}
        return found

    def marks_by_image(self, image_hashes: Sequence[str]) -> dict[str, list[str]]:
        """Return, for each of these images (SHA-256) that any mark has, the ids of those marks in order."""
        table = tables.marks
        found: dict[str, list[str]] = {}
        with self._reading() as connection:
            for at in range(0, len(image_hashes), _READ_BATCH):
                wanted = table.c.image_sha256.in_(image_hashes[at : at + _READ_BATCH])
                rows = select(table.c.image_sha256, table.c.mark_id).where(wanted).order_by(table.c.mark_id)
                for image_hash, mark_id in connection.execute(rows):
                    found.setdefault(image_hash, []).append(mark_id)
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
        with self._reading() as connection:
            count = connection.execute(select(func.count()).select_from(tables.marks).where(*conditions)).scalar_one()
            row_ids = list(connection.execute(ids).scalars())
            found = read_marks(connection, tables.marks.c.row_id.in_(row_ids))
        return [found[row_id] for row_id in row_ids], count

    def matching_rows(self, wanted: MarkFilter) -> RowIds:
        """Return the rows of all marks that pass."""
        with self._reading() as connection:
            rows = connection.execute(select(tables.marks.c.row_id).where(*tables.conditions(wanted)))
            return np.fromiter(rows.scalars(), np.int64)

    def rows_named(self, words: Sequence[str]) -> dict[int, int]:
        """Return the rows of marks that bear some of the words, in order, and how many of them each bears."""
        counts: Counter[int] = Counter()
        with self._reading() as connection:
            for word in words:
                counts.update(connection.execute(tables.named(word)).scalars())
        return dict(sorted(counts.items()))

    def last_change(self) -> int:
        """Return the number of the last change of any mark."""
        with self._reading() as connection:
            return int(connection.execute(select(tables.last_change.c.change)).scalar_one())

    def changes_since(self, change: int) -> tuple[RowIds, int]:
        """Return the rows of marks added, replaced or removed after a change, and the number of the last change."""
        table = tables.changes
        with self._reading() as connection:
            last = connection.execute(select(tables.last_change.c.change)).scalar_one()
            if last == change:
                return np.empty(0, np.int64), change
            rows = connection.execute(select(table.c.row_id).where(table.c.change > change).order_by(table.c.row_id))
            return np.fromiter(rows.scalars(), np.int64), last

    def described_rows(self, embedder: str) -> RowIds:
        """Return the rows of all marks that this embedder has described, in order."""
        table = tables.embeddings
        statement = select(table.c.row_id).where(table.c.embedder == embedder).order_by(table.c.row_id)
        with self._reading() as connection:
            return np.fromiter(connection.execute(statement).scalars(), np.int64)

    def embeddings(self, embedder: str) -> Iterator[tuple[int, Vectors]]:
        """Give the row and the vectors of every mark that this embedder has described, in order of the rows.

        Marks that change meanwhile are given as they were or as they are.
        """
        last = 0
        while batch := self._embeddings(embedder, tables.embeddings.c.row_id > last):
            yield from batch.items()
            last = max(batch)

    def embeddings_of(self, embedder: str, row_ids: Sequence[int]) -> dict[int, Vectors]:
        """Return the vectors of those of some rows whose marks are there and that this embedder has described."""
        found: dict[int, Vectors] = {}
        for at in range(0, len(row_ids), _READ_BATCH):
            wanted = [int(row_id) for row_id in row_ids[at : at + _READ_BATCH]]
            found |= self._embeddings(embedder, tables.embeddings.c.row_id.in_(wanted))
        return found

    def _embeddings(self, embedder: str, condition: ColumnElement[bool]) -> dict[int, Vectors]:
        table = tables.embeddings
        statement = select(table.c.row_id, table.c.views, table.c.vectors).where(
            table.c.embedder == embedder, condition
        )
        with self._reading() as connection:
            rows = connection.execute(statement.order_by(table.c.row_id).limit(_READ_BATCH)).all()
        return {row.row_id: np.frombuffer(row.vectors, np.float16).reshape(row.views, -1) for row in rows}

    def descriptions(self, row_id: int, embedders: Collection[str]) -> dict[str, Vectors]:
        """Return the vectors of one mark by those of these embedders that have described it."""
        table = tables.embeddings
        wanted = (table.c.row_id == row_id, table.c.embedder.in_(embedders))
        with self._reading() as connection:
            rows = connection.execute(select(table.c.embedder, table.c.views, table.c.vectors).where(*wanted))
            return {row.embedder: np.frombuffer(row.vectors, np.float16).reshape(row.views, -1) for row in rows}

    def rows_without(self, embedder: str) -> list[int]:
        """Return the rows of the marks that this embedder has not described."""
        described = select(tables.embeddings.c.row_id).where(tables.embeddings.c.embedder == embedder)
        waiting = select(tables.marks.c.row_id).where(tables.marks.c.row_id.not_in(described))
        with self._reading() as connection:
            return list(connection.execute(waiting.order_by(tables.marks.c.row_id)).scalars())

    def rows_unread(self, reader: str, after: int, limit: int) -> list[int]:
        """Return the first rows past `after` of marks in whose images this reader has not read."""
        read = select(tables.mark_words.c.row_id).where(
            tables.mark_words.c.row_id == tables.marks.c.row_id, tables.mark_words.c.source == reader
        )
        waiting = select(tables.marks.c.row_id).where(tables.marks.c.row_id > after, ~read.exists())
        with self._reading() as connection:
            return list(connection.execute(waiting.order_by(tables.marks.c.row_id).limit(limit)).scalars())

    def keep_words(self, row_id: int, words: Sequence[str], reader: str, image_sha256: str) -> None:
        """Keep what a reader read in a mark's image, unless the image is another by now."""
        wanted = (tables.marks.c.row_id == row_id, tables.marks.c.image_sha256 == image_sha256)
        with self._writing() as connection:
            if connection.execute(select(tables.marks.c.row_id).where(*wanted)).one_or_none() is not None:
                write_words(connection, row_id, words, reader)

    def _image(self, condition: ColumnElement[bool]) -> StoredImage:
        statement = select(tables.images.c.data, tables.images.c.media_type).join(tables.marks).where(condition)
        with self._reading() as connection:
            row = connection.execute(statement).one_or_none()
        if row is None:
            raise unknown_mark()
        return StoredImage(row.data, row.media_type)

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with REGISTER.troubles_named(), self._reader.begin() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with REGISTER.troubles_named():
            self._ownership.assure()
            with self._writer.begin() as connection:
                yield connection


def _own(folder: Path, url: str | None, schema: str | None) -> tuple[Ownership, Engine]:
    return _open_folder(folder) if url is None else _open_server(url, schema)


def _open_folder(folder: Path) -> tuple[Ownership, Engine]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StartError(f"No register can be kept in {folder}: {error.strerror}.") from None
    with ExitStack() as on_failure:
        ownership = FolderOwnership(folder)
        on_failure.callback(ownership.release)
        engine = open_sqlite(folder)
        on_failure.callback(engine.dispose)
        migrate(engine)
        on_failure.pop_all()
    return ownership, engine


def _open_server(url: str, schema: str | None) -> tuple[Ownership, Engine]:
    engine = REGISTER.open_postgresql(url, schema)
    with ExitStack() as on_failure:
        on_failure.callback(engine.dispose)
        ownership = DatabaseOwnership(engine, schema)
        on_failure.callback(ownership.release)
        migrate(engine, schema)
        on_failure.pop_all()
    return ownership, engine


def _read_along(folder: Path, url: str | None, schema: str | None) -> tuple[Ownership, Engine]:
    if url is None and not folder.is_dir():
        raise StartError(f"There is no register in {folder}; start the process that owns it first.")
    engine = open_sqlite(folder) if url is None else REGISTER.open_postgresql(url, schema)
    require_newest_form(engine)
    return NoOwnership(), engine
