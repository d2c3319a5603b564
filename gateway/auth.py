"""Lets requests in: finds out who is calling, whether they may, and whether they have not had their share."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from types import TracebackType

from fastapi import Request

from examkit.errors import ForbiddenError, UnauthorizedError
from gateway.allowances import Measure
from gateway.caller import Caller
from gateway.credentials import SentKey, SentToken, credential_of, key_sent
from gateway.failures import Failures
from gateway.key_ring import KeyRing
from gateway.meter import Meter, require_some_left, use_of
from gateway.peers import Peers
from gateway.routes import Scope
from gateway.token_rules import refused
from gateway.tokens import Tokens


@dataclass(frozen=True)
class Known:
    """By what a door knows who comes: keys, tokens where an issuer is believed, and where they come from."""

    keys: KeyRing
    tokens: Tokens | None
    peers: Peers


class Door:
    """What every request with a scope passes; the faces of other protocols, too."""

    def __init__(self, known: Known, failures: Failures, meter: Meter) -> None:
        self._known = known
        self._failures = failures
        self.meter = meter
        self._running = AsyncExitStack()

    async def __aenter__(self) -> None:
        """Keep up with changes made elsewhere while the gateway runs."""
        await self._running.enter_async_context(self._known.keys.following())
        self._running.push_async_callback(self.meter.close)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._running.aclose()

    async def admit(self, request: Request, scope: Scope, *, secret: str | None = None) -> Caller:
        """Let a caller with this scope pass and return who it is, also in `request.state.caller`.

        `secret` is a key that came by another way than our header, which then is not looked at. Raises
        UnauthorizedError, ForbiddenError or RateLimitedError.
        """
        caller = await self._recognize(request, use_of(request, scope), secret)
        if scope not in caller.scopes:
            raise ForbiddenError(f"The key or token lacks the scope {scope}.", target=scope)
        return caller

    async def recognize(self, request: Request) -> Caller:
        """Tell who calls, whatever the scopes; raise UnauthorizedError or RateLimitedError."""
        return await self._recognize(request, None, None)

    async def _recognize(self, request: Request, uses: Measure | None, secret: str | None) -> Caller:
        credential = credential_of(request) if secret is None else key_sent(secret)
        caller = await self._caller(request, credential)
        request.state.caller = caller
        request.state.standing = await self.meter.enter(caller, uses)
        require_some_left(request.state.standing.shares)
        return caller

    async def _caller(self, request: Request, credential: SentKey | SentToken) -> Caller:
        address = self._known.peers.address(request)
        try:
            if isinstance(credential, SentKey):
                return self._holder(request, credential.secret)
            return await self._subject(request, credential.token, address)
        except UnauthorizedError:
            await self._failures.note(address)
            raise

    def _holder(self, request: Request, secret: str) -> Caller:
        key = self._known.keys.holder(secret)
        if key.certificate_sha256 not in (None, self._known.peers.certificate(request)):
            raise UnauthorizedError("The key needs the certificate that it is bound to.", code="certificate-needed")
        return Caller(key.id, key.name, key.tenant, key.scopes, key.allowance)

    async def _subject(self, request: Request, token: str, address: str) -> Caller:
        if self._known.tokens is None:
            raise refused("cannot be checked: this gateway takes API keys only")
        if not self._known.tokens.is_remembered(token):
            await self._failures.require_few(address)
        return await self._known.tokens.caller_of(token, self._known.peers.certificate(request))


def require_scope(scope: Scope) -> Callable[[Request], Awaitable[Caller]]:
    """Return a route dependency that lets only a caller with this scope pass the application's door."""

    async def check(request: Request) -> Caller:
        door: Door = request.app.state.door
        return await door.admit(request, scope)

    return check
