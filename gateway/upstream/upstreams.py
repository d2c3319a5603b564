"""Hands a request on to the service that owns its path, or asks a service itself, and brings back the answer."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from types import TracebackType
from typing import Final

import httpx2
from anyio import CancelScope
from fastapi import Request, Response
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from examkit.errors import UpstreamFailedError, UpstreamTimeoutError, UpstreamUnavailableError
from examkit.service_token import SERVICE_TOKEN_HEADER
from examkit.tenants import TENANT_HEADER
from examkit.web.limits import Places
from examkit.web.observe import CORRELATION_ID_HEADER
from examkit.web.problems import PROBLEM_MEDIA_TYPE
from examkit.web.wire import JSON
from gateway.caller import Caller
from gateway.routes import Upstream
from gateway.upstream.question import Answer, Question

_TRACE_HEADERS: Final = ("traceparent", "tracestate")
# What travels through; everything else a client or a service sends stays outside.
_REQUEST_HEADERS: Final = (
    "accept",
    "accept-language",
    "content-length",
    "content-type",
    *_TRACE_HEADERS,
)
_RESPONSE_HEADERS: Final = (
    "content-disposition",
    "content-language",
    "content-length",
    "content-type",
    "location",
    "retry-after",
)
# A service that lives takes a connection at once. What takes long is this process while it gets no processor, and that
# must not be told as a service that is away.
_CONNECT_SECONDS: Final = 10.0
_READY_SECONDS: Final = 2.0
# Services close connections on which nothing was sent for 5 seconds; none of these may be used at that moment.
_IDLE_SECONDS: Final = 2.0
_MOST_CALLS: Final = 64
_MOST_CONNECTIONS: Final = _MOST_CALLS + 8  # others ask whether services are ready
_RETRY_AFTER_SECONDS: Final = 2
_LONGEST_ANSWER: Final = 64 * 1024**2  # held in memory only when the gateway itself asked


class Upstreams:
    """One pooled HTTP client a service, for so many calls at a time; used as an asynchronous context manager."""

    def __init__(
        self,
        urls: Mapping[Upstream, str],
        service_token: str,
        timeout_seconds: float,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        limits = httpx2.Limits(
            max_connections=_MOST_CONNECTIONS,
            max_keepalive_connections=_MOST_CONNECTIONS,
            keepalive_expiry=_IDLE_SECONDS,
        )
        self._clients = {
            upstream: httpx2.AsyncClient(
                base_url=url,
                headers={SERVICE_TOKEN_HEADER: service_token},
                timeout=httpx2.Timeout(timeout_seconds, connect=_CONNECT_SECONDS),
                limits=limits,
                transport=transport,
                trust_env=False,
            )
            for upstream, url in urls.items()
        }
        self._places = {upstream: Places(_MOST_CALLS) for upstream in urls}

    async def __aenter__(self) -> None:
        """Open nothing yet: connections are made as they are needed."""

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for client in self._clients.values():
            await client.aclose()

    async def forward(self, upstream: Upstream, request: Request) -> Response:
        """Send a request on, body streamed, and stream the answer back.

        Raises OverloadedError when too many calls of the service are being answered; UpstreamUnavailableError,
        UpstreamTimeoutError or UpstreamFailedError when it cannot be reached, is too slow, or breaks off or answers
        something that is no answer of ours.
        """
        with ExitStack() as held:
            held.enter_context(self._places[upstream].one())
            return _Relayed(await self._send(upstream, _incoming(request), _outgoing_headers(request)), held.pop_all())

    async def ask(self, upstream: Upstream, request: Request, question: Question) -> Answer:
        """Ask a service on behalf of a request's caller and return the whole answer, be it a problem document.

        Raises what `forward` raises, and UpstreamFailedError for an answer that is larger than any of ours.
        """
        headers = _question_headers(request, question)
        with self._places[upstream].one():
            answer = await self._send(upstream, question, headers)
            try:
                with _as_problems(upstream):
                    body = await _whole(upstream, answer)
            finally:
                await answer.aclose()
        return Answer(answer.status_code, dict(answer.headers), body)

    async def _send(self, upstream: Upstream, question: Question, headers: Mapping[str, str]) -> httpx2.Response:
        client = self._clients[upstream]
        url = client.base_url.copy_with(raw_path=question.path.encode("latin-1"))
        outgoing = client.build_request(question.method, url, headers=dict(headers), content=question.content)
        with _as_problems(upstream):
            answer = await client.send(outgoing, stream=True)
        if _is_no_answer_of_ours(answer):
            await answer.aclose()
            raise UpstreamFailedError(f"The {upstream} service gave no usable answer.", target=upstream)
        return answer

    async def not_ready(self) -> list[str]:
        """Name the services that are not ready to work, asking all of them at once."""
        answers = await asyncio.gather(*(self._is_ready(client) for client in self._clients.values()))
        return [upstream for upstream, is_ready in zip(self._clients, answers, strict=True) if not is_ready]

    async def _is_ready(self, client: httpx2.AsyncClient) -> bool:
        try:
            answer = await client.get("/readyz", timeout=_READY_SECONDS)
        except httpx2.TransportError:
            return False
        return answer.status_code == httpx2.codes.OK


class _Relayed(StreamingResponse):
    """A service's answer on its way; however that ends, the answer is closed and what was held for it let go of."""

    def __init__(self, answer: httpx2.Response, held: ExitStack) -> None:
        headers = {name: answer.headers[name] for name in _RESPONSE_HEADERS if name in answer.headers}
        super().__init__(answer.aiter_raw(), answer.status_code, headers)
        self._answer = answer
        self._held = held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._held:
            try:
                await super().__call__(scope, receive, send)
            finally:
                with CancelScope(shield=True):
                    await self._answer.aclose()


def _incoming(request: Request) -> Question:
    """Keep path and query byte for byte as the client sent them."""
    query = request.scope["query_string"]
    path = request.scope["raw_path"] + (b"?" + query if query else b"")
    return Question(request.method, path.decode("latin-1"), _body(request))


def _outgoing_headers(request: Request) -> dict[str, str]:
    headers = {name: request.headers[name] for name in _REQUEST_HEADERS if name in request.headers}
    return headers | _house_headers(request)


def _question_headers(request: Request, question: Question) -> dict[str, str]:
    """Return the headers of a question: of the client's own, those that trace the call and no other."""
    headers = {name: request.headers[name] for name in _TRACE_HEADERS if name in request.headers}
    if question.content_type is not None:
        headers["content-type"] = question.content_type
    return headers | {"accept": question.accept or JSON} | _house_headers(request)


def _house_headers(request: Request) -> dict[str, str]:
    """Return what the gateway tells a service of a call; a client cannot tell it."""
    caller: Caller = request.state.caller
    return {CORRELATION_ID_HEADER: request.state.correlation_id, TENANT_HEADER: caller.tenant}


def _body(request: Request) -> AsyncIterator[bytes] | None:
    has_body = "content-length" in request.headers or "transfer-encoding" in request.headers
    return request.stream() if has_body else None


def _is_no_answer_of_ours(answer: httpx2.Response) -> bool:
    """Tell a service's own failure, or a refusal of the gateway itself, from an answer meant for the client."""
    if answer.status_code == httpx2.codes.UNAUTHORIZED:
        return True
    is_problem = answer.headers.get("content-type", "").startswith(PROBLEM_MEDIA_TYPE)
    return answer.is_error and not is_problem


async def _whole(upstream: Upstream, answer: httpx2.Response) -> bytes:
    body = bytearray()
    async for piece in answer.aiter_bytes():
        body += piece
        if len(body) > _LONGEST_ANSWER:
            raise UpstreamFailedError(f"The {upstream} service gave an answer without end.", target=upstream)
    return bytes(body)


@contextmanager
def _as_problems(upstream: Upstream) -> Iterator[None]:
    try:
        yield
    except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout):
        raise UpstreamUnavailableError(
            f"The {upstream} service cannot be reached.", target=upstream, retry_after_seconds=_RETRY_AFTER_SECONDS
        ) from None
    except httpx2.TimeoutException:
        raise UpstreamTimeoutError(f"The {upstream} service did not answer in time.", target=upstream) from None
    except httpx2.TransportError:
        raise UpstreamFailedError(f"The {upstream} service broke off.", target=upstream) from None
