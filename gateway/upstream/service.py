"""One service behind the gateway: so many calls at a time, waited for while it restarts, left alone while it fails."""

import asyncio
import json
import math
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Final

import httpx2

from examkit.errors import ExamError, UpstreamFailedError, UpstreamTimeoutError, UpstreamUnavailableError
from examkit.service_token import SERVICE_TOKEN_HEADER
from examkit.web.limits import Places
from examkit.web.problems import PROBLEM_MEDIA_TYPE
from gateway.routes import Upstream
from gateway.upstream.body import Upload
from gateway.upstream.breaker import Breaker
from gateway.upstream.call import Call
from gateway.upstream.recovery import Recovery

# A service that lives takes a connection at once. What takes long is this process while it gets no processor, and that
# must not be told as a service that is away.
CONNECT_SECONDS: Final = 10.0
_MOST_CALLS: Final = 64
_READY_SECONDS: Final = 2.0
_RETRY_AFTER_SECONDS: Final = 2


@dataclass(frozen=True)
class Limits:
    """How long a service is waited for: for an answer, and while it restarts."""

    answer_seconds: float
    restart_seconds: float


class Service:
    """Carries calls to one service and tells trouble as what it is."""

    def __init__(
        self, upstream: Upstream, url: str, service_token: str, transport: httpx2.AsyncBaseTransport, limits: Limits
    ) -> None:
        self._upstream = upstream
        self._origin = httpx2.URL(url)
        self._token = {SERVICE_TOKEN_HEADER: service_token}
        self._transport = transport
        self._limits = limits
        self._places = Places(_MOST_CALLS)
        self._recovery = Recovery(self.is_ready)
        self.breaker = Breaker(_loop_time)

    def place(self) -> AbstractContextManager[None]:
        """Hold a place from before a call to the end of its answer; OverloadedError when all are taken."""
        return self._places.one()

    @property
    def calls(self) -> int:
        """How many calls it works on."""
        return self._places.taken

    async def is_ready(self) -> bool:
        """Ask the service itself."""
        request = Call("GET", b"/readyz", {}, None).to(self._origin, {})
        try:
            async with asyncio.timeout(_READY_SECONDS):
                answer = await self._transport.handle_async_request(request)
                await answer.aclose()
        except (httpx2.TransportError, TimeoutError):
            return False
        return answer.status_code == httpx2.codes.OK

    async def send(self, call: Call) -> httpx2.Response:
        """Send a call and return the answer when its head is there.

        A service that is away or still loading is waited for as long as a restart takes. What broke off is sent again
        where that cannot do anything twice. Raises UpstreamUnavailableError, UpstreamTimeoutError or
        UpstreamFailedError.
        """
        await self._pass_breaker()
        until = _loop_time() + self._limits.restart_seconds
        for may_repeat in (True, False):
            try:
                return await self._waited_for(call, until)
            except UpstreamFailedError:
                if not (may_repeat and call.is_repeatable and await self._recovery.wait(until)):
                    raise
        raise AssertionError("a second try returns or raises")

    async def _waited_for(self, call: Call, until: float) -> httpx2.Response:
        """Send a call as often as it is certain that nothing was done yet."""
        while True:
            try:
                answer = await self._once(call)
            except UpstreamUnavailableError:
                if call.is_sendable and await self._recovery.wait(until):
                    continue
                self.breaker.trip()
                raise
            if not (_is_loading(answer) and call.is_sendable and await self._recovery.wait(until)):
                return answer

    async def _pass_breaker(self) -> None:
        if not self.breaker.is_open:
            return
        if self.breaker.may_probe():
            is_ready = False
            try:
                is_ready = await self._recovery.ask()
            finally:
                self.breaker.succeed() if is_ready else self.breaker.fail()
        if self.breaker.is_open:
            raise self._unavailable(math.ceil(self.breaker.seconds_open) or 1)

    async def _once(self, call: Call) -> httpx2.Response:
        request = call.to(self._origin, self._token)
        with self.telling_trouble():
            async with self._limited(call):
                answer = await self._transport.handle_async_request(request)
            if _is_no_answer_of_ours(answer):
                await answer.aclose()
                raise UpstreamFailedError(f"The {self._upstream} service gave no usable answer.", target=self._upstream)
            if answer.status_code == httpx2.codes.SERVICE_UNAVAILABLE:
                await answer.aread()
        self.breaker.succeed()
        return answer

    @asynccontextmanager
    async def _limited(self, call: Call) -> AsyncIterator[None]:
        """Bound the time to the answer's head; tell an upload that the client broke off from one not taken."""
        if not isinstance(call.body, Upload):
            # Also for a head that arrives byte by byte, of which each comes in time.
            async with asyncio.timeout(CONNECT_SECONDS + self._limits.answer_seconds):
                yield
            return
        try:
            async with call.body.limited(self._limits.answer_seconds):
                yield
        except httpx2.TransportError:
            if call.body.failure is not None:
                raise call.body.failure from None
            raise

    @contextmanager
    def telling_trouble(self) -> Iterator[None]:
        """Turn what goes wrong on the way to the service or back into an error for the client, and count it."""
        try:
            with self._as_errors():
                yield
        except (UpstreamFailedError, UpstreamTimeoutError):
            self.breaker.fail()
            raise

    @contextmanager
    def _as_errors(self) -> Iterator[None]:
        try:
            yield
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout):
            raise self._unavailable(_RETRY_AFTER_SECONDS) from None
        except (httpx2.TimeoutException, TimeoutError):
            detail = f"The {self._upstream} service did not answer in time."
            raise UpstreamTimeoutError(detail, target=self._upstream) from None
        except httpx2.TransportError:
            raise UpstreamFailedError(f"The {self._upstream} service broke off.", target=self._upstream) from None

    def _unavailable(self, retry_after_seconds: int) -> ExamError:
        return UpstreamUnavailableError(
            f"The {self._upstream} service cannot be reached.",
            target=self._upstream,
            retry_after_seconds=retry_after_seconds,
        )


def _loop_time() -> float:
    return asyncio.get_running_loop().time()


def _is_problem(answer: httpx2.Response) -> bool:
    return answer.headers.get("content-type", "").startswith(PROBLEM_MEDIA_TYPE)


def _is_no_answer_of_ours(answer: httpx2.Response) -> bool:
    """Tell a service's own failure, or a refusal of the gateway itself, from an answer meant for the client."""
    if answer.status_code == httpx2.codes.UNAUTHORIZED:
        return True
    return answer.is_error and not _is_problem(answer)


def _is_loading(answer: httpx2.Response) -> bool:
    """Tell whether the service refused because it does not work yet."""
    if answer.status_code != httpx2.codes.SERVICE_UNAVAILABLE:
        return False
    try:
        return bool(json.loads(answer.content)["code"] == "not-ready")
    except (ValueError, KeyError, TypeError):
        return False
