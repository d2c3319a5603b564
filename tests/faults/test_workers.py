"""Several gateways over one state, as workers of one server: one first key, one trail, each answers."""

import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from stack.ports import free_ports
from tests.faults.system import make_system, running, wait_until

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]


def with_workers(command: tuple[str, ...]) -> tuple[str, ...]:
    return (*command, "--workers", "2")


def test_two_workers_that_start_at_once_share_one_key_and_answer_both(tmp_path: Path, small_artifacts):
    system = make_system(tmp_path / "home", small_artifacts, {"CLASSIFY_ENCODE": "false"})
    gateway = system.gateway
    gateway.program = type(gateway.program)(
        gateway.program.name, with_workers(gateway.program.command), gateway.program.port, gateway.program.environment
    )
    with running(system, "classify", "gateway"):
        wait_until(system.parts["classify"].is_ready)
        wait_until(lambda: gateway.log.read_text().count("Application startup complete") == 2)
        key = system.layout.api_key.read_text()

        def ask(_: int) -> int:
            with system.client() as client:
                return client.get("/api/v1/ipc", params={"q": "brush"}).status_code

        with ThreadPoolExecutor(8) as callers:
            assert set(callers.map(ask, range(40))) == {200}
        assert system.layout.api_key.read_text() == key


def test_a_port_for_metrics_cannot_be_shared_and_that_is_one_sentence(tmp_path: Path, small_artifacts):
    (port,) = free_ports(1)
    first = make_system(tmp_path / "first", small_artifacts, {"GATEWAY_METRICS_PORT": str(port)})
    second = make_system(tmp_path / "second", small_artifacts, {"GATEWAY_METRICS_PORT": str(port)})
    with running(first, "gateway"):
        refused = subprocess.run(
            second.gateway.program.command,
            env=dict(second.gateway.environment),
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
    assert refused.returncode != 0
    assert refused.stderr.strip().splitlines()[-1].startswith(f"cannot start: Port {port} for metrics is taken")
