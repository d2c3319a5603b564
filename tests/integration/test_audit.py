"""The audit trail of a gateway that runs: every call in it, nothing of its content, nothing done unrecorded."""

import json
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, event

from gateway.app import create_app
from gateway.audit.chain import checked
from gateway.audit.store import AuditStore
from gateway.database import open_database
from gateway.routes import ROUTES, Scope
from gateway.settings import Settings
from tests.api_keys import new_key
from tests.integration.gateway_stand_in import gateway_settings
from tests.integration.import_service import wait_until

pytestmark = pytest.mark.integration

MARK = "Zwiebelfischmarke"
WRITES = 200


@pytest.fixture
def settings(tmp_path: Path, service_token_file: Path) -> Settings:
    return gateway_settings(tmp_path, service_token_file, max_body_bytes=100_000)


@pytest.fixture
def asked() -> list[httpx2.Request]:
    return []


@pytest.fixture
def client(settings, asked):
    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        return httpx2.Response(201 if request.method == "PUT" else 200, json={"said": MARK})

    with TestClient(create_app(settings, httpx2.MockTransport(answer))) as client:
        client.headers["API-Key"] = settings.api_key_file.read_text().strip()
        yield client


def entries_of(settings: Settings) -> list[dict[str, Any]]:
    store = AuditStore(open_database(settings.data_dir, settings.database_url))
    try:
        return [json.loads(link.content) for link in checked(store.links(), [store.head()])]
    finally:
        store.close()


def test_every_route_is_recorded_with_its_caller_and_outcome(client, settings):
    for route in ROUTES:
        path = route.path.replace("{symbol:path}", "H01L").replace("{markId}", MARK).replace("{number}", "0" * 32)
        body = {"json": {"text": MARK}} if route.method in ("POST", "PUT") else {}
        client.request(route.method, path, headers={"Correlation-ID": f"{route.method}:{route.path}"}, **body)
    wait_until(lambda: len(entries_of(settings)) == len(ROUTES), 60)
    key_id = client.headers["API-Key"][:12]
    for entry, route in zip(entries_of(settings), ROUTES, strict=True):
        assert (entry["method"], entry["route"]) == (route.method, route.path)
        assert entry["correlationId"] == f"{route.method}:{route.path}"
        assert (entry["caller"], entry["tenant"]) == (key_id, "office")
        assert (entry["status"], entry["refusal"]) == (201 if route.method == "PUT" else 200, None)
        assert (entry["isComplete"], entry["count"], entry["responseBytes"]) == (True, 1, 28)
        assert entry["requestBytes"] == (28 if route.method in ("POST", "PUT") else 0)
        assert entry["milliseconds"] > 0


def test_refusals_are_recorded_with_their_reason(client, settings):
    powerless = new_key(settings, scopes=frozenset({Scope.CLASSIFY}), tenant="designs")
    wait_until(lambda: client.get("/api/v1/marks", headers={"API-Key": powerless}).status_code == 403, 60)
    client.post("/api/v1/classify", content=b"x" * 200_000)
    for _ in range(3):
        client.put("/api/v1/marks/M-1", headers={"API-Key": "exk_guess"})
    client.get(f"/{MARK}")
    client.request("PATCH", "/api/v1/marks")
    wait_until(lambda: len(entries_of(settings)) >= 5, 60)
    told = {(e["method"], e["route"], e["status"], e["refusal"], e["tenant"]) for e in entries_of(settings)}
    assert told >= {
        ("GET", "/api/v1/marks", 403, "missing-scope", "designs"),
        ("POST", "unmatched", 413, "body-too-large", None),
        ("PUT", "/api/v1/marks/{markId}", 401, "api-key-unknown", None),
        ("GET", "unmatched", 404, "unknown-route", None),
    }
    assert sum(e["count"] for e in entries_of(settings) if e["status"] == 401 and e["method"] == "PUT") == 3


def test_a_head_is_recorded_as_one_and_brings_nothing(client, settings):
    client.head("/api/v1/marks")
    wait_until(lambda: entries_of(settings), 60)
    (entry,) = entries_of(settings)
    assert (entry["method"], entry["route"], entry["responseBytes"]) == ("HEAD", "/api/v1/marks", 0)


def test_faces_are_recorded_as_our_own_routes_are(client, settings):
    key = client.headers.pop("API-Key")
    client.get("/deepl/v2/glossaries", headers={"Authorization": f"DeepL-Auth-Key {key}"})
    client.post("/libretranslate/translate", json={"q": MARK, "source": "en", "target": "pt"})
    wait_until(lambda: len(entries_of(settings)) == 2, 60)
    told = {(e["route"], e["caller"], e["refusal"]) for e in entries_of(settings)}
    assert ("/libretranslate/translate", None, "api-key-missing") in told
    assert ("/deepl/v2/glossaries", key[:12]) in {(route, caller) for route, caller, _ in told}


def test_nothing_of_content_is_kept(client, settings):
    key = client.headers["API-Key"]
    client.post("/api/v1/classify", json={"text": MARK})
    client.put(f"/api/v1/marks/{MARK}", files={"image": (f"{MARK}.png", MARK)}, data={"metadata": MARK})
    client.get(f"/api/v1/ipc/{MARK}", params={"q": MARK})
    client.get(f"/{MARK}", headers={"API-Key": MARK})
    client.request("SEARCH", f"/{MARK}")
    wait_until(lambda: len(entries_of(settings)) == 5, 60)
    for file in settings.data_dir.iterdir():
        content = file.read_bytes().lower()
        assert MARK.lower().encode() not in content
        assert key.lower().encode() not in content


class Room:
    """The disk of the gateway's database, which a test can fill up."""

    def __init__(self) -> None:
        self.is_full = False

    def limit(self, connection: Any) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one() if self.is_full else 1_000_000
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")


@pytest.fixture
def room():
    room = Room()
    event.listen(Engine, "begin", room.limit)
    yield room
    event.remove(Engine, "begin", room.limit)


def test_without_room_nothing_is_changed_unrecorded_and_readings_go_on(room, client, settings, asked):
    def put():
        return client.put("/api/v1/marks/M-1", json={})

    assert put().status_code == 201
    room.is_full = True
    refused = [put() for _ in range(60)]
    room_left = [response.status_code for response in refused].count(201)
    assert room_left < 60
    assert refused[-1].json()["code"] == "audit-disk-full"
    assert refused[-1].headers["retry-after"]
    assert len(asked) == 1 + room_left + 1  # the first that found no room was done, and not acknowledged
    assert client.get("/api/v1/marks").status_code == 200
    assert "examkit_audit_failing 1.0" in client.get("/metrics").text
    room.is_full = False
    wait_until(lambda: put().status_code == 201, 60)
    wait_until(lambda: "examkit_audit_waiting 0.0" in client.get("/metrics").text, 60)
    told = entries_of(settings)
    assert sum(entry["status"] == 201 for entry in told) == 2 + room_left
    assert sum(entry["count"] for entry in told if entry["refusal"] == "audit-disk-full") >= 60 - room_left
    assert [entry["method"] for entry in told if entry["status"] == 200] == ["GET"]
