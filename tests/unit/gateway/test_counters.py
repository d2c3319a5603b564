"""Do counters count in windows, alike in memory and in Redis, and what when Redis is away?"""

from contextlib import ExitStack

import anyio
import pytest

from examkit.errors import StartError
from gateway import counters
from gateway.counters import Counters, LocalCounters, SharedCounters
from stack.ports import free_ports
from tests.redis import redis_server


@pytest.fixture(autouse=True)
def _patient(monkeypatch):
    """A busy machine is no Redis that is away."""
    monkeypatch.setattr(counters, "_ANSWER_SECONDS", 60.0)


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory):
    (port,) = free_ports(1)
    with redis_server(tmp_path_factory.mktemp("redis"), port) as url:
        yield url


@pytest.fixture(params=["memory", "redis"])
def make(request):
    """Give what makes counters; those in Redis count together."""
    if request.param == "memory":
        one = LocalCounters()
        return lambda: one
    url = request.getfixturevalue("redis_url")
    return lambda: SharedCounters(url)


def run(work, *made: Counters) -> None:
    async def all_of_it() -> None:
        try:
            await work()
        finally:
            for each in made:
                await each.close()

    anyio.run(all_of_it)


def test_what_several_count_under_a_name_is_one_count_till_the_window_ends(make):
    one, other = make(), make()

    async def work() -> None:
        assert (await one.look("requests/a")).used == 0
        first = await one.add("requests/a", 60, 2)
        assert (first.used, 55 < first.ends_in <= 60) == (2, True)
        assert (await other.add("requests/a", 60, 3)).used == 5
        assert (await one.look("requests/a")).used == 5
        assert (await other.look("requests/b")).used == 0

    run(work, one, other)


def test_a_window_ends_and_a_new_one_begins(make):
    one = make()

    async def work() -> None:
        assert (await one.add("requests/short", 1, 7)).used == 7
        with anyio.fail_after(60):
            while (await one.look("requests/short")).used:
                await anyio.sleep(0.05)
        assert (await one.add("requests/short", 60, 1)).used == 1

    run(work, one)


def test_counting_at_the_same_time_loses_nothing(make):
    one, other = make(), make()

    async def work() -> None:
        async with anyio.create_task_group() as tasks:
            for number in range(100):
                tasks.start_soon((one, other)[number % 2].add, "requests/together", 60, 1)
        assert (await one.look("requests/together")).used == 100

    run(work, one, other)


def test_while_redis_is_away_a_gateway_counts_by_itself_and_then_together_again(tmp_path, monkeypatch):
    monkeypatch.setattr(counters, "_LEFT_ALONE_SECONDS", 0.0)
    (port,) = free_ports(1)

    async def work() -> None:
        with ExitStack() as servers:
            servers.enter_context(redis_server(tmp_path, port))
            assert (await one.add("requests/a", 60, 5)).used == 5
        assert (await one.add("requests/a", 60, 1)).used == 1
        assert (await one.add("requests/a", 60, 1)).used == 2
        assert (await one.look("requests/a")).used == 2
        with redis_server(tmp_path, port):
            assert (await one.add("requests/a", 60, 1)).used == 1

    one = SharedCounters(f"redis://127.0.0.1:{port}")
    run(work, one)


def test_redis_that_is_away_is_left_alone_for_a_while(tmp_path, monkeypatch):
    monkeypatch.setattr(counters, "_LEFT_ALONE_SECONDS", 600.0)
    (port,) = free_ports(1)

    async def work() -> None:
        assert (await one.add("requests/a", 60, 1)).used == 1
        with redis_server(tmp_path, port):
            assert (await one.add("requests/a", 60, 1)).used == 2

    one = SharedCounters(f"redis://127.0.0.1:{port}")
    run(work, one)


def test_a_url_that_is_none_of_redis_stops_the_start_without_being_told():
    with pytest.raises(StartError, match="begins with redis") as caught:
        SharedCounters("http://secret-word@redis")
    assert "secret-word" not in str(caught.value)
