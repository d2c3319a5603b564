"""Which faces there are, who comes in at them, and what is told at a face by parts that know nothing of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient
from lxml import etree

from gateway.app import create_app
from gateway.settings import Settings

pytestmark = pytest.mark.integration

Open = Callable[..., Any]


class Services(httpx2.AsyncBaseTransport):
    """Stands in for every service: two pairs of languages on pages of two, one prediction; or away."""

    def __init__(self) -> None:
        self.asked: list[httpx2.Request] = []
        self.is_away = False

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if self.is_away:
            raise httpx2.ConnectError("refused")
        self.asked.append(request)
        if request.url.path == "/api/v1/classify":
            predictions = [{"symbol": "A46B 9/04", "score": 0.5}]
            return httpx2.Response(200, json={"language": "en", "predictions": predictions})
        pairs = [("en", "pt", "ready"), ("fr", "en", "off"), ("es", "pt", "ready")]
        offset = int(request.url.params["offset"])
        items = [
            {"sourceLanguage": source, "targetLanguage": target, "status": status}
            for source, target, status in pairs[offset : offset + 2]
        ]
        return httpx2.Response(200, json={"items": items, "count": len(pairs), "limit": 2, "offset": offset})


@pytest.fixture
def services() -> Services:
    return Services()


@pytest.fixture
def opened(tmp_path: Path, service_token_file: Path, services: Services) -> Open:
    @contextmanager
    def open_gateway(**more: Any) -> Iterator[tuple[TestClient, str]]:
        settings = Settings(
            service_token_file=service_token_file,
            data_dir=tmp_path / "gateway",
            api_key_file=tmp_path / "api_key",
            classify_url="http://classify.test",
            image_search_url="http://image-search.test",
            translate_url="http://translate.test",
            restart_patience_seconds=0,
            **more,
        )
        with TestClient(create_app(settings, services)) as client:
            yield client, settings.api_key_file.read_text().strip()

    return open_gateway


def query(client: TestClient, **headers: str) -> httpx2.Response:
    return client.get("/classifications/ipc/ipccat", params={"text": "A toothbrush"}, headers=headers)


def test_a_face_that_was_not_chosen_is_not_there(opened):
    with opened(faces="deepl opuscat") as (client, key):
        headers = {"API-Key": key}
        for path in ("/EN/query", "/libretranslate/languages", "/search/fullipccat/1/en/subgroup/5/none/text/"):
            refused = client.get(path, headers=headers)
            assert (refused.status_code, refused.json()["code"]) == (404, "unknown-route")
        assert client.get("/deepl/v2/languages", headers=headers).json() == [
            {"language": "EN", "name": "English"},
            {"language": "ES", "name": "Spanish"},
        ]


def test_a_gateway_with_a_face_that_does_not_exist_does_not_start(opened):
    with pytest.raises(SystemExit, match="no face called babel"), opened(faces="babel"):
        pass


def test_clients_without_a_key_come_in_at_the_faces_when_they_may_and_nowhere_else(opened, tmp_path, services):
    with opened() as (client, _):
        assert query(client).status_code == 401
    with opened(keyless_key_file=tmp_path / "api_key") as (client, _):
        assert query(client).status_code == 200
        assert query(client, **{"API-Key": "exk_guess"}).status_code == 401
        assert client.get("/MTRestService/ListSupportedLanguagePairs?tokenCode=0").json() == ["en-pt", "es-pt"]
        assert client.get("/libretranslate/frontend/settings").json()["keyRequired"] is False
        assert client.get("/api/v1/ipc").status_code == 401
        (tmp_path / "api_key").write_text("exk_unknown\n")
    assert all("api-key" not in request.headers for request in services.asked)
    with opened(keyless_key_file=tmp_path / "api_key") as (client, _):
        assert query(client).status_code == 401


def test_what_middleware_refuses_is_told_in_the_faces_words_too(opened):
    with opened(max_body_bytes=1000) as (client, key):
        headers = {"API-Key": key, "Content-Type": "application/xml"}
        large = client.post("/EN/query", content=b"x" * 2000, headers=headers)
        assert large.status_code == 413
        assert "1000 bytes" in (etree.fromstring(large.content).findtext("msg") or "")
        assert "correlation-id" in large.headers
        large = client.post("/libretranslate/translate", content=b"x" * 2000, headers=headers)
        assert list(large.json()) == ["error"]
        own = client.post("/api/v1/translate", content=b"x" * 2000, headers=headers)
        assert own.json()["code"] == "body-too-large"


def test_a_service_that_is_away_is_told_with_when_to_ask_again(opened, services):
    services.is_away = True
    with opened() as (client, key):
        away = query(client, **{"API-Key": key})
        assert away.status_code == 503
        assert int(away.headers["retry-after"]) >= 1
        assert etree.fromstring(away.content).findtext("msg")
        away = client.get("/deepl/v2/languages", headers={"Authorization": f"DeepL-Auth-Key {key}"})
        assert (away.status_code, list(away.json())) == (503, ["message"])


def test_the_protocols_own_key_comes_first(opened):
    """A key that is not known is not made up for by a header that is ours."""
    with opened() as (client, key):
        headers = {"API-Key": key, "Authorization": "DeepL-Auth-Key exk_guess"}
        refused = client.get("/deepl/v2/languages", headers=headers)
        assert (refused.status_code, list(refused.json())) == (403, ["message"])
        call = {"q": "Lid", "source": "en", "target": "pt", "api_key": "exk_guess"}
        refused = client.post("/libretranslate/translate", json=call, headers={"API-Key": key})
        assert (refused.status_code, list(refused.json())) == (403, ["error"])
        assert client.get("/MTRestService/Translate?tokenCode=exk_guess", headers={"API-Key": key}).status_code == 401


def test_texts_in_urls_are_counted_as_those_in_bodies_are(opened):
    by_path = "/search/fullipccat/20260101/en/subgroup/3/none/A%20toothbrush/"
    with opened(characters_per_day=30) as (client, key):
        headers = {"API-Key": key}
        assert query(client, **headers).status_code == 200
        assert client.get(by_path, headers=headers).status_code == 200
        assert client.get("/deepl/v2/usage", headers=headers).json() == {"character_count": 25, "character_limit": 30}
        assert client.post("/deepl/v2/translate?text=A%20toothbrush", headers=headers).status_code == 400
        refused = query(client, **headers)
        assert (refused.status_code, refused.headers["content-type"]) == (429, "application/xml")
        assert int(refused.headers["retry-after"]) >= 1
        assert client.get(by_path, headers=headers).status_code == 429
        refused = client.post("/deepl/v2/translate", json={"text": ["Lid"], "target_lang": "PT"}, headers=headers)
        assert (refused.status_code, refused.json()["message"]) == (456, "Quota exceeded")
