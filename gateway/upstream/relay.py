"""Brings a service's answer to the client: a short one whole, a long one piece by piece."""

import asyncio
from contextlib import ExitStack
from typing import Final

import httpx2
from anyio import CancelScope
from fastapi import Response
from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from gateway.upstream.service import Service

# What travels through; everything else a service sends stays inside.
_HEADERS: Final = (
    "content-disposition",
    "content-language",
    "content-length",
    "content-type",
    "etag",
    "image-scale",
    "location",
    "retry-after",
)
_HELD_BYTES: Final = 256 * 1024
# A client that takes nothing for so long, or not all in so long, holds a place that others wait for.
_STALL_SECONDS: Final = 60.0
_LONGEST_SECONDS: Final = 900.0


async def relay(service: Service, answer: httpx2.Response, held: ExitStack) -> Response:
    """Return the response that passes an answer on; what is held for it is let go of when that has ended."""
    headers = {name: answer.headers[name] for name in _HEADERS if name in answer.headers}
    if not _is_short(answer):
        return _Relayed(answer, headers, held)
    with held:
        with service.telling_trouble():
            body = await read(answer)
        return Response(body, answer.status_code, headers)


async def read(answer: httpx2.Response, most: int | None = None) -> bytes:
    """Read an answer, up to a little more than a bound, and close it."""
    if answer.is_closed:
        return answer.content
    body = bytearray()
    try:
        assert isinstance(answer.stream, httpx2.AsyncByteStream)
        async for piece in answer.stream:
            body += piece
            if most is not None and len(body) > most:
                break
    finally:
        with CancelScope(shield=True):
            await answer.aclose()
    return bytes(body)


def _is_short(answer: httpx2.Response) -> bool:
    length = answer.headers.get("content-length", "")
    return answer.is_closed or (length.isdecimal() and int(length) <= _HELD_BYTES)


class _Relayed(StreamingResponse):
    """A service's answer on its way; however that ends, the answer is closed and what was held for it let go of."""

    def __init__(self, answer: httpx2.Response, headers: dict[str, str], held: ExitStack) -> None:
        assert isinstance(answer.stream, httpx2.AsyncByteStream)
        super().__init__(answer.stream, answer.status_code, headers)
        self._answer = answer
        self._held = held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._held:
            try:
                await super().__call__(scope, receive, send)
            finally:
                with CancelScope(shield=True):
                    await self._answer.aclose()

    async def stream_response(self, send: Send) -> None:
        """Send the answer; raise TimeoutError when the client does not take it."""
        clock = asyncio.get_running_loop().time
        last = clock() + _LONGEST_SECONDS

        async def timely_send(message: Message) -> None:
            async with asyncio.timeout_at(min(clock() + _STALL_SECONDS, last)):
                await send(message)

        await super().stream_response(timely_send)
