"""Services that answer slowly, too much, too little or nonsense: told as what it is, and nothing of it gets out."""

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from tests.running_gateway import RunningGateway, running_gateway

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]

SECRET = b"SECRETWORD"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
SETTINGS = {"GATEWAY_UPSTREAM_TIMEOUT_SECONDS": "2", "GATEWAY_RESTART_PATIENCE_SECONDS": "0.5"}

Behavior = Callable[[socket.socket], None]


class BadService:
    """Takes one connection after another and behaves as it is told."""

    def __init__(self, listener: socket.socket) -> None:
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self.behavior: Behavior = socket.socket.close
        self._listener = listener
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection:
            try:
                if b"/readyz" in connection.recv(65536):
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                else:
                    self.behavior(connection)
            except OSError:
                return


@contextmanager
def bad_service() -> Iterator[BadService]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield BadService(listener)
        listener.shutdown(socket.SHUT_RDWR)


@pytest.fixture(scope="module")
def service() -> Iterator[BadService]:
    with bad_service() as service:
        yield service


@pytest.fixture(scope="module")
def gateway(service: BadService, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningGateway]:
    with running_gateway(Path(tmp_path_factory.mktemp("answers")), service.url, SETTINGS) as gateway:
        yield gateway


def say(*pieces: bytes) -> Behavior:
    def behave(connection: socket.socket) -> None:
        for piece in pieces:
            connection.sendall(piece)

    return behave


def say_nothing(connection: socket.socket) -> None:
    connection.recv(65536)


def drip(connection: socket.socket) -> None:
    """Send the head byte by byte, and never to its end."""
    for byte in HEAD:
        connection.sendall(bytes([byte]))
        time.sleep(0.5)


BAD: dict[str, tuple[Behavior, int]] = {
    "nothing": (say_nothing, 504),
    "one byte after another": (drip, 504),
    "no HTTP": (say(b"220 mail.example ESMTP " + SECRET + b"\r\n\r\n"), 502),
    "half a head": (say(HEAD), 502),
    "too short": (say(HEAD + b"Content-Length: 100\r\n\r\n{" + SECRET), 502),
    "a length that is none": (say(HEAD + b"Content-Length: many\r\n\r\n" + SECRET), 502),
    "a head without end": (say(HEAD, *[b"X-A: " + bytes(60_000).replace(b"\0", b"a") + b"\r\n"] * 9), 502),
    "a page of another server": (say(b"HTTP/1.1 404 Not Found\r\nContent-Length: 10\r\n\r\n" + SECRET), 502),
    "a trace": (say(b"HTTP/1.1 500 No\r\nContent-Type: text/plain\r\nContent-Length: 10\r\n\r\n" + SECRET), 502),
    "a redirection": (say(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"), 302),
    "bytes": (say(bytes(range(256)) * 40), 502),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_answer_is_a_problem_and_nothing_of_it_gets_out(gateway, service, name):
    service.behavior, status = BAD[name]
    with gateway.client() as client:
        answer = _after_the_breaker(client)
    assert answer.status_code == status
    if status >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["target"] == "classify"
    assert SECRET not in answer.content
    assert SECRET.decode() not in gateway.log()


def test_an_answer_that_breaks_off_late_is_never_taken_for_a_whole_one(gateway, service):
    service.behavior = say(HEAD + b"Content-Length: 2000000\r\n\r\n", bytes(1_000_000))
    with gateway.client() as client, pytest.raises(httpx2.RemoteProtocolError):
        _after_the_breaker(client)


def test_packed_answers_are_not_unpacked(gateway, service):
    packed = gzip.compress(bytes(20_000_000))
    head = HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    service.behavior = say(head, packed)
    with gateway.client() as client:
        assert _after_the_breaker(client).content == packed


def _after_the_breaker(client: httpx2.Client) -> httpx2.Response:
    """Ask; a circuit that earlier answers have opened closes by itself."""
    while True:
        answer = client.post("/api/v1/classify/feedback", json={})
        if answer.status_code != httpx2.codes.SERVICE_UNAVAILABLE:
            return answer
        time.sleep(int(answer.headers["retry-after"]))
