"""The body of a request on its way through: held when it is small, else handed on piece by piece."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import httpx2
from fastapi import Request
from starlette.requests import ClientDisconnect

from examkit.errors import MalformedRequestError, SlowRequestError, TooLargeError

HELD_BYTES: Final = 64 * 1024
# A client delivers so many bytes in so many seconds; one that is slower holds a place that others wait for.
_WINDOW_BYTES: Final = 64 * 1024
_WINDOW_SECONDS: Final = 30.0


class Upload(httpx2.AsyncByteStream):
    """A body that is handed on while it arrives, and can be sent but once."""

    def __init__(self, pieces: AsyncIterator[bytes]) -> None:
        self.is_begun = False
        self.failure: Exception | None = None
        self._pieces = pieces
        self._limit: asyncio.Timeout | None = None
        self._service_seconds = 0.0
        self._is_awaited = False

    @asynccontextmanager
    async def limited(self, service_seconds: float) -> AsyncIterator[None]:
        """Break off what is done inside when client or service keeps the other waiting while the body is sent.

        Raises SlowRequestError when it was the client, TimeoutError when it was the service.
        """
        self._service_seconds = service_seconds
        try:
            async with asyncio.timeout(None) as self._limit:
                yield
        except TimeoutError:
            if self._is_awaited:
                raise SlowRequestError("The body arrives too slowly.") from None
            raise
        finally:
            self._limit = None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Give the pieces, minding who keeps whom waiting."""
        self.is_begun = True
        left, window = _WINDOW_SECONDS, 0
        clock = asyncio.get_running_loop().time
        try:
            while True:
                began = clock()
                self._wait_for_client(left)
                piece = await anext(self._pieces, None)
                if piece is None:
                    break
                left, window = left - (clock() - began), window + len(piece)
                if window >= _WINDOW_BYTES:
                    left, window = _WINDOW_SECONDS, 0
                self._wait_for_service()
                yield piece
        except Exception as error:
            self.failure = error
            raise
        self._wait_for_service()  # for the answer's head

    def _wait_for_client(self, seconds: float) -> None:
        self._is_awaited = True
        self._wait(seconds)

    def _wait_for_service(self) -> None:
        self._is_awaited = False
        self._wait(self._service_seconds)

    def _wait(self, seconds: float | None) -> None:
        # After an early answer nobody waits for the rest of the body any more.
        if self._limit is not None and not self._limit.expired():
            self._limit.reschedule(None if seconds is None else asyncio.get_running_loop().time() + seconds)


async def body_of(request: Request) -> bytes | Upload | None:
    """Read a request's body as far as it is held; raise MalformedRequestError when it breaks off."""
    if "content-length" not in request.headers and "transfer-encoding" not in request.headers:
        return None
    pieces = _pieces(request)
    held = bytearray()
    async for piece in pieces:
        held += piece
        if len(held) > HELD_BYTES:
            return Upload(_after(bytes(held), pieces))
    return bytes(held)


async def whole_body(request: Request, most: int) -> bytes:
    """Read a request's body to its end; raise TooLargeError, with the limit, or MalformedRequestError."""
    body = bytearray()
    async for piece in _pieces(request):
        body += piece
        if len(body) > most:
            raise TooLargeError(f"The body is larger than the {most} bytes taken here.", code="body-too-large")
    return bytes(body)


async def _pieces(request: Request) -> AsyncIterator[bytes]:
    try:
        async for piece in request.stream():
            if piece:
                yield piece
    except ClientDisconnect:
        raise MalformedRequestError("The body breaks off.") from None


async def _after(held: bytes, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield held
    async for piece in pieces:
        yield piece
