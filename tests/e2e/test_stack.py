"""The runner as an operator meets it: start, crash, second start, stop, and what a killed runner leaves."""

import os
import re
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from stack.ports import free_ports
from tests.e2e.runner import Runner

pytestmark = pytest.mark.e2e

START_SECONDS = 120


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, artifacts_dir: Path) -> Path:
    """A home of its own: the artifacts that are installed already, and an empty register, so that none is filled."""
    home = tmp_path_factory.mktemp("stack") / "home"
    (home / "marks").mkdir(parents=True)
    (home / "marks" / "register.sqlite").touch()
    (home / "artifacts").symlink_to(artifacts_dir)
    return home


@pytest.fixture
def runner(home: Path) -> Iterator[Runner]:
    (port,) = free_ports(1)
    runner = Runner(home, port)
    yield runner
    runner.stop()


def test_the_life_of_a_stack(runner: Runner):
    runner.wait_for("Examkit is ready on " + re.escape(runner.url), START_SECONDS)
    assert httpx2.get(f"{runner.url}/readyz", trust_env=False).status_code == 200
    assert "gateway" in [line.split()[0] for line in runner.said().splitlines() if " ready in " in line][3]
    assert (runner.home / "api_key").read_text().strip() in runner.said()

    assert runner.foreign_sockets() == []

    os.kill(runner.process_of("services.translate.app"), signal.SIGKILL)
    runner.wait_for(r"translate stopped unexpectedly \(signal 9\); restarted, ready again in \d+\.\d s", 60)
    assert runner.processes().keys() >= {runner.process_of("services.translate.app")}

    second = Runner(runner.home, free_ports(1)[0])
    assert second.process.wait(30) == 1
    runner.wait_for(rf"Examkit already runs on {runner.home} \({runner.url}\)\.\n", 1)
    assert len(runner.programs()) == 5

    began = time.monotonic()
    runner.process.terminate()
    assert runner.process.wait(15) == 0
    assert time.monotonic() - began < 15
    assert runner.processes() == {}
    assert runner.said().endswith("Stopping: the gateway first, then the services\nStopped\n")
    log = (runner.home / "logs" / "supervisor.log").read_text()
    assert re.findall(r"stopped: (\w+)", log)[0] == "gateway"


def test_a_start_after_a_killed_runner_stops_what_it_left(runner: Runner):
    runner.wait_for(re.escape(f"ready on {runner.url}"), START_SECONDS)
    runner.process.kill()
    runner.process.wait()
    assert len(runner.programs()) == 5
    following = Runner(runner.home, int(runner.url.rpartition(":")[2]))
    try:
        left = following.wait_for(r"Stopped \d+ processes that an earlier run had left behind", 30)
        assert int(left.split()[1]) >= 5  # and the processes in which images are decoded
        following.wait_for(rf"(?s)left behind.*ready on {re.escape(runner.url)}", START_SECONDS)
        assert len(following.programs()) == 5
    finally:
        following.stop()
    assert following.processes() == {}


def test_a_taken_port_is_one_sentence(home: Path):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        runner = Runner(home, listener.getsockname()[1])
        assert runner.process.wait(30) == 1
    assert re.search(r"Port \d+ on 127\.0\.0\.1 is taken by another program; [^\n]+\n$", runner.said())
    assert runner.processes() == {}
