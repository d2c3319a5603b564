"""A real Redis server for tests, on a port of loopback, without a disk."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as NoConnectionError

from tests.integration.import_service import wait_until


@contextmanager
def redis_server(folder: Path, port: int) -> Iterator[str]:
    """Run a server and give its URL; where there is none, skip the test with a sentence."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("No redis-server is installed on this machine.")
    options = ("--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(folder))
    with subprocess.Popen([program, *options], stdout=subprocess.DEVNULL) as server:
        try:
            wait_until(lambda: _answers(port), 60)
            yield f"redis://127.0.0.1:{port}"
        finally:
            server.kill()


def _answers(port: int) -> bool:
    with Redis(port=port) as client:
        try:
            return bool(client.ping())
        except NoConnectionError:
            return False
