"""The gateway over real sockets: an upstream that is away, slow, or breaks off."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest
from fastapi.testclient import TestClient

from gateway.app import create_app
from gateway.settings import Settings

pytestmark = pytest.mark.integration

TIMEOUT_SECONDS = 0.3
IDLE_SECONDS = 2.3
CONNECT_SECONDS = 3.5


def sleep_long(connection: socket.socket) -> None:
    connection.recv(65536)
    time.sleep(TIMEOUT_SECONDS * 3)


def say_half_a_line(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 O")


def say_nonsense(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.sendall(b"220 mail.example ESMTP\r\n\r\n")


def answer_before_the_body_is_read(connection: socket.socket) -> None:
    connection.recv(1024)
    body = b'{"code": "body-too-large"}'
    head = f"HTTP/1.1 413 Too Large\r\nContent-Type: application/problem+json\r\nContent-Length: {len(body)}\r\n\r\n"
    connection.sendall(head.encode() + body)
    while connection.recv(65536):
        pass


ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


def answer_once(connection: socket.socket) -> None:
    received = b""
    while not received.endswith(b"{}"):
        if not (piece := connection.recv(65536)):
            return
        received += piece
    connection.sendall(ANSWER)
    connection.recv(65536)


@contextmanager
def upstream(
    behave: Callable[[socket.socket], None], backlog: int | None = None, taking_connections_after: float = 0
) -> Iterator[int]:
    """Listen on loopback and behave so with each connection."""
    with socket.create_server(("127.0.0.1", 0), backlog=backlog) as listener:

        def serve() -> None:
            time.sleep(taking_connections_after)
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    behave(connection)

        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def gateway(tmp_path, service_token_file):
    @contextmanager
    def start(port: int) -> Iterator[TestClient]:
        url = f"http://127.0.0.1:{port}"
        settings = Settings(
            service_token_file=service_token_file,
            data_dir=tmp_path,
            api_key_file=tmp_path / "api_key",
            classify_url=url,
            image_search_url=url,
            translate_url=url,
            upstream_timeout_seconds=TIMEOUT_SECONDS,
            restart_patience_seconds=0,
        )
        with TestClient(create_app(settings)) as client:
            client.headers["API-Key"] = settings.api_key_file.read_text().strip()
            yield client

    return start


@pytest.mark.parametrize(
    ("behave", "status", "code"),
    [
        (sleep_long, 504, "upstream-timeout"),
        (say_half_a_line, 502, "upstream-failed"),
        (say_nonsense, 502, "upstream-failed"),
        (socket.socket.close, 502, "upstream-failed"),
        (answer_before_the_body_is_read, 413, "body-too-large"),
    ],
)
def test_trouble_on_the_wire_is_told_as_what_it_is(gateway, behave, status, code):
    with upstream(behave) as port, gateway(port) as client:
        response = client.post("/api/v1/translate", content=b"x" * 5_000_000)
        assert (response.status_code, response.json()["code"]) == (status, code)
        assert response.headers["content-type"] == "application/problem+json"


def test_a_port_without_a_service_is_unavailable_with_retry_after(gateway):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with gateway(port) as client:
        response = client.post("/api/v1/translate", json={})
        assert (response.status_code, response.json()["code"]) == (503, "upstream-unavailable")
        assert int(response.headers["retry-after"]) >= 1
        assert client.get("/readyz").json()["code"] == "not-ready"


def test_a_connection_that_the_service_may_be_closing_is_not_used(gateway):
    with upstream(answer_once) as port, gateway(port) as client:
        for _ in range(2):
            assert client.post("/api/v1/translate", json={}).status_code == 200
            time.sleep(IDLE_SECONDS)


def test_a_connection_that_takes_long_is_waited_for(gateway):
    """Past a full line of connections the system asks again after some seconds, as when nobody gets a processor."""
    with upstream(answer_once, backlog=0, taking_connections_after=CONNECT_SECONDS) as port, gateway(port) as client:
        with ExitStack() as others:
            for _ in range(4):
                other = others.enter_context(socket.socket())
                other.setblocking(False)
                other.connect_ex(("127.0.0.1", port))
        started = time.monotonic()
        assert client.post("/api/v1/translate", json={}).status_code == 200
        assert time.monotonic() - started > 2
