"""Carries calls to services over TCP, with the HTTP client that takes the least time, and names what goes wrong."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from typing import Final
from weakref import WeakSet

import aiohttp
import httpx2
import yarl

from gateway.upstream.service import CONNECT_SECONDS

# Services close connections on which nothing was sent for 5 seconds; none of these may be used at that moment.
_IDLE_SECONDS: Final = 2.0
_POLL_SECONDS: Final = 0.01


class Sockets(httpx2.AsyncBaseTransport):
    """Connections to services, kept for the next call; raises the errors of an httpx2 transport.

    It follows no redirect, keeps no cookie, decodes no body, asks no proxy, and sends nothing twice.
    """

    def __init__(self, stall_seconds: float) -> None:
        """Give up on an answer of which nothing more arrives for so long."""
        self._stall_seconds = stall_seconds
        self._timeout = aiohttp.ClientTimeout(
            total=None, sock_connect=CONNECT_SECONDS, sock_read=stall_seconds, ceil_threshold=3600
        )
        self._sockets: WeakSet[socket.socket] = WeakSet()
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request and return the answer when its head is there."""
        with _as_transport_errors():
            answer = await self._open_session().request(
                request.method,
                yarl.URL(str(request.url), encoded=True),
                headers=dict(request.headers),
                data=_content(request),
                allow_redirects=False,
            )
        headers = [(name.lower(), value) for name, value in answer.raw_headers]
        return httpx2.Response(answer.status, headers=headers, stream=_Body(answer))

    async def aclose(self) -> None:
        """Close every connection, also one whose service has not taken yet what was sent."""
        if self._session is not None:
            await self._session.close()
        while left := [each for each in self._sockets if each.fileno() >= 0]:
            for each in left:
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
            await asyncio.sleep(_POLL_SECONDS)

    def _open_session(self) -> aiohttp.ClientSession:
        """Return the session, which must be made inside the loop that uses it."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=0, keepalive_timeout=_IDLE_SECONDS, use_dns_cache=False, socket_factory=self._socket
                ),
                timeout=self._timeout,
                cookie_jar=aiohttp.DummyCookieJar(),
                skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
                auto_decompress=False,
                trust_env=False,
                middlewares=(_send_once,),
            )
        return self._session

    def _socket(self, address: aiohttp.AddrInfoType) -> socket.socket:
        """Make a socket that does not wait for ever to be rid of what a frozen service never takes."""
        family, kind, protocol, _, _ = address
        made = socket.socket(family, kind, protocol)
        made.setsockopt(
            socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round((CONNECT_SECONDS + self._stall_seconds) * 1000)
        )
        self._sockets.add(made)
        return made


class _Body(httpx2.AsyncByteStream):
    """An answer's body as it arrives."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _as_transport_errors():
            async for piece in self._answer.content.iter_any():
                yield piece

    async def aclose(self) -> None:
        """Let go of the connection: for the next call when the body was read to its end, else for good."""
        connection = self._answer.connection
        if connection is not None and connection.transport is not None:
            connection.transport.abort()
        self._answer.release()


class _BrokenOffError(aiohttp.ClientError):
    """A connection broke off; a client error of another kind, which the session does not answer by sending again."""


async def _send_once(request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    try:
        return await send(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise _BrokenOffError from error


def _content(request: httpx2.Request) -> bytes | AsyncIterator[bytes] | None:
    if isinstance(request.stream, httpx2.ByteStream):
        return request.content or None
    assert isinstance(request.stream, httpx2.AsyncByteStream)
    return aiter(request.stream)


@contextmanager
def _as_transport_errors() -> Iterator[None]:
    try:
        yield
    except aiohttp.ConnectionTimeoutError:
        raise httpx2.ConnectTimeout("no connection in time") from None
    except aiohttp.ClientConnectorError:
        raise httpx2.ConnectError("no connection") from None
    except TimeoutError:
        raise httpx2.ReadTimeout("no answer in time") from None
    except (aiohttp.ClientError, OSError):
        raise httpx2.ReadError("broken off") from None
