"""The wire of feedback: stored once and safely, listed, exported, removed, and refused where it cannot be used."""

import json
import logging
import sqlite3
from contextlib import closing
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from examkit.service_token import SERVICE_TOKEN_HEADER
from services.classify.app import create_app
from services.classify.settings import Settings
from tests.fakes_classify import FakeClassifier

PATH = "/api/v1/classify/feedback"
BODY = {
    "documentId": "XX1",
    "title": "Toothbrush",
    "language": "en",
    "predicted": [{"symbol": "A46B9/04", "score": 0.71}, {"symbol": "a46b", "score": 0.1}],
    "assigned": ["A46B0009040000", "A46B 9/00", "A46B9/04"],
}
LINES = {"accept": "application/x-ndjson"}


@pytest.fixture
def settings(tmp_path, service_token_file):
    return Settings(artifacts_dir=tmp_path, service_token_file=service_token_file, data_dir=tmp_path / "feedback")


@pytest.fixture
def client(settings):
    headers = {SERVICE_TOKEN_HEADER: settings.service_token_file.read_text()}
    with TestClient(create_app(settings, FakeClassifier()), headers=headers) as client:
        while client.get("/readyz").status_code != 200:
            pass
        yield client


def exported(client, **params):
    answer = client.get(PATH, headers=LINES, params=params)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/x-ndjson")
    return [json.loads(line) for line in answer.text.split("\n")[:-1]]


def test_feedback_is_stored_and_listed_with_canonical_symbols(client):
    answer = client.post(PATH, json=BODY)
    assert answer.status_code == 201
    receipt = answer.json()
    page = client.get(PATH).json()
    assert page == {
        "items": [
            {
                "id": receipt["id"],
                "storedAt": receipt["storedAt"],
                "edition": "2020.01",
                "documentId": "XX1",
                "language": "en",
                "title": "Toothbrush",
                "abstract": "",
                "claims": "",
                "description": "",
                "text": "",
                "predicted": [{"symbol": "A46B 9/04", "score": 0.71}, {"symbol": "A46B", "score": 0.1}],
                "assigned": ["A46B 9/04", "A46B 9/00"],
            }
        ],
        "limit": 20,
        "offset": 0,
        "count": 1,
    }
    assert exported(client) == page["items"]


def test_the_same_feedback_sent_again_is_answered_with_the_same_id(client):
    first, again = client.post(PATH, json=BODY), client.post(PATH, json=BODY)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()


def test_a_document_without_id_and_language_is_taken(client):
    body = {"text": "칫솔", "predicted": [], "assigned": ["A"]}
    assert client.post(PATH, json=body).status_code == 201
    (item,) = exported(client)
    assert (item["text"], item["assigned"], "documentId" in item, "language" in item) == ("칫솔", ["A"], False, False)


def test_pages_and_documents(client):
    for number in range(5):
        client.post(PATH, json=BODY | {"documentId": f"XX{number % 2}", "title": f"Toothbrush {number}"})
    page = client.get(PATH, params={"limit": 2, "offset": 3}).json()
    assert [item["title"] for item in page["items"]] == ["Toothbrush 3", "Toothbrush 4"]
    assert (page["limit"], page["offset"], page["count"]) == (2, 3, 5)
    one = client.get(PATH, params={"documentId": "XX1"}).json()
    assert [item["title"] for item in one["items"]] == ["Toothbrush 1", "Toothbrush 3"]
    assert exported(client, documentId="XX1") == one["items"]
    assert len(exported(client)) == 5


def test_removed_feedback_is_gone(client):
    own_id = client.post(PATH, json=BODY).json()["id"]
    assert client.delete(f"{PATH}/{own_id}").status_code == 204
    assert exported(client) == []
    for unknown in (own_id, uuid4()):
        answer = client.delete(f"{PATH}/{unknown}")
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown-feedback")
    assert client.delete(f"{PATH}/1").status_code == 422


@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        ({"assigned": ["A46B 9/04", "G06F"]}, "unknown-symbol", "/assigned/1"),
        ({"assigned": ["A46B 9/04", "brushes"]}, "malformed-symbol", "/assigned/1"),
        ({"predicted": [{"symbol": "brushes", "score": 0.1}]}, "malformed-symbol", "/predicted/0/symbol"),
        ({"predicted": [{"symbol": "A46B", "score": 1.1}]}, "invalid-input", "/predicted/0/score"),
        ({"predicted": [{"symbol": "A46B"}]}, "invalid-input", "/predicted/0/score"),
        ({"predicted": [{"symbol": "A46B", "score": 0.5}] * 51}, "invalid-input", "/predicted"),
        ({"predicted": None}, "invalid-input", "/predicted"),
        ({"assigned": []}, "invalid-input", "/assigned"),
        ({"assigned": ["A46B"] * 101}, "invalid-input", "/assigned"),
        ({"assigned": "A46B"}, "invalid-input", "/assigned"),
        ({"assigned": [{"symbol": "A46B"}]}, "invalid-input", "/assigned/0"),
        ({"documentId": ""}, "invalid-input", "/documentId"),
        ({"documentId": "X" * 129}, "invalid-input", "/documentId"),
        ({"language": "english!"}, "invalid-input", "/language"),
        ({"examiner": "me"}, "invalid-input", "/examiner"),
        ({"title": " \n"}, "blank-text", None),
    ],
)
def test_unusable_feedback_is_a_problem_that_names_the_place(client, change, code, pointer):
    answer = client.post(PATH, json=BODY | change)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, code)
    assert [detail["pointer"] for detail in problem.get("details", [])] == ([pointer] if pointer else [])
    assert "Toothbrush" not in answer.text
    assert exported(client) == []


def test_a_prediction_of_an_older_edition_is_taken(client):
    assert client.post(PATH, json=BODY | {"predicted": [{"symbol": "G06F", "score": 0.5}]}).status_code == 201


@pytest.mark.parametrize("title", ["\x00\x1f\u2028\U0001faa5 칫솔 מברשת \ufffe", "e\u0301", "\r\n\t"])
def test_every_character_comes_back(client, title):
    client.post(PATH, json=BODY | {"title": title, "abstract": "x"})
    assert [item["title"] for item in exported(client)] == [title]


def test_half_a_character_is_refused(client):
    content = json.dumps(BODY | {"title": "\ud83e"})
    assert client.post(PATH, content=content, headers={"content-type": "application/json"}).status_code == 422


@pytest.mark.parametrize("params", [{"limit": 0}, {"limit": 101}, {"offset": -1}, {"documentId": ""}])
def test_a_page_that_cannot_be_is_a_problem(client, params):
    assert client.get(PATH, params=params).status_code == 422


def test_other_media_types_are_refused(client):
    assert client.get(PATH, headers={"accept": "text/csv"}).status_code == 406
    assert client.post(PATH, content="text", headers={"content-type": "text/plain"}).status_code == 415


def test_five_megabytes_are_refused_with_the_limit_or_kept_whole(client, settings):
    body = BODY | {"description": "bristles " * 600_000}
    answer = client.post(PATH, json=body)
    assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")
    wider = create_app(settings.model_copy(update={"max_body_bytes": 8_000_000}), FakeClassifier())
    with TestClient(wider, headers=client.headers) as taking:
        while taking.get("/readyz").status_code != 200:
            pass
        assert taking.post(PATH, json=body).status_code == 201
        assert exported(taking)[0]["description"] == body["description"]


def test_a_locked_database_is_a_problem_and_classification_goes_on(client, settings):
    with closing(sqlite3.connect(settings.data_dir / "feedback.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        answer = client.post(PATH, json=BODY)
    assert (answer.status_code, answer.json()["code"]) == (503, "feedback-unavailable")
    assert answer.headers["retry-after"]
    assert "Toothbrush" not in answer.text
    assert client.post("/api/v1/classify", json={"title": "Toothbrush"}).status_code == 200
    assert client.post(PATH, json=BODY).status_code == 201


def test_readiness_and_every_call_tell_of_a_database_that_fails(client, settings):
    own_id = client.post(PATH, json=BODY).json()["id"]
    with closing(sqlite3.connect(settings.data_dir / "feedback.sqlite")) as other:
        other.execute("ALTER TABLE classify_feedback RENAME TO elsewhere")
    assert client.get("/readyz").status_code == 503
    calls = (
        client.get(PATH),
        client.get(PATH, headers=LINES),
        client.post(PATH, json=BODY),
        client.delete(f"{PATH}/{own_id}"),
    )
    assert [call.json()["code"] for call in calls] == ["feedback-unavailable"] * 4
    assert client.post("/api/v1/classify", json={"title": "Toothbrush"}).status_code == 200
    with closing(sqlite3.connect(settings.data_dir / "feedback.sqlite")) as other:
        other.execute("ALTER TABLE elsewhere RENAME TO classify_feedback")
    assert client.get("/readyz").status_code == 200
    assert len(exported(client)) == 1


def test_nothing_of_feedback_is_logged(client, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    marked = {"documentId": "zyxwmark-1", "title": "zyxwmark", "text": "zyxwmark"}
    for change in ({}, {"assigned": ["G06F"]}, {"assigned": ["zyxwmark"]}, {"language": "zyxwmark!"}):
        client.post(PATH, json=BODY | marked | change)
    exported(client, documentId="zyxwmark-1")
    assert "zyxwmark" not in caplog.text + "".join(capfd.readouterr())
