"""What the whole stack costs on one machine: start, memory, and what the gateway adds to a call."""

import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from benchmarks.processes import resident_megabytes, wait_until_ok

_PROGRAMS = ("services.classify.app", "services.image_search.app", "services.translate.app", "gateway.app")
_CHEAP_CALL = "/api/v1/translate/languages"
_CALLS = 1000
_IDLE_SECONDS = 5


@dataclass(frozen=True)
class Latency:
    """Milliseconds of a call, median and 95th percentile."""

    p50: float
    p95: float


@dataclass(frozen=True)
class DeploymentFigures:
    """Seconds from start to ready (artifacts installed, register read), megabytes resident, milliseconds a call."""

    cold_start_seconds: float
    resident_megabytes: Mapping[str, float]
    resident_megabytes_in_all: float
    direct: Latency
    through_gateway: Latency
    gateway_hop_p50_milliseconds: float


def run(home: Path) -> DeploymentFigures:
    """Start the stack of a home that has run before, and measure it.

    The same cheap call goes to the service and through the gateway, in turn, so that both see the same machine.
    """
    with running_stack(home) as (url, seconds):
        time.sleep(_IDLE_SECONDS)
        processes = {program: _process_of(program, home) for program in _PROGRAMS}
        resident = {program: resident_megabytes(pid) for program, pid in processes.items()}
        direct, through = _compare(url, _port_of(processes["services.translate.app"]), home)
    return DeploymentFigures(
        cold_start_seconds=round(seconds, 1),
        resident_megabytes=resident,
        resident_megabytes_in_all=round(sum(resident.values())),
        direct=direct,
        through_gateway=through,
        gateway_hop_p50_milliseconds=round(through.p50 - direct.p50, 2),
    )


@contextmanager
def running_stack(home: Path) -> Iterator[tuple[str, float]]:
    """Run the stack of a home; give its address and the seconds from start to ready."""
    port = 18099
    started = time.perf_counter()
    environment = {"EXAMKIT_HOME": str(home), "EXAMKIT_PORT": str(port), "PATH": os.defpath, "HOME": str(home)}
    runner = subprocess.Popen([sys.executable, "-m", "stack", "up"], env=environment, stdout=subprocess.DEVNULL)
    try:
        url = f"http://127.0.0.1:{port}"
        wait_until_ok(f"{url}/readyz", runner)
        yield url, time.perf_counter() - started
    finally:
        runner.send_signal(signal.SIGTERM)
        runner.wait(60)


def _process_of(program: str, home: Path) -> int:
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (
                program.encode() in (entry / "cmdline").read_bytes()
                and str(home).encode() in (entry / "environ").read_bytes()
            ):
                return int(entry.name)
        except OSError:
            continue
    raise LookupError(f"No process serves {program}.")


def _port_of(pid: int) -> int:
    arguments = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
    return int(arguments[arguments.index("--port") + 1])


def _compare(url: str, port: int, home: Path) -> tuple[Latency, Latency]:
    token = (home / "run" / "service_token").read_text()
    key = (home / "api_key").read_text().strip()
    direct: list[float] = []
    through: list[float] = []
    with (
        httpx2.Client(base_url=f"http://127.0.0.1:{port}", headers={"Examkit-Service-Token": token}) as service,
        httpx2.Client(base_url=url, headers={"API-Key": key}) as gateway,
    ):
        for _ in range(_CALLS):
            direct.append(_milliseconds(service))
            through.append(_milliseconds(gateway))
    return _latency(direct), _latency(through)


def _milliseconds(client: httpx2.Client) -> float:
    started = time.perf_counter()
    client.get(_CHEAP_CALL).raise_for_status()
    return (time.perf_counter() - started) * 1000


def _latency(milliseconds: list[float]) -> Latency:
    p95 = statistics.quantiles(milliseconds, n=20)[-1]
    return Latency(p50=round(statistics.median(milliseconds), 2), p95=round(p95, 2))
