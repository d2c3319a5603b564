"""The database of the gateway's own state: opened, brought to the form of this release.

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
from pydantic import SecretStr
from sqlalchemy import Connection, Engine, func, select

from examkit.database import Kept, durable_sqlite, writing
from examkit.errors import NotReadyError, StartError

_FILE: Final = "gateway.sqlite"
_MIGRATIONS: Final = "gateway:migrations"
_VERSION_TABLE: Final = "gateway_version"
_ADVISORY_LOCK: Final = 20261125


class StateUnavailableError(NotReadyError):
    """The database cannot be reached, is locked, or refuses to write."""

    code = "state-unavailable"


class StateDiskFullError(NotReadyError):
    """The database has no room left."""

    code = "state-disk-full"


STATE: Final = Kept("the gateway's keys", StateUnavailableError, StateDiskFullError)


def open_database(folder: Path, database_url: SecretStr | None = None) -> Engine:
    """Open the PostgreSQL database of a URL, else SQLite in a folder; raise StartError when it cannot be used."""
    if database_url is None:
        return _open_sqlite(folder)
    engine = STATE.open_postgresql(database_url.get_secret_value())
    with STATE.opening(engine):
        _migrate(engine)
    return engine


def _open_sqlite(folder: Path) -> Engine:
    file = folder / _FILE
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.touch(mode=0o600)
    except OSError as error:
        raise StartError(f"The gateway's state cannot be kept in {folder}: {error.strerror}.") from None
    engine = durable_sqlite(file)
    with STATE.opening(engine), _alone_in(folder):
        _migrate(engine)
    return engine


def _migrate(engine: Engine) -> None:
    """Run the missing revisions in one transaction, while no other process does."""
    config = Config()
    config.set_main_option("script_location", _MIGRATIONS)
    config.attributes["version_table"] = _VERSION_TABLE
    with writing(engine).begin() as connection:
        config.attributes["connection"] = connection
        if engine.name == "postgresql":
            _lock(connection)
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
