"""A running deployment to test: the one that the environment names, or the four processes started on loopback."""

import fcntl
import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from stack.layout import Layout
from stack.ports import free_ports
from stack.programs import CHECKOUT, service_environment
from tests.e2e.runner import Runner

START_SECONDS = 300


@dataclass(frozen=True)
class Deployment:
    """How to reach a running Examkit, and what only its operator can do to it."""

    url: str
    api_key: str
    kill_translate: Callable[[], None]
    logs: Callable[[], str]

    def client(self, **kwargs) -> httpx2.Client:
        """Open a client that holds the API key."""
        return httpx2.Client(
            base_url=self.url, headers={"API-Key": self.api_key}, timeout=60, trust_env=False, **kwargs
        )


@pytest.fixture(scope="session")
def deployment(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """The deployment under test."""
    if "EXAMKIT_BASE_URL" in os.environ:
        yield _named_deployment()
    else:
        artifacts_dir: Path = request.getfixturevalue("artifacts_dir")
        home = tmp_path_factory.mktemp("home")
        (home / "artifacts").symlink_to(artifacts_dir)
        shutil.copytree(_register(artifacts_dir, tmp_path_factory), home / "marks")
        with _stack(home) as running:
            yield running


@pytest.fixture(scope="session")
def client(deployment: Deployment) -> Iterator[httpx2.Client]:
    """A client of the deployment with a good key."""
    with deployment.client() as client:
        yield client


def _register(artifacts_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the register that this checkout's stack has read, else one that is read once for all test processes."""
    own = Layout(artifacts_dir.parent)
    if own.mark_register.exists() and not own.unfinished_import.exists():
        return own.marks
    # Each process of pytest-xdist has a folder of its own in one that they share.
    base = tmp_path_factory.getbasetemp()
    home = Layout((base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "with-register")
    with _alone(home.home.with_suffix(".lock")):
        if not home.home.exists():
            home.home.mkdir()
            (home.home / "artifacts").symlink_to(artifacts_dir)
            command = [sys.executable, "-m", "services.image_search.build", str(home.artifacts / "demo-register")]
            subprocess.run(command, cwd=CHECKOUT, env=service_environment("image_search", home), check=True)
    return home.marks


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _named_deployment() -> Deployment:
    def run(variable: str) -> str:
        command = shlex.split(os.environ[variable])
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def kill_translate() -> None:
        run("EXAMKIT_KILL_COMMAND")

    return Deployment(
        url=os.environ["EXAMKIT_BASE_URL"],
        api_key=os.environ["EXAMKIT_API_KEY"],
        kill_translate=kill_translate,
        logs=lambda: run("EXAMKIT_LOGS_COMMAND"),
    )


@contextmanager
def _stack(home: Path) -> Iterator[Deployment]:
    (port,) = free_ports(1)
    runner = Runner(home, port)
    try:
        runner.wait_for(f"Examkit is ready on {runner.url}", START_SECONDS)
        yield Deployment(
            url=runner.url,
            api_key=(home / "api_key").read_text().strip(),
            kill_translate=lambda: os.kill(runner.process_of("services.translate.app"), signal.SIGKILL),
            logs=lambda: "".join(file.read_text() for file in sorted((home / "logs").iterdir())),
        )
    finally:
        runner.stop()
