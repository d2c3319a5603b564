"""Joins the gateway's parts."""

import httpx2
from fastapi import FastAPI
from prometheus_client import start_http_server
from starlette.middleware import Middleware

from examkit.service_token import read_service_token
from examkit.web.app import bare_app, factory, guard
from examkit.web.health import exposition
from examkit.web.observe import configure_logging
from gateway.admission import Admission, Admitted
from gateway.api import public_routes
from gateway.auth import Door
from gateway.documentation import add_documentation
from gateway.keys import open_keys
from gateway.lifetime import Lifetime
from gateway.routes import DOCUMENTS_PATH, IMPORT_PATH, Upstream
from gateway.settings import Settings
from gateway.upstream.service import Limits
from gateway.upstream.upstreams import Upstreams


@factory
def create_app(settings: Settings | None = None, transport: httpx2.AsyncBaseTransport | None = None) -> FastAPI:
    """Build the gateway; a test passes the transport by which services are reached."""
    settings = settings or Settings.from_environment()
    configure_logging(settings.log_level)
    upstreams = _upstreams(settings, transport)
    admission = Admission()
    lifetime = Lifetime(admission, upstreams)
    app = bare_app(name="gateway", title="Examkit", lifespan=lifetime)
    admission.tell(app.state.metrics.registry)
    app.state.door = Door(open_keys(settings.data_dir, settings.api_key_file))
    app.state.not_ready = lifetime.ready_when(upstreams.not_ready)
    app.include_router(public_routes(upstreams))
    add_documentation(app)
    _expose_metrics(app, settings)
    larger = {IMPORT_PATH: settings.max_import_bytes, DOCUMENTS_PATH: settings.max_document_bytes}
    guard(app, settings, larger, Middleware(Admitted, admission=admission))
    return app


def _upstreams(settings: Settings, transport: httpx2.AsyncBaseTransport | None) -> Upstreams:
    urls = {
        Upstream.CLASSIFY: str(settings.classify_url),
        Upstream.IMAGE_SEARCH: str(settings.image_search_url),
        Upstream.TRANSLATE: str(settings.translate_url),
    }
    limits = Limits(settings.upstream_timeout_seconds, settings.restart_patience_seconds)
    return Upstreams(urls, read_service_token(settings.service_token_file), limits, transport)


def _expose_metrics(app: FastAPI, settings: Settings) -> None:
    if settings.metrics_port is None:
        app.include_router(exposition(app.state.metrics))
    else:
        start_http_server(settings.metrics_port, registry=app.state.metrics.registry)
