"""Traces through OpenTelemetry, where an operator collects them: one span a request, without its content."""

from collections.abc import Callable
from typing import Final

from anyio.to_thread import run_sync
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, StatusCode, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from examkit import __version__
from examkit.web.observe import Exchange, route_of

_TRACES_PATH: Final = "/v1/traces"
_EXPORT_SECONDS: Final = 5.0
_LONGEST_DELAY_MILLIS: Final = 1000
_NAMES: Final = ("traceparent", "tracestate")
_CONTEXT: Final = TraceContextTextMapPropagator()


class Traced:
    """ASGI middleware, inside `Observe`: a span a request, as a child of the caller's; to what is inside, the caller's.

    A service that the gateway asks gets the gateway's span in `traceparent` and makes its own below it.
    """

    def __init__(self, app: ASGIApp, name: str, processor: SpanProcessor) -> None:
        self._app = app
        resource = Resource.create({SERVICE_NAME: f"examkit-{name}", SERVICE_VERSION: __version__})
        # The process ends when the serving has ended; a handler at its exit would only wait for the collector again.
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("examkit", __version__)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request, or the beginning and end of the serving."""
        if scope["type"] == "http":
            await self._trace(scope, receive, send)
        else:
            await self._app(scope, receive, _after_shutdown(send, self._provider.shutdown))

    async def _trace(self, scope: Scope, receive: Receive, send: Send) -> None:
        sent = {name: value for name, value in _text_headers(scope) if name in _NAMES}
        # No exception is recorded: its message may quote what was submitted.
        with self._tracer.start_as_current_span(
            scope["method"],
            context=_CONTEXT.extract(sent),
            kind=SpanKind.SERVER,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            scope["headers"] = _with_parent(scope, span)
            try:
                await self._app(scope, receive, send)
            finally:
                _describe(span, scope)


def over_http(endpoint: str) -> SpanProcessor:
    """Send spans in groups, from a thread of its own, to a collector that speaks OTLP over HTTP."""
    exporter = OTLPSpanExporter(endpoint.rstrip("/") + _TRACES_PATH, timeout=_EXPORT_SECONDS)
    return BatchSpanProcessor(exporter, schedule_delay_millis=_LONGEST_DELAY_MILLIS)


def _describe(span: Span, scope: Scope) -> None:
    exchange: Exchange = scope["state"]["exchange"]
    route, status = route_of(scope), exchange.status or 500
    if status >= 500:
        span.set_status(StatusCode.ERROR)
    span.update_name(f"{scope['method']} {route}")
    span.set_attribute("http.request.method", scope["method"])
    span.set_attribute("http.route", route)
    span.set_attribute("http.response.status_code", status)
    span.set_attribute("examkit.correlation_id", scope["state"]["correlation_id"])


def _text_headers(scope: Scope) -> list[tuple[str, str]]:
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]


def _with_parent(scope: Scope, span: Span) -> list[tuple[bytes, bytes]]:
    """Put the span in the place of the caller's."""
    parent: dict[str, str] = {}
    _CONTEXT.inject(parent, set_span_in_context(span))
    others = [(name, value) for name, value in scope["headers"] if name.decode("latin-1") not in _NAMES]
    return others + [(name.encode(), value.encode()) for name, value in parent.items()]


def _after_shutdown(send: Send, end: Callable[[], None]) -> Send:
    async def sending(message: Message) -> None:
        if message["type"].startswith("lifespan.shutdown."):
            await run_sync(end)
        await send(message)

    return sending
