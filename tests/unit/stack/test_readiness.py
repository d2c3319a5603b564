"""Waiting for programs, and noticing those that cannot start."""

import httpx2
import pytest

from examkit.errors import StartError
from stack import readiness
from stack.layout import Layout
from stack.readiness import Probe, Startup
from tests.unit.stack.fakes import FakeProbe, FakeProcesses, deployment


@pytest.fixture
def layout(tmp_path):
    layout = Layout(tmp_path)
    layout.create()
    return layout


def refuse(request):
    raise httpx2.ConnectError("refused")


@pytest.mark.parametrize(
    ("answer", "is_ready"),
    [(lambda _: httpx2.Response(200), True), (lambda _: httpx2.Response(503), False), (refuse, False)],
)
def test_only_200_is_ready(answer, is_ready):
    probe = Probe(httpx2.MockTransport(answer))
    assert probe.is_ready(deployment().gateway) is is_ready
    probe.close()


def test_each_program_is_told_once(layout):
    told = []
    services = deployment().services
    Startup(services, layout, FakeProcesses(), FakeProbe("classify", "translate")).wait(
        services, lambda program, seconds: told.append((program.name, seconds >= 0))
    )
    assert told == [("classify", True), ("translate", True)]


def test_a_program_that_was_started_anew_cannot_start(layout):
    processes = FakeProcesses()

    class Restarting(FakeProbe):
        def is_ready(self, program):
            processes.process_ids["translate"] = 99
            layout.log_of("translate").write_text("The weights are missing.\n")
            return False

    startup = Startup(deployment().services, layout, processes, Restarting())
    with pytest.raises(
        StartError, match=r"translate cannot start: The weights are missing\.\nIts log: \S+translate.log"
    ):
        startup.wait(deployment().services, lambda *_: None)


def test_a_program_that_supervisor_gave_up_cannot_start(layout):
    processes = FakeProcesses()
    processes.given_up.add("classify")
    startup = Startup(deployment().services, layout, processes, FakeProbe())
    with pytest.raises(StartError, match="classify cannot start: it wrote nothing"):
        startup.wait(deployment().services, lambda *_: None)


def test_waiting_ends(layout, monkeypatch):
    monkeypatch.setattr(readiness, "_LONGEST_START_SECONDS", 0.0)
    startup = Startup(deployment().services, layout, FakeProcesses(), FakeProbe("classify"))
    with pytest.raises(StartError, match="translate was not ready after 0 s"):
        startup.wait(deployment().services, lambda *_: None)
