"""A service that is away, loading, failing or broken off: who waits, who is sent again, who is refused at once."""

import json
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Any

import anyio
import httpx2
import pytest
from fastapi import Request
from starlette.types import Message

from examkit.errors import (
    ExamError,
    MalformedRequestError,
    UpstreamFailedError,
    UpstreamTimeoutError,
    UpstreamUnavailableError,
)
from gateway.caller import Caller
from gateway.routes import Upstream
from gateway.upstream.service import Limits
from gateway.upstream.upstreams import Upstreams

pytestmark = pytest.mark.integration

PATIENCE_SECONDS = 60.0
READING = "/api/v1/classify"
WRITING = "/api/v1/classify/feedback"
OK = httpx2.Response(200, json={"ok": True})
LOADING = httpx2.Response(503, json={"code": "not-ready"}, headers={"Content-Type": "application/problem+json"})
FULL = httpx2.Response(503, json={"code": "overloaded"}, headers={"Content-Type": "application/problem+json"})
REFUSED = httpx2.ConnectError("refused")
BROKEN_OFF = httpx2.ReadError("broken off")
SLOW = httpx2.ReadTimeout("slow")

Step = httpx2.Response | Exception


class Service(httpx2.AsyncBaseTransport):
    """Answers calls as its script says, the last line again and again; is ready when a call would be answered."""

    def __init__(self, *script: Step) -> None:
        self.script = list(script)
        self.bodies: list[bytes] = []
        self.probes = 0
        self._probing = 0
        self.most_probing = 0
        self.probe_says = [False, True]

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.path == "/readyz":
            return await self._probed()
        step = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(step, httpx2.ConnectError):
            raise step
        self.bodies.append(await request.aread())
        if isinstance(step, Exception):
            raise step
        return httpx2.Response(step.status_code, headers=step.headers, stream=httpx2.ByteStream(step.content))

    async def _probed(self) -> httpx2.Response:
        self.probes += 1
        self._probing += 1
        self.most_probing = max(self.most_probing, self._probing)
        await anyio.sleep(0.05)  # as long as others come by
        self._probing -= 1
        says = self.probe_says.pop(0) if len(self.probe_says) > 1 else self.probe_says[0]
        return httpx2.Response(200 if says else 503)


def incoming(method: str, path: str, pieces: Sequence[bytes] = (b"{}",)) -> Request:
    messages: list[Message] = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    messages.append({"type": "http.request", "body": b""})

    async def receive() -> Message:
        return messages.pop(0)

    scope: dict[str, Any] = {
        "type": "http",
        "method": method,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"transfer-encoding", b"chunked")],
        "state": {"correlation_id": "c", "caller": Caller("k", "k", "office", frozenset())},
    }
    return Request(scope, receive)


def run(service: Service, use: Callable[[Upstreams], Any], patience: float = PATIENCE_SECONDS) -> Any:
    async def inside() -> Any:
        async with (
            upstreams := Upstreams({Upstream.CLASSIFY: "http://classify.test"}, "t", Limits(5, patience), service)
        ):
            return await use(upstreams)

    return anyio.run(inside)


def call(service: Service, method: str = "POST", path: str = READING, patience: float = PATIENCE_SECONDS, **body: Any):
    async def once(upstreams: Upstreams) -> tuple[int, Any]:
        response = await upstreams.forward(Upstream.CLASSIFY, incoming(method, path, **body))
        return response.status_code, json.loads(bytes(response.body))

    return run(service, once, patience)


@pytest.mark.parametrize("away", [REFUSED, LOADING])
@pytest.mark.parametrize("path", [READING, WRITING])
def test_a_service_that_restarts_is_waited_for_and_nothing_is_lost(away, path):
    service = Service(away, away, OK)
    service.probe_says = [False, True]
    assert call(service, path=path) == (200, {"ok": True})
    assert service.bodies[-1] == b"{}"
    assert service.probes >= 2


def test_an_upload_that_has_not_begun_is_waited_with():
    service = Service(REFUSED, OK)
    large = [b"x" * 50_000] * 4
    assert call(service, path=WRITING, pieces=large) == (200, {"ok": True})
    assert service.bodies == [b"".join(large)]


def test_an_upload_that_has_begun_is_not_sent_again():
    service = Service(BROKEN_OFF, OK)
    with pytest.raises(UpstreamFailedError):
        call(service, "PUT", "/api/v1/marks/M-1", pieces=[b"x" * 50_000] * 4)
    assert len(service.bodies) == 1


def test_a_service_that_does_not_come_back_is_refused_and_then_at_once():
    service = Service(REFUSED)
    service.probe_says = [False]

    async def twice(upstreams: Upstreams) -> None:
        for _ in range(2):
            with pytest.raises(UpstreamUnavailableError) as refusal:
                await upstreams.forward(Upstream.CLASSIFY, incoming("POST", READING))
            assert refusal.value.retry_after_seconds
        assert refusal.value.retry_after_seconds == 5

    run(service, twice, patience=0.5)


def test_a_service_that_is_full_is_told_as_full_and_not_asked_again():
    service = Service(FULL, OK)
    assert call(service) == (503, {"code": "overloaded"})


def test_a_service_that_loads_for_long_is_told_as_loading():
    service = Service(LOADING)
    service.probe_says = [False]
    assert call(service, patience=0.3) == (503, {"code": "not-ready"})


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/api/v1/ipc"), ("PUT", "/api/v1/marks/M-1"), ("POST", READING), ("POST", "/api/v1/translate")],
)
def test_what_cannot_do_anything_twice_is_sent_again_when_it_breaks_off(method, path):
    service = Service(BROKEN_OFF, OK)
    assert call(service, method, path) == (200, {"ok": True})
    assert len(service.bodies) == 2


@pytest.mark.parametrize(("method", "path"), [("POST", WRITING), ("DELETE", "/api/v1/marks/M-1")])
def test_what_may_have_been_done_is_not_sent_again(method, path):
    service = Service(BROKEN_OFF, OK)
    with pytest.raises(UpstreamFailedError):
        call(service, method, path)
    assert len(service.bodies) == 1


def test_what_breaks_off_again_and_again_is_sent_twice_only():
    service = Service(BROKEN_OFF)
    service.probe_says = [True]
    with pytest.raises(UpstreamFailedError):
        call(service)
    assert len(service.bodies) == 2


def test_what_takes_too_long_is_not_sent_again():
    service = Service(SLOW, OK)
    with pytest.raises(UpstreamTimeoutError):
        call(service)


def test_after_many_failures_nobody_tries_it_unasked():
    service = Service(SLOW)

    async def often(upstreams: Upstreams) -> list[str]:
        codes = []
        for _ in range(7):
            with pytest.raises(ExamError) as refusal:
                await upstreams.forward(Upstream.CLASSIFY, incoming("POST", READING))
            codes.append(refusal.value.code)
        return codes

    assert run(service, often) == ["upstream-timeout"] * 5 + ["upstream-unavailable"] * 2
    assert len(service.bodies) == 5
    assert service.probes == 0


def test_a_client_that_breaks_off_is_no_failure_of_the_service():
    service = Service(OK)

    async def torn() -> AsyncGenerator[bytes, None]:
        yield b"x" * 70_000
        raise MalformedRequestError("The body breaks off.")

    async def often(upstreams: Upstreams) -> None:
        for _ in range(6):
            request = incoming("POST", WRITING, [b"x" * 70_000])
            request.stream = torn  # type: ignore[method-assign] # what a request does whose client is gone
            with pytest.raises(MalformedRequestError):
                await upstreams.forward(Upstream.CLASSIFY, request)
        assert (await upstreams.forward(Upstream.CLASSIFY, incoming("POST", WRITING))).status_code == 200

    run(service, often)


def test_all_who_wait_ask_once_at_a_time():
    service = Service(*[REFUSED] * 20, OK)
    service.probe_says = [False, False, True]

    async def together(upstreams: Upstreams) -> None:
        async with anyio.create_task_group() as group:
            for _ in range(20):
                group.start_soon(upstreams.forward, Upstream.CLASSIFY, incoming("POST", WRITING))

    run(service, together)
    assert len(service.bodies) == 20
    assert service.most_probing == 1
