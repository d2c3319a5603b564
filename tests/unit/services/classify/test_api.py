"""The wire: members as described, and every kind of unusable request answered by a problem with a stable code."""

import httpx2
import pytest

from examkit.service_token import SERVICE_TOKEN_HEADER
from services.classify.app import create_app
from services.classify.desk import Loaded
from services.classify.feedback.store import FeedbackStore
from services.classify.settings import Settings
from tests.fakes_classify import FakeClassifier


@pytest.fixture
async def client(tmp_path, service_token_file):
    app = create_app(Settings(artifacts_dir=tmp_path, service_token_file=service_token_file, data_dir=tmp_path))
    app.state.engine = Loaded(FakeClassifier(), FeedbackStore.of_tenants(tmp_path))
    headers = {SERVICE_TOKEN_HEADER: service_token_file.read_text()}
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://x", headers=headers) as client:
        yield client
    app.state.engine.close()


pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend():
    return "asyncio"


async def test_an_answer_has_the_described_members(client):
    body = {"title": "Toothbrush", "level": "mainGroup", "limit": 1, "explain": True, "similarDocuments": 1}
    answer = await client.post("/api/v1/classify", json=body)
    assert answer.status_code == 200
    assert answer.json() == {
        "language": "en",
        "level": "mainGroup",
        "edition": "2020.01",
        "translated": False,
        "model": {"name": "fake-classifier", "version": "1.0.0"},
        "predictions": [
            {
                "symbol": "A46B 9/00",
                "level": "mainGroup",
                "title": "Arrangements of the bristles in the brush body",
                "score": 0.9,
                "ancestors": [
                    {"symbol": "A", "title": "HUMAN NECESSITIES"},
                    {"symbol": "A46", "title": "BRUSHWARE"},
                    {"symbol": "A46B", "title": "BRUSHES"},
                ],
                "evidence": [{"term": "bristle", "weight": 0.6, "places": [{"part": "title", "start": 0, "end": 7}]}],
                "evidenceDocuments": [
                    {"documentId": "XX0", "title": "A brush", "symbols": ["A46B 9/00"], "weight": 0.7}
                ],
            }
        ],
        "suggested": [{"symbol": "A46B 9/00", "role": "inventive", "score": 0.9}],
        "similarDocuments": [{"documentId": "XX0", "title": "A brush", "symbols": ["A46B"], "score": 0.5}],
    }


async def test_what_was_not_asked_for_is_left_out(client):
    answer = (await client.post("/api/v1/classify", json={"text": "a brush"})).json()
    assert "similarDocuments" not in answer
    assert not {"evidence", "evidenceDocuments"} & set(answer["predictions"][0])
    assert answer["level"] == "subclass"


async def test_auto_names_the_level_it_came_to_and_in_a_batch_each_document_names_its_own(client):
    answer = (await client.post("/api/v1/classify", json={"text": "a brush", "level": "auto"})).json()
    assert (answer["level"], answer["predictions"][0]["level"]) == ("subgroup", "subgroup")
    batch = {"documents": [{"documentId": "1", "text": "a brush"}], "level": "auto"}
    answer = (await client.post("/api/v1/classify/batch", json=batch)).json()
    assert (answer["level"], answer["results"][0]["level"]) == ("auto", "subgroup")
    assert answer["results"][0]["suggested"][0]["role"] == "inventive"


@pytest.mark.parametrize("start", ["H01L", "h01l", "H01L0021000000"])
async def test_a_start_is_read_in_any_form(client, start):
    body = {"text": "a brush", "startFrom": start, "level": "subgroup", "limit": 50}
    answer = (await client.post("/api/v1/classify", json=body)).json()
    assert {prediction["symbol"][:4] for prediction in answer["predictions"]} == {"H01L"}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "blank-text"),
        ({"title": " "}, "blank-text"),
        ({"text": "a brush", "startFrom": "G06F"}, "unknown-symbol"),
        ({"text": "a brush", "startFrom": "brushes"}, "malformed-symbol"),
        ({"text": "a brush", "startFrom": "A46B 9/04"}, "unusable-start"),
        ({"text": "a brush", "startFrom": "A46B", "level": "class"}, "unusable-start"),
        ({"text": "a brush", "level": "group"}, "invalid-input"),
        ({"text": "a brush", "limit": 0}, "invalid-input"),
        ({"text": "a brush", "limit": 51}, "invalid-input"),
        ({"text": "a brush", "threshold": 1.1}, "invalid-input"),
        ({"text": ["a brush"]}, "invalid-input"),
        ({"text": None}, "invalid-input"),
        ({"text": "a brush", "language": "english!"}, "invalid-input"),
        ({"text": "a brush", "similarDocuments": 21}, "invalid-input"),
        ({"text": "a brush", "secret": 1}, "invalid-input"),
        ([], "invalid-input"),
    ],
)
async def test_unusable_values_are_a_problem_with_a_stable_code(client, body, code):
    answer = await client.post("/api/v1/classify", json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == code
    assert "a brush" not in answer.text


async def test_other_media_types_and_broken_json_are_problems(client):
    text = await client.post("/api/v1/classify", content="text", headers={"content-type": "text/plain"})
    broken = await client.post("/api/v1/classify", content="{", headers={"content-type": "application/json"})
    assert (text.status_code, broken.status_code, broken.json()["code"]) == (415, 400, "malformed-json")


async def test_a_batch_answers_in_order_with_a_problem_where_one_document_failed(client):
    documents = [{"documentId": "1", "title": "Brush"}, {"documentId": "2"}, {"documentId": "3", "text": "Brush"}]
    answer = await client.post("/api/v1/classify/batch", json={"documents": documents, "limit": 1})
    assert answer.status_code == 200
    first, second, third = answer.json()["results"]
    assert [each["documentId"] for each in (first, second, third)] == ["1", "2", "3"]
    assert first["predictions"] == third["predictions"]
    assert first["language"] == "en"
    assert second["problem"]["code"] == "blank-text"
    assert second["problem"]["instance"].endswith("#/documents/1")
    assert "predictions" not in second


@pytest.mark.parametrize("count", [0, 33])
async def test_a_batch_holds_one_to_thirty_two_documents(client, count):
    documents = [{"documentId": str(number), "title": "Brush"} for number in range(count)]
    assert (await client.post("/api/v1/classify/batch", json={"documents": documents})).status_code == 422


async def test_a_start_that_cannot_be_read_fails_the_whole_batch(client):
    body = {"documents": [{"documentId": "1", "title": "Brush"}], "startFrom": "??"}
    answer = await client.post("/api/v1/classify/batch", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "malformed-symbol")
