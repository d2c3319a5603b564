"""Errors in the words of the protocol that a client speaks, whatever part of the gateway or of a service refused."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from re import Pattern
from typing import Final

from fastapi import Response
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from examkit.web.problems import PROBLEM_MEDIA_TYPE

# What describes the body that is replaced.
_OF_THE_BODY: Final = ("content-type", "content-length")


_USUAL: Final = {
    HTTPStatus.UNAUTHORIZED: HTTPStatus.FORBIDDEN,
    HTTPStatus.UNPROCESSABLE_ENTITY: HTTPStatus.BAD_REQUEST,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: HTTPStatus.BAD_REQUEST,
    HTTPStatus.NOT_ACCEPTABLE: HTTPStatus.BAD_REQUEST,
}


@dataclass(frozen=True)
class Refusal:
    """What went wrong, in our own terms."""

    status: HTTPStatus
    code: str
    detail: str

    @property
    def usual_status(self) -> HTTPStatus:
        """Return the status of protocols that know fewer: 403 for every key, 400 for every value."""
        return _USUAL.get(self.status, self.status)


@dataclass(frozen=True)
class Dialect:
    """How a protocol tells errors, at the paths (matched from their beginning) that are its own."""

    paths: Pattern[str]
    answer: Callable[[Refusal], Response]


class Dialects:
    """ASGI middleware, outermost: turns problem documents at the faces' paths into their own kind of error."""

    def __init__(self, app: ASGIApp, dialects: Sequence[Dialect]) -> None:
        self._app = app
        self._dialects = dialects

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        dialect = self._dialect(scope["path"]) if scope["type"] == "http" else None
        if dialect is None:
            await self._app(scope, receive, send)
        else:
            await self._app(scope, receive, _Retelling(dialect, scope, receive, send))

    def _dialect(self, path: str) -> Dialect | None:
        return next((dialect for dialect in self._dialects if dialect.paths.match(path)), None)


class _Retelling:
    """Passes an answer on as it is, unless it is a problem document: that is held until it is whole, and told anew."""

    def __init__(self, dialect: Dialect, scope: Scope, receive: Receive, send: Send) -> None:
        self._dialect = dialect
        self._scope = scope
        self._receive = receive
        self._send = send
        self._start: Message | None = None
        self._problem = b""

    async def __call__(self, message: Message) -> None:
        """Take a message of the answer."""
        if message["type"] == "http.response.start" and _is_problem(message):
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            self._problem += message.get("body", b"")
            if not message.get("more_body", False):
                await self._tell(self._start)

    async def _tell(self, start: Message) -> None:
        status = HTTPStatus(start["status"])
        # An answer to HEAD has the headers of a problem document, and none in it.
        problem = json.loads(self._problem) if self._problem else {"code": "", "detail": status.phrase}
        refusal = Refusal(status, str(problem["code"]), str(problem["detail"]))
        response = self._dialect.answer(refusal)
        for name, value in start["headers"]:
            if name.decode("latin-1").lower() not in _OF_THE_BODY:
                response.headers.append(name.decode("latin-1"), value.decode("latin-1"))
        await response(self._scope, self._receive, self._send)


def _is_problem(start: Message) -> bool:
    headers = MutableHeaders(raw=list(start["headers"]))
    return headers.get("content-type", "").startswith(PROBLEM_MEDIA_TYPE)
