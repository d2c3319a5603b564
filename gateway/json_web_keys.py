"""The public keys by which an issuer's tokens are checked, read from a file or, where the operator says so, a URL."""

import asyncio
import json
import time
import warnings
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Final

import structlog
from aiohttp import ClientError, ClientSession, ClientTimeout
from anyio.to_thread import run_sync
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import JWKRegistry, Key

from examkit.errors import NotReadyError

MOST_BYTES: Final = 256 * 1024
_SECONDS: Final = ClientTimeout(total=10)
_FRESH_SECONDS: Final = 600.0
_USABLE_SECONDS: Final = 86_400.0
_BETWEEN_SECONDS: Final = 30.0
_RETRY_AFTER_SECONDS: Final = 30

Read = Callable[[], Coroutine[Any, Any, bytes]]


class TokenKeysUnavailableError(NotReadyError):
    """No public keys to check tokens by can be had."""

    code = "token-keys-unavailable"


class UnreadableKeysError(Exception):
    """What should be a set of keys is none, or cannot be fetched; the message is a sentence for the operator."""


class JsonWebKeys:
    """Keys by their id, read anew every ten minutes, and for an unknown id, but never twice in half a minute."""

    def __init__(self, read: Read, clock: Callable[[], float] = time.monotonic) -> None:
        self._read = read
        self._clock = clock
        self._keys: dict[str | None, Key] = {}
        self._read_at = self._tried_at = -_USABLE_SECONDS
        self._reading = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._log = structlog.get_logger("gateway.tokens")

    async def find(self, key_id: str | None) -> Key | None:
        """Return the key of an id; raise TokenKeysUnavailableError when no keys could be read for a day."""
        if key_id not in self._keys:
            await self._read_anew()
        elif self._clock() - self._read_at > _FRESH_SECONDS:
            # Nobody waits for this; a set of references keeps it from being swept away.
            task = asyncio.create_task(self._read_anew())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        if self._clock() - self._read_at > _USABLE_SECONDS:
            raise TokenKeysUnavailableError(
                "The keys to check tokens by cannot be read.", retry_after_seconds=_RETRY_AFTER_SECONDS
            )
        return self._keys.get(key_id)

    async def _read_anew(self) -> None:
        async with self._reading:
            if self._clock() - self._tried_at < _BETWEEN_SECONDS:
                return
            self._tried_at = self._clock()
            try:
                self._keys = _signing_keys(await self._read())
                self._read_at = self._clock()
            except UnreadableKeysError as error:
                self._log.warning(f"The keys to check tokens by cannot be read: {error}.")


def from_file(path: Path) -> Read:
    """Return what reads keys from a file."""

    def read() -> bytes:
        try:
            with path.open("rb") as file:
                return file.read(MOST_BYTES + 1)
        except OSError as error:
            raise UnreadableKeysError(str(error.strerror)) from None

    return lambda: run_sync(read)


def from_url(url: str) -> Read:
    """Return what fetches keys from a URL: bounded in time and size, and from no other place than that."""

    async def fetch() -> bytes:
        try:
            async with (
                ClientSession(timeout=_SECONDS, trust_env=False, auto_decompress=False) as session,
                session.get(url, allow_redirects=False, headers={"Accept-Encoding": "identity"}) as answer,
            ):
                if answer.status != 200:
                    raise UnreadableKeysError(f"the answer has status {answer.status}")
                body = bytearray()
                while len(body) <= MOST_BYTES and (piece := await answer.content.readany()):
                    body += piece
                return bytes(body)
        except (ClientError, TimeoutError, OSError) as error:
            raise UnreadableKeysError(type(error).__name__) from None

    return fetch


def _signing_keys(document: bytes) -> dict[str | None, Key]:
    """Read a key set; what is not a public key for signatures, or too weak, is left out."""
    if len(document) > MOST_BYTES:
        raise UnreadableKeysError(f"they are larger than {MOST_BYTES} bytes")
    try:
        entries = json.loads(document)["keys"]
        keys = [key for entry in entries if (key := _signing_key(entry)) is not None]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise UnreadableKeysError("they are no JSON Web Key Set") from None
    if not keys:
        raise UnreadableKeysError("none of them is a public RSA or EC key for signatures")
    known: dict[str | None, Key] = {key.kid: key for key in keys}
    # A token may leave the id out where there is one key only.
    return known | {None: keys[0]} if len(keys) == 1 else known


def _signing_key(entry: object) -> Key | None:
    if not isinstance(entry, dict) or entry.get("kty") not in ("RSA", "EC") or entry.get("use", "sig") != "sig":
        return None
    public = {name: value for name, value in entry.items() if name in ("kty", "kid", "alg", "n", "e", "crv", "x", "y")}
    with warnings.catch_warnings():
        # The library warns of a key that is too weak, and would take it.
        warnings.simplefilter("error", SecurityWarning)
        try:
            return JWKRegistry.import_key(public)
        except (JoseError, SecurityWarning, ValueError, TypeError):
            return None
