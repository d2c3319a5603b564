"""What a connection does with heads that are too long, and with requests under too much load."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from uvicorn.config import Config
from uvicorn.server import ServerState

from gateway import heads as module
from gateway.admission import Admission
from gateway.heads import Heads

POST = b"POST /api/v1/classify HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabcde"
GET = b"GET /api/v1/ipc?q=a HTTP/1.1\r\nHost: a\r\n\r\n"


class Line(asyncio.Transport):
    """A connection of which what is written is kept."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.is_closed = False

    def write(self, data: Any) -> None:
        self.written += data

    def close(self) -> None:
        self.is_closed = True

    def is_closing(self) -> bool:
        return self.is_closed

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass


class Server:
    """Connections to an application that answers `ok`, and what let them in."""

    def __init__(self) -> None:
        self.admission = Admission()
        self.paths: list[str] = []
        self._config = Config(self._application, http=Heads, interface="asgi3", lifespan="off", log_config=None)
        self._state = ServerState()

    def connect(self) -> tuple[Heads, Line]:
        connection, line = Heads(self._config, self._state, {"admission": self.admission}), Line()
        connection.connection_made(line)
        return connection, line

    async def _application(self, scope: Any, receive: Any, send: Any) -> None:
        self.paths.append(scope["path"])
        self.admission.begin(scope["state"])
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})

    def overload(self) -> None:
        self.admission.running = 256


def run(use: Callable[[Server], Any]) -> Any:
    async def inside() -> Any:
        return await use(Server())

    return asyncio.run(inside())


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.mark.parametrize("request_", [POST, GET])
def test_under_too_much_load_a_request_is_refused_unread(request_):
    async def use(server: Server) -> None:
        connection, line = server.connect()
        server.overload()
        connection.data_received(request_.replace(b"Host: a", b"Host: a\r\nCorrelation-ID: file-42"))
        head, _, body = line.written.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
        assert b"retry-after: 1" in head
        assert b"correlation-id: file-42" in head
        assert f"content-length: {len(body)}".encode() in head
        problem = json.loads(body)
        assert (problem["code"], problem["status"], problem["correlationId"]) == ("overloaded", 503, "file-42")
        await settle()
        assert server.paths == []
        server.admission.running = 0
        line.written = b""
        connection.data_received(request_)
        await settle()
        assert line.written.startswith(b"HTTP/1.1 200 OK")

    run(use)


def test_a_request_without_a_usable_correlation_id_gets_one():
    async def use(server: Server) -> None:
        connection, line = server.connect()
        server.overload()
        for sent in (b"", b'\r\nCorrelation-ID: a"b', b"\r\nCorrelation-ID: a b"):
            line.written = b""
            connection.data_received(GET.replace(b"Host: a", b"Host: a" + sent))
            assert len(json.loads(line.written.partition(b"\r\n\r\n")[2])["correlationId"]) == 36

    run(use)


@pytest.mark.parametrize(
    "request_",
    [
        POST[:-1],
        POST + b"GET",
        POST.replace(b"Content-Length: 5", b"Content-Length: 5\r\nContent-Length: 5"),
        POST.replace(b"Content-Length: 5", b"Content-Length: 5\r\nTransfer-Encoding: chunked"),
        POST.replace(b"Content-Length: 5", b"Content-Length : 5"),
        POST.replace(b"Content-Length: 5", b"Content-Length: +5"),
        POST.replace(b"Host: a", b"Host: a\r\nExpect: 100-continue"),
        POST.replace(b"Host: a", b"Host: a\r\nConnection: close"),
        POST.replace(b"Host: a", b"Host: a\r\n folded"),
        GET.replace(b"GET", b"HEAD"),
        GET.replace(b"/api/v1/ipc", b"/readyz"),
        GET.replace(b"1.1", b"1.0"),
        GET[:20],
    ],
)
def test_what_is_not_one_plain_request_goes_the_long_way(request_):
    async def use(server: Server) -> None:
        connection, line = server.connect()
        server.overload()
        connection.data_received(request_)
        assert b"503" not in line.written

    run(use)


def test_a_request_in_pieces_is_never_taken_apart():
    async def use(server: Server) -> None:
        connection, line = server.connect()
        connection.data_received(b"POST /api/v1/classify HTTP/1.1\r\nContent-Length: 57\r\nX-A: 1\r\n")
        server.overload()
        connection.data_received(GET)
        connection.data_received(b"x" * 57)
        await settle()
        assert b"503" not in line.written

    run(use)


def test_a_request_behind_one_that_is_answered_waits_for_its_turn():
    async def use(server: Server) -> None:
        connection, line = server.connect()
        connection.data_received(GET)
        server.overload()
        connection.data_received(POST)
        await settle()
        assert line.written.count(b"HTTP/1.1 200 OK") == 2

    run(use)


@pytest.mark.parametrize("pieces", [1, 40])
def test_a_head_that_is_too_long_is_refused(pieces):
    async def use(server: Server) -> None:
        connection, line = server.connect()
        head = b"GET /api/v1/ipc HTTP/1.1\r\n" + b"".join(b"X-%d: %b\r\n" % (n, b"a" * 1000) for n in range(40))
        size = -(-len(head) // pieces)
        for begun in range(0, len(head), size):
            connection.data_received(head[begun : begun + size])
        connection.data_received(b"\r\n")
        await settle()
        assert line.written.startswith(b"HTTP/1.1 431 ")
        assert line.is_closed
        assert server.paths == []

    run(use)


@pytest.mark.parametrize("sent", [[], [b"GET /api/v1/ipc HTTP/1.1\r\nHost"], [GET, b"GET /api"]])
def test_a_head_that_does_not_come_is_not_waited_for(monkeypatch, sent):
    monkeypatch.setattr(module, "_HEAD_SECONDS", 0.05)

    async def use(server: Server) -> None:
        connection, line = server.connect()
        for piece in sent:
            connection.data_received(piece)
            await settle()
        while not line.is_closed:
            await asyncio.sleep(0.01)
        assert line.written.endswith(b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")

    run(use)


def test_connections_are_bounded(monkeypatch):
    monkeypatch.setattr(module, "_MOST_CONNECTIONS", 2)

    async def use(server: Server) -> None:
        lines = [server.connect()[1] for _ in range(3)]
        assert [line.is_closed for line in lines] == [False, False, True]
        assert lines[2].written.startswith(b"HTTP/1.1 503 ")

    run(use)


def test_an_idle_connection_is_closed_but_not_one_that_was_told_to_come_again():
    async def use(server: Server) -> None:
        idle, idle_line = server.connect()
        busy, busy_line = server.connect()
        for each in (idle, busy):
            each.data_received(GET)
        await settle()
        server.overload()
        busy.data_received(GET)
        for each in (idle, busy):
            each.timeout_keep_alive_handler()
        assert (idle_line.is_closed, busy_line.is_closed) == (True, False)

    run(use)
