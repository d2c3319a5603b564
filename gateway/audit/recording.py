"""Records every request in the audit trail; a change is acknowledged when its record is on the disk, not before."""

from datetime import UTC, datetime
from typing import Final

from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from examkit.errors import NotReadyError
from examkit.web.observe import Exchange, route_of
from examkit.web.problems import problem_response
from gateway.audit.answers import HeldBack, PassedOn
from gateway.audit.entry import Entry
from gateway.audit.trail import AuditTrail
from gateway.caller import Caller
from gateway.routes import COMPUTING_PATHS

_NOT_RECORDED: Final = frozenset({"/", "/livez", "/readyz", "/version", "/metrics", "/openapi.json"})
# Pages and what they are made of: the same for everyone, without a key.
_PAGES: Final = ("/docs", "/assets/", "/office/", "/office-logo")
_READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_METHODS: Final = _READING | {"POST", "PUT", "PATCH", "DELETE"}


class Recording:
    """ASGI middleware, inside what observes and outside what refuses: one entry for each request."""

    def __init__(self, app: ASGIApp, trail: AuditTrail) -> None:
        self._app = app
        self._trail = trail

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or _is_not_recorded(scope["path"]):
            await self._app(scope, receive, send)
        elif is_change(scope["method"], scope["path"]):
            await self._record_change(scope, receive, send)
        else:
            await self._record_reading(scope, receive, send)

    async def _record_reading(self, scope: Scope, receive: Receive, send: Send) -> None:
        arrived, answer = datetime.now(UTC), PassedOn(send)
        try:
            await self._serve(scope, receive, answer)
        finally:
            self._trail.add(_entry(scope, arrived, answer))

    async def _record_change(self, scope: Scope, receive: Receive, send: Send) -> None:
        arrived, answer = datetime.now(UTC), HeldBack(send)
        try:
            await self._serve(scope, receive, answer)
        except BaseException:
            self._trail.add(_entry(scope, arrived, answer))
            raise
        try:
            await self._record_before_release(_entry(scope, arrived, answer))
        except NotReadyError as error:
            if answer.is_begun:
                raise
            await problem_response(error, Request(scope))(scope, receive, send)
        else:
            await answer.release()

    async def _serve(self, scope: Scope, receive: Receive, answer: PassedOn) -> None:
        try:
            self._trail.check(is_change=isinstance(answer, HeldBack))
        except NotReadyError as error:
            await problem_response(error, Request(scope))(scope, receive, answer.send)
        else:
            await self._app(scope, receive, answer.send)

    async def _record_before_release(self, entry: Entry) -> None:
        """Wait for the disk, unless nothing is acknowledged."""
        if entry.status < 400:
            await self._trail.add_and_wait(entry)
        else:
            self._trail.add(entry)


def is_change(method: str, path: str) -> bool:
    """Tell a request that may change what is kept from one that only asks, though it be by POST."""
    only_asks = method in _READING or (method == "POST" and path.encode() in COMPUTING_PATHS)
    return not only_asks


def _is_not_recorded(path: str) -> bool:
    return path in _NOT_RECORDED or path.startswith(_PAGES)


def _entry(scope: Scope, arrived: datetime, answer: PassedOn) -> Entry:
    state = scope["state"]
    caller: Caller | None = state.get("caller")
    exchange: Exchange = state["exchange"]
    return Entry(
        time=arrived,
        correlation_id=state["correlation_id"],
        caller=caller.id if caller else None,
        tenant=caller.tenant if caller else None,
        method=scope["method"] if scope["method"] in _METHODS else "other",
        route=route_of(scope),
        status=answer.status or 500,
        refusal=state.get("refusal"),
        is_complete=answer.is_complete,
        request_bytes=exchange.request_bytes,
        response_bytes=answer.bytes,
        milliseconds=round(exchange.seconds * 1000, 1),
    )
