"""Services that are killed, frozen or restarted under traffic: nothing is lost, nobody waits long, others work on."""

import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest

from tests.faults.system import CALLS, SERVICES, System, make_system, running, wait_until

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]

# Long enough for a service to start on a machine that has other work.
PATIENCE = {"GATEWAY_RESTART_PATIENCE_SECONDS": "100", "GATEWAY_UPSTREAM_TIMEOUT_SECONDS": "100"}
HASTE = {"GATEWAY_RESTART_PATIENCE_SECONDS": "0.5", "GATEWAY_UPSTREAM_TIMEOUT_SECONDS": "3"}


@pytest.fixture(scope="module")
def system(tmp_path_factory, small_artifacts) -> Iterator[System]:
    with running(make_system(tmp_path_factory.mktemp("faults") / "home", small_artifacts, PATIENCE)) as system:
        yield system


@pytest.fixture(scope="module")
def hasty(system: System, tmp_path_factory, small_artifacts) -> Iterator[System]:
    """A second gateway before the same services, which waits for nobody."""
    hasty = make_system(tmp_path_factory.mktemp("hasty") / "home", small_artifacts, HASTE)
    hasty.layout.service_token.write_text(system.layout.service_token.read_text())
    environment = dict(hasty.gateway.environment)
    for name in SERVICES:
        environment[f"GATEWAY_{name.upper()}_URL"] = system.parts[name].program.url
    hasty.gateway.environment = environment
    with running(hasty, "gateway"):
        yield hasty


def call(client: httpx2.Client, name: str) -> httpx2.Response:
    return client.request("POST", **CALLS[name])  # type: ignore[arg-type] # the table holds what a request takes


def works_again(client: httpx2.Client, name: str) -> bool:
    return call(client, name).status_code == httpx2.codes.OK


@pytest.mark.parametrize("name", SERVICES)
def test_a_killed_service_is_told_at_once_and_taken_up_again(system, hasty, name):
    with hasty.client() as client:
        assert works_again(client, name)
        system.parts[name].end(signal.SIGKILL)
        try:
            answers = [call(client, name) for _ in range(4)]
            assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {
                (503, "upstream-unavailable")
            }
            assert all(int(answer.headers["retry-after"]) >= 1 for answer in answers)
            others = [other for other in SERVICES if other != name]
            assert [call(client, other).status_code for other in others] == [200, 200]
            assert name in client.get("/readyz").json()["detail"]
        finally:
            system.parts[name].start()
        wait_until(lambda: works_again(client, name))


@pytest.mark.parametrize("name", SERVICES)
def test_a_frozen_service_costs_its_callers_seconds_and_then_nothing(system, hasty, name):
    with hasty.client() as client, ThreadPoolExecutor(5) as callers:
        wait_until(lambda: works_again(client, name))
        system.parts[name].send(signal.SIGSTOP)
        try:
            first = [callers.submit(call, client, name) for _ in range(5)]
            assert {each.result().json()["code"] for each in first} == {"upstream-timeout"}
            assert call(client, name).json()["code"] == "upstream-unavailable"
            others = [other for other in SERVICES if other != name]
            assert [call(client, other).status_code for other in others] == [200, 200]
        finally:
            system.parts[name].send(signal.SIGCONT)
        wait_until(lambda: works_again(client, name))


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("name", SERVICES)
def test_a_service_restarted_under_traffic_loses_no_request(system, name, how):
    statuses: list[int] = []
    is_over = threading.Event()

    def work() -> None:
        with system.client() as client:
            while not is_over.is_set():
                statuses.append(call(client, name).status_code)

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    wait_until(lambda: len(statuses) > 10)
    system.parts[name].end(how)
    system.parts[name].start()
    system.parts[name].wait_until_ready()
    done = len(statuses)
    wait_until(lambda: len(statuses) > done + 20)
    is_over.set()
    for worker in workers:
        worker.join()
    assert set(statuses) == {200}
