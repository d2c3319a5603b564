"""Where the clients of a face carry their key, and who those are that can carry none."""

from pathlib import Path
from typing import Final

from fastapi import Request

from examkit.errors import StartError
from examkit.tenants import DEFAULT_TENANT
from gateway.allowances import Measure
from gateway.auth import Door
from gateway.caller import Caller
from gateway.credentials import API_KEY_HEADER
from gateway.meter import require_some_left
from gateway.routes import Scope

_OWN_HEADERS: Final = (API_KEY_HEADER, "Authorization")
_DEEPL_SCHEME: Final = "deepl-auth-key"
# Texts that some protocols have in their URLs, where the meter, which counts bodies, does not see them.
_TEXTS_OF_QUERIES: Final = ("text", "q", "input", "s")
_TEXT_OF_PATHS: Final = "text"


class Entrance:
    """The way to the gateway's door for clients of other protocols; limits and scopes are those of our own API."""

    def __init__(self, keyless_key: str | None) -> None:
        self._keyless_key = keyless_key

    @property
    def is_open(self) -> bool:
        """Whether a client without a key is let in."""
        return self._keyless_key is not None

    async def admit(self, request: Request, scope: Scope, secret: str | None = None) -> Caller:
        """Let a caller pass by the key that its protocol carries, else by our own headers, else as one without a key.

        Raises UnauthorizedError, ForbiddenError or RateLimitedError.
        """
        door: Door = request.app.state.door
        if secret is None and not _has_own_credential(request):
            secret = self._keyless_key
        caller = await door.admit(request, scope, secret=secret)
        if characters := _characters_in_the_url(request):
            require_some_left([await door.meter.share(caller, Measure.CHARACTERS)])
            await door.meter.charge(caller, Measure.CHARACTERS, characters)
        return caller


def let_anyone_pass(request: Request) -> None:
    """Let a caller without a credential see what is no secret and costs nothing."""
    request.state.caller = Caller("anyone", "anyone", DEFAULT_TENANT, frozenset())


def is_anyone(request: Request, secret: str | None) -> bool:
    """Tell whether a call comes without any credential."""
    return secret is None and not _has_own_credential(request)


def _has_own_credential(request: Request) -> bool:
    return any(name in request.headers for name in _OWN_HEADERS)


def _characters_in_the_url(request: Request) -> int:
    of_query = sum(len(value) for name, value in request.query_params.multi_items() if name in _TEXTS_OF_QUERIES)
    return of_query + len(request.path_params.get(_TEXT_OF_PATHS, ""))


def open_entrance(keyless_key_file: Path | None) -> Entrance:
    """Read the key by which clients without one are let in; raise StartError when its file cannot be read."""
    if keyless_key_file is None:
        return Entrance(None)
    try:
        key = keyless_key_file.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        raise StartError(f"The key for clients without one cannot be read from {keyless_key_file}.") from None
    if not key:
        raise StartError(f"There is no key in {keyless_key_file}.")
    return Entrance(key)


def deepl_key(request: Request) -> str | None:
    """Give the key of a header `Authorization: DeepL-Auth-Key …`."""
    scheme, _, key = request.headers.get("Authorization", "").strip().partition(" ")
    return key.strip() if scheme.lower() == _DEEPL_SCHEME else None
