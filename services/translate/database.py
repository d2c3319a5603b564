"""The database of an office's glossaries and translation memory: opened, brought to the form of this release.

SQLite in a folder by default, PostgreSQL where an office has one. Several processes may use either at the same time.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, func, select

from examkit.database import MIGRATING, Kept, durable_sqlite, make_schema, run_pragma, writing
from examkit.errors import NotReadyError, StartError
from examkit.tenants import DEFAULT_TENANT, tenant_folder, tenant_schema

_FILE: Final = "translate.sqlite"
_MIGRATIONS: Final = "services.translate:migrations"
_VERSION_TABLE: Final = "translate_version"
_ADVISORY_LOCK: Final = 20261124


class TerminologyUnavailableError(NotReadyError):
    """The database cannot be reached, is locked, or refuses to write."""

    code = "terminology-unavailable"


class TerminologyDiskFullError(NotReadyError):
    """The database has no room left."""

    code = "terminology-disk-full"


TERMINOLOGY: Final = Kept("glossaries and memory", TerminologyUnavailableError, TerminologyDiskFullError)


def open_database(folder: Path, database_url: str | None = None, tenant: str = DEFAULT_TENANT) -> Engine:
    """Open a tenant's database: in the PostgreSQL one of a URL, else SQLite below a folder.

    Raise StartError when it cannot be used.
    """
    if database_url is None:
        return _open_sqlite(tenant_folder(folder, tenant))
    schema = tenant_schema(tenant)
    engine = TERMINOLOGY.open_postgresql(database_url, schema)
    with TERMINOLOGY.opening(engine):
        _migrate(engine, schema)
    return engine


def is_reachable(engine: Engine) -> bool:
    """Tell whether the database answers."""
    try:
        with TERMINOLOGY.troubles_named(), engine.connect() as connection:
            connection.execute(select(1))
    except NotReadyError:
        return False
    return True


def empty_log(engine: Engine) -> None:
    """Leave no trace in SQLite's log of what was removed from the file; call it when the removal is committed."""
    if engine.name == "sqlite":
        run_pragma(engine, "wal_checkpoint(TRUNCATE)")


def _open_sqlite(folder: Path) -> Engine:
    file = folder / _FILE
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.touch(mode=0o600)
    except OSError as error:
        raise StartError(f"Glossaries and memory cannot be kept in {folder}: {error.strerror}.") from None
    engine = durable_sqlite(file)
    with TERMINOLOGY.opening(engine), _alone_in(folder):
        _migrate(engine)
    return engine


def _migrate(engine: Engine, schema: str | None = None) -> None:
    """Run the missing revisions in one transaction, while no other process does."""
    config = Config()
    config.set_main_option("script_location", _MIGRATIONS)
    config.attributes["version_table"] = _VERSION_TABLE
    with writing(engine).begin() as connection:
        config.attributes["connection"] = connection
        if engine.name == "postgresql":
            _lock(connection)
            make_schema(connection, schema)
        with MIGRATING:
            command.upgrade(config, "head")


def _lock(connection: Connection) -> None:
    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
    connection.execute(select(func.pg_advisory_xact_lock(_ADVISORY_LOCK)))


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Let one process at a time prepare the database in a folder."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield
    finally:
        os.close(opened)
