"""Composition root of the image search service."""

from functools import partial

from fastapi import FastAPI

from examkit.web.app import build_app, factory
from services.image_search import api, codes_api, feedback_api
from services.image_search.desk import Loaded, not_ready
from services.image_search.encoders import Encoders
from services.image_search.engine import FaissImageSearcher, ImageSearcher
from services.image_search.feedback import FeedbackStore
from services.image_search.register import Register
from services.image_search.settings import Settings


@factory
def create_app(settings: Settings | None = None, searcher: ImageSearcher | None = None) -> FastAPI:
    """Build the service; a test passes its own searcher."""
    chosen = settings or Settings.from_environment()
    url = chosen.database_url.get_secret_value() if chosen.database_url else None

    def load() -> Loaded:
        encoders = Encoders.open(chosen.artifacts_dir)
        register = Register(chosen.data_dir, url, read_only=chosen.read_only)
        return Loaded(searcher or FaissImageSearcher(encoders, register), register, FeedbackStore(register.database))

    app = build_app(
        name="image-search",
        title="Examkit image search",
        settings=chosen,
        load=load,
        routers=[feedback_api.router, codes_api.router, api.router],
    )
    app.state.not_ready = partial(not_ready, app, app.state.not_ready)
    return app
