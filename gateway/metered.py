"""Counts what a call brings while it passes, and tells callers in headers what they have left."""

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.allowances import Measure
from gateway.meter import MULTIPART, Meter, Standing
from gateway.routes import IMPORT_PATH

# UTF-8 writes a character as one byte of another form and any number of these.
_CONTINUATIONS: Final = bytes(range(0x80, 0xC0))
# An archive is passed on unopened; mark images are of about this size.
_ARCHIVED_IMAGE_BYTES: Final = 100_000
_LEAST_REFUSAL: Final = 400


class Metered:
    """ASGI middleware: what the body of an answered call is counted as, the door has said in the request's state."""

    def __init__(self, app: ASGIApp, meter: Meter) -> None:
        self._app = app
        self._meter = meter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_upload = _content_type(scope).startswith(MULTIPART.encode())
        size = 0
        is_answered = False

        async def measured_receive() -> Message:
            nonlocal size
            message = await receive()
            body = message.get("body", b"")
            size += len(body) if is_upload else len(body.translate(None, _CONTINUATIONS))
            return message

        async def telling_send(message: Message) -> None:
            nonlocal is_answered
            standing = _standing(scope)
            if message["type"] == "http.response.start" and standing is not None:
                is_answered = message["status"] < _LEAST_REFUSAL
                message = {**message, "headers": [*message["headers"], *standing.headers()]}
            await send(message)

        try:
            await self._app(scope, measured_receive, telling_send)
        finally:
            standing = _standing(scope)
            if is_answered and standing is not None and standing.uses is not None:
                amount = _images(scope, size) if standing.uses is Measure.IMAGES else size
                await self._meter.charge(standing.caller, standing.uses, amount)


def _standing(scope: Scope) -> Standing | None:
    standing: Standing | None = scope.get("state", {}).get("standing")
    return standing


def _images(scope: Scope, size: int) -> int:
    return -(-size // _ARCHIVED_IMAGE_BYTES) if scope["path"] == IMPORT_PATH else 1


def _content_type(scope: Scope) -> bytes:
    headers: dict[bytes, bytes] = dict(scope["headers"])
    return headers.get(b"content-type", b"").lower()
