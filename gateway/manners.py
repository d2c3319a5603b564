"""What HTTP and WIPO ST.90 ask of every path alike: HEAD, OPTIONS, and the announced end of a version."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Final

from fastapi import Request, Response
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from examkit.web.problems import allowed_methods


@dataclass(frozen=True)
class Ending:
    """The end of a version of the API: times in UTC, and the path under which the next one is found."""

    deprecated: datetime
    sunset: datetime
    successor: str


# By the path that all of a version begins with. The first and only version has no end yet; when the second comes, one
# line here announces the end of the first in every answer (docs/st90.md says how long before).
ENDINGS: Final[Mapping[str, Ending]] = {}


class Manners:
    """ASGI middleware, innermost: HEAD answers as GET without its body, OPTIONS tells the methods of a path."""

    def __init__(self, app: ASGIApp, endings: Mapping[str, Ending] = ENDINGS) -> None:
        self._app = app
        self._endings = endings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announcing = _Announcing(send, self._ending(scope["path"]))
        if scope["method"] == "HEAD":
            await self._head(scope, receive, announcing)
        elif scope["method"] == "OPTIONS" and (allowed := allowed_methods(Request(scope))):
            await Response(status_code=204, headers={"Allow": complete(allowed)})(scope, receive, announcing)
        else:
            await self._app(scope, receive, announcing)

    async def _head(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def without_body(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        inside = {**scope, "method": "GET"}
        try:
            await self._app(inside, receive, without_body)
        finally:
            if "route" in inside:
                scope["route"] = inside["route"]  # for what counts and records requests

    def _ending(self, path: str) -> Ending | None:
        return next((ending for version, ending in self._endings.items() if path.startswith(f"{version}/")), None)


class _Announcing:
    """Passes an answer on with the end of its version announced (RFC 9745, RFC 8594), and `Allow` complete."""

    def __init__(self, send: Send, ending: Ending | None) -> None:
        self._send = send
        self._ending = ending

    async def __call__(self, message: Message) -> None:
        """Take a message of the answer."""
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=list(message["headers"]))
            if message["status"] == 405:
                headers["Allow"] = complete(headers.get("Allow", ""))
            if self._ending is not None:
                headers["Deprecation"] = f"@{int(self._ending.deprecated.timestamp())}"
                headers["Sunset"] = format_datetime(self._ending.sunset, usegmt=True)
                headers.append("Link", f'<{self._ending.successor}>; rel="successor-version"')
            message = {**message, "headers": headers.raw}
        await self._send(message)


def complete(allowed: str) -> str:
    """Add to the methods of a path's routes those that every path has."""
    methods = allowed.split(", ") if allowed else []
    if "GET" in methods and "HEAD" not in methods:
        methods.insert(methods.index("GET") + 1, "HEAD")
    return ", ".join([*methods, "OPTIONS"])
