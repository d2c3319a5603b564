"""A gateway in a process of its own: many slow clients, and an end that loses no request."""

import signal
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from tests.integration.import_service import wait_until
from tests.running_gateway import RunningGateway, running_gateway

pytestmark = pytest.mark.integration

SLOW_CLIENTS = 400
JSON = {"Content-Type": "application/json"}


class HeldService(ThreadingHTTPServer):
    """A service that answers a call when it is let."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Call)
        self.calls = 0
        self.may_answer = threading.Event()
        self.may_answer.set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Call(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: HeldService

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.calls += 1
        self.server.may_answer.wait(60)
        self.do_GET()

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def service() -> Iterator[HeldService]:
    with HeldService() as service:
        threading.Thread(target=service.serve_forever, daemon=True).start()
        yield service
        service.shutdown()


@pytest.fixture(scope="module")
def gateway(service: HeldService, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningGateway]:
    with running_gateway(tmp_path_factory.mktemp("gateway"), service.url) as gateway:
        yield gateway


def test_many_slow_clients_do_not_stop_a_fast_one(gateway):
    address = urlsplit(gateway.url)
    head = f"POST /api/v1/classify HTTP/1.1\r\nHost: a\r\nAPI-Key: {gateway.key}\r\nContent-Length: 9\r\n".encode()
    with ExitStack() as slow, gateway.client() as client:
        clients = [slow.enter_context(socket.socket()) for _ in range(SLOW_CLIENTS)]
        for number, each in enumerate(clients):
            each.connect((address.hostname, address.port))
            each.sendall(head if number % 2 else head + b"\r\n{")
        answers = [client.post("/api/v1/classify", json={}) for _ in range(20)]
        assert {answer.status_code for answer in answers} == {200}
        heads, bodies = clients[1::2], clients[::2]
        for each in heads:
            each.settimeout(60)
            assert each.recv(100).startswith(b"HTTP/1.1 408 ")
        for each in bodies[:10]:
            each.sendall(b'"a": 12}')
            each.settimeout(60)
            assert each.recv(100).startswith(b"HTTP/1.1 200 ")


def test_large_bodies_pass_through_without_being_held(gateway):
    before = _resident(gateway)
    with gateway.client() as client:
        for _ in range(2):
            assert client.post("/api/v1/classify", content=bytes(24_000_000), headers=JSON).status_code == 200
    assert _resident(gateway) - before < 10_000_000


def test_the_end_of_a_client_is_not_logged_as_a_failure(gateway, service):
    address = urlsplit(gateway.url)
    with socket.create_connection((address.hostname, address.port)) as torn:
        head = f"POST /api/v1/classify HTTP/1.1\r\nHost: a\r\nAPI-Key: {gateway.key}\r\nContent-Length: 900000\r\n\r\n"
        torn.sendall(head.encode() + b"x" * 200_000)
    wait_until(lambda: '"status": 400' in gateway.log(), 60)
    assert "request failed" not in gateway.log()
    with gateway.client() as client:
        assert isinstance(client.post("/api/v1/classify", json={}), httpx2.Response)


def test_a_gateway_that_is_told_to_stop_ends_what_runs_and_refuses_what_is_new(gateway, service):
    """The last test here: the gateway is no more afterwards."""
    before = service.calls
    service.may_answer.clear()
    with ThreadPoolExecutor(1) as caller, gateway.client() as client, gateway.client() as other:
        assert other.get("/livez").status_code == 200
        running = caller.submit(client.post, "/api/v1/classify", json={})
        wait_until(lambda: service.calls == before + 1, 60)
        gateway.process.send_signal(signal.SIGTERM)
        wait_until(lambda: other.get("/readyz").status_code == 503, 60)
        assert "being stopped" in other.get("/readyz").json()["detail"]
        refused = other.post("/api/v1/classify", json={})
        assert (refused.status_code, refused.json()["code"]) == (503, "stopping")
        assert (refused.headers["connection"], refused.headers["retry-after"]) == ("close", "1")
        service.may_answer.set()
        assert running.result(60).status_code == 200
    assert gateway.process.wait(60) in (0, -signal.SIGTERM)
    assert service.calls == before + 1


def _resident(gateway: RunningGateway) -> int:
    fields = dict(line.split(":", 1) for line in Path(f"/proc/{gateway.process.pid}/status").read_text().splitlines())
    return int(fields["VmRSS"].split()[0]) * 1024
