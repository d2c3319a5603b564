"""Bounds how often an address may send credentials that open nothing."""

import math
from typing import Final

from examkit.errors import RateLimitedError
from gateway.counters import Count, LocalCounters

_WINDOW_SECONDS: Final = 60


class Failures:
    """Counts failed authentications by address, in this process: no address is written down anywhere.

    Whoever holds a right key is never kept out by others behind the same address.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._counters = LocalCounters()

    async def note(self, address: str) -> None:
        """Count a failure; raise RateLimitedError when there were too many."""
        self._require_few(await self._counters.add(address, _WINDOW_SECONDS, 1))

    async def require_few(self, address: str) -> None:
        """Raise RateLimitedError when there were too many: before work that a guess would cost."""
        self._require_few(await self._counters.look(address))

    def _require_few(self, count: Count) -> None:
        if count.used > self._most:
            raise RateLimitedError(
                "Too many credentials that open nothing came from this address.",
                code="too-many-failures",
                retry_after_seconds=max(math.ceil(count.ends_in), 1),
            )
