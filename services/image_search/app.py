"""Composition root of the image search service."""

from fastapi import FastAPI

from examkit.web.app import build_app, factory
from services.image_search.api import router
from services.image_search.engine import ImageSearcher, open_image_searcher
from services.image_search.settings import Settings


@factory
def create_app(settings: Settings | None = None, searcher: ImageSearcher | None = None) -> FastAPI:
    """Build the service; a test passes its own searcher."""
    chosen = settings or Settings.from_environment()

    url = chosen.database_url.get_secret_value() if chosen.database_url else None

    def load() -> ImageSearcher:
        return searcher or open_image_searcher(chosen.artifacts_dir / "mark-embedder", chosen.data_dir, url)

    return build_app(name="image-search", title="Examkit image search", settings=chosen, load=load, routers=[router])
