"""Where Prometheus reads the gateway's counters: on a port of its own, or on the public one."""

from fastapi import FastAPI
from prometheus_client import start_http_server

from examkit.errors import StartError
from examkit.web.health import exposition


def expose_metrics(app: FastAPI, port: int | None) -> None:
    """Serve the counters of an application; raise StartError when the port is taken."""
    if port is None:
        app.include_router(exposition(app.state.metrics))
        return
    try:
        start_http_server(port, registry=app.state.metrics.registry)
    except OSError:
        raise StartError(f"Port {port} for metrics is taken; each gateway, and each worker, needs its own.") from None
