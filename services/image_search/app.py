"""Composition root of the image search service."""

from functools import partial

from fastapi import FastAPI

from examkit.tenants import DEFAULT_TENANT
from examkit.web.app import build_app, factory
from services.image_search import api, codes_api, feedback_api, import_api, report_api, titles_api
from services.image_search.collection import OpenSearcher, Tools, open_collections
from services.image_search.decoding import Decoder
from services.image_search.desk import Loaded, not_ready
from services.image_search.encoders import Encoders
from services.image_search.engine import FaissImageSearcher
from services.image_search.importing.tenants import open_imports
from services.image_search.register import Register
from services.image_search.settings import Settings
from services.image_search.titles import Titles
from services.image_search.word_reader import open_word_reader


def _load(chosen: Settings, open_searcher: OpenSearcher) -> Loaded:
    encoders = Encoders.open(chosen.artifacts_dir)
    url = chosen.database_url.get_secret_value() if chosen.database_url else None
    # Before any process is begun: while OpenCV is imported, sys.path is not what a new process could work with.
    reader = None if chosen.read_only else open_word_reader()
    decoder = Decoder(chosen.inference_slots + 1)  # one more for what is done in the background
    collections = open_collections(
        Tools(encoders, decoder.decode, reader, open_searcher),
        lambda tenant: Register(chosen.data_dir, url, tenant=tenant, read_only=chosen.read_only),
    )
    collections.keep(DEFAULT_TENANT)
    titles = Titles.beside(encoders.concepts.table)
    if chosen.read_only:
        return Loaded(collections, decoder, titles, office_name=chosen.office_name)
    imports = open_imports(chosen.data_dir, chosen.artifacts_dir, collections)
    return Loaded(collections, decoder, titles, imports, chosen.office_name)


@factory
def create_app(settings: Settings | None = None, open_searcher: OpenSearcher = FaissImageSearcher) -> FastAPI:
    """Build the service; a test passes its own searcher."""
    chosen = settings or Settings.from_environment()
    app = build_app(
        name="image-search",
        title="Examkit image search",
        settings=chosen,
        load=partial(_load, chosen, open_searcher),
        routers=[
            feedback_api.router,
            import_api.router,
            codes_api.router,
            report_api.router,
            titles_api.router,
            api.router,
        ],
        larger_bodies={import_api.IMPORT_PATH: chosen.max_import_bytes},
    )
    app.state.not_ready = partial(not_ready, app, app.state.not_ready)
    return app
