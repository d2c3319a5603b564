"""Takes requests from the network: heads of bounded size and time; under too much load a cheap refusal."""

import asyncio
import math
import re
from random import getrandbits
from typing import Any, Final
from uuid import UUID

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from examkit.web.problems import problem_of
from gateway.admission import Admission, overloaded_error

_MOST_CONNECTIONS: Final = 4096
_LONGEST_HEAD: Final = 32 * 1024
_HEAD_SECONDS: Final = 10.0
# What is shed is read no further than it takes to know where it ends; what says more of itself goes the long way.
_API: Final = re.compile(rb"(GET|POST|PUT|DELETE) /api/[!-~]* HTTP/1\.1\r\n")
_UNUSUAL: Final = re.compile(rb"\n(transfer-encoding|expect|upgrade|connection:[^\r]*close)|\n[ \t]|\r(?!\n)|\0", re.I)
_LENGTH: Final = re.compile(rb"\ncontent-length:[ \t]*(\d{1,9})[ \t]*(?=\r|$)", re.I)
_CORRELATION_ID: Final = re.compile(rb"\ncorrelation-id:[ \t]*([!#-\[\]-~]{1,128})[ \t]*\r", re.I)
_PLACE: Final = b"{correlation}"
_NO_CONTENT: Final = "content-length: 0\r\nconnection: close\r\n\r\n"
_TOO_SLOW: Final = f"HTTP/1.1 408 Request Timeout\r\n{_NO_CONTENT}".encode()
_TOO_LONG: Final = f"HTTP/1.1 431 Request Header Fields Too Large\r\n{_NO_CONTENT}".encode()
_TOO_MANY: Final = f"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\n{_NO_CONTENT}".encode()


class Heads(HttpToolsProtocol):
    """One connection of a client; named to the server as `--http gateway.heads:Heads`."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._admission: Admission = app_state["admission"]
        self._head_timer: asyncio.TimerHandle | None = None
        self._head_bytes = 0
        self._is_within_head = False
        self._is_refused = False
        self._shed_at = -math.inf

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as the class above has it
        """Begin to wait for a request, unless there are too many who wait."""
        super().connection_made(transport)
        if len(self.connections) > _MOST_CONNECTIONS:
            self._end_with(_TOO_MANY)
        else:
            self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._head_is_here()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what has arrived; under too much load a whole request is refused unread."""
        if self._admission.is_overloaded and self._may_shed() and _is_whole(data):
            self._shed(data)
            return
        super().data_received(data)
        if self._head_timer is None and self._is_between_requests():
            self._await_head()

    def timeout_keep_alive_handler(self) -> None:
        """Close an idle connection; one that was told to come again is not idle."""
        if self.loop.time() - self._shed_at < self.timeout_keep_alive:
            self._await_head()
        else:
            super().timeout_keep_alive_handler()

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self._head_bytes = 0
        self._is_within_head = True
        self._is_refused = False

    def on_url(self, url: bytes) -> None:
        """Take a piece of the request line."""
        self._head_bytes += len(url)
        if self._head_bytes <= _LONGEST_HEAD:
            super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header."""
        self._head_bytes += len(name) + len(value)
        if self._head_bytes <= _LONGEST_HEAD:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Hand the request on."""
        self._is_within_head = False
        self._head_is_here()
        if self._head_bytes > _LONGEST_HEAD:
            self._is_refused = True
            self._end_with(_TOO_LONG)
        else:
            self._admission.enter(self.scope["state"])
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a piece of a body."""
        if not self._is_refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """End a request."""
        if not self._is_refused:
            super().on_message_complete()

    def _shed(self, request: bytes) -> None:
        self._shed_at = self.loop.time()
        self._admission.shed()
        sent = _CORRELATION_ID.search(request)
        self.transport.write(_refusal(sent[1] if sent else _new_id()))

    def _may_shed(self) -> bool:
        return self._is_between_requests() and not self._is_within_head

    def _is_between_requests(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _await_head(self) -> None:
        self._head_is_here()
        self._head_timer = self.loop.call_later(_HEAD_SECONDS, self._end_with, _TOO_SLOW)

    def _head_is_here(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _end_with(self, answer: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(answer)
            self.transport.close()


def _new_id() -> bytes:
    """Return an id as others have, but without asking the system, which takes as long as all the rest."""
    return str(UUID(int=getrandbits(128), version=4)).encode()


def _is_whole(data: bytes) -> bool:
    """Tell whether this is one request of the API, no more and no less, after which the connection stays open."""
    head, found, body = data.partition(b"\r\n\r\n")
    if not found or not _API.match(head) or _UNUSUAL.search(head):
        return False
    lengths = _LENGTH.findall(head)
    return len(lengths) <= 1 and len(body) == (int(lengths[0]) if lengths else 0)


def _refusal(correlation_id: bytes) -> bytes:
    head, body = _REFUSAL
    body = body.replace(_PLACE, correlation_id)
    return head % (correlation_id, len(body)) + body


def _refusal_template() -> tuple[bytes, bytes]:
    """Return head and body of the answer to a request that is shed, as a refusal further in would be."""
    place = _PLACE.decode()
    problem = problem_of(overloaded_error(), instance=f"urn:correlation:{place}", correlation_id=place)
    head = (
        "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/problem+json\r\nretry-after: 1\r\n"
        "cache-control: no-store\r\nx-content-type-options: nosniff\r\n"
        "correlation-id: %b\r\ncontent-length: %d\r\n\r\n"
    )
    return head.encode(), problem.model_dump_json(by_alias=True, exclude_none=True).encode()


_REFUSAL: Final = _refusal_template()
