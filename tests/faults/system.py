"""All of Examkit as processes of its own, each of which a test can kill, freeze, stop and start again."""

import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGCONT, SIGKILL, Signals

import httpx2

from examkit.service_token import write_service_token
from stack.layout import Layout
from stack.ports import free_ports
from stack.programs import CHECKOUT, Program, examkit_deployment
from tests.drawings import draw_mark, encode

START_SECONDS = 120.0
IMAGE = encode(draw_mark("cross"))
# One call that computes, for each of the services; what it needs is in the artifacts that the tests are given.
CALLS: Mapping[str, Mapping[str, object]] = {
    "classify": {
        "url": "/api/v1/classify",
        "json": {"text": "a toothbrush with a bristle handle and nylon filament tuft", "language": "en"},
    },
    "image_search": {"url": "/api/v1/marks/search", "files": {"image": ("a.png", IMAGE, "image/png")}},
    "translate": {
        "url": "/api/v1/translate",
        "json": {"texts": ["A device."], "sourceLanguage": "en", "targetLanguage": "pt"},
    },
}
SERVICES = tuple(CALLS)
# On a quick machine one caller asks more than a key may in a minute.
UNLIMITED = {"GATEWAY_REQUESTS_PER_MINUTE": "1000000000"}


@dataclass
class Part:
    """One process of the system."""

    program: Program
    environment: Mapping[str, str]
    log: Path
    process: "subprocess.Popen[bytes] | None" = field(default=None)

    def start(self) -> None:
        """Start it; it may still be loading afterwards."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.program.command, cwd=CHECKOUT, env=dict(self.environment), stdout=log, stderr=log
            )

    def send(self, how: Signals) -> None:
        """Send it a signal."""
        assert self.process is not None
        self.process.send_signal(how)

    def end(self, how: Signals = SIGKILL) -> None:
        """Send it a signal and wait for its end."""
        if self.process is not None:
            self.send(how)
            self.process.wait(60)
            self.process = None

    def is_ready(self) -> bool:
        """Ask the process itself."""
        assert self.process is None or self.process.poll() is None, self.log.read_text()[-2000:]
        try:
            return httpx2.get(f"{self.program.url}/readyz", trust_env=False).status_code == httpx2.codes.OK
        except httpx2.TransportError:
            return False

    def wait_until_ready(self) -> None:
        """Wait until it works."""
        wait_until(self.is_ready)


@dataclass(frozen=True)
class System:
    """Three services and a gateway."""

    layout: Layout
    parts: Mapping[str, Part]

    @property
    def gateway(self) -> Part:
        return self.parts["gateway"]

    def client(self) -> httpx2.Client:
        """Return a client of the gateway with the key of its first start."""
        headers = {"API-Key": self.layout.api_key.read_text().strip()}
        return httpx2.Client(base_url=self.gateway.program.url, headers=headers, timeout=120, trust_env=False)


def make_system(home: Path, artifacts: Mapping[str, Path], settings: Mapping[str, str]) -> System:
    """Describe a system over a folder of its own; `artifacts` has those of each service."""
    layout = Layout(home)
    layout.create()
    write_service_token(layout.service_token)
    deployment = examkit_deployment(layout, free_ports(1)[0])
    parts = {}
    for program in deployment.programs:
        environment = {**program.environment, "PATH": os.defpath, "OMP_NUM_THREADS": "1"}
        if program.name in artifacts:
            environment[f"{program.name.upper()}_ARTIFACTS_DIR"] = str(artifacts[program.name])
        told = {**UNLIMITED, **settings}
        environment |= {name: value for name, value in told.items() if name.startswith(program.name.upper())}
        parts[program.name] = Part(program, environment, layout.log_of(program.name))
    return System(layout, parts)


@contextmanager
def running(system: System, *names: str) -> Iterator[System]:
    """Run the named parts, or all, and end them."""
    chosen = [system.parts[name] for name in names or system.parts]
    try:
        for part in chosen:
            part.start()
        for part in chosen:
            if part is not system.gateway or not names:
                part.wait_until_ready()
        if system.gateway in chosen:
            wait_until(system.layout.api_key.exists)
            wait_until(lambda: _answers(system.gateway))
        yield system
    finally:
        for part in chosen:
            if part.process is not None:
                part.send(SIGCONT)
            part.end()


def _answers(part: Part) -> bool:
    try:
        return httpx2.get(f"{part.program.url}/livez", trust_env=False).is_success
    except httpx2.TransportError:
        return False


def wait_until(is_so: Callable[[], object], seconds: float = START_SECONDS) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)
