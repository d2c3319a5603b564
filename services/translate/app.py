"""Composition root of the translate service."""

from fastapi import FastAPI

from examkit.web.app import build_app, factory
from services.translate.api import router
from services.translate.engine import RoutedTranslator, Translator
from services.translate.settings import Settings


@factory
def create_app(settings: Settings | None = None, translator: Translator | None = None) -> FastAPI:
    """Build the service; a test passes its own translator."""
    chosen = settings or Settings.from_environment()

    def load() -> Translator:
        return translator or RoutedTranslator.load(chosen.artifacts_dir, with_weak=chosen.weak_routes)

    return build_app(name="translate", title="Examkit translation", settings=chosen, load=load, routers=[router])
