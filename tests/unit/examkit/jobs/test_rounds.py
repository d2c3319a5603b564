"""Queues take turns; none holds up another, whatever becomes of it."""

import threading
import time

import pytest

from examkit.errors import NotReadyError
from examkit.jobs import rounds as rounds_module
from examkit.jobs.rounds import Rounds

SECRET = "Quagga-4711"


class Waiting:
    """A queue with so many jobs; `does` happens at each turn."""

    def __init__(self, name, count, log, does=lambda: None):
        self.name, self.count, self.log, self.does = name, count, log, does

    def take_turn(self):
        self.does()
        if self.count == 0:
            return False
        self.count -= 1
        self.log.append(self.name)
        return True


def wait_until(is_so):
    deadline = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch):
    monkeypatch.setattr(rounds_module, "_PAUSE_SECONDS", 0.01)


@pytest.fixture
def rounds():
    return Rounds("turns of a test")


def threads():
    return [thread for thread in threading.enumerate() if thread.name == "turns of a test"]


def test_each_queue_has_one_job_done_in_turn(rounds):
    log: list[str] = []
    gate = threading.Event()
    first = Waiting("gate", 1, log, lambda: gate.wait(20))
    queues = [first, Waiting("a", 4, log), Waiting("b", 2, log), Waiting("c", 1, log)]
    for queue in queues:
        rounds.add(queue)
    gate.set()
    wait_until(lambda: len(log) == 8)
    assert [name for name in log if name != "gate"] == ["a", "b", "c", "a", "b", "a", "a"]
    assert len(threads()) == 1
    for queue in queues:
        rounds.remove(queue)
    wait_until(lambda: not threads())


def test_one_that_joins_late_does_not_wait_for_all_jobs_of_another(rounds):
    log: list[str] = []
    busy = Waiting("busy", 1_000_000, log, lambda: time.sleep(0.001))
    late = Waiting("late", 1, log)
    rounds.add(busy)
    wait_until(lambda: len(log) > 3)
    rounds.add(late)
    wait_until(lambda: "late" in log)
    rounds.remove(busy)
    rounds.remove(late)


@pytest.mark.parametrize("error", [NotReadyError("It is away."), KeyError(SECRET)])
def test_trouble_of_one_queue_holds_up_no_other_and_passes(rounds, error, capsys):
    log: list[str] = []
    failures = [error] * 3

    def fail():
        if failures:
            raise failures.pop()

    queues = [Waiting("troubled", 1, log, fail), Waiting("well", 2, log)]
    for queue in queues:
        rounds.add(queue)
    wait_until(lambda: len(log) == 3)
    assert sorted(log) == ["troubled", "well", "well"]
    assert log[0] == "well"
    for queue in queues:
        rounds.remove(queue)
    assert SECRET not in "".join(capsys.readouterr())


def test_rounds_that_rest_are_woken_and_go_on_after_they_were_empty(rounds):
    log: list[str] = []
    for name in ("one", "two"):
        queue = Waiting(name, 0, log)
        rounds.add(queue)
        time.sleep(0.02)
        queue.count = 1
        rounds.wake()
        wait_until(lambda name=name: name in log)
        rounds.remove(queue)
        wait_until(lambda: not threads())
    rounds.remove(queue)
