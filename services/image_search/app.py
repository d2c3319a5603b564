"""Composition root of the image search service."""

from functools import partial

from fastapi import FastAPI

from examkit.jobs.rounds import Rounds
from examkit.web.app import build_app, factory
from services.image_search import api, codes_api, feedback_api, import_api
from services.image_search.decoding import Decoder
from services.image_search.desk import Loaded, not_ready
from services.image_search.encoders import Encoders
from services.image_search.engine import FaissImageSearcher, ImageSearcher
from services.image_search.feedback import FeedbackStore
from services.image_search.importing.background import ImportJobs
from services.image_search.importing.beside import take_in_beside
from services.image_search.register import Register
from services.image_search.settings import Settings
from services.image_search.word_reader import open_word_reader
from services.image_search.word_reading import WordReading


def _load(chosen: Settings, searcher: ImageSearcher | None) -> Loaded:
    encoders = Encoders.open(chosen.artifacts_dir)
    url = chosen.database_url.get_secret_value() if chosen.database_url else None
    register = Register(chosen.data_dir, url, read_only=chosen.read_only)
    # Before any process is begun: while OpenCV is imported, sys.path is not what a new process could work with.
    reader = None if chosen.read_only else open_word_reader()
    decoder = Decoder(chosen.inference_slots + 1)  # one more for what is done in the background
    engine = searcher or FaissImageSearcher(encoders, register, decoder.decode)
    feedback = FeedbackStore(register.database)
    if chosen.read_only:
        return Loaded(engine, register, feedback, decoder=decoder)
    reading = WordReading(register, reader, decoder.decode) if reader else None
    imports = ImportJobs(chosen.data_dir / "imports", take_in_beside(engine, chosen.artifacts_dir))
    imports.start(Rounds("imports"))
    if reading:
        reading.start()
    return Loaded(engine, register, feedback, imports, reading, decoder)


@factory
def create_app(settings: Settings | None = None, searcher: ImageSearcher | None = None) -> FastAPI:
    """Build the service; a test passes its own searcher."""
    chosen = settings or Settings.from_environment()
    app = build_app(
        name="image-search",
        title="Examkit image search",
        settings=chosen,
        load=partial(_load, chosen, searcher),
        routers=[feedback_api.router, import_api.router, codes_api.router, api.router],
        larger_bodies={import_api.IMPORT_PATH: chosen.max_import_bytes},
    )
    app.state.not_ready = partial(not_ready, app, app.state.not_ready)
    return app
