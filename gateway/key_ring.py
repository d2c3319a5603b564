"""The API keys in memory, where every call looks one up; what another process changes is seen within two seconds."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Final

import structlog
from anyio.to_thread import run_sync

from examkit.errors import NotReadyError, UnauthorizedError
from gateway.key_store import KeyStore
from gateway.keys import ApiKey, KeptSecret, sha256_of

_LOOK_SECONDS: Final = 1.0


class KeyRing:
    """Knows the keys of a store. While its database is away, the keys are those known last."""

    def __init__(self, store: KeyStore) -> None:
        self._store = store
        self._log = structlog.get_logger("gateway.keys")
        self._revision, self._by_hash = _read(store)

    def holder(self, secret: str) -> ApiKey:
        """Return the key that was sent, or raise UnauthorizedError.

        The look-up is by hash, so its time tells nothing of the keys kept.
        """
        key, kept = self._by_hash.get(sha256_of(secret), (None, None))
        if key is None or kept is None:
            raise UnauthorizedError("The API key is not known.", code="api-key-unknown")
        now = datetime.now(UTC)
        if key.revoked_at is not None:
            raise UnauthorizedError("The API key was revoked.", code="api-key-revoked")
        if any(end is not None and end <= now for end in (key.expires_at, kept.expires_at)):
            raise UnauthorizedError("The API key has expired.", code="api-key-expired")
        return key

    @asynccontextmanager
    async def following(self) -> AsyncIterator[None]:
        """Look every second whether the store's keys changed, while the block runs."""
        task = asyncio.create_task(self._follow())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            await run_sync(self._store.close)

    async def _follow(self) -> None:
        is_away = False
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            try:
                if await run_sync(self._store.revision) != self._revision:
                    self._revision, self._by_hash = await run_sync(_read, self._store)
                is_away = False
            except NotReadyError as error:
                if not is_away:
                    self._log.warning(f"{error.detail} The API keys known last are used meanwhile.")
                is_away = True


def _read(store: KeyStore) -> tuple[int, dict[str, tuple[ApiKey, KeptSecret]]]:
    revision, keys = store.all()
    return revision, {secret.sha256: (key, secret) for key, secrets in keys for secret in secrets}
