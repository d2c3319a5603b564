"""The database of the register: opened, brought to the form of this release, its troubles named.

SQLite in a folder by default: write-ahead log, synchronous FULL, so that what is committed is on the disk. PostgreSQL
where an office has one; images and vectors then live there too.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFreeError

from examkit.errors import NotReadyError, StartError

_FILE: Final = "register.sqlite"
_MIGRATIONS: Final = "services.image_search:migrations"
_BEFORE_MIGRATIONS: Final = "1"
_VERSION_TABLE: Final = "image_search_version"
_BEGIN: Final = "sqlite_begin"
_RETRY_AFTER_SECONDS: Final = 5
_POSTGRESQL_DISK_FULL: Final = "53100"
# What the URL does not say otherwise. A commit is reported when it is on the disk, whatever the server's default.
_POSTGRESQL_OPTIONS: Final = {
    "connect_timeout": "2",
    "tcp_user_timeout": "5000",
    "options": "-c lock_timeout=5s -c statement_timeout=30s -c synchronous_commit=on",
}


class RegisterUnavailableError(NotReadyError):
    """The database cannot be reached, is locked, or refuses to write."""

    code = "register-unavailable"


class RegisterDiskFullError(NotReadyError):
    """The database has no room left."""

    code = "register-disk-full"


class RegisterReadOnlyError(NotReadyError):
    """A process that only reads the register was asked to change it."""

    code = "register-read-only"


def open_sqlite(folder: Path) -> Engine:
    """Open the database in a folder, a new one where there is none yet; its form is left as it is."""
    return durable_sqlite(folder / _FILE)


def durable_sqlite(file: Path) -> Engine:
    """Return a database in a file; what is committed is on the disk. It is opened when it is first used."""
    engine = _new_engine(URL.create("sqlite+pysqlite", database=str(file)))
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def open_postgresql(address: str) -> Engine:
    """Open the database that a URL names; raise StartError, without the URL's password, when it cannot be used.

    Its form is left as it is.
    """
    url = _postgresql_url(address)
    options = {name: value for name, value in _POSTGRESQL_OPTIONS.items() if name not in url.query}
    engine = _new_engine(url, connect_args=options, pool_pre_ping=True)
    with opening(engine, "The PostgreSQL database of the register"):
        _check_encoding(engine)
    return engine


def migrate(engine: Engine) -> None:
    """Bring the database to the form of this release, as its owner may; raise StartError when it cannot be."""
    with opening(engine, _name_of(engine)):
        _migrate(engine)


def require_newest_form(engine: Engine) -> None:
    """Raise StartError when the database is not in the form of this release."""
    with opening(engine, _name_of(engine)), engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": _VERSION_TABLE})
        is_newest = context.get_current_revision() == ScriptDirectory.from_config(_config()).get_current_head()
    if not is_newest:
        raise StartError(
            f"{_name_of(engine)} is not in the form of this release; start the process that owns it first."
        )


def writing(engine: Engine) -> Engine:
    """Return the same database for transactions that write: SQLite takes its lock at their begin, not halfway."""
    return engine.execution_options(**{_BEGIN: "BEGIN IMMEDIATE"})


def reading(engine: Engine) -> Engine:
    """Return the same database for transactions that read, in which all statements see one state."""
    return engine.execution_options(isolation_level="REPEATABLE READ") if engine.name == "postgresql" else engine


@contextmanager
def troubles_named() -> Iterator[None]:
    """Turn what a database can suffer from into RegisterUnavailableError or RegisterDiskFullError."""
    try:
        yield
    except (OperationalError, InterfaceError, InternalError) as error:
        raise _problem_of(error) from None
    except NoConnectionFreeError:
        raise unavailable() from None


def read_only() -> RegisterReadOnlyError:
    """Return the error for a change that is asked of a process that only reads."""
    return RegisterReadOnlyError(
        "This process only reads the register; send changes to the one that owns it.",
    )


def unavailable() -> RegisterUnavailableError:
    """Return the error for a database that cannot be worked with at the moment."""
    return RegisterUnavailableError(
        "The database of the register does not answer, or is locked.", retry_after_seconds=_RETRY_AFTER_SECONDS
    )


def _new_engine(url: URL, **options: Any) -> Engine:
    # No error may quote what is stored.
    return create_engine(url, hide_parameters=True, **options)


@contextmanager
def opening(engine: Engine, name: str) -> Iterator[None]:
    """Turn a failure to prepare a database into StartError, and let go of it."""
    with ExitStack() as on_failure:
        on_failure.callback(engine.dispose)
        try:
            yield
        except (DBAPIError, CommandError) as error:
            raise StartError(f"{name} cannot be opened: {_reason(error)}.") from None
        on_failure.pop_all()


def _name_of(engine: Engine) -> str:
    is_file = engine.name == "sqlite"
    return f"The register in {engine.url.database}" if is_file else "The PostgreSQL database of the register"


def _postgresql_url(address: str) -> URL:
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        raise StartError("The URL of the register's database cannot be read.") from None
    if url.get_backend_name() != "postgresql":
        raise StartError("The URL of the register's database must begin with postgresql://.")
    return url.set(drivername="postgresql+psycopg")


def _check_encoding(engine: Engine) -> None:
    with engine.connect() as connection:
        encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
    if encoding != "UTF8":
        raise StartError(f"The PostgreSQL database of the register is of encoding {encoding}; make one of UTF8.")


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    """Make each connection durable, and leave transactions to `_begin_sqlite` (sqlite3 would open them late)."""
    connection.isolation_level = None
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "busy_timeout = 5000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get(_BEGIN, "BEGIN"))


def _migrate(engine: Engine) -> None:
    """Run the missing revisions in one transaction; a register from before there were any is taken as the first."""
    config = _config()
    with writing(engine).begin() as connection:
        config.attributes["connection"] = connection
        config.attributes["version_table"] = _VERSION_TABLE
        if engine.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        elif _is_from_before_migrations(connection):
            command.stamp(config, _BEFORE_MIGRATIONS)
        command.upgrade(config, "head")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", _MIGRATIONS)
    return config


def _is_from_before_migrations(connection: Connection) -> bool:
    tables = inspect(connection).get_table_names()
    return "marks" in tables and _VERSION_TABLE not in tables


def _reason(error: DBAPIError | CommandError) -> str:
    """Say why a database cannot be opened, in words that cannot hold a part of a mistyped URL."""
    if isinstance(error, CommandError):
        return "it was written by a newer release"
    if isinstance(error.orig, sqlite3.Error):
        return str(error.orig)
    told_by_server: str | None = getattr(getattr(error.orig, "diag", None), "message_primary", None)
    return told_by_server or "it cannot be reached, or lets nobody in with that name and password"


def _problem_of(error: DBAPIError) -> NotReadyError:
    if _is_disk_full(error.orig):
        return RegisterDiskFullError(
            "There is no room left for the register.", retry_after_seconds=_RETRY_AFTER_SECONDS
        )
    return unavailable()


def _is_disk_full(error: BaseException | None) -> bool:
    if isinstance(error, sqlite3.Error):
        return error.sqlite_errorcode == sqlite3.SQLITE_FULL
    return getattr(error, "sqlstate", None) == _POSTGRESQL_DISK_FULL
