"""What an operator can see of a deployable: one JSON line and a few counters a request, never its content."""

import logging
import re
import sys
import time
import traceback
import uuid
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import Any, Final

import structlog
from fastapi import Request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from examkit.web.problems import internal_error_response

CORRELATION_ID_HEADER: Final = "correlation-id"
_USABLE_CORRELATION_ID = re.compile(r"[\x21-\x7e]{1,128}")
_PROBES = frozenset({"/livez", "/readyz", "/metrics"})
Headers = list[tuple[bytes, bytes]]


class Metrics:
    """Counters of one deployable in a registry of its own; labels are what code names, never what a client sent."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "examkit_requests", "Requests answered.", ["route", "method", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "examkit_request_seconds", "Seconds from request to end of answer.", ["route"], registry=self.registry
        )
        self.refusals = Counter(
            "examkit_refusals", "Problem documents answered, by their code.", ["code"], registry=self.registry
        )
        self.in_flight = Gauge("examkit_requests_in_flight", "Requests being answered.", registry=self.registry)


@dataclass
class Exchange:
    """What is noted of one request while it runs; found in `scope["state"]["exchange"]`."""

    started: float = field(default_factory=time.perf_counter)
    status: int = 0
    request_bytes: int = 0
    response_bytes: int = 0

    @property
    def seconds(self) -> float:
        """Return how long it has run."""
        return time.perf_counter() - self.started


class Observe:
    """ASGI middleware, outermost: correlation id, access log, metrics, and the answer to an unforeseen failure."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics
        self._log = structlog.get_logger("examkit.access")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        correlation_id = _correlation_id(scope)
        exchange = Exchange()
        scope.setdefault("state", {}).update(correlation_id=correlation_id, exchange=exchange)

        async def counted_receive() -> Message:
            message = await receive()
            exchange.request_bytes += len(message.get("body", b""))
            return message

        async def noting_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                exchange.status = message["status"]
                message = {**message, "headers": _with_house_headers(message["headers"], correlation_id)}
            exchange.response_bytes += len(message.get("body", b""))
            await send(message)

        self._metrics.in_flight.inc()
        try:
            await self._app(scope, counted_receive, noting_send)
        except Exception as error:  # noqa: BLE001 - the last resort: a bug must not reach the client or leave content in a log
            self._log.error("request failed", correlationId=correlation_id, **failure_of(error))
            if not exchange.status:
                await internal_error_response(Request(scope))(scope, receive, noting_send)
        finally:
            self._metrics.in_flight.dec()
            self._note(scope, correlation_id, exchange)

    def _note(self, scope: Scope, correlation_id: str, exchange: Exchange) -> None:
        seconds = exchange.seconds
        route = route_of(scope)
        self._metrics.requests.labels(route, scope["method"], str(exchange.status)).inc()
        self._metrics.seconds.labels(route).observe(seconds)
        if "refusal" in scope["state"]:
            self._metrics.refusals.labels(scope["state"]["refusal"]).inc()
        if route not in _PROBES:
            self._log.info(
                "request",
                correlationId=correlation_id,
                method=scope["method"],
                route=route,
                status=exchange.status,
                milliseconds=round(seconds * 1000, 1),
                requestBytes=exchange.request_bytes,
                responseBytes=exchange.response_bytes,
            )


def failure_of(error: BaseException) -> dict[str, object]:
    """Describe an exception by its type and places only: its message may quote submitted content."""
    frames = traceback.extract_tb(error.__traceback__)
    return {"error": type(error).__name__, "trace": [f"{f.filename}:{f.lineno} {f.name}" for f in frames[-12:]]}


def configure_logging(level: str) -> None:
    """Send everything, the server's own messages included, to standard output as one JSON object a line."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    finish: list[Any] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        _without_messages,
        structlog.processors.JSONRenderer(),
    ]
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=finish))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    # Where a line cannot be written, logging would print the error at hand instead, which may quote what was submitted.
    logging.raiseExceptions = False
    for name in ("uvicorn", "uvicorn.error"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    # These tell whole URLs, and a URL may hold a search text.
    for name in ("uvicorn.access", "httpx2", "httpcore2"):
        logging.getLogger(name).disabled = True


def _without_messages(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    trouble = event.pop("exc_info", None)
    if trouble:
        event.update(failure_of(trouble[1] if isinstance(trouble, tuple) else trouble))
    return event


def _correlation_id(scope: Scope) -> str:
    sent = dict(scope["headers"]).get(CORRELATION_ID_HEADER.encode(), b"").decode("latin-1")
    return sent if _USABLE_CORRELATION_ID.fullmatch(sent) else str(uuid.uuid4())


def _with_house_headers(headers: Headers, correlation_id: str) -> Headers:
    ours = [(CORRELATION_ID_HEADER.encode(), correlation_id.encode()), (b"x-content-type-options", b"nosniff")]
    may_be_kept = any(name == b"cache-control" for name, _ in headers)
    return [*headers, *ours, *([] if may_be_kept else [(b"cache-control", b"no-store")])]


def route_of(scope: Scope) -> str:
    """Return the template of a request's path, once it was routed; never the path."""
    return getattr(scope.get("route"), "path", None) or "unmatched"
