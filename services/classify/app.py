"""Composition root of the classify service."""

from functools import partial

from fastapi import FastAPI

from examkit.tenants import DEFAULT_TENANT
from examkit.web.app import build_app, factory
from services.classify import api, feedback_api, ipc_api, reading_api
from services.classify.desk import Loaded, not_ready
from services.classify.engine import Classifier, TermClassifier
from services.classify.feedback.store import FeedbackStore
from services.classify.settings import Settings


@factory
def create_app(settings: Settings | None = None, classifier: Classifier | None = None) -> FastAPI:
    """Build the service; a test passes its own classifier."""
    chosen = settings or Settings.from_environment()
    url = chosen.database_url.get_secret_value() if chosen.database_url else None

    def load() -> Loaded:
        folder = chosen.artifacts_dir
        feedback = FeedbackStore.of_tenants(chosen.data_dir, url)
        feedback.keep(DEFAULT_TENANT)
        model, scheme = folder / "ipc-classifier", folder / "ipc-scheme"
        return Loaded(classifier or TermClassifier.open(model, scheme, encode=chosen.encode), feedback)

    app = build_app(
        name="classify",
        title="Examkit classify",
        settings=chosen,
        load=load,
        routers=[feedback_api.router, reading_api.router, api.router, ipc_api.router],
        larger_bodies={reading_api.PATH: reading_api.MOST_BODY_BYTES},
    )
    app.state.not_ready = partial(not_ready, app, app.state.not_ready)
    return app
