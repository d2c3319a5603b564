"""Attacks on the wire: requests that two readers would cut differently, over a real socket to a real server."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import uvicorn

from gateway.app import create_app
from stack.ports import free_ports
from tests.api_keys import new_key
from tests.integration.gateway_stand_in import Services, gateway_settings
from tests.integration.import_service import wait_until

pytestmark = pytest.mark.integration

HIDDEN = b"DELETE /api/v1/marks/HIDDEN HTTP/1.1\r\nHost: a\r\nAPI-Key: KEY\r\n\r\n"
HEAD = b"POST /api/v1/classify HTTP/1.1\r\nHost: a\r\nAPI-Key: KEY\r\nContent-Type: application/json\r\n"
SMUGGLED = {
    "two lengths": HEAD + b"Content-Length: 2\r\nContent-Length: 70\r\n\r\n{}" + HIDDEN,
    "length and chunks": HEAD + b"Content-Length: 70\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "chunks and length": HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + HIDDEN,
    "a length with a sign": HEAD + b"Content-Length: +2\r\n\r\n{}" + HIDDEN,
    "a negative length": HEAD + b"Content-Length: -1\r\n\r\n{}" + HIDDEN,
    "a list of lengths": HEAD + b"Content-Length: 2, 70\r\n\r\n{}" + HIDDEN,
    "a space before the colon": HEAD + b"Transfer-Encoding : chunked\r\nContent-Length: 2\r\n\r\n{}" + HIDDEN,
    "chunks of another name": HEAD + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "a chunk's size that is none": HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n" + HIDDEN,
    "a folded header": HEAD + b"Content-Length:\r\n 2\r\nTransfer-Encoding:\r\n chunked\r\n\r\n{}" + HIDDEN,
    "a null in a header": HEAD + b"X-A: b\x00c\r\nContent-Length: 2\r\n\r\n{}" + HIDDEN,
}


SAID_OF_THEMSELVES = (
    *(b"X-Forwarded-For", b"X-Forwarded-Host", b"X-Forwarded-User", b"X-User", b"X-Real-IP", b"Forwarded", b"Via"),
    *(b"Examkit-Tenant", b"Examkit-Service-Token", b"Client-Certificate-SHA256", b"Cookie"),
)


@pytest.fixture(scope="module")
def services() -> Services:
    return Services()


@pytest.fixture(scope="module")
def gateway(tmp_path_factory, services) -> Iterator[tuple[int, bytes]]:
    """Serve on loopback as a deployment does; give port and key."""
    folder = tmp_path_factory.mktemp("wire")
    (folder / "token").write_text("t" * 32)
    settings = gateway_settings(folder, folder / "token")
    key = new_key(settings).encode()
    (port,) = free_ports(1)
    config = uvicorn.Config(
        create_app(settings, services),
        port=port,
        http="gateway.heads:Heads",
        proxy_headers=False,
        server_header=False,
        log_config=None,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    wait_until(lambda: server.started, 60)
    yield port, key
    server.should_exit = True
    thread.join()


@contextmanager
def connection(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=60) as opened:
        yield opened


def all_answers(opened: socket.socket) -> bytes:
    """Say that no more comes, and read until the server has said all."""
    opened.shutdown(socket.SHUT_WR)
    received = b""
    while piece := opened.recv(65536):
        received += piece
    return received


@pytest.mark.parametrize("sent", SMUGGLED.values(), ids=SMUGGLED)
def test_a_request_hidden_in_another_reaches_no_service(gateway, services, sent):
    port, key = gateway
    services.requests.clear()
    with connection(port) as opened:
        opened.sendall(sent.replace(b"KEY", key))
        answered = all_answers(opened)
    assert answered.startswith(b"HTTP/1.1 400 ") or not answered
    assert services.requests == []


def test_two_requests_in_a_row_are_two(gateway, services):
    """The same bytes, well formed, do get through: the tests above would see it."""
    port, key = gateway
    services.requests.clear()
    with connection(port) as opened:
        opened.sendall((HEAD + b"Content-Length: 2\r\n\r\n{}" + HIDDEN).replace(b"KEY", key))
        wait_until(lambda: len(services.requests) == 2, 60)
    assert [request.method for request in services.requests] == ["POST", "DELETE"]


def test_what_clients_say_of_themselves_reaches_no_service(gateway, services):
    port, key = gateway
    services.requests.clear()
    lines = b"".join(name + b": spoofed\r\n" for name in SAID_OF_THEMSELVES)
    with connection(port) as opened:
        opened.sendall(HEAD.replace(b"KEY", key) + lines + b"Correlation-ID: a b\r\nContent-Length: 2\r\n\r\n{}")
        wait_until(lambda: len(services.requests) == 1, 60)
    (reached,) = services.requests
    assert "spoofed" not in reached.headers.values()
    assert reached.headers["examkit-tenant"] == "office"
    assert reached.headers["correlation-id"] != "a b"
