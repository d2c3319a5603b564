"""What a deployable lets in: calls with the service token, bodies up to a size, so many calls at the same time."""

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import ParamSpec, TypeVar

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from examkit.errors import OverloadedError, TooLargeError, UnauthorizedError
from examkit.service_token import SERVICE_TOKEN_HEADER
from examkit.web.problems import problem_response

# A refused body is read and thrown away up to this size, so that the client can read the answer
# instead of seeing its connection reset while it still sends.
_MOST_DRAINED_BYTES = 64 * 1024 * 1024

P = ParamSpec("P")
T = TypeVar("T")


class BodyLimit:
    """ASGI middleware that answers 413, naming the limit, to a body of more than `max_bytes`.

    `larger` has limits of their own for bodies that are POSTed to some paths. Nothing is held in memory here; whether a
    body is, as a whole, is up to the handler of its path.
    """

    def __init__(self, app: ASGIApp, max_bytes: int, larger: Mapping[str, int]) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._larger = larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = _declared_length(scope)
        if declared is not None and declared > self._limit(scope):
            await _drain(receive)
            await self._refuse(scope, receive, send)
        else:
            await self._count(scope, receive, send)

    def _limit(self, scope: Scope) -> int:
        is_posted = scope["method"] == "POST"
        return self._larger.get(scope["path"], self._max_bytes) if is_posted else self._max_bytes

    async def _count(self, scope: Scope, receive: Receive, send: Send) -> None:
        limit = self._limit(scope)
        taken = 0
        is_refused = False

        async def counted_receive() -> Message:
            nonlocal taken, is_refused
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > limit and not is_refused:
                is_refused = True
                if message.get("more_body", False):
                    await _drain(receive)
                await self._refuse(scope, receive, send)
            return {"type": "http.disconnect"} if is_refused else message

        async def guarded_send(message: Message) -> None:
            if not is_refused:
                await send(message)

        await self._app(scope, counted_receive, guarded_send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        error = TooLargeError(
            f"The body is larger than the {self._limit(scope)} bytes taken here.", code="body-too-large"
        )
        await problem_response(error, Request(scope))(scope, receive, send)


def _declared_length(scope: Scope) -> int | None:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return None


async def _drain(receive: Receive) -> None:
    drained = 0
    while drained < _MOST_DRAINED_BYTES:
        message = await receive()
        drained += len(message.get("body", b""))
        if not message.get("more_body", False):
            return


class ServiceTokenGuard:
    """ASGI middleware that answers 401 to a call of `/api/` without the token."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._token = token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] == "http" and scope["path"].startswith("/api/") and not self._is_known(scope):
            error = UnauthorizedError("Only the gateway may call this service.", code="service-token-required")
            await problem_response(error, Request(scope))(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _is_known(self, scope: Scope) -> bool:
        sent = dict(scope["headers"]).get(SERVICE_TOKEN_HEADER.encode(), b"")
        return secrets.compare_digest(sent, self._token)


class Places:
    """Bounds how many callers there are at a time; one more is refused."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.taken = 0

    @contextmanager
    def one(self) -> Iterator[None]:
        """Hold a place; raise OverloadedError at once when all are taken."""
        if self.taken >= self._most:
            raise OverloadedError("There are too many calls at the moment; try again shortly.", retry_after_seconds=1)
        self.taken += 1
        try:
            yield
        finally:
            self.taken -= 1


class InferenceSlots:
    """Runs engine calls in a bounded number of threads; past the bound and a short line it refuses."""

    def __init__(self, running: int, waiting: int) -> None:
        self._limiter = CapacityLimiter(running)
        self.places = Places(running + waiting)

    @property
    def in_use(self) -> int:
        """How many callers run or wait."""
        return self.places.taken

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run an engine call in a thread; raise OverloadedError at once when the line is full."""
        with self.places.one():
            return await self.run_in_place(function, *args, **kwargs)

    async def run_in_place(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run an engine call in a thread for a caller who holds one of the places, since before its body was read."""
        return await run_sync(partial(function, *args, **kwargs), limiter=self._limiter)


def slots_of(request: Request) -> InferenceSlots:
    """Give the application's inference slots."""
    slots: InferenceSlots = request.app.state.slots
    return slots
