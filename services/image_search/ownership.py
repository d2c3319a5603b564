"""One process at a time may write a register, for its index in memory knows only of what that process wrote."""

import fcntl
import os
import time
from pathlib import Path
from typing import Final, Protocol

from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import DBAPIError

from examkit.database import lock_number
from examkit.errors import StartError
from services.image_search.database import REGISTER, read_only

_ADVISORY_LOCK: Final = 20261123
# A server notices within moments that a process which was killed is gone, and lets go of what it held.
_PATIENCE_SECONDS: Final = 5.0
_PAUSE_SECONDS: Final = 0.1


class Ownership(Protocol):
    """A register's being this process's own."""

    def assure(self) -> None:
        """Raise RegisterUnavailableError when the register may be another process's by now."""

    def release(self) -> None:
        """Let go of the register."""


class NoOwnership:
    """That of a process which only reads."""

    def assure(self) -> None:
        """Raise RegisterReadOnlyError."""
        raise read_only()

    def release(self) -> None:
        """Do nothing."""


class FolderOwnership:
    """A lock on a file of the folder; the system lets go of it even when the process is killed."""

    def __init__(self, folder: Path) -> None:
        """Take the lock; raise StartError when another process has it."""
        self._lock = os.open(folder / "register.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._lock)
            raise StartError(f"The register in {folder} is in use by another process; stop that first.") from None

    def assure(self) -> None:
        """Do nothing: a lock on a file is not lost."""

    def release(self) -> None:
        """Let go of the folder."""
        os.close(self._lock)


class DatabaseOwnership:
    """An advisory lock of a PostgreSQL database, held by a connection of its own and lost with that."""

    def __init__(self, engine: Engine, schema: str | None = None) -> None:
        """Take the lock of a schema's register; raise StartError when another process has it and keeps it."""
        self._engine = engine
        self._number = _ADVISORY_LOCK if schema is None else lock_number(f"register of {schema}")
        self._connection = self._take()
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while self._connection is None and time.monotonic() < deadline:
            time.sleep(_PAUSE_SECONDS)
            self._connection = self._take()
        if self._connection is None:
            raise StartError("The register in the PostgreSQL database is in use by another process; stop that first.")

    def assure(self) -> None:
        """Look whether the connection still stands, and take the lock anew if it does not."""
        if self._connection is not None and _is_alive(self._connection):
            return
        self._drop()
        self._connection = self._take()
        if self._connection is None:
            raise REGISTER.unavailable()

    def release(self) -> None:
        """Let go of the lock with the connection."""
        self._drop()

    def _take(self) -> Connection | None:
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        if connection.execute(select(func.pg_try_advisory_lock(self._number))).scalar_one():
            return connection
        connection.close()
        return None

    def _drop(self) -> None:
        """Close the connection itself, not only give it back to the pool, where it would keep the lock."""
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None


def _is_alive(connection: Connection) -> bool:
    try:
        connection.execute(select(1))
    except DBAPIError:
        return False
    return True
