"""Composition root of the translate service."""

from functools import partial

from fastapi import FastAPI

from examkit.web.app import build_app, factory
from services.translate import memory_api
from services.translate.api import router
from services.translate.database import open_database
from services.translate.desk import Loaded, not_ready
from services.translate.engine import RoutedTranslator, Translator
from services.translate.memory_api import router as memory_router
from services.translate.memory_schemas import MOST_IMPORTED_BYTES
from services.translate.settings import Settings


@factory
def create_app(settings: Settings | None = None, translator: Translator | None = None) -> FastAPI:
    """Build the service; a test passes its own translator."""
    chosen = settings or Settings.from_environment()
    url = chosen.database_url.get_secret_value() if chosen.database_url else None

    def load() -> Loaded:
        database = open_database(chosen.data_dir, url)
        return Loaded(translator or RoutedTranslator.load(chosen.artifacts_dir, with_weak=chosen.weak_routes), database)

    app = build_app(
        name="translate",
        title="Examkit translation",
        settings=chosen,
        load=load,
        routers=[router, memory_router],
        larger_bodies={memory_api.PATH: MOST_IMPORTED_BYTES},
    )
    app.state.not_ready = partial(not_ready, app, app.state.not_ready)
    return app
