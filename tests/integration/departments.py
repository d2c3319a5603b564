"""An office of several departments: gateway and services in one process, and a key for each department."""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient

from examkit.service_token import write_service_token
from gateway.app import create_app as create_gateway
from gateway.database import open_database
from gateway.key_store import KeyStore
from gateway.keys import ApiKey, KeptSecret, new_id, new_secret, sha256_of
from gateway.routes import Scope, Upstream
from gateway.settings import Settings as GatewaySettings
from services.classify.app import create_app as create_classify
from services.classify.settings import Settings as ClassifySettings
from services.image_search.app import create_app as create_image_search
from services.image_search.settings import Settings as ImageSearchSettings
from services.translate.app import create_app as create_translate
from services.translate.settings import Settings as TranslateSettings
from tests.applications import InProcess
from tests.fakes_classify import FakeClassifier
from tests.fakes_translate import FakeTranslator

ARTIFACTS = Path(__file__).resolve().parents[2] / "models" / "artifacts"


@dataclass(frozen=True)
class Department:
    """A client with the key of a department."""

    door: TestClient
    key: str

    def request(self, method: str, path: str, **sent: Any) -> Any:
        """Send a request with the key."""
        headers = {"API-Key": self.key, **sent.pop("headers", {})}
        return self.door.request(method, path, headers=headers, **sent)

    def get(self, path: str, **sent: Any) -> Any:
        """Send a GET."""
        return self.request("GET", path, **sent)

    def post(self, path: str, **sent: Any) -> Any:
        """Send a POST."""
        return self.request("POST", path, **sent)

    def put(self, path: str, **sent: Any) -> Any:
        """Send a PUT."""
        return self.request("PUT", path, **sent)

    def delete(self, path: str) -> Any:
        """Send a DELETE."""
        return self.request("DELETE", path)


def wait_until(is_so: Any, seconds: float = 60) -> Any:
    """Return what is true at last."""
    deadline = time.monotonic() + seconds
    while not (found := is_so()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found


@contextmanager
def office(folder: Path, url: str | None, tenants: Sequence[str]) -> Iterator[list[Department]]:
    """Open the services over a folder, or over a PostgreSQL database where a URL is given, and the gateway."""
    token = folder / "service_token"
    write_service_token(token)
    common: dict[str, Any] = {"artifacts_dir": ARTIFACTS, "service_token_file": token, "database_url": url}
    services = {
        Upstream.CLASSIFY: create_classify(ClassifySettings(**common, data_dir=folder / "feedback"), FakeClassifier()),
        Upstream.IMAGE_SEARCH: create_image_search(ImageSearchSettings(**common, data_dir=folder / "marks")),
        Upstream.TRANSLATE: create_translate(TranslateSettings(**common, data_dir=folder / "terms"), FakeTranslator()),
    }
    settings = GatewaySettings(
        service_token_file=token,
        data_dir=folder / "gateway",
        api_key_file=folder / "api_key",
        classify_url="http://classify",
        image_search_url="http://image-search",
        translate_url="http://translate",
    )
    with ExitStack() as opened:
        for service in services.values():
            _open(service, opened)
        keys = [_new_key(folder, tenant) for tenant in tenants]  # first, for keys that nobody knows are counted
        door = opened.enter_context(TestClient(create_gateway(settings, InProcess(services))))
        yield [Department(door, key) for key in keys]


def _new_key(folder: Path, tenant: str) -> str:
    store = KeyStore(open_database(folder / "gateway"))
    key = ApiKey(new_id(), f"The desk of {tenant}", tenant, frozenset(Scope), datetime.now(UTC))
    secret = new_secret(key.id)
    store.add(key, KeptSecret(sha256_of(secret)))
    store.close()
    return secret


def _open(service: FastAPI, opened: ExitStack) -> None:
    client = opened.enter_context(TestClient(service))
    wait_until(lambda: client.get("/readyz").status_code == 200)
