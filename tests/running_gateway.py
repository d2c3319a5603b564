"""A gateway in a process of its own, started as operators start it."""

import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from examkit.service_token import write_service_token
from stack.layout import Layout
from stack.ports import free_ports
from stack.programs import CHECKOUT, examkit_deployment

START_SECONDS = 120


@dataclass(frozen=True)
class RunningGateway:
    """A gateway that answers; `home` is where it keeps what it keeps."""

    url: str
    home: Path
    process: "subprocess.Popen[bytes]"

    @property
    def key(self) -> str:
        """The key of its first start."""
        return Layout(self.home).api_key.read_text().strip()

    def client(self) -> httpx2.Client:
        """Return a client with the key, which keeps its connections."""
        return httpx2.Client(base_url=self.url, headers={"API-Key": self.key}, timeout=60, trust_env=False)

    def log(self) -> str:
        """Return what it has logged."""
        return Layout(self.home).log_of("gateway").read_text()


@contextmanager
def running_gateway(
    home: Path, service_url: str, settings: Mapping[str, str] | None = None
) -> Iterator[RunningGateway]:
    """Run a gateway before one service that stands in for all three, and end it."""
    layout = Layout(home)
    layout.create()
    if not layout.service_token.exists():
        write_service_token(layout.service_token)
    program = examkit_deployment(layout, free_ports(1)[0]).gateway
    services = {f"GATEWAY_{name}_URL": service_url for name in ("CLASSIFY", "IMAGE_SEARCH", "TRANSLATE")}
    environment = {**program.environment, **services, **(settings or {}), "PATH": os.defpath}
    with layout.log_of("gateway").open("ab") as log:
        process = subprocess.Popen(program.command, cwd=CHECKOUT, env=environment, stdout=log, stderr=log)
    try:
        wait_until_alive(f"{program.url}/livez", process)
        yield RunningGateway(program.url, home, process)
    finally:
        process.kill()
        process.wait()


def wait_until_alive(url: str, process: "subprocess.Popen[bytes]") -> None:
    """Wait until a process answers 200 at a URL."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, "The process has ended."
        try:
            if httpx2.get(url, trust_env=False).status_code == httpx2.codes.OK:
                return
        except httpx2.TransportError:
            time.sleep(0.05)
    raise AssertionError(f"Nothing answered at {url}.")
