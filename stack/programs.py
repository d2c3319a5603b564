"""Which programs make up a deployment: plain data, so that a test can run programs of its own."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from stack.layout import Layout
from stack.ports import HOST, free_ports

CHECKOUT = Path(__file__).resolve().parents[1]
GRACE_SECONDS = 10
# The gateway lets its requests end before it lets the server stop; this is what the server has left.
_GATEWAY_GRACE_SECONDS = 2


@dataclass(frozen=True)
class Program:
    """One process that listens on a port of the loopback interface and answers `/readyz`."""

    name: str
    command: tuple[str, ...]
    port: int
    environment: Mapping[str, str]

    @property
    def url(self) -> str:
        """Where it answers, without a slash at the end."""
        return f"http://{HOST}:{self.port}"


@dataclass(frozen=True)
class Deployment:
    """The services, which start first, and the gateway, which starts when they are ready and stops before them."""

    services: tuple[Program, ...]
    gateway: Program
    directory: Path = CHECKOUT

    @property
    def programs(self) -> tuple[Program, ...]:
        """All of them in order of start."""
        return (*self.services, self.gateway)


def examkit_deployment(layout: Layout, gateway_port: int) -> Deployment:
    """Describe the three services on free ports and the gateway on the given one."""
    names = ("classify", "image_search", "translate")
    services = tuple(
        Program(name, _server(f"services.{name}.app:create_app", port), port, service_environment(name, layout))
        for name, port in zip(names, free_ports(len(names)), strict=True)
    )
    gateway = Program(
        "gateway",
        (*_server("gateway.app:create_app", gateway_port, _GATEWAY_GRACE_SECONDS), "--http", "gateway.heads:Heads"),
        gateway_port,
        _gateway_environment(services, layout),
    )
    return Deployment(services, gateway)


def service_environment(name: str, layout: Layout) -> dict[str, str]:
    """Return the settings of one service, as its own `settings.py` names them."""
    settings = {"ARTIFACTS_DIR": layout.artifacts, "SERVICE_TOKEN_FILE": layout.service_token}
    data = {"classify": layout.feedback, "image_search": layout.marks, "translate": layout.terminology}
    settings["DATA_DIR"] = data[name]
    return {f"{name.upper()}_{key}": str(value) for key, value in settings.items()}


def _gateway_environment(services: tuple[Program, ...], layout: Layout) -> dict[str, str]:
    return {
        "GATEWAY_SERVICE_TOKEN_FILE": str(layout.service_token),
        "GATEWAY_DATA_DIR": str(layout.gateway),
        "GATEWAY_API_KEY_FILE": str(layout.api_key),
        **{f"GATEWAY_{service.name.upper()}_URL": service.url for service in services},
    }


def _server(application: str, port: int, grace_seconds: int = GRACE_SECONDS) -> tuple[str, ...]:
    return (
        *(sys.executable, "-m", "uvicorn", "--factory", application),
        *("--host", HOST, "--port", str(port)),
        *("--no-access-log", "--no-server-header", "--no-proxy-headers"),
        *("--timeout-graceful-shutdown", str(grace_seconds)),
    )
