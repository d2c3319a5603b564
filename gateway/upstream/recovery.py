"""Waits for a service that is away for a moment, one look-out for all who wait."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

_POLL_SECONDS: Final = 0.2


class Recovery:
    """Asks again and again whether a service is ready; however many wait, it is asked once at a time."""

    def __init__(self, is_ready: Callable[[], Awaitable[bool]]) -> None:
        self._is_ready = is_ready
        self._asking: asyncio.Task[bool] | None = None

    async def wait(self, until: float) -> bool:
        """Return true as soon as the service is ready, false at a time of the loop's clock."""
        clock = asyncio.get_running_loop().time
        while (left := until - clock()) > 0:
            await asyncio.sleep(min(_POLL_SECONDS, left))
            if await self.ask():
                return True
        return False

    async def ask(self) -> bool:
        """Find out now whether the service is ready."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.ensure_future(self._is_ready())
        return await asyncio.shield(self._asking)
