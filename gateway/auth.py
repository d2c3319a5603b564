"""Who is calling, and may they: the API key of a request against the scope of a route."""

from collections.abc import Awaitable, Callable
from typing import Final

from fastapi import Request

from examkit.errors import ForbiddenError, UnauthorizedError
from gateway.keys import KeyStore
from gateway.routes import Scope

API_KEY_HEADER: Final = "API-Key"


def require_scope(scope: Scope) -> Callable[[Request], Awaitable[None]]:
    """Return a route dependency that lets only a key with this scope pass (else 401 or 403)."""

    async def check(request: Request) -> None:
        keys: KeyStore = request.app.state.keys
        secret = request.headers.get(API_KEY_HEADER)
        if not secret:
            raise UnauthorizedError(f"Send an API key in the {API_KEY_HEADER} header.", code="api-key-missing")
        key = keys.find(secret)
        if key is None:
            raise UnauthorizedError("The API key is not known.", code="api-key-unknown")
        if scope not in key.scopes:
            raise ForbiddenError(f"The API key lacks the scope {scope}.", target=scope)

    return check
