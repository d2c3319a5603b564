"""Databases that keep what must not be lost: SQLite in a file, or an office's PostgreSQL.

What is committed is on the disk. No error quotes what is stored, nor a part of a URL.
"""

import hashlib
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import psycopg
from alembic.util import CommandError
from psycopg import sql
from sqlalchemy import URL, Connection, Engine, create_engine, event, func, make_url, select
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFreeError
from sqlalchemy.schema import CreateSchema

from examkit.errors import NotReadyError, StartError

_BEGIN: Final = "sqlite_begin"
_RETRY_AFTER_SECONDS: Final = 5
_POSTGRESQL_DISK_FULL: Final = "53100"
_DURABLE: Final = (
    "busy_timeout = 5000",
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    "secure_delete = ON",
)
# What the URL does not say otherwise. A commit is reported when it is on the disk, whatever the server's default.
_POSTGRESQL_OPTIONS: Final = {
    "connect_timeout": "2",
    "tcp_user_timeout": "5000",
    "options": "-c lock_timeout=5s -c statement_timeout=30s -c synchronous_commit=on",
}


# Held while Alembic works: it keeps in variables of its modules what it works on.
MIGRATING: Final = threading.Lock()

_IDLE_CONNECTIONS: Final = 1  # of each schema, for there may be many


@dataclass(frozen=True)
class Kept:
    """What a database keeps (`the register`), and the errors that tell when it cannot."""

    what: str
    unavailable_error: type[NotReadyError]
    disk_full_error: type[NotReadyError]

    def open_postgresql(self, address: str, schema: str | None = None, **options: Any) -> Engine:
        """Open the database that a URL names; raise StartError when it cannot be used. Its form is left as it is.

        With `schema` nothing but what is in that schema is seen, which need not be there yet.
        """
        url = self._postgresql_url(address)
        settings = {name: value for name, value in _POSTGRESQL_OPTIONS.items() if name not in url.query}
        if schema is not None:
            options["pool_size"] = _IDLE_CONNECTIONS
        engine = _new_engine(url, connect_args=settings, pool_pre_ping=True, **options)
        if schema is not None:
            event.listen(engine, "connect", partial(_see_only, schema), insert=True)  # before SQLAlchemy looks
        with self.opening(engine):
            self._check_encoding(engine)
        return engine

    @contextmanager
    def opening(self, engine: Engine) -> Iterator[None]:
        """Turn a failure to prepare a database into StartError, and let go of it."""
        with ExitStack() as on_failure:
            on_failure.callback(engine.dispose)
            try:
                yield
            except (DBAPIError, CommandError, OSError) as error:
                raise StartError(f"{self.name_of(engine)} cannot be opened: {_reason(error)}.") from None
            on_failure.pop_all()

    @contextmanager
    def troubles_named(self) -> Iterator[None]:
        """Turn what a database can suffer from into the errors of what it keeps."""
        try:
            yield
        except (OperationalError, InterfaceError, InternalError) as error:
            raise (self.disk_full() if _is_disk_full(error.orig) else self.unavailable()) from None
        except NoConnectionFreeError:
            raise self.unavailable() from None

    def unavailable(self) -> NotReadyError:
        """Return the error for a database that cannot be worked with at the moment."""
        detail = f"The database of {self.what} does not answer, or is locked."
        return self.unavailable_error(detail, retry_after_seconds=_RETRY_AFTER_SECONDS)

    def disk_full(self) -> NotReadyError:
        """Return the error for a database without room."""
        return self.disk_full_error(f"There is no room left for {self.what}.", retry_after_seconds=_RETRY_AFTER_SECONDS)

    def name_of(self, engine: Engine) -> str:
        """Return what an operator knows a database by."""
        if engine.name == "sqlite":
            return f"The database of {self.what} in {engine.url.database}"
        return f"The PostgreSQL database of {self.what}"

    def _postgresql_url(self, address: str) -> URL:
        try:
            url = make_url(address)
        except (ArgumentError, ValueError):
            raise StartError(f"The URL of the database of {self.what} cannot be read.") from None
        if url.get_backend_name() != "postgresql":
            raise StartError(f"The URL of the database of {self.what} must begin with postgresql://.")
        return url.set(drivername="postgresql+psycopg")

    def _check_encoding(self, engine: Engine) -> None:
        with engine.connect() as connection:
            encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
        if encoding != "UTF8":
            raise StartError(f"{self.name_of(engine)} is of encoding {encoding}; make one of encoding UTF8.")


def durable_sqlite(file: Path, **options: Any) -> Engine:
    """Return a database in a file, which is opened when it is first used; deleted content is overwritten."""
    engine = _new_engine(URL.create("sqlite+pysqlite", database=str(file)), **options)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def make_schema(connection: Connection, schema: str | None) -> None:
    """Make a schema where there is none yet, at the beginning of a transaction; None is one that is there."""
    if schema is not None:
        connection.execute(select(func.pg_advisory_xact_lock(lock_number("schemas"))))  # two at once would fail
        connection.execute(CreateSchema(schema, if_not_exists=True))


def lock_number(name: str) -> int:
    """Return the number that stands for a name among PostgreSQL's advisory locks."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)


def writing(engine: Engine) -> Engine:
    """Return the same database for transactions that write: SQLite takes its lock at their begin, not halfway."""
    return engine.execution_options(**{_BEGIN: "BEGIN IMMEDIATE"})


def reading(engine: Engine) -> Engine:
    """Return the same database for transactions that read, in which all statements see one state."""
    return engine.execution_options(isolation_level="REPEATABLE READ") if engine.name == "postgresql" else engine


def run_pragma(engine: Engine, pragma: str) -> None:
    """Run a pragma of SQLite outside a transaction."""
    with engine.execution_options(**{_BEGIN: None}).connect() as connection:
        connection.exec_driver_sql(f"PRAGMA {pragma}")


def _new_engine(url: URL, **options: Any) -> Engine:
    # No error may quote what is stored.
    return create_engine(url, hide_parameters=True, **options)


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    """Make each connection durable, and leave transactions to `_begin_sqlite` (sqlite3 would open them late)."""
    connection.isolation_level = None
    for pragma in _DURABLE:
        connection.execute(f"PRAGMA {pragma}")


def _see_only(schema: str, connection: psycopg.Connection[Any], _record: object) -> None:
    """Let a connection see one schema; were the path part of the URL's options, these could name another."""
    was, connection.autocommit = connection.autocommit, True
    connection.execute(sql.SQL("SET search_path TO {}").format(sql.Identifier(schema)))
    connection.autocommit = was


def _begin_sqlite(connection: Connection) -> None:
    statement = connection.get_execution_options().get(_BEGIN, "BEGIN")
    if statement is not None:
        connection.exec_driver_sql(statement)


def _reason(error: DBAPIError | CommandError | OSError) -> str:
    """Say why a database cannot be opened, in words that cannot hold a part of a mistyped URL."""
    if isinstance(error, CommandError):
        return "it was written by a newer release"
    if isinstance(error, OSError):
        return str(error.strerror)
    if isinstance(error.orig, sqlite3.Error):
        return str(error.orig)
    told_by_server: str | None = getattr(getattr(error.orig, "diag", None), "message_primary", None)
    return told_by_server or "it cannot be reached, or lets nobody in with that name and password"


def _is_disk_full(error: BaseException | None) -> bool:
    if isinstance(error, sqlite3.Error):
        return error.sqlite_errorcode == sqlite3.SQLITE_FULL
    return getattr(error, "sqlstate", None) == _POSTGRESQL_DISK_FULL
