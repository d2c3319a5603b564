"""Believes a bearer token where one of the issuer's keys has signed it; what was checked once is remembered a while."""

import hashlib
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Final

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key

from gateway.caller import Caller
from gateway.json_web_keys import JsonWebKeys
from gateway.token_rules import TokenRules, refused

_MOST_LETTERS: Final = 8192
_MOST_HEADER_LETTERS: Final = 2048
_MOST_REMEMBERED: Final = 4096


@dataclass(frozen=True)
class _Checked:
    """A token whose signature is right: its claims, and the key that signed it as it was then."""

    claims: dict[str, Any]
    key_id: str | None
    key: Key


class Tokens:
    """Tells callers by their tokens."""

    def __init__(self, rules: TokenRules, keys: JsonWebKeys) -> None:
        self._rules = rules
        self._keys = keys
        self._remembered: OrderedDict[bytes, _Checked] = OrderedDict()
        self._registry = jws.JWSRegistry(algorithms=rules.algorithms, strict_check_header=False)
        self._registry.max_header_length = _MOST_HEADER_LETTERS

    def is_remembered(self, token: str) -> bool:
        """Tell whether a token's signature was found right before."""
        return _digest(token) in self._remembered

    async def caller_of(self, token: str, certificate: str | None) -> Caller:
        """Return whom a token names; raise UnauthorizedError, or TokenKeysUnavailableError."""
        if len(token) > _MOST_LETTERS:
            raise refused("is too long")
        digest = _digest(token)
        checked = self._remembered.get(digest)
        # A key that was withdrawn or replaced takes what it signed with it.
        if checked is None or await self._keys.find(checked.key_id) is not checked.key:
            checked = await self._checked(token)
            self._remember(digest, checked)
        return self._rules.caller_of(checked.claims, certificate)

    async def _checked(self, token: str) -> _Checked:
        key_id, algorithm = self._named_in(token)
        key = await self._keys.find(key_id)
        if key is None or key.alg not in (None, algorithm):
            raise refused("is not signed by a key of the issuer")
        try:
            return _Checked(jwt.decode(token, key, registry=self._registry).claims, key_id, key)
        except (JoseError, ValueError, TypeError, RecursionError):
            raise refused("is not signed by a key of the issuer") from None

    def _named_in(self, token: str) -> tuple[str | None, str]:
        """Return key id and algorithm of a token's header, which nobody has vouched for yet."""
        try:
            header = jws.extract_compact(token.encode(), registry=self._registry).headers()
            self._registry.check_header(header)
            return header.get("kid"), self._registry.get_alg(header["alg"]).name
        except (JoseError, ValueError, TypeError, KeyError, RecursionError):
            raise refused("cannot be read, or is signed in a way that is not taken here") from None

    def _remember(self, digest: bytes, checked: _Checked) -> None:
        self._remembered[digest] = checked
        self._remembered.move_to_end(digest)
        expires = checked.claims.get("exp")
        is_past = not isinstance(expires, int | float) or expires < time.time()
        if is_past or len(self._remembered) > _MOST_REMEMBERED:
            self._remembered.popitem(last=is_past)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
