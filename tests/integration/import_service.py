"""The image search service as a process of its own, with a gateway before it where a test wants one."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

from examkit.service_token import SERVICE_TOKEN_HEADER, write_service_token
from stack.ports import free_ports

ROOT = Path(__file__).resolve().parents[2]
ARTIFACTS = ROOT / "models" / "artifacts"
IMPORT = "/api/v1/marks/import"
START_SECONDS = 90
JOB_SECONDS = 240


def wait_until(is_so: Callable[[], Any], seconds: float = JOB_SECONDS) -> Any:
    """Return what is true at last."""
    deadline = time.monotonic() + seconds
    while not (found := is_so()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found


class ImportService:
    """A service over one folder; it can be started, killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "marks"
        self.log = folder / "service.log"
        self._token = folder / "service_token"
        write_service_token(self._token)
        (self.port,) = free_ports(1)
        headers = {SERVICE_TOKEN_HEADER: self._token.read_text()}
        self.client = httpx2.Client(
            base_url=f"http://127.0.0.1:{self.port}", headers=headers, timeout=60, trust_env=False
        )
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def imports(self) -> Path:
        return self.data / "imports"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        environment = {
            "IMAGE_SEARCH_ARTIFACTS_DIR": str(ARTIFACTS),
            "IMAGE_SEARCH_DATA_DIR": str(self.data),
            "IMAGE_SEARCH_SERVICE_TOKEN_FILE": str(self._token),
            "IMAGE_SEARCH_LOG_LEVEL": "debug",
        }
        with self.log.open("ab") as log:
            self._process = run_uvicorn("services.image_search.app:create_app", self.port, environment, log)
        wait_until(self._is_ready, START_SECONDS)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(60)
            self._process = None

    def post(self, archive: bytes, **query: Any) -> httpx2.Response:
        headers = {"Content-Type": "application/zip"}
        return self.client.post(IMPORT, content=archive, headers=headers, params=query)

    def job(self, url: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.client.get(url).json()
        return answer

    def rows_done(self, url: str) -> int:
        counts = self.job(url)["counts"]
        return sum(counts[name] for name in ("added", "replaced", "unchanged", "refused"))

    @contextmanager
    def gateway(self, folder: Path) -> Iterator[httpx2.Client]:
        """Run a gateway before the service; give a client with its key."""
        (port,) = free_ports(1)
        url = f"http://127.0.0.1:{self.port}"
        environment = {
            "GATEWAY_SERVICE_TOKEN_FILE": str(self._token),
            "GATEWAY_DATA_DIR": str(folder / "gateway"),
            "GATEWAY_API_KEY_FILE": str(folder / "api_key"),
            **{f"GATEWAY_{name}_URL": url for name in ("CLASSIFY", "IMAGE_SEARCH", "TRANSLATE")},
        }
        with (folder / "gateway.log").open("ab") as log:
            process = run_uvicorn("gateway.app:create_app", port, environment, log)
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False) as client:
            try:
                wait_until(lambda: _answers(client), START_SECONDS)
                client.headers["API-Key"] = (folder / "api_key").read_text().strip()
                yield client
            finally:
                process.terminate()
                process.wait(30)

    def _is_ready(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.log.read_text()[-2000:]
        return _answers(self.client)


def run_uvicorn(application: str, port: int, environment: dict[str, str], log: Any) -> "subprocess.Popen[bytes]":
    """Run an application as a process of its own."""
    command = [sys.executable, "-m", "uvicorn", "--factory", application, "--port", str(port), "--no-access-log"]
    return subprocess.Popen(
        command, cwd=ROOT, env=os.environ | environment | {"OMP_NUM_THREADS": "1"}, stdout=log, stderr=log
    )


def _answers(client: httpx2.Client) -> bool:
    try:
        return client.get("/readyz").status_code == httpx2.codes.OK
    except httpx2.TransportError:
        return False
