"""Translation memory through the service: what is stored, imported, exported and refused, and never logged."""

import json
from contextlib import ExitStack
from uuid import uuid4

import pytest

from services.translate.memory.tmx import MEDIA_TYPE
from services.translate.memory.units import UNSTORABLE
from tests.fakes_translate import FakeTranslator
from tests.integration.test_translate import open_client, problem, wait_until_ready

pytestmark = pytest.mark.integration

PATH = "/api/v1/translate/memory"
SECRET = "Quagga-Zephyr-4711"


@pytest.fixture
def client(tmp_path, service_token_file):
    with open_client(tmp_path, service_token_file, FakeTranslator()) as opened:
        wait_until_ready(opened)
        yield opened


def store(client, *segments, **members):
    sides = [{"source": source, "target": target} for source, target in segments]
    return client.post(PATH, json={"sourceLanguage": "en", "targetLanguage": "pt", "segments": sides, **members})


def send_tmx(client, content, media_type=MEDIA_TYPE):
    return client.post(PATH, content=content, headers={"content-type": media_type})


def test_segments_are_stored_listed_exported_and_imported_again(client):
    assert store(client, ("The rod & cap", "a < b"), ("é", "ç")).json() == {
        "stored": 2,
        "replaced": 0,
        "unchanged": 0,
        "skipped": 0,
    }
    page = client.get(PATH, params={"sourceLanguage": "EN", "targetLanguage": "pt", "limit": 1}).json()
    assert (page["count"], page["items"][0]["source"]) == (2, "The rod & cap")
    exported = client.get(PATH, headers={"accept": MEDIA_TYPE})
    assert exported.headers["content-type"].startswith(MEDIA_TYPE)
    assert send_tmx(client, exported.content).json()["unchanged"] == 2
    assert client.delete(f"{PATH}/{page['items'][0]['id']}").status_code == 204
    assert send_tmx(client, exported.content, "text/xml; charset=utf-8").json()["stored"] == 1
    removed = client.delete(PATH, params={"sourceLanguage": "en", "targetLanguage": "pt"})
    assert removed.json() == {"removed": 2}


def test_a_single_segment_can_be_removed_where_its_answer_says(client):
    store(client, ("The lid.", "A tampa."))
    first = store(client, ("The rod.", "A vara.")).headers["location"]
    assert store(client, ("The rod.", "A haste.")).headers["location"] == first
    assert store(client, ("The rod.", "A haste.")).headers["location"] == first
    assert "location" not in store(client, ("a", "b"), ("c", "d")).headers
    assert client.delete(first).status_code == 204
    left = client.get(PATH, params={"sourceLanguage": "en", "targetLanguage": "pt"}).json()["items"]
    assert [item["source"] for item in left] == ["The lid.", "a", "c"]


def sent_by_pieces(client, receive):
    """Send a TMX file that `receive` gives piece by piece; return the answer's status and body."""
    answer = []

    async def send(message):
        answer.append(message)

    named = {"content-type": MEDIA_TYPE, **client.headers}
    headers = [(name.encode(), value.encode()) for name, value in named.items()]
    scope: dict[str, object] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "path": PATH,
    }
    scope |= {"raw_path": PATH.encode(), "query_string": b"", "headers": headers, "client": None, "server": None}
    client.portal.call(client.app, scope, receive, send)
    return answer[0]["status"], json.loads(b"".join(message.get("body", b"") for message in answer[1:]))


def test_an_import_without_a_place_is_refused_before_its_file_is_read(client):
    slots = client.app.state.engine.import_slots

    async def receive():
        raise AssertionError("nothing is to be read")

    with ExitStack() as held:
        for _ in range(4):
            held.enter_context(slots.places.one())
        status, found = sent_by_pieces(client, receive)
        assert (status, found["code"]) == (503, "overloaded")
    assert send_tmx(client, "<tmx/>").status_code == 200


def test_an_import_holds_its_place_while_its_file_arrives_and_no_longer(client):
    slots = client.app.state.engine.import_slots
    taken = []

    async def receive():
        taken.append(slots.in_use)
        if len(taken) == 1:
            return {"type": "http.request", "body": b"<tmx>", "more_body": True}
        return {"type": "http.disconnect"}

    status, found = sent_by_pieces(client, receive)
    assert (status, found["code"]) == (400, "malformed-request")
    assert taken[:2] == [1, 1]
    assert slots.in_use == 0


def test_what_cannot_be_stored_is_refused_by_name(client):
    assert problem(store(client), 422) == "invalid-input"
    assert problem(store(client, ("a", " ")), 422) == "invalid-input"
    assert problem(store(client, ("a\x00", "b")), 422) == "invalid-input"
    assert problem(store(client, ("a", "b"), targetLanguage="en-GB"), 422) == "same-language"
    assert problem(store(client, ("a", "b"), targetLanguage="klingon!"), 422) == "malformed-language-tag"
    assert problem(send_tmx(client, "<tmx>"), 400) == "malformed-xml"
    assert problem(send_tmx(client, "<html/>", "application/xml"), 422) == "not-tmx"
    assert problem(send_tmx(client, '<!DOCTYPE tmx [<!ENTITY a "b">]><tmx/>'), 422) == "xml-entities"
    assert problem(send_tmx(client, "a", "text/plain"), 415) == "unsupported-media-type"
    assert (
        problem(client.post(PATH, content="{", headers={"content-type": "application/json"}), 400) == "malformed-json"
    )
    assert client.get(PATH).json()["count"] == 0


def test_what_is_not_there_cannot_be_removed_and_everything_only_by_name(client):
    assert problem(client.delete(f"{PATH}/{uuid4()}"), 404) == "unknown-unit"
    assert problem(client.delete(PATH), 422) == "invalid-input"
    assert problem(client.delete(PATH, params={"sourceLanguage": "en"}), 422) == "invalid-input"
    assert problem(client.get(PATH, params={"sourceLanguage": "en"}), 422) == "half-a-pair"


def test_the_memory_is_used_through_the_service_until_it_is_switched_off(tmp_path, service_token_file, artifacts_dir):
    with open_client(tmp_path, service_token_file, artifacts=artifacts_dir) as client:
        wait_until_ready(client)
        store(client, ("The rod (3) turns.", "RODA (3)."))
        body = {"texts": ["The rod (4) turns."], "sourceLanguage": "en", "targetLanguage": "pt-BR", "segments": True}
        first = client.post("/api/v1/translate", json=body).json()["translations"][0]
        assert first["text"] == "RODA (4)."
        assert first["segments"][0]["origin"] == "memory-adapted"
        assert first["segments"][0]["matches"] == [
            {"source": "The rod (3) turns.", "target": "RODA (3).", "score": 0.9444}
        ]
        off = client.post("/api/v1/translate", json={**body, "memory": False}).json()["translations"][0]
        assert off["segments"][0]["origin"] == "engine"
        assert "(4)" in off["text"]
        assert "RODA" not in off["text"]


def test_no_segment_reaches_a_log(capfd, tmp_path, service_token_file):
    with open_client(tmp_path, service_token_file, FakeTranslator()) as client:  # here, for `capfd` to see its log
        wait_until_ready(client)
        store(client, (SECRET, SECRET))
        store(client, (SECRET, SECRET + "\x00"))
        send_tmx(client, f"<tmx><body><tu><tuv><seg>{SECRET}")
        client.get(PATH)
    logged = "".join(capfd.readouterr())
    assert logged.count(f'"route": "{PATH}"') == 4
    assert SECRET not in logged


def test_unstorable_characters_are_those_that_xml_cannot_hold():
    assert UNSTORABLE.search("\x0b")
    assert not UNSTORABLE.search("\t\n\r é")
