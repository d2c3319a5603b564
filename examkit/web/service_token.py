"""The token that keeps services for the gateway alone: made at start, shared as a file, sent with every inner call."""

import secrets
import sys
from pathlib import Path
from typing import Final

from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from examkit.errors import StartError, UnauthorizedError
from examkit.web.problems import problem_response

SERVICE_TOKEN_HEADER: Final = "examkit-service-token"  # noqa: S105 - the header's name, not a token
_LEAST_LENGTH = 32


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


def read_service_token(path: Path) -> str:
    """Read the token; raise StartError when the file is missing or holds no usable token."""
    try:
        token = path.read_text().strip()
    except OSError:
        raise StartError(f"The service token file {path} cannot be read.") from None
    if len(token) < _LEAST_LENGTH:
        raise StartError(f"The service token in {path} is shorter than {_LEAST_LENGTH} characters.")
    return token


def write_service_token(path: Path) -> None:
    """Write a fresh random token that only its owner can read, unless the file is there already."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(32))


if __name__ == "__main__":
    write_service_token(Path(sys.argv[1]))
