"""Lets requests in: finds out who is calling, and whether they may."""

from collections.abc import Awaitable, Callable
from typing import Final

from fastapi import Request

from examkit.errors import ForbiddenError, UnauthorizedError
from examkit.tenants import DEFAULT_TENANT
from gateway.caller import Caller
from gateway.keys import KeyStore
from gateway.routes import Scope

API_KEY_HEADER: Final = "API-Key"


class Door:
    """What every request with a scope passes; the faces of other protocols, too."""

    def __init__(self, keys: KeyStore) -> None:
        self._keys = keys

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
        key = self._keys.find(secret)
        if key is None:
            raise UnauthorizedError("The API key is not known.", code="api-key-unknown")
        scopes = frozenset(scope for scope in Scope if scope in key.scopes)
        return Caller(id=key.id, name=key.id, tenant=DEFAULT_TENANT, scopes=scopes)


def require_scope(scope: Scope) -> Callable[[Request], Awaitable[Caller]]:
    """Return a route dependency that lets only a caller with this scope pass the application's door."""

    async def check(request: Request) -> Caller:
        door: Door = request.app.state.door
        return await door.admit(request, scope)

    return check
