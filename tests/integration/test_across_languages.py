"""Classification by way of English: when it is taken, what is asked on the way, and what becomes of trouble there."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient

from gateway import across_languages
from gateway.app import create_app
from gateway.settings import Settings

pytestmark = pytest.mark.integration

SPANISH, PORTUGUESE, ENGLISH = "Un cepillo de dientes.", "Uma escova de dentes.", "A toothbrush."
ROUTE = ["es", "pt", "en"]
MODEL = {"name": "tiny", "version": "1"}


def problem(status: int, code: str) -> httpx2.Response:
    body = {"type": f"/problems/{code}", "title": "-", "status": status, "detail": "-", "code": code}
    return httpx2.Response(status, json=body, headers={"Content-Type": "application/problem+json"})


class Services(httpx2.AsyncBaseTransport):
    """Stands in for both services: tells a language by its text, translates to one sentence, notes what it is asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.translation: httpx2.Response | None = None
        self.alignment: list[dict[str, int]] = []
        self.refuses_english = False
        self.translator_sleeps = 0.0

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        path = request.url.path
        if path == "/readyz":
            return httpx2.Response(200)
        body = json.loads(await request.aread())
        self.asked.append((path, body))
        if path == "/api/v1/translate":
            await asyncio.sleep(self.translator_sleeps)
            told = translated(len(body["texts"]), self.alignment if body.get("alignment") else [])
            return self.translation or httpx2.Response(200, json=told)
        if path.endswith("batch"):
            asked = [{"explain": body.get("explain"), **each} for each in body["documents"]]
            results = [{"documentId": each["documentId"], **self.result(each)} for each in asked]
            return httpx2.Response(200, json={"level": "subclass", "results": results, "model": MODEL})
        found = self.result(body)
        if "problem" in found:
            return problem(422, found["problem"]["code"])
        return httpx2.Response(200, json={"translated": False, "model": MODEL, **found})

    def result(self, document: dict[str, Any]) -> dict[str, Any]:
        text = document.get("text") or document.get("title", "")
        if text == "Een tandenborstel.":
            return {"problem": {"code": "unreadable-language"}}
        if text == ENGLISH and self.refuses_english:
            return {"problem": {"code": "not-technical"}}
        predictions: list[dict[str, Any]] = [{"symbol": "A46B"}]
        if document.get("explain"):
            place = {"part": "title", "start": 2, "end": 12}
            predictions = [{"symbol": "A46B", "evidence": [{"term": "toothbrush", "weight": 1.0, "places": [place]}]}]
        language = {SPANISH: "es", PORTUGUESE: "pt-BR"}.get(text, "en")
        return {"language": language, "predictions": predictions if language == "en" else [{"symbol": "A61C"}]}


def translated(count: int, alignment: list[dict[str, int]]) -> dict[str, Any]:
    return {"translations": [{"text": ENGLISH, "route": ROUTE, "alignment": alignment}] * count, "model": MODEL}


@pytest.fixture
def services() -> Services:
    return Services()


@pytest.fixture
def client(
    tmp_path: Path, service_token_file: Path, services: Services, monkeypatch: pytest.MonkeyPatch
) -> Iterator[TestClient]:
    """A gateway for which Spanish and Portuguese are better read in English, whatever was measured last."""
    monkeypatch.setattr("gateway.app.languages_better_read_in_english", lambda: frozenset({"es", "pt"}))
    settings = Settings(
        service_token_file=service_token_file,
        data_dir=tmp_path / "gateway",
        api_key_file=tmp_path / "api_key",
        classify_url="http://classify.test",
        image_search_url="http://image-search.test",
        translate_url="http://translate.test",
    )
    with TestClient(create_app(settings, services)) as client:
        client.headers["API-Key"] = settings.api_key_file.read_text().strip()
        yield client


def classify(client: TestClient, **members: Any) -> dict[str, Any]:
    answer = client.post("/api/v1/classify", json=members)
    assert answer.status_code == 200
    told: dict[str, Any] = answer.json()
    return told


def test_what_is_read_well_is_classified_as_it_is(client, services):
    answer = classify(client, text=ENGLISH)
    assert answer["translated"] is False
    assert "route" not in answer
    assert [path for path, _ in services.asked] == ["/api/v1/classify"]


def test_what_is_not_read_well_is_translated_first_and_so_marked(client, services):
    answer = classify(client, title=SPANISH, abstract=" ", claims="c" * 9000, level="mainGroup", startFrom="A46")
    assert answer["predictions"] == [{"symbol": "A46B"}]
    assert (answer["language"], answer["translated"], answer["route"]) == ("es", True, ROUTE)
    (_, _), (_, wish), (_, again) = services.asked
    assert wish == {"texts": [SPANISH, "c" * 1500], "sourceLanguage": "es", "targetLanguage": "en", "quality": False}
    assert again["title"] == again["claims"] == ENGLISH
    assert (again["level"], again["startFrom"], again["language"]) == ("mainGroup", "A46", "en")


TOOTHBRUSH = {"targetStart": 2, "targetEnd": 12}
ALIGNMENT = [
    {"sourceStart": 0, "sourceEnd": 2, "targetStart": 0, "targetEnd": 1},
    {"sourceStart": 3, "sourceEnd": 10} | TOOTHBRUSH,
    {"sourceStart": 14, "sourceEnd": 21} | TOOTHBRUSH,
]


@pytest.mark.parametrize(
    ("text", "alignment", "marked"),
    [(SPANISH, ALIGNMENT, ["cepillo", "dientes"]), (SPANISH, [], []), (ENGLISH, [], ["toothbrush"])],
)
def test_places_are_those_in_the_text_that_was_sent(client, services, text, alignment, marked):
    services.alignment = alignment
    alone = classify(client, title=text, explain=True)
    batch = {"documents": [{"documentId": "1", "title": text}], "explain": True}
    (together,) = client.post("/api/v1/classify/batch", json=batch).json()["results"]
    for found in (alone, together) if text == SPANISH else (alone,):
        ((evidence,),) = [each["evidence"] for each in found["predictions"]]
        assert evidence["term"] == "toothbrush"
        assert {place["part"] for place in evidence["places"]} <= {"title"}
        assert [text[place["start"] : place["end"]] for place in evidence["places"]] == marked


def test_a_language_with_a_region_is_the_same_language(client):
    answer = classify(client, text=PORTUGUESE)
    assert (answer["language"], answer["translated"]) == ("pt-BR", True)


def test_a_language_that_is_not_read_at_all_is_translated_from_whatever_it_is(client, services):
    answer = classify(client, text="Een tandenborstel.")
    assert (answer["language"], answer["translated"]) == ("es", True)
    assert services.asked[1][1]["sourceLanguage"] is None


@pytest.mark.parametrize(
    ("translation", "code"),
    [
        (problem(422, "unsupported-language-pair"), "unsupported-language-pair"),
        (problem(503, "overloaded"), "overloaded"),
        (httpx2.Response(500, text="Traceback"), "upstream-failed"),
    ],
)
def test_without_a_translation_the_first_answer_stands_and_says_so(client, services, translation, code):
    services.translation = translation
    answer = classify(client, text=SPANISH)
    assert answer["predictions"] == [{"symbol": "A61C"}]
    assert (answer["translated"], answer["translationProblem"]) == (False, code)
    refused = client.post("/api/v1/classify", json={"text": "Een tandenborstel."})
    assert (refused.status_code, refused.json()["code"]) == (422, "unreadable-language")


def test_a_slow_translation_is_not_waited_for(client, services, monkeypatch):
    monkeypatch.setattr(across_languages, "_MOST_SECONDS", 0.05)
    services.translator_sleeps = 60
    assert classify(client, text=SPANISH)["translationProblem"] == "upstream-timeout"


def test_a_translation_that_is_refused_by_the_classifier_is_of_no_use(client, services):
    services.refuses_english = True
    assert classify(client, text=SPANISH)["translationProblem"] == "not-technical"


def test_a_batch_is_translated_where_it_has_to_be(client, services):
    texts = [ENGLISH + " ", SPANISH, "Een tandenborstel.", PORTUGUESE]
    documents = [{"documentId": str(i), "text": text} for i, text in enumerate(texts)]
    results = client.post("/api/v1/classify/batch", json={"documents": documents, "limit": 2}).json()["results"]
    assert [each["documentId"] for each in results] == ["0", "1", "2", "3"]
    assert [each.get("translated", False) for each in results] == [False, True, True, True]
    assert {each["predictions"][0]["symbol"] for each in results} == {"A46B"}
    path, again = services.asked[-1]
    assert (path, again["limit"]) == ("/api/v1/classify/batch", 2)
    assert [each["documentId"] for each in again["documents"]] == ["1", "2", "3"]


def test_a_batch_without_a_translator_says_so_in_each_result(client, services):
    services.translation = problem(503, "overloaded")
    documents = [{"documentId": "a", "text": SPANISH}, {"documentId": "b", "text": "Een tandenborstel."}]
    spanish, dutch = client.post("/api/v1/classify/batch", json={"documents": documents}).json()["results"]
    assert (spanish["predictions"][0]["symbol"], spanish["translationProblem"]) == ("A61C", "overloaded")
    assert dutch == {"documentId": "b", "problem": {"code": "unreadable-language"}}


def test_a_batch_keeps_the_first_result_where_the_second_is_a_problem(client, services):
    services.refuses_english = True
    (result,) = client.post(
        "/api/v1/classify/batch", json={"documents": [{"documentId": "a", "text": SPANISH}]}
    ).json()["results"]
    assert (result["language"], result["translationProblem"]) == ("es", "not-technical")


def test_what_is_too_large_to_hold_is_passed_on(client, services):
    answer = classify(client, text=SPANISH, description="d" * 300_000)
    assert answer["translated"] is False
    assert len(services.asked) == 1


def test_the_table_names_languages_by_their_figures():
    lines = across_languages.TABLE_FILE.read_text().splitlines()
    rows = [line.split("\t") for line in lines[1:]]
    for language, as_it_is, by_way_of_english, better in rows:
        assert better in ("yes", "no")
        assert better == "no" or float(by_way_of_english) > float(as_it_is), language
    assert across_languages.languages_better_read_in_english() == {row[0] for row in rows if row[3] == "yes"}
