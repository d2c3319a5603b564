"""The tables of the register's SQLite file, how its connections behave, and filters as SQL."""

from pathlib import Path
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Date,
    Engine,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    create_engine,
    event,
    or_,
    select,
)

from services.image_search.marks import MarkFilter

schema = MetaData()
marks = Table(
    "marks",
    schema,
    Column("row_id", Integer, primary_key=True),
    Column("mark_id", String, nullable=False, unique=True),
    Column("name", String),
    Column("applicant", String),
    Column("applicant_folded", String),
    Column("office", String, index=True),
    Column("status", String, index=True),
    Column("application_date", Date, index=True),
    Column("mark_feature", String),
    Column("image_sha256", String, nullable=False),
    sqlite_autoincrement=True,
)


def _of_mark() -> ForeignKey:
    return ForeignKey("marks.row_id", ondelete="CASCADE")


images = Table(
    "images",
    schema,
    Column("row_id", _of_mark(), primary_key=True),
    Column("media_type", String, nullable=False),
    Column("data", LargeBinary, nullable=False),
)
embeddings = Table(
    "embeddings",
    schema,
    Column("row_id", _of_mark(), primary_key=True),
    Column("embedder", String, nullable=False),
    Column("views", Integer, nullable=False),
    Column("vectors", LargeBinary, nullable=False),
)
nice_classes = Table(
    "nice_classes",
    schema,
    Column("row_id", _of_mark(), primary_key=True),
    Column("number", Integer, primary_key=True, index=True),
)
vienna_codes = Table(
    "vienna_codes",
    schema,
    Column("row_id", _of_mark(), primary_key=True),
    Column("code", String, primary_key=True, index=True),
)


def open_database(file: Path) -> Engine:
    """Open an SQLite file, creating it and its tables where they are missing."""
    engine = create_engine(f"sqlite+pysqlite:///{file}")
    event.listen(engine, "connect", _prepare_connection)
    event.listen(engine, "begin", _begin)
    schema.create_all(engine)
    return engine


def conditions(wanted: MarkFilter) -> list[ColumnElement[bool]]:
    """Turn a filter into SQL conditions."""
    found = [
        column == value
        for column, value in ((marks.c.status, wanted.status), (marks.c.office, wanted.office))
        if value is not None
    ]
    if wanted.applicant is not None:
        found.append(marks.c.applicant_folded.contains(wanted.applicant.casefold(), autoescape=True))
    if wanted.date_from is not None:
        found.append(marks.c.application_date >= wanted.date_from)
    if wanted.date_to is not None:
        found.append(marks.c.application_date <= wanted.date_to)
    if wanted.excluded_mark_id is not None:
        found.append(marks.c.mark_id != wanted.excluded_mark_id)
    return found + _code_conditions(wanted)


def _code_conditions(wanted: MarkFilter) -> list[ColumnElement[bool]]:
    """Any of the classes, and any of the prefixes, is enough."""
    found: list[ColumnElement[bool]] = []
    if wanted.nice_classes:
        numbers = [nice_class.number for nice_class in wanted.nice_classes]
        found.append(marks.c.row_id.in_(select(nice_classes.c.row_id).where(nice_classes.c.number.in_(numbers))))
    if wanted.vienna_prefixes:
        column = vienna_codes.c.code
        below = [or_(column == str(code), column.startswith(f"{code}.")) for code in wanted.vienna_prefixes]
        found.append(marks.c.row_id.in_(select(vienna_codes.c.row_id).where(or_(*below))))
    return found


def _prepare_connection(connection: Any, _record: object) -> None:
    """Make each connection durable, and leave transactions to `_begin` (sqlite3 would open them late)."""
    connection.isolation_level = None
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "busy_timeout = 5000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")
