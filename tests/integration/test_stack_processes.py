"""The runner with real processes under a real supervisor; small programs stand in for the deployables."""

import os
import signal
import sys
import time
from pathlib import Path

import httpx2
import pytest

from examkit.errors import StartError
from stack.layout import Layout
from stack.leftovers import stop_leftovers
from stack.ports import free_ports
from stack.programs import Deployment, Program
from stack.running import running, stoppable
from stack.settings import deployable_environment

pytestmark = pytest.mark.integration

APPLICATION = "tests.integration.stand_in:create_app"


def program(name: str, port: int, **environment: str) -> Program:
    command = (sys.executable, "-m", "uvicorn", "--factory", APPLICATION, "--port", str(port))
    return Program(name, command, port, environment)


def deployment(**environment: str) -> Deployment:
    classify, translate, gateway = free_ports(3)
    return Deployment(
        (program("classify", classify, **environment), program("translate", translate)), program("gateway", gateway)
    )


@pytest.fixture(autouse=True)
def signals():
    """What a runner does to the signals of its process ends with the test: processes of later tests inherit them."""
    with stoppable():
        yield


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    layout = Layout(tmp_path / "100% mine")
    layout.create()
    return layout


def start(what: Deployment, layout: Layout, ready: list[str] | None = None):
    names = ready if ready is not None else []
    return running(what, layout, deployable_environment(), lambda program, seconds: names.append(program.name))


def process_ids(layout: Layout) -> list[int]:
    marker = f"EXAMKIT_RUN_DIR={layout.run}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            carries = marker in (folder / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if carries:
            found.append(int(folder.name))
    return found


def test_services_start_before_the_gateway_and_nothing_is_left(layout: Layout):
    ready: list[str] = []
    with start(what := deployment(STAND_IN_SECONDS="0.5", STAND_IN_SAYS="it's 100% fine"), layout, ready):
        assert set(ready[:2]) == {"classify", "translate"}
        assert ready[2:] == ["gateway"]
        assert httpx2.get(what.services[0].url).text == "it's 100% fine"
        assert len(process_ids(layout)) == 4
    assert process_ids(layout) == []
    stops = [line for line in layout.process_log.read_text().splitlines() if "stopped: " in line]
    assert "gateway" in stops[0]
    assert len(stops) == 3


def test_a_killed_service_comes_back_and_is_told(layout: Layout):
    said: list[str] = []
    with start(what := deployment(), layout) as watch:
        process_id = watch_process_id(layout, what.services[1])
        os.kill(process_id, signal.SIGKILL)
        deadline = time.monotonic() + 20
        while not said and time.monotonic() < deadline:
            watch.look(said.append)
            time.sleep(0.1)
    assert len(said) == 1
    assert said[0].startswith("translate stopped unexpectedly (signal 9); restarted, ready again in ")


def watch_process_id(layout: Layout, program: Program) -> int:
    port = str(program.port).encode()
    return next(p for p in process_ids(layout) if port in Path(f"/proc/{p}/cmdline").read_bytes().split(b"\0"))


def test_a_service_that_cannot_start_is_told_with_its_last_words(layout: Layout):
    layout.log_of("classify").write_text("An older sentence.\n")
    sentence = r"classify cannot start: The weights are missing\.\nIts log: .*classify\.log"
    with pytest.raises(StartError, match=sentence), start(deployment(STAND_IN_FAILS="yes"), layout):
        pytest.fail("It must not start.")
    assert process_ids(layout) == []


def test_what_a_killed_runner_left_is_found_and_stopped(layout: Layout):
    child = os.fork()
    if child == 0:  # a runner that dies without a chance to clean up
        with start(deployment(), layout):
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    assert len(process_ids(layout)) == 4
    assert stop_leftovers(layout) == 4
    assert process_ids(layout) == []
    assert stop_leftovers(layout) == 0


def test_a_long_home_still_gets_a_socket(tmp_path: Path):
    layout = Layout(tmp_path / ("long" * 25))
    layout.create()
    with start(deployment(), layout):
        assert not list(layout.run.glob("*.sock"))


def test_a_lost_supervisor_ends_the_run(layout: Layout):
    with pytest.raises(StartError, match="Supervisor stopped unexpectedly"), start(deployment(), layout) as watch:
        os.kill(int(layout.supervisor_pid.read_text()), signal.SIGKILL)
        time.sleep(0.2)
        watch.look(lambda sentence: None)
    assert process_ids(layout) == []
