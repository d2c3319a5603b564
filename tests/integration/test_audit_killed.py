"""A gateway that is killed: what it acknowledged is in the audit trail, and the next one goes on with the chain."""

import json
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2
import pytest

from gateway.audit.chain import checked
from gateway.audit.store import AuditStore
from gateway.database import open_database
from stack.ports import free_ports
from tests.integration.import_service import run_uvicorn, wait_until

pytestmark = pytest.mark.integration

WRITES = 200


class Service(BaseHTTPRequestHandler):
    """Stands in for every service: takes all that is written."""

    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(201)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    do_GET = do_PUT = answer  # noqa: N815 - the names that the server looks for

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def service_url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Service) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@contextmanager
def gateway(folder: Path, token_file: Path, service_url: str) -> Iterator[tuple[Any, str]]:
    (port,) = free_ports(1)
    environment = {
        "GATEWAY_SERVICE_TOKEN_FILE": str(token_file),
        "GATEWAY_DATA_DIR": str(folder / "gateway"),
        "GATEWAY_API_KEY_FILE": str(folder / "api_key"),
        **{f"GATEWAY_{name}_URL": service_url for name in ("CLASSIFY", "IMAGE_SEARCH", "TRANSLATE")},
    }
    url = f"http://127.0.0.1:{port}"
    with (folder / "gateway.log").open("ab") as log:
        process = run_uvicorn("gateway.app:create_app", port, environment, log)
    try:
        wait_until(lambda: is_alive(url), 90)
        yield process, url
    finally:
        process.kill()
        process.wait(30)


def is_alive(url: str) -> bool:
    try:
        return httpx2.get(f"{url}/livez", trust_env=False).status_code == httpx2.codes.OK
    except httpx2.TransportError:
        return False


def entries(folder: Path) -> list[dict[str, Any]]:
    store = AuditStore(open_database(folder / "gateway"))
    try:
        return [json.loads(link.content) for link in checked(store.links(), [store.head()])]
    finally:
        store.close()


def test_a_killed_gateway_loses_no_record_of_an_acknowledged_write(tmp_path, service_token_file, service_url):
    acknowledged: list[str] = []
    with gateway(tmp_path, service_token_file, service_url) as (process, url):
        key = {"API-Key": (tmp_path / "api_key").read_text().strip()}

        def write(number: int) -> None:
            headers = {"Correlation-ID": f"write-{number}"}
            try:
                answer = client.put(f"{url}/api/v1/marks/M-{number}", headers=headers, json={})
            except httpx2.TransportError:
                return
            if answer.status_code == httpx2.codes.CREATED:
                acknowledged.append(f"write-{number}")
                if len(acknowledged) == WRITES // 2:
                    process.send_signal(signal.SIGKILL)

        with ThreadPoolExecutor(8) as clients, httpx2.Client(headers=key, trust_env=False) as client:
            list(clients.map(write, range(WRITES)))
    assert WRITES // 2 <= len(acknowledged) < WRITES
    recorded = {entry["correlationId"] for entry in entries(tmp_path)}
    assert set(acknowledged) <= recorded
    with gateway(tmp_path, service_token_file, service_url) as (process, url):
        assert httpx2.put(f"{url}/api/v1/marks/M-9", headers=key, trust_env=False).status_code == 201
        process.terminate()
        process.wait(30)
    assert len(entries(tmp_path)) == len(recorded) + 1
