"""Joins the gateway's parts."""

import httpx2
from fastapi import FastAPI
from starlette.middleware import Middleware

from examkit.service_token import read_service_token
from examkit.web.app import bare_app, factory, guard
from examkit.web.observe import configure_logging
from gateway.across_languages import AcrossLanguages, languages_better_read_in_english
from gateway.admission import Admission, Admitted
from gateway.api import public_routes
from gateway.audit.opening import open_trail
from gateway.audit.recording import Recording
from gateway.caller_api import caller_router
from gateway.documentation import add_documentation
from gateway.entrance import open_door
from gateway.exposing import expose_metrics
from gateway.faces.opening import FACES_DOCUMENTS_PATHS, Wiring, show_faces
from gateway.lifetime import Lifetime
from gateway.manners import Manners
from gateway.metered import Metered
from gateway.pages import open_assets, open_office, pages_router
from gateway.routes import DOCUMENTS_PATH, IMPORT_PATH, READING_PATH
from gateway.settings import Settings
from gateway.upstream.opening import open_upstreams
from gateway.word_pane import word_router


@factory
def create_app(settings: Settings | None = None, transport: httpx2.AsyncBaseTransport | None = None) -> FastAPI:
    """Build the gateway; a test passes the transport by which services are reached."""
    settings = settings or Settings.from_environment()
    configure_logging(settings.log_level)
    token = read_service_token(settings.service_token_file)
    upstreams = open_upstreams(settings, token, transport)
    door = open_door(settings)
    trail = open_trail(settings.data_dir, settings.database_url)
    admission = Admission()
    lifetime = Lifetime(admission, trail, upstreams, door)
    app = bare_app(name="gateway", title="Examkit", lifespan=lifetime)
    for part in (trail, upstreams, admission):
        part.tell(app.state.metrics.registry)
    app.state.door = door
    app.state.not_ready = lifetime.ready_when(upstreams.not_ready)
    across_languages = AcrossLanguages(upstreams, languages_better_read_in_english())
    app.router.routes.extend(public_routes(upstreams, across_languages))
    add_documentation(app)
    app.include_router(caller_router())
    assets = open_assets()
    app.include_router(pages_router(assets, open_office(settings.office_name, settings.office_logo_file)))
    app.include_router(word_router(assets, settings.public_url, settings.office_js_url))
    expose_metrics(app, settings.metrics_port)
    app.add_middleware(Metered, meter=door.meter)
    app.add_middleware(Manners)
    documents = dict.fromkeys((DOCUMENTS_PATH, READING_PATH, *FACES_DOCUMENTS_PATHS), settings.max_document_bytes)
    larger = {IMPORT_PATH: settings.max_import_bytes, **documents}
    guard(app, settings, larger, Middleware(Recording, trail=trail), Middleware(Admitted, admission=admission))
    show_faces(app, Wiring(upstreams, across_languages, token), settings.faces, settings.keyless_key_file)
    return app
