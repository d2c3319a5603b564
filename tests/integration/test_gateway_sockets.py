"""The gateway over real sockets: an upstream that is away, slow, or breaks off."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from fastapi.testclient import TestClient

from gateway.app import create_app
from gateway.settings import Settings

pytestmark = pytest.mark.integration

TIMEOUT_SECONDS = 0.3


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


@contextmanager
def upstream(behave: Callable[[socket.socket], None]) -> Iterator[int]:
    """Listen on loopback and behave so with each connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
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
