"""Composition root of the translate service."""

from functools import partial

from fastapi import FastAPI

from examkit.tenants import DEFAULT_TENANT
from examkit.web.app import build_app, factory
from services.translate import api, document_api, glossary_api, memory_api
from services.translate.desk import Loaded, not_ready
from services.translate.documents.tenants import open_documents
from services.translate.engine import RoutedTranslator, Translator
from services.translate.library import Library
from services.translate.memory_schemas import MOST_IMPORTED_BYTES
from services.translate.settings import Settings


@factory
def create_app(settings: Settings | None = None, translator: Translator | None = None) -> FastAPI:
    """Build the service; a test passes its own translator."""
    chosen = settings or Settings.from_environment()
    url = chosen.database_url.get_secret_value() if chosen.database_url else None

    def load() -> Loaded:
        libraries = Library.of_tenants(chosen.data_dir, url)
        libraries.keep(DEFAULT_TENANT)
        engine = translator or RoutedTranslator.load(chosen.artifacts_dir, with_weak=chosen.weak_routes)
        return Loaded(engine, libraries, open_documents(chosen.data_dir, engine, libraries))

    app = build_app(
        name="translate",
        title="Examkit translation",
        settings=chosen,
        load=load,
        routers=[document_api.router, glossary_api.router, memory_api.router, api.router],
        larger_bodies={
            document_api.DOCUMENTS_PATH: chosen.max_document_bytes,
            memory_api.PATH: MOST_IMPORTED_BYTES,
        },
    )
    app.state.not_ready = partial(not_ready, app, app.state.not_ready)
    return app
