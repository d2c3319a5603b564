"""Composition root of the translate service."""

from functools import partial

from fastapi import FastAPI

from examkit.web.app import build_app, factory
from services.translate import api, document_api, glossary_api, memory_api
from services.translate.database import open_database
from services.translate.desk import Loaded, not_ready
from services.translate.documents.background import DocumentJobs
from services.translate.documents.work import translating
from services.translate.engine import RoutedTranslator, Translator
from services.translate.library import Library
from services.translate.memory.recall import TranslationMemory
from services.translate.memory_schemas import MOST_IMPORTED_BYTES
from services.translate.settings import Settings
from services.translate.terminology.store import GlossaryStore


@factory
def create_app(settings: Settings | None = None, translator: Translator | None = None) -> FastAPI:
    """Build the service; a test passes its own translator."""
    chosen = settings or Settings.from_environment()
    url = chosen.database_url.get_secret_value() if chosen.database_url else None

    def load() -> Loaded:
        database = open_database(chosen.data_dir, url)
        engine = translator or RoutedTranslator.load(chosen.artifacts_dir, with_weak=chosen.weak_routes)
        library = Library(GlossaryStore(database), TranslationMemory(database))
        documents = DocumentJobs(chosen.data_dir / "documents", translating(engine, library.wishes))
        documents.start()
        return Loaded(engine, database, library, documents)

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
