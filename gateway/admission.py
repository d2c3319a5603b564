"""How many requests are worked on at a time: past a bound, or with no processor left, one more is refused at once."""

import asyncio
import time
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Final

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from examkit.errors import ExamError, NotReadyError, OverloadedError, SlowRequestError
from examkit.web.problems import problem_response

_MOST_RUNNING: Final = 256
# Bodies that are still arriving, all together; each is held up to a bound of its own.
_MOST_ARRIVING_BYTES: Final = 64 * 1024**2
_HELD_BYTES: Final = 64 * 1024
_ARRIVAL_SECONDS: Final = 30.0
# With this many at work the processor is never idle; while it is also late with them, more would make all of them slow.
_BUSY_RUNNING: Final = 24
_LATE_SECONDS: Final = 0.005
_TICK_SECONDS: Final = 0.005
_ENTERING: Final = "entering"
_PROBES: Final = frozenset({"/livez", "/readyz", "/version", "/metrics"})


class Admission:
    """Counts the requests at work and the bodies on their way; tells whether one more may come in."""

    def __init__(self) -> None:
        self.running = 0
        self.entering = 0
        self.arriving_bytes = 0
        self.is_draining = False
        self._ticked = time.monotonic()
        self._gap = 0.0
        self._shed = 0
        self._shed_total = Counter("examkit_shed_requests", "Requests refused unread.", registry=None)
        self._running = Gauge("examkit_running_requests", "Requests at work.", registry=None)
        self._running.set_function(lambda: self.running)

    def tell(self, registry: CollectorRegistry) -> None:
        """Have its figures told with others."""
        registry.register(self._shed_total)
        registry.register(self._running)

    @property
    def is_overloaded(self) -> bool:
        """Whether a request should be refused before anything is done with it."""
        inside = self.running + self.entering
        return inside >= _MOST_RUNNING or (inside >= _BUSY_RUNNING and self._is_late())

    def enter(self, state: dict[str, Any]) -> None:
        """Count a request from its head on, until the application begins with it."""
        self.entering += 1
        state[_ENTERING] = True

    def begin(self, state: dict[str, Any]) -> None:
        """Begin with a request, whether it was counted from its head on or not."""
        self.entering -= state.pop(_ENTERING, False)

    @contextmanager
    def one(self) -> Iterator[None]:
        """Work on a request; raise OverloadedError when there are too many, NotReadyError when the gateway stops."""
        if self.is_draining:
            raise NotReadyError("The gateway is being stopped.", code="stopping", retry_after_seconds=1)
        if self.running >= _MOST_RUNNING:
            raise overloaded_error()
        self.running += 1
        try:
            yield
        finally:
            self.running -= 1

    @contextmanager
    def arriving(self, size: int) -> Iterator[None]:
        """Hold a body of up to so many bytes while it arrives; raise OverloadedError when too much is held."""
        if self.arriving_bytes + size > _MOST_ARRIVING_BYTES:
            raise overloaded_error()
        self.arriving_bytes += size
        try:
            yield
        finally:
            self.arriving_bytes -= size

    def shed(self) -> None:
        """Note a request that was refused unread."""
        self._shed += 1

    async def keep_time(self) -> None:
        """Note again and again that the loop comes round, and tell what was shed; runs until it is cancelled."""
        log = structlog.get_logger("examkit.admission")
        told = time.monotonic()
        while True:
            now = time.monotonic()
            self._gap, self._ticked = now - self._ticked, now
            if self._shed and self._ticked - told > 1:
                log.warning("requests shed", count=self._shed)
                self._shed_total.inc(self._shed)
                self._shed, told = 0, self._ticked
            await asyncio.sleep(_TICK_SECONDS)

    def _is_late(self) -> bool:
        return max(self._gap, time.monotonic() - self._ticked) > _TICK_SECONDS + _LATE_SECONDS


def overloaded_error() -> OverloadedError:
    """Return the error for a request that finds too many others."""
    return OverloadedError("There are too many requests at the moment; try again shortly.", retry_after_seconds=1)


class Admitted:
    """ASGI middleware that lets a request in when its body is there, or as much of it as is held, and there is room.

    So a client that sends slowly takes nobody's place.
    """

    def __init__(self, app: ASGIApp, admission: Admission) -> None:
        self._app = app
        self._admission = admission

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] == "http":
            self._admission.begin(scope["state"])
        if scope["type"] != "http" or scope["path"] in _PROBES:
            await self._app(scope, receive, send)
            return
        with ExitStack() as place:
            try:
                arrived = await self._arrived(scope, receive)
                place.enter_context(self._admission.one())
            except ExamError as error:
                await _refuse(error, scope, receive, send)
                return
            await self._app(scope, _replayed(arrived, receive), send)

    async def _arrived(self, scope: Scope, receive: Receive) -> list[Message]:
        """Take a body as far as it is held; raise OverloadedError or, when it takes too long, SlowRequestError."""
        messages: list[Message] = []
        left = _declared_length(scope)
        if not left:
            return messages
        with self._admission.arriving(left):
            try:
                async with asyncio.timeout(_ARRIVAL_SECONDS):
                    while left > 0:
                        messages.append(await receive())
                        left = left - len(messages[-1].get("body", b"")) if messages[-1].get("more_body") else 0
            except TimeoutError:
                raise SlowRequestError("The body arrives too slowly.") from None
        return messages


def _declared_length(scope: Scope) -> int:
    """Tell how much of a body is to be held before anybody works on it."""
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return min(int(value), _HELD_BYTES)
        if name == b"transfer-encoding":
            return _HELD_BYTES
    return 0


def _replayed(arrived: list[Message], receive: Receive) -> Receive:
    if not arrived:
        return receive
    waiting = deque(arrived)

    async def replay() -> Message:
        return waiting.popleft() if waiting else await receive()

    return replay


async def _refuse(error: ExamError, scope: Scope, receive: Receive, send: Send) -> None:
    response = problem_response(error, Request(scope))
    if isinstance(error, NotReadyError):
        response.headers["Connection"] = "close"  # the next request should find another gateway
    await response(scope, receive, send)
