"""Composition root of the classify service."""

from fastapi import FastAPI

from examkit.web.app import build_app, factory
from services.classify import api, ipc_api
from services.classify.engine import Classifier, TermClassifier
from services.classify.settings import Settings


@factory
def create_app(settings: Settings | None = None, classifier: Classifier | None = None) -> FastAPI:
    """Build the service; a test passes its own classifier."""
    chosen = settings or Settings.from_environment()

    def load() -> Classifier:
        folder = chosen.artifacts_dir
        return classifier or TermClassifier.open(folder / "ipc-classifier", folder / "ipc-scheme")

    return build_app(
        name="classify", title="Examkit classify", settings=chosen, load=load, routers=[api.router, ipc_api.router]
    )
