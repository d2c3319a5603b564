"""What is told of crashes."""

import pytest

from examkit.errors import StartError
from stack.layout import Layout
from stack.watch import Watch
from tests.unit.stack.fakes import FakeProbe, FakeProcesses, deployment


class Scene:
    """A watch over processes and probes that the test moves."""

    def __init__(self, home) -> None:
        self.layout = Layout(home)
        self.layout.create()
        self.processes = FakeProcesses()
        self.probe = FakeProbe("classify", "translate", "gateway")
        self.watch = Watch(deployment(), self.layout, self.processes, self.probe)

    def look(self) -> list[str]:
        said: list[str] = []
        self.watch.look(said.append)
        return said

    def lose(self, name: str, how: str = "terminated by SIGKILL; not expected") -> None:
        self.processes.process_ids[name] = 0
        self.probe.ready.discard(name)
        with self.layout.process_log.open("a") as log:
            log.write(f"WARN exited: {name} ({how})\n")

    def bring_back(self, name: str, process_id: int = 99) -> None:
        self.processes.process_ids[name] = process_id
        self.probe.ready.add(name)


@pytest.fixture
def scene(tmp_path):
    return Scene(tmp_path)


def test_nothing_is_said_while_all_run(scene):
    assert scene.look() == []


def test_a_crash_is_told_once_when_it_is_over(scene):
    scene.lose("translate")
    assert scene.look() == []
    scene.bring_back("translate")
    (story,) = scene.look()
    assert story.startswith("translate stopped unexpectedly (signal 9); restarted, ready again in 0.")
    assert scene.look() == []


def test_a_restart_between_two_looks_is_noticed(scene):
    scene.lose("translate", "exit status 3; not expected")
    scene.bring_back("translate")
    assert len(scene.look()) == 1


def test_a_service_beyond_help_is_told_with_its_last_words(scene):
    scene.lose("classify")
    scene.processes.given_up.add("classify")
    scene.layout.log_of("classify").write_text("No space left.\n")
    (story,) = scene.look()
    assert "classify stopped unexpectedly (signal 9) and cannot be started again: No space left." in story
    assert scene.look() == []


def test_a_gateway_beyond_help_ends_the_run(scene):
    scene.lose("gateway")
    scene.processes.given_up.add("gateway")
    with pytest.raises(StartError, match="gateway stopped unexpectedly"):
        scene.look()
