"""Lets requests in: finds out who is calling, and whether they may."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Final

from fastapi import Request

from examkit.errors import ForbiddenError, UnauthorizedError
from gateway.caller import Caller
from gateway.key_ring import KeyRing
from gateway.routes import Scope

API_KEY_HEADER: Final = "API-Key"


class Door:
    """What every request with a scope passes; the faces of other protocols, too."""

    def __init__(self, keys: KeyRing) -> None:
        self._keys = keys

    def running(self) -> AbstractAsyncContextManager[None]:
        """Keep up with changes made elsewhere while the gateway runs."""
        return self._keys.following()

    async def admit(self, request: Request, scope: Scope, *, secret: str | None = None) -> Caller:
        """Let a caller with this scope pass and return who it is, also in `request.state.caller`.

        `secret` is a key that came by another way than our header, which then is not looked at. Raises
        UnauthorizedError, ForbiddenError or RateLimitedError.
        """
        caller = self._known(request.headers.get(API_KEY_HEADER) if secret is None else secret)
        request.state.caller = caller
        if scope not in caller.scopes:
            raise ForbiddenError(f"The API key lacks the scope {scope}.", target=scope)
        return caller

    def _known(self, secret: str | None) -> Caller:
        if not secret:
            raise UnauthorizedError(f"Send an API key in the {API_KEY_HEADER} header.", code="api-key-missing")
        key = self._keys.holder(secret)
        return Caller(id=key.id, name=key.name, tenant=key.tenant, scopes=key.scopes)


def require_scope(scope: Scope) -> Callable[[Request], Awaitable[Caller]]:
    """Return a route dependency that lets only a caller with this scope pass the application's door."""

    async def check(request: Request) -> Caller:
        door: Door = request.app.state.door
        return await door.admit(request, scope)

    return check
