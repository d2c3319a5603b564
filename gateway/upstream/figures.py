"""What Prometheus can see of the services as the gateway meets them: how long calls take, and how they end."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Final

from prometheus_client import CollectorRegistry, Gauge, Histogram

from examkit.errors import ExamError
from gateway.routes import Upstream
from gateway.upstream.service import Service

_ANSWERED: Final = "answered"
_ENDED: Final = "ended"  # the client left, or the gateway stops
_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Figures:
    """Times every call from its beginning to the head of its answer, waits for a service that restarts included."""

    def __init__(self) -> None:
        self._seconds = Histogram(
            "examkit_upstream_seconds",
            "Seconds from call of a service to the head of its answer, or to its failure.",
            ["upstream", "outcome"],
            registry=None,
            buckets=_SECONDS,
        )

    @contextmanager
    def timed(self, upstream: Upstream) -> Iterator[None]:
        """Time one call; the outcome is `answered` or the code of an error."""
        began, outcome = time.perf_counter(), _ENDED
        try:
            yield
            outcome = _ANSWERED
        except ExamError as error:
            outcome = error.code
            raise
        finally:
            self._seconds.labels(upstream, outcome).observe(time.perf_counter() - began)

    def tell(self, registry: CollectorRegistry, services: Mapping[Upstream, Service]) -> None:
        """Have these told with others, and of each service whether it is left alone and how many calls it has."""
        registry.register(self._seconds)
        is_open = Gauge(
            "examkit_upstream_breaker_open",
            "1 while a service that failed is left alone.",
            ["upstream"],
            registry=registry,
        )
        calls = Gauge("examkit_upstream_calls", "Calls that a service works on.", ["upstream"], registry=registry)
        for upstream, service in services.items():
            is_open.labels(upstream).set_function(partial(getattr, service.breaker, "is_open"))
            calls.labels(upstream).set_function(partial(getattr, service, "calls"))
