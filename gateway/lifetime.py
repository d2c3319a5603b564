"""From start to stop: room for many connections, and an end that loses no request."""

import asyncio
import gc
import resource
import signal
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager, suppress
from typing import Any, Final, TypedDict

from gateway.admission import Admission

# What the process is given when it is told to stop; a little less than its supervisor waits before it kills.
_DRAIN_SECONDS: Final = 8.0
_POLL_SECONDS: Final = 0.05
_OPEN_FILES: Final = 16_384


class State(TypedDict):
    """What the server hands to each connection."""

    admission: Admission


class Lifetime:
    """Holds the gateway's parts open while it runs; told to stop, it refuses what is new and ends what runs."""

    def __init__(self, admission: Admission, *parts: AbstractAsyncContextManager[object]) -> None:
        self._admission = admission
        self._parts = parts
        self._server_stops: Any = None
        self._draining: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def __call__(self, _: object) -> AsyncIterator[State]:
        """Run between start and stop of the server."""
        _allow_many_files()
        _leave_out_of_collections()
        keeping_time = asyncio.create_task(self._admission.keep_time())
        with self._listening():
            async with AsyncExitStack() as running:
                for part in self._parts:
                    await running.enter_async_context(part)
                yield State(admission=self._admission)
        keeping_time.cancel()

    def ready_when(self, not_ready: Callable[[], Awaitable[list[str]]]) -> Callable[[], Awaitable[list[str]]]:
        """Return what tells who is not ready: the gateway itself while it is being stopped."""

        async def not_ready_or_stopping() -> list[str]:
            return ["the gateway, which is being stopped"] if self._admission.is_draining else await not_ready()

        return not_ready_or_stopping

    @contextmanager
    def _listening(self) -> Iterator[None]:
        """Be told before the server is when the process should end, where the server listens to signals at all."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        loop = asyncio.get_running_loop()
        self._server_stops = signal.getsignal(signal.SIGTERM)
        signal.signal(signal.SIGTERM, lambda *_: loop.call_soon_threadsafe(self._begin_to_stop))
        try:
            yield
        finally:
            signal.signal(signal.SIGTERM, self._server_stops)

    def _begin_to_stop(self) -> None:
        if not self._admission.is_draining:
            self._admission.is_draining = True
            self._draining = asyncio.ensure_future(self._drain())

    async def _drain(self) -> None:
        """Let the server stop when nothing runs any more, or time is up."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_DRAIN_SECONDS):
                while self._admission.running:
                    await asyncio.sleep(_POLL_SECONDS)
        signal.signal(signal.SIGTERM, self._server_stops)
        signal.raise_signal(signal.SIGTERM)


def _leave_out_of_collections() -> None:
    """Spare what is there to stay from the search for garbage, which stops all else for a tenth of a second."""
    gc.collect()
    gc.freeze()


def _allow_many_files() -> None:
    """Raise the number of connections that may be open to what the system allows; the usual 1,024 are soon taken."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, _OPEN_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
