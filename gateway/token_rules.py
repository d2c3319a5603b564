"""What a token must say to be believed, and whom its claims name."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwt import JWTClaimsRegistry

from examkit.errors import InvalidInputError, StartError, UnauthorizedError
from examkit.tenants import DEFAULT_TENANT, tenant_name
from gateway.caller import Caller
from gateway.routes import Scope

_ALGORITHMS: Final = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"})
_ID_PREFIX: Final = "sub_"
_ID_LENGTH: Final = 16
_CERTIFICATE: Final = "x5t#S256"


@dataclass(frozen=True)
class TokenRules:
    """Who must have issued a token, for whom, signed how, and where it says what is allowed."""

    issuer: str
    audience: str
    algorithms: tuple[str, ...]
    scope_claim: str
    tenant_claim: str | None
    skew_seconds: int

    def caller_of(self, claims: Mapping[str, Any], certificate: str | None) -> Caller:
        """Return whom the claims of a well-signed token name; raise UnauthorizedError."""
        self._check(dict(claims))
        _check_binding(claims.get("cnf"), certificate)
        subject = _ID_PREFIX + hashlib.sha256(f"{self.issuer}\n{claims['sub']}".encode()).hexdigest()[:_ID_LENGTH]
        return Caller(subject, subject, self._tenant(claims), self._scopes(claims))

    def _check(self, claims: dict[str, Any]) -> None:
        registry = JWTClaimsRegistry(
            leeway=self.skew_seconds,
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self.audience},
            sub={"essential": True},
            exp={"essential": True},
        )
        try:
            registry.validate(claims)
        except ExpiredTokenError:
            raise UnauthorizedError("The token has expired.", code="token-expired") from None
        except JoseError:
            raise refused("is not of the issuer, for the audience or of the time that are taken here") from None

    def _scopes(self, claims: Mapping[str, Any]) -> frozenset[Scope]:
        said = claims.get(self.scope_claim, ())
        known = said.split() if isinstance(said, str) else said
        return frozenset(scope for scope in Scope if isinstance(known, list | tuple) and scope in known)

    def _tenant(self, claims: Mapping[str, Any]) -> str:
        if self.tenant_claim is None:
            return DEFAULT_TENANT
        said = claims.get(self.tenant_claim)
        try:
            if isinstance(said, str):
                return tenant_name(said)
        except InvalidInputError:
            pass
        raise refused("names no department")


def pinned_algorithms(text: str) -> tuple[str, ...]:
    """Read algorithms with spaces between; raise StartError for none at all and for any that proves nothing here."""
    names = tuple(text.split())
    if not names or not set(names) <= _ALGORITHMS:
        raise StartError(f"Tokens are signed by one of {', '.join(sorted(_ALGORITHMS))}.")
    return names


def refused(why: str) -> UnauthorizedError:
    """Return the error for a token; `why` is ours, for a token's text is never repeated."""
    return UnauthorizedError(f"The token {why}.", code="token-refused")


def _check_binding(confirmation: object, certificate: str | None) -> None:
    """Let a token that is bound to its owner's key pass only with that owner's certificate."""
    if confirmation is None:
        return
    bound = confirmation.get(_CERTIFICATE) if isinstance(confirmation, dict) else None
    if not isinstance(bound, str) or certificate is None:
        raise refused("is bound to a certificate or key that did not come with it")
    ours = base64.urlsafe_b64encode(bytes.fromhex(certificate)).rstrip(b"=")
    if not hmac.compare_digest(bound.encode(), ours):
        raise refused("is bound to another certificate")
