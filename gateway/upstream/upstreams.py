"""Hands a request on to the service that owns its path, or asks a service itself, and brings back the answer."""

import asyncio
from collections.abc import Mapping
from contextlib import ExitStack
from types import TracebackType
from typing import Final
from urllib.parse import quote_from_bytes

import httpx2
from fastapi import Request, Response
from prometheus_client import CollectorRegistry

from examkit.errors import UpstreamFailedError
from examkit.tenants import TENANT_HEADER
from examkit.web.observe import CORRELATION_ID_HEADER
from examkit.web.wire import JSON
from gateway.caller import Caller
from gateway.routes import Upstream
from gateway.upstream.body import Upload, body_of
from gateway.upstream.call import Call
from gateway.upstream.figures import Figures
from gateway.upstream.question import Answer, Question
from gateway.upstream.relay import read, relay
from gateway.upstream.service import Limits, Service
from gateway.upstream.sockets import Sockets

_TRACE_HEADERS: Final = frozenset({b"traceparent", b"tracestate"})
# What travels through; everything else a client sends stays outside.
_HEADERS: Final = _TRACE_HEADERS | {
    b"accept",
    b"accept-language",
    b"content-length",
    b"content-type",
    b"if-none-match",
}
_LONGEST_ANSWER: Final = 64 * 1024**2  # held in memory only when the gateway itself asked
_VISIBLE: Final = bytes(range(0x21, 0x7F))


class Upstreams:
    """The services behind the gateway; used as an asynchronous context manager."""

    def __init__(
        self,
        urls: Mapping[Upstream, str],
        service_token: str,
        limits: Limits,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._transport = transport or Sockets(limits.answer_seconds)
        self._figures = Figures()
        self._services = {
            upstream: Service(upstream, url, service_token, self._transport, limits) for upstream, url in urls.items()
        }

    async def __aenter__(self) -> None:
        """Open nothing yet: connections are made as they are needed."""

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._transport.aclose()

    async def forward(self, upstream: Upstream, request: Request) -> Response:
        """Send a request on, a large body streamed, and bring the answer back.

        Raises OverloadedError when too many calls of the service are being answered; UpstreamUnavailableError,
        UpstreamTimeoutError or UpstreamFailedError when it cannot be reached, is too slow, or breaks off or answers
        something that is no answer of ours; MalformedRequestError or SlowRequestError for a body that does not arrive.
        """
        service = self._services[upstream]
        body = await body_of(request)
        headers = _client_headers(request, _HEADERS) | _house_headers(request)
        with ExitStack() as held:
            held.enter_context(service.place())
            answer = await self._send(upstream, Call(request.method, _target(request), headers, body))
            return await relay(service, answer, held.pop_all())

    async def ask(self, upstream: Upstream, request: Request, question: Question) -> Answer:
        """Ask a service on behalf of a request's caller and return the whole answer, be it a problem document.

        Raises what `forward` raises, and UpstreamFailedError for an answer that is larger than any of ours.
        """
        service = self._services[upstream]
        with service.place():
            answer = await self._send(upstream, _call(request, question))
            with service.telling_trouble():
                body = await read(answer, _LONGEST_ANSWER)
                if len(body) > _LONGEST_ANSWER:
                    raise UpstreamFailedError(f"The {upstream} service gave an answer without end.", target=upstream)
        return Answer(answer.status_code, dict(answer.headers), body)

    def tell(self, registry: CollectorRegistry) -> None:
        """Have figures of the services told with others."""
        self._figures.tell(registry, self._services)

    async def not_ready(self) -> list[str]:
        """Name the services that are not ready to work, asking all of them at once."""
        answers = await asyncio.gather(*(service.is_ready() for service in self._services.values()))
        return [upstream for upstream, is_ready in zip(self._services, answers, strict=True) if not is_ready]

    async def _send(self, upstream: Upstream, call: Call) -> httpx2.Response:
        with self._figures.timed(upstream):
            return await self._services[upstream].send(call)


def _target(request: Request) -> bytes:
    """Keep path and query byte for byte as the client sent them; what may not stand in a request line is quoted."""
    query: bytes = request.scope["query_string"]
    target: bytes = request.scope["raw_path"] + (b"?" + query if query else b"")
    return target if target.isascii() else quote_from_bytes(target, _VISIBLE).encode()


def _call(request: Request, question: Question) -> Call:
    """Word a question; of the client's own headers it has those that trace a call, and no other."""
    content = question.content
    headers = _client_headers(request, _TRACE_HEADERS) | {"accept": question.accept or JSON}
    if question.content_type is not None:
        headers["content-type"] = question.content_type
    body = content if content is None or isinstance(content, bytes) else Upload(content)
    return Call(question.method, question.path.encode("ascii"), headers | _house_headers(request), body)


def _client_headers(request: Request, wanted: frozenset[bytes]) -> dict[str, str]:
    headers = request.scope["headers"]
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in headers if name in wanted}


def _house_headers(request: Request) -> dict[str, str]:
    """Return what the gateway tells a service of a call; a client cannot tell it."""
    caller: Caller = request.state.caller
    return {CORRELATION_ID_HEADER: request.state.correlation_id, TENANT_HEADER: caller.tenant}
