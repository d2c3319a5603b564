"""Counts what was used in a window of time: in this process, or in Redis for several gateways.

While Redis is away each gateway counts by itself, so that an office is neither locked out nor left without limits.
"""

import time
from dataclasses import dataclass
from typing import Any, Final, Protocol

import structlog
from limits.aio.storage import MemoryStorage, RedisStorage, Storage
from limits.errors import StorageError
from redis.asyncio import BlockingConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from examkit.errors import StartError

_PREFIX: Final = "examkit"
_MOST_CONNECTIONS: Final = 32
# Longer than a busy machine keeps a process waiting; a Redis that is gone refuses at once.
_ANSWER_SECONDS: Final = 2.0
_LEFT_ALONE_SECONDS: Final = 5.0


@dataclass(frozen=True)
class Count:
    """How much was used in the present window, and in how many seconds it ends."""

    used: int
    ends_in: float


class Counters(Protocol):
    """Counts under a name; the window begins with the first that is counted."""

    async def add(self, name: str, window_seconds: int, amount: int) -> Count:
        """Count so much more."""

    async def look(self, name: str) -> Count:
        """Tell what is counted."""

    async def close(self) -> None:
        """Give connections back."""


class LocalCounters:
    """Counts in this process."""

    def __init__(self) -> None:
        self._storage = MemoryStorage()

    async def add(self, name: str, window_seconds: int, amount: int) -> Count:
        """Count so much more."""
        return await _add(self._storage, name, window_seconds, amount)

    async def look(self, name: str) -> Count:
        """Tell what is counted."""
        return await _look(self._storage, name)

    async def close(self) -> None:
        """Hold nothing that has to be given back."""


class SharedCounters:
    """Counts in Redis; when it does not answer, in this process, and asks it again some seconds later."""

    def __init__(self, url: str) -> None:
        try:
            self._pool = BlockingConnectionPool.from_url(
                url,
                max_connections=_MOST_CONNECTIONS,
                timeout=_ANSWER_SECONDS,
                socket_timeout=_ANSWER_SECONDS,
                socket_connect_timeout=_ANSWER_SECONDS,
                retry=Retry(NoBackoff(), 0),
            )
        except ValueError:
            raise StartError(
                "The URL of Redis cannot be used; it begins with redis://, rediss:// or unix://."
            ) from None
        options: dict[str, Any] = {"connection_pool": self._pool}
        self._storage = RedisStorage(
            "async+redis://", wrap_exceptions=True, implementation="redispy", key_prefix=_PREFIX, **options
        )
        self._local = LocalCounters()
        self._asked_again_at = 0.0
        self._log = structlog.get_logger("gateway.counters")

    async def add(self, name: str, window_seconds: int, amount: int) -> Count:
        """Count so much more."""
        if self._is_asked():
            try:
                return await _add(self._storage, name, window_seconds, amount)
            except StorageError as error:
                self._leave_alone(error)
        return await self._local.add(name, window_seconds, amount)

    async def look(self, name: str) -> Count:
        """Tell what is counted."""
        if self._is_asked():
            try:
                return await _look(self._storage, name)
            except StorageError as error:
                self._leave_alone(error)
        return await self._local.look(name)

    async def close(self) -> None:
        """Close the connections."""
        await self._pool.disconnect()

    def _is_asked(self) -> bool:
        return time.monotonic() >= self._asked_again_at

    def _leave_alone(self, error: StorageError) -> None:
        self._asked_again_at = time.monotonic() + _LEFT_ALONE_SECONDS
        reason = type(error.storage_error).__name__
        self._log.warning("Redis does not answer; this gateway counts by itself meanwhile.", reason=reason)


async def _add(storage: Storage, name: str, window_seconds: int, amount: int) -> Count:
    used = await storage.incr(name, window_seconds, amount)
    return Count(used, await _ends_in(storage, name))


async def _look(storage: Storage, name: str) -> Count:
    used = await storage.get(name)
    return Count(used, await _ends_in(storage, name) if used else 0.0)


async def _ends_in(storage: Storage, name: str) -> float:
    return max(await storage.get_expiry(name) - time.time(), 0.0)
