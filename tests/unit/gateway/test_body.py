"""Is a small body held and a large one passed on, and is whoever keeps the other waiting told apart?"""

from collections.abc import AsyncIterator, Sequence

import anyio
import pytest
from fastapi import Request
from starlette.types import Message

from examkit.errors import MalformedRequestError, SlowRequestError
from gateway.upstream import body as module
from gateway.upstream.body import Upload, body_of

SECONDS = 0.05


def request(pieces: Sequence[bytes], *, breaks_off: bool = False) -> Request:
    messages: list[Message] = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    messages.append({"type": "http.disconnect"} if breaks_off else {"type": "http.request", "body": b""})

    async def receive() -> Message:
        return messages.pop(0)

    return Request({"type": "http", "headers": [(b"transfer-encoding", b"chunked")]}, receive)


async def taken(upload: Upload, rest_seconds: float = 0) -> bytes:
    """Take an upload as a service would that rests after each piece."""
    body = b""
    async for piece in upload:
        body += piece
        await anyio.sleep(rest_seconds)
    return body


async def arriving(pieces: Sequence[bytes], rest_seconds: float) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece
        await anyio.sleep(rest_seconds)


def run(upload: Upload, service_seconds: float, rest_seconds: float = 0) -> bytes:
    async def inside() -> bytes:
        async with upload.limited(service_seconds):
            return await taken(upload, rest_seconds)

    return anyio.run(inside)


def test_a_request_without_a_body_has_none():
    assert anyio.run(body_of, Request({"type": "http", "headers": []})) is None


def test_a_small_body_is_held():
    assert anyio.run(body_of, request([b"a" * 40_000, b"b" * 25_536])) == b"a" * 40_000 + b"b" * 25_536


def test_a_large_body_is_passed_on_whole():
    async def inside() -> bytes:
        upload = await body_of(request([b"a" * 40_000, b"b" * 40_000, b"c"]))
        assert isinstance(upload, Upload)
        assert not upload.is_begun
        return await taken(upload)

    assert anyio.run(inside) == b"a" * 40_000 + b"b" * 40_000 + b"c"


def test_a_small_body_that_breaks_off_is_told():
    with pytest.raises(MalformedRequestError):
        anyio.run(body_of, request([b"a"], breaks_off=True))


def test_a_large_body_that_breaks_off_is_told_and_remembered():
    async def inside() -> None:
        upload = await body_of(request([b"a" * 70_000], breaks_off=True))
        assert isinstance(upload, Upload)
        with pytest.raises(MalformedRequestError):
            await taken(upload)
        assert isinstance(upload.failure, MalformedRequestError)

    anyio.run(inside)


def test_a_client_that_stops_is_told_as_slow(monkeypatch):
    monkeypatch.setattr(module, "_WINDOW_SECONDS", SECONDS)
    with pytest.raises(SlowRequestError):
        run(Upload(arriving([b"a" * 70_000, b"b"], 60)), service_seconds=60)


def test_a_client_that_sends_byte_by_byte_is_told_as_slow(monkeypatch):
    monkeypatch.setattr(module, "_WINDOW_SECONDS", SECONDS)
    with pytest.raises(SlowRequestError):
        run(Upload(arriving([b"a"] * 1000, SECONDS / 10)), service_seconds=60)


def test_a_client_may_take_long_for_much(monkeypatch):
    monkeypatch.setattr(module, "_WINDOW_SECONDS", 5.0)
    monkeypatch.setattr(module, "_WINDOW_BYTES", 10)
    assert run(Upload(arriving([b"a" * 10] * 20, 0.01)), service_seconds=60) == b"a" * 200


def test_a_service_that_takes_nothing_more_is_told_as_slow():
    with pytest.raises(TimeoutError):
        run(Upload(arriving([b"a", b"b"], 0)), service_seconds=SECONDS, rest_seconds=60)


def test_an_early_answer_ends_all_waiting():
    async def inside() -> bytes:
        upload = Upload(arriving([b"a", b"b"], 0.01))
        async with upload.limited(60):
            pass
        return await taken(upload)

    assert anyio.run(inside) == b"ab"
