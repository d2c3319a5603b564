"""The database that feedback is kept in: opened, brought to the form of this release, its troubles named.

SQLite in a folder by default: write-ahead log, synchronous FULL, so that what is committed is on the disk. PostgreSQL
where an office has one. Several processes may use either at the same time.
"""

import fcntl
import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import URL, Connection, Engine, create_engine, event, func, make_url, select
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFreeError

from examkit.errors import NotReadyError, StartError

_FILE: Final = "feedback.sqlite"
_MIGRATIONS: Final = "services.classify.feedback:migrations"
_BEGIN: Final = "sqlite_begin"
_ADVISORY_LOCK: Final = 20261122
_RETRY_AFTER_SECONDS: Final = 5
_POSTGRESQL_DISK_FULL: Final = "53100"
# What the URL does not say otherwise. A commit is reported when it is on the disk, whatever the server's default.
_POSTGRESQL_OPTIONS: Final = {
    "connect_timeout": "2",
    "tcp_user_timeout": "5000",
    "options": "-c lock_timeout=5s -c statement_timeout=30s -c synchronous_commit=on",
}


class FeedbackUnavailableError(NotReadyError):
    """The database cannot be reached, is locked, or refuses to write."""

    code = "feedback-unavailable"


class FeedbackDiskFullError(NotReadyError):
    """The database has no room left."""

    code = "feedback-disk-full"


def open_sqlite(folder: Path) -> Engine:
    """Open the database in a folder, readable by its owner only; raise StartError when it cannot be used."""
    file = folder / _FILE
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.touch(mode=0o600)
    except OSError as error:
        raise StartError(f"Feedback cannot be kept in {folder}: {error.strerror}.") from None
    engine = _new_engine(URL.create("sqlite+pysqlite", database=str(file)))
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    with _opening(engine, f"The feedback in {file}"), _alone_in(folder):
        _run_pragma(engine, "journal_mode = WAL")
        _migrate(engine)
    return engine


def open_postgresql(address: str) -> Engine:
    """Open the database that a URL names; raise StartError, without the URL's password, when it cannot be used."""
    url = _postgresql_url(address)
    options = {name: value for name, value in _POSTGRESQL_OPTIONS.items() if name not in url.query}
    engine = _new_engine(url, connect_args=options, pool_pre_ping=True)
    with _opening(engine, "The PostgreSQL database of feedback"):
        _check_encoding(engine)
        _migrate(engine)
    return engine


def writing(engine: Engine) -> Engine:
    """Return the same database for transactions that write: SQLite takes its lock at their begin, not halfway."""
    return engine.execution_options(**{_BEGIN: "BEGIN IMMEDIATE"})


def drop_traces(engine: Engine) -> None:
    """Take what was deleted out of SQLite's log as well; PostgreSQL does so at its next vacuum."""
    if engine.dialect.name == "sqlite":
        _run_pragma(engine, "wal_checkpoint(TRUNCATE)")


@contextmanager
def troubles_named() -> Iterator[None]:
    """Turn what a database can suffer from into FeedbackUnavailableError or FeedbackDiskFullError."""
    try:
        yield
    except (OperationalError, InterfaceError, InternalError) as error:
        raise _problem_of(error) from None
    except NoConnectionFreeError:
        raise _unavailable() from None


def _new_engine(url: URL, **options: Any) -> Engine:
    # No error may quote what is stored, and text is kept as it is rather than as escapes.
    return create_engine(url, hide_parameters=True, json_serializer=partial(json.dumps, ensure_ascii=False), **options)


@contextmanager
def _opening(engine: Engine, name: str) -> Iterator[None]:
    """Turn a failure to prepare a database into StartError, and let go of it."""
    with ExitStack() as on_failure:
        on_failure.callback(engine.dispose)
        try:
            yield
        except (DBAPIError, CommandError, OSError) as error:
            raise StartError(f"{name} cannot be opened: {_reason(error)}.") from None
        on_failure.pop_all()


def _postgresql_url(address: str) -> URL:
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        raise StartError("The URL of the feedback database cannot be read.") from None
    if url.get_backend_name() != "postgresql":
        raise StartError("The URL of the feedback database must begin with postgresql://.")
    return url.set(drivername="postgresql+psycopg")


def _check_encoding(engine: Engine) -> None:
    with engine.connect() as connection:
        encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
    if encoding != "UTF8":
        raise StartError(f"The PostgreSQL database of feedback is of encoding {encoding}; make one of encoding UTF8.")


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    """Make each connection durable, and leave transactions to `_begin_sqlite` (sqlite3 would open them late)."""
    connection.isolation_level = None
    for pragma in ("busy_timeout = 5000", "synchronous = FULL", "secure_delete = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    statement = connection.get_execution_options().get(_BEGIN, "BEGIN")
    if statement is not None:
        connection.exec_driver_sql(statement)


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Let one process at a time prepare the file: SQLite does not wait for a lock while it changes to its log."""
    lock = os.open(folder / "feedback.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _run_pragma(engine: Engine, pragma: str) -> None:
    with engine.execution_options(**{_BEGIN: None}).connect() as connection:
        connection.exec_driver_sql(f"PRAGMA {pragma}")


def _migrate(engine: Engine) -> None:
    """Run the missing revisions in one transaction; of several processes that start, one does."""
    config = Config()
    config.set_main_option("script_location", _MIGRATIONS)
    with writing(engine).begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(_ADVISORY_LOCK)))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


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


def _problem_of(error: DBAPIError) -> NotReadyError:
    if _is_disk_full(error.orig):
        return FeedbackDiskFullError("There is no room left for feedback.", retry_after_seconds=_RETRY_AFTER_SECONDS)
    return _unavailable()


def _is_disk_full(error: BaseException | None) -> bool:
    if isinstance(error, sqlite3.Error):
        return error.sqlite_errorcode == sqlite3.SQLITE_FULL
    return getattr(error, "sqlstate", None) == _POSTGRESQL_DISK_FULL


def _unavailable() -> NotReadyError:
    return FeedbackUnavailableError(
        "The database of feedback does not answer, or is locked.", retry_after_seconds=_RETRY_AFTER_SECONDS
    )
