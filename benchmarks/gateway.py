"""What the gateway adds to a call, bears, and refuses: one worker before a service on loopback that costs nothing."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from benchmarks.goals import Goal, Wanted
from benchmarks.processes import cpu_seconds, resident_megabytes, wait_until_ok
from examkit.service_token import write_service_token
from stack.layout import Layout
from stack.ports import free_ports
from stack.programs import CHECKOUT, examkit_deployment

_WARM_UP: Final = 2_000
_PACE: Final = 100
_PACED_SECONDS: Final = 10
_CLIENTS: Final = 16
_CLOSED: Final = 6_000
_UPLOAD_BYTES: Final = 24_000_000
_UPLOADS: Final = 4
_SLOW_CLIENTS: Final = 1_000
_OVERLOAD: Final = 3
_OVERLOAD_SECONDS: Final = 8
_OVERLOAD_CONNECTIONS: Final = 1_500
_ENDURANCE: Final = (10_000, 100_000)
# What is measured is the gateway, not what one caller may ask of it.
_UNLIMITED: Final = {"GATEWAY_REQUESTS_PER_MINUTE": "1000000000", "GATEWAY_CHARACTERS_PER_DAY": "1000000000000"}

_ADDED_P50: Final = Wanted("added p50 ms at 100 requests/s", (2,), is_ceiling=True)
_ADDED_P99: Final = Wanted("added p99 ms at 100 requests/s", (10,), is_ceiling=True)
_RATE: Final = Wanted("requests/s of 16 clients, one worker", (600,))
_UPLOAD: Final = Wanted("MB of memory that a 24 MB upload adds", (10,), is_ceiling=True)
_UNSTOPPED: Final = Wanted("share of a fast client's calls served beside 1,000 slow clients", (1,))
_GOODPUT: Final = Wanted("requests/s served at 3 times capacity, over capacity", (0.9,))
_REFUSAL: Final = Wanted("ms of the slowest of 1,000 refusals at 3 times capacity", (50,), is_ceiling=True)
_GROWTH: Final = Wanted("memory after 100,000 requests over that after 10,000", (1.02,), is_ceiling=True)


@dataclass(frozen=True)
class Load:
    """One load, as `benchmarks.gateway_load` tells it, with the processor time that the gateway took for it."""

    outcome: Mapping[str, Any]
    gateway_cpu_seconds: float
    gateway_cpu_milliseconds_a_request: float


@dataclass(frozen=True)
class GatewayFigures:
    """Everything measured; `direct` goes to the service without the gateway, at the same pace."""

    goals: Sequence[Goal]
    direct: Load
    paced: Load
    closed: Load
    upload: Load
    beside_slow_clients: Load
    overload: Load
    resident_megabytes: Mapping[str, float]


@dataclass(frozen=True)
class _Running:
    """A gateway and the service behind it, with the key that opens it."""

    gateway: int
    service: int
    gateway_port: int
    service_port: int
    key: str

    def load(self, plan: Mapping[str, Any], *, is_direct: bool = False) -> Load:
        """Make a load on the gateway, or on the service itself."""
        before = cpu_seconds(self.gateway)
        done = subprocess.run(
            self.command(plan, self.service_port if is_direct else self.gateway_port),
            cwd=CHECKOUT,
            check=True,
            capture_output=True,
        )
        outcome = json.loads(done.stdout.splitlines()[-1])
        took = cpu_seconds(self.gateway) - before
        answers = sum(outcome["statuses"].values()) or 1
        return Load(outcome, round(took, 2), round(took / answers * 1000, 3))

    def command(self, plan: Mapping[str, Any], port: int) -> list[str]:
        """Return the command line that makes a load."""
        return [sys.executable, "-m", "benchmarks.gateway_load", str(port), self.key, json.dumps(plan)]


def run() -> GatewayFigures:
    """Measure everything; the endurance run, which wears the gateway, comes last."""
    with _running() as running:
        running.load(_closed(_WARM_UP))
        pace = _paced(_PACE, _PACED_SECONDS, 8)
        direct, paced = running.load(pace, is_direct=True), running.load(pace)
        closed = running.load(_closed(_CLOSED))
        resident = {"before uploads": resident_megabytes(running.gateway)}
        upload = running.load({"kind": "upload", "size": _UPLOAD_BYTES, "times": _UPLOADS})
        resident["after uploads"] = resident_megabytes(running.gateway)
        beside = _beside_slow_clients(running, pace)
        rate = closed.outcome["served_per_second"] * _OVERLOAD
        overload = running.load(_paced(rate, _OVERLOAD_SECONDS, _OVERLOAD_CONNECTIONS))
        resident |= _endured(running)
    growth = resident[f"after {_ENDURANCE[1]}"] / resident[f"after {_ENDURANCE[0]}"]
    measured = (
        (_ADDED_P50, _added(paced, direct, "p50")),
        (_ADDED_P99, _added(paced, direct, "p99")),
        (_RATE, closed.outcome["served_per_second"]),
        (_UPLOAD, round(resident["after uploads"] - resident["before uploads"], 1)),
        (_UNSTOPPED, _share_served(beside)),
        (_GOODPUT, round(overload.outcome["served_per_second"] / closed.outcome["served_per_second"], 3)),
        (_REFUSAL, overload.outcome["refused"].get("p999", 0.0)),
        (_GROWTH, round(growth, 3)),
    )
    goals = [Goal.of(wanted, (value,)) for wanted, value in measured]
    return GatewayFigures(goals, direct, paced, closed, upload, beside, overload, resident)


@contextmanager
def _running() -> Iterator[_Running]:
    gateway_port, service_port = free_ports(2)
    with TemporaryDirectory() as folder:
        layout = Layout(Path(folder))
        layout.create()
        write_service_token(layout.service_token)
        program = examkit_deployment(layout, gateway_port).gateway
        url = f"http://127.0.0.1:{service_port}"
        services = {f"GATEWAY_{name}_URL": url for name in ("CLASSIFY", "IMAGE_SEARCH", "TRANSLATE")}
        environment = {**program.environment, **services, **_UNLIMITED}
        echo = [sys.executable, "-m", "benchmarks.gateway_echo", str(service_port)]
        with layout.log_of("gateway").open("wb") as log:
            service = subprocess.Popen(echo, cwd=CHECKOUT)
            gateway = subprocess.Popen(program.command, cwd=CHECKOUT, env=environment, stdout=log, stderr=log)
        try:
            wait_until_ok(f"{program.url}/readyz", gateway)
            key = layout.api_key.read_text().strip()
            yield _Running(gateway.pid, service.pid, gateway_port, service_port, key)
        finally:
            for process in (gateway, service):
                process.kill()
                process.wait()


def _beside_slow_clients(running: _Running, pace: Mapping[str, Any]) -> Load:
    """Make the paced load while as many others hold requests that never end."""
    command = running.command({"kind": "slow", "clients": _SLOW_CLIENTS}, running.gateway_port)
    with subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE) as slow:
        assert slow.stdout is not None
        slow.stdout.readline()
        load = running.load(pace)
        slow.kill()
    return load


def _endured(running: _Running) -> dict[str, float]:
    resident, done = {}, 0
    for requests in _ENDURANCE:
        running.load(_closed(requests - done))
        done = requests
        time.sleep(1)
        resident[f"after {requests}"] = resident_megabytes(running.gateway)
    return resident


def _closed(requests: int) -> dict[str, Any]:
    return {"kind": "closed", "clients": _CLIENTS, "requests": requests}


def _paced(rate: float, seconds: float, connections: int) -> dict[str, Any]:
    return {"kind": "paced", "rate": rate, "seconds": seconds, "connections": connections}


def _added(load: Load, direct: Load, place: str) -> float:
    return round(float(load.outcome["served"][place]) - float(direct.outcome["served"][place]), 2)


def _share_served(load: Load) -> float:
    statuses = load.outcome["statuses"]
    return float(round(statuses.get("200", 0) / sum(statuses.values()), 3))
