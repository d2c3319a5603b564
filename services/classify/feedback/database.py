"""The database that feedback is kept in: opened, brought to the form of this release.

SQLite in a folder by default, PostgreSQL where an office has one. Several processes may use either at the same time.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, func, select

from examkit.database import MIGRATING, Kept, durable_sqlite, make_schema, run_pragma, writing
from examkit.errors import NotReadyError, StartError

_FILE: Final = "feedback.sqlite"
_MIGRATIONS: Final = "services.classify.feedback:migrations"
_ADVISORY_LOCK: Final = 20261122
_TEXT_AS_IT_IS: Final = partial(json.dumps, ensure_ascii=False)  # rather than as escapes


class FeedbackUnavailableError(NotReadyError):
    """The database cannot be reached, is locked, or refuses to write."""

    code = "feedback-unavailable"


class FeedbackDiskFullError(NotReadyError):
    """The database has no room left."""

    code = "feedback-disk-full"


FEEDBACK: Final = Kept("feedback", FeedbackUnavailableError, FeedbackDiskFullError)


def open_sqlite(folder: Path) -> Engine:
    """Open the database in a folder, readable by its owner only; raise StartError when it cannot be used."""
    file = folder / _FILE
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.touch(mode=0o600)
    except OSError as error:
        raise StartError(f"Feedback cannot be kept in {folder}: {error.strerror}.") from None
    engine = durable_sqlite(file, json_serializer=_TEXT_AS_IT_IS)
    with FEEDBACK.opening(engine), _alone_in(folder):
        _migrate(engine)
    return engine


def open_postgresql(address: str, schema: str | None = None) -> Engine:
    """Open the database that a URL names, and in it a schema, which is made where there is none.

    Raise StartError, without the URL's password, when it cannot be used.
    """
    engine = FEEDBACK.open_postgresql(address, schema, json_serializer=_TEXT_AS_IT_IS)
    with FEEDBACK.opening(engine):
        _migrate(engine, schema)
    return engine


def drop_traces(engine: Engine) -> None:
    """Take what was deleted out of SQLite's log as well; PostgreSQL does so at its next vacuum."""
    if engine.dialect.name == "sqlite":
        run_pragma(engine, "wal_checkpoint(TRUNCATE)")


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Let one process at a time prepare the file: SQLite does not wait for a lock while it changes to its log."""
    lock = os.open(folder / "feedback.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _migrate(engine: Engine, schema: str | None = None) -> None:
    """Run the missing revisions in one transaction; of several processes that start, one does."""
    config = Config()
    config.set_main_option("script_location", _MIGRATIONS)
    with writing(engine).begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(_ADVISORY_LOCK)))
            make_schema(connection, schema)
        config.attributes["connection"] = connection
        with MIGRATING:
            command.upgrade(config, "head")
