"""Is a failing service left alone, tried by one, and taken up again?"""

import pytest

from gateway.upstream.breaker import Breaker


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def open_breaker(clock: Clock) -> Breaker:
    breaker = Breaker(clock)
    for _ in range(5):
        breaker.fail()
    return breaker


def test_failures_one_after_another_open_it(clock):
    breaker = Breaker(clock)
    for _ in range(4):
        breaker.fail()
    assert not breaker.is_open
    breaker.fail()
    assert breaker.is_open
    assert breaker.seconds_open == 5


def test_a_success_in_between_begins_the_count_anew(clock):
    breaker = Breaker(clock)
    for _ in range(4):
        breaker.fail()
    breaker.succeed()
    for _ in range(4):
        breaker.fail()
    assert not breaker.is_open


def test_it_may_be_tripped_at_once(clock):
    breaker = Breaker(clock)
    breaker.trip()
    assert breaker.seconds_open == 5


def test_only_one_may_probe_and_only_after_a_while(open_breaker, clock):
    assert not open_breaker.may_probe()
    clock.now += 5
    assert open_breaker.may_probe()
    assert not open_breaker.may_probe()


def test_a_probe_that_succeeds_closes_it(open_breaker, clock):
    clock.now += 5
    assert open_breaker.may_probe()
    open_breaker.succeed()
    assert not open_breaker.is_open


def test_a_probe_that_fails_opens_it_for_as_long_again(open_breaker, clock):
    clock.now += 5
    assert open_breaker.may_probe()
    open_breaker.fail()
    assert open_breaker.seconds_open == 5
    clock.now += 5
    assert open_breaker.may_probe()


def test_late_failures_of_earlier_calls_do_not_keep_it_open(open_breaker, clock):
    clock.now += 4
    open_breaker.fail()
    clock.now += 1
    assert open_breaker.may_probe()
