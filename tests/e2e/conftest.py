"""A running deployment to test: the one that the environment names, or the four processes started on loopback."""

import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 120


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
        with _stack(home) as running:
            yield running


@pytest.fixture(scope="session")
def client(deployment: Deployment) -> Iterator[httpx2.Client]:
    """A client of the deployment with a good key."""
    with deployment.client() as client:
        yield client


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
    port = _free_port()
    environment = {**os.environ, "EXAMKIT_HOME": str(home), "EXAMKIT_PORT": str(port)}
    command = [sys.executable, "-m", "stack", "up"]
    with (home / "runner.log").open("wb") as log:
        runner = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_until_ready(url, runner, home / "runner.log")
        yield Deployment(
            url=url,
            api_key=(home / "api_key").read_text().strip(),
            kill_translate=lambda: os.kill(_process_of("services.translate.app", home), signal.SIGKILL),
            logs=lambda: "".join(file.read_text() for file in sorted((home / "logs").iterdir())),
        )
    finally:
        runner.terminate()
        assert runner.wait(timeout=60) == 0


def _wait_until_ready(url: str, runner: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and runner.poll() is None:
        try:
            if httpx2.get(f"{url}/readyz", trust_env=False).status_code == 200:
                return
        except httpx2.TransportError:
            pass
        time.sleep(0.2)
    pytest.fail(f"The stack did not start:\n{log.read_text()[-3000:]}")


def _process_of(module: str, home: Path) -> int:
    """Find the process that serves a module for a home; other stacks may run on the same machine."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                command = (entry / "cmdline").read_bytes()
                environment = (entry / "environ").read_bytes()
            except OSError:
                continue
            if module.encode() in command and str(home).encode() in environment:
                return int(entry.name)
    raise LookupError(f"No process serves {module}.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
