"""The four applications over fake engines, joined in one process: for tests of the wire."""

from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import httpx2
from fastapi import FastAPI

from examkit.jobs.rounds import Rounds
from examkit.tenants import Tenants, tenant_folder
from gateway.app import create_app as create_gateway
from gateway.routes import Upstream
from gateway.settings import Settings as GatewaySettings
from services.classify.app import create_app as create_classify
from services.classify.desk import Loaded
from services.classify.feedback.store import FeedbackStore
from services.classify.settings import Settings as ClassifySettings
from services.image_search.app import create_app as create_image_search
from services.image_search.collection import Collection
from services.image_search.desk import Loaded as LoadedMarks
from services.image_search.feedback import FeedbackStore as FeedbackOnMarks
from services.image_search.importing.background import ImportJobs
from services.image_search.register import Register
from services.image_search.settings import Settings as ImageSearchSettings
from services.translate.app import create_app as create_translate
from services.translate.desk import Loaded as LoadedTranslator
from services.translate.documents.tenants import open_documents
from services.translate.library import Library
from services.translate.settings import Settings as TranslateSettings
from tests.fakes_classify import FakeClassifier
from tests.fakes_image_search import OWN_TITLES, DecoderInProcess, FakeImageSearcher, take_in_nothing
from tests.fakes_translate import FakeTranslator


def services(folder: Path, service_token_file: Path, **told: Any) -> dict[Upstream, FastAPI]:
    """Build the three services, their fake engines loaded, without running their lifespans."""
    common: dict[str, Any] = {"artifacts_dir": folder, "service_token_file": service_token_file, **told}
    classifier, translator = FakeClassifier(), FakeTranslator()
    classify = create_classify(ClassifySettings(**common, data_dir=folder / "feedback"), classifier)
    image_search = create_image_search(ImageSearchSettings(**common, data_dir=folder))
    translate = create_translate(TranslateSettings(**common, data_dir=folder / "terminology"), translator)
    classify.state.engine = Loaded(classifier, FeedbackStore.of_tenants(folder / "feedback"))
    # A folder of its own each time: a register belongs to one, and tests build the services more than once.
    image_search.state.engine = _loaded_marks(Path(mkdtemp(prefix="marks-", dir=folder)))
    libraries = Library.of_tenants(folder / "terminology")
    documents = open_documents(Path(mkdtemp(dir=folder)), translator, libraries)
    translate.state.engine = LoadedTranslator(translator, libraries, documents)
    return {Upstream.CLASSIFY: classify, Upstream.IMAGE_SEARCH: image_search, Upstream.TRANSLATE: translate}


def _loaded_marks(folder: Path) -> LoadedMarks:
    def open_collection(tenant: str) -> Collection:
        register = Register(folder, tenant=tenant)
        return Collection(FakeImageSearcher(), register, FeedbackOnMarks(register.database))

    def open_imports(tenant: str) -> ImportJobs:
        jobs = ImportJobs(tenant_folder(folder, tenant) / "imports", take_in_nothing)
        jobs.start(rounds)
        return jobs

    rounds = Rounds("imports")
    return LoadedMarks(Tenants(open_collection), DecoderInProcess(), OWN_TITLES, Tenants(open_imports))


def gateway(folder: Path, service_token_file: Path, **told: Any) -> tuple[FastAPI, str]:
    """Build the gateway over these services; give it with its API key."""
    settings = GatewaySettings(
        service_token_file=service_token_file,
        data_dir=folder / "gateway",
        api_key_file=folder / "api_key",
        classify_url="http://classify",
        image_search_url="http://image-search",
        translate_url="http://translate",
        **told,
    )
    application = create_gateway(settings, InProcess(services(folder, service_token_file, **told)))
    return application, settings.api_key_file.read_text().strip()


class InProcess(httpx2.AsyncBaseTransport):
    """Reaches a service by its host's name, without a socket."""

    def __init__(self, applications: dict[Upstream, FastAPI]) -> None:
        self._transports = {
            upstream.replace("_", "-"): httpx2.ASGITransport(application)
            for upstream, application in applications.items()
        }

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        return await self._transports[request.url.host].handle_async_request(request)
