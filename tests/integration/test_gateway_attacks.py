"""Attacks on the API, after the OWASP API Security Top 10 of 2023, through the gateway on the real services."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from fastapi.testclient import TestClient

from examkit.service_token import write_service_token
from gateway.app import create_app
from gateway.routes import ROUTES, Route, Scope
from gateway.settings import Settings
from tests.api_keys import new_key
from tests.applications import InProcess, services
from tests.drawings import draw_mark, encode
from tests.integration.gateway_stand_in import gateway_settings

pytestmark = pytest.mark.integration

DIGITS = "0" * 32
XML = {"Content-Type": "application/xml"}
TMX = {"Content-Type": "application/x-tmx+xml"}
FILES = {
    "image": ("mark.png", encode(draw_mark("disc")), "image/png"),
    "metadata": ("m.json", b'{"name": "A"}', "application/json"),
}


@pytest.fixture(scope="module")
def settings(tmp_path_factory) -> Settings:
    folder = tmp_path_factory.mktemp("attacked")
    write_service_token(folder / "token")
    return gateway_settings(folder, folder / "token")


@pytest.fixture(scope="module")
def keys(settings) -> dict[str, str]:
    """Make keys of every scope for two departments, and one for each scope alone."""
    whole = {tenant: new_key(settings, tenant=tenant) for tenant in ("ours", "theirs")}
    return whole | {scope: new_key(settings, scopes=frozenset({scope})) for scope in Scope}


@pytest.fixture(scope="module")
def app(settings, keys) -> Iterator[TestClient]:
    folder = settings.data_dir.parent
    hosts = {
        "http://classify": "classify_url",
        "http://image-search": "image_search_url",
        "http://translate": "translate_url",
    }
    told = settings.model_copy(update={name: url for url, name in hosts.items()})
    with TestClient(create_app(told, InProcess(services(folder, settings.service_token_file)))) as client:
        yield client


@pytest.fixture
def attack(app, keys) -> TestClient:
    """Give a client with a key of every scope."""
    return TestClient(app.app, headers={"API-Key": keys["theirs"]}, raise_server_exceptions=False)


def call(client: TestClient, route: Route, key: str, **kwargs) -> httpx2.Response:
    path = route.path.replace("{symbol:path}", "H01L").replace("{markId}", "M-1").replace("{number}", DIGITS)
    return client.request(route.method, path.replace("{id}", DIGITS), headers={"API-Key": key}, **kwargs)


# API1: broken object level authorization


def test_what_one_department_stores_cannot_be_reached_by_another_that_knows_its_ids(app, attack, keys):
    ours = {"API-Key": keys["ours"]}
    assert app.put("/api/v1/marks/OURS-1", files=FILES, headers=ours).status_code == 201
    made = app.post(
        "/api/v1/classify/feedback", json={"text": "A rotor", "predicted": [], "assigned": ["H01L"]}, headers=ours
    )
    assert made.status_code == 201, made.text
    feedback = f"/api/v1/classify/feedback/{made.json()['id']}"
    for method, path in (
        ("GET", "/api/v1/marks/OURS-1"),
        ("GET", "/api/v1/marks/OURS-1/image"),
        ("DELETE", "/api/v1/marks/OURS-1"),
        ("DELETE", feedback),
    ):
        assert attack.request(method, path).status_code == 404
        spoofed = {"Examkit-Tenant": "ours", "X-Tenant": "ours"}
        assert attack.request(method, path, headers=spoofed).status_code == 404
    assert "OURS-1" not in attack.get("/api/v1/marks").text
    assert app.get("/api/v1/marks/OURS-1", headers=ours).status_code == 200
    assert app.delete(feedback, headers=ours).status_code == 204


@pytest.mark.parametrize(
    "mark",
    [
        "..",
        "%2e%2e",
        "..%2f..%2fmetrics",
        "%00",
        "M-1%0d%0aX: y",
        "M-1;tenant=ours",
        "' OR 1=1 --",
        "$(id)",
    ],
)
def test_an_id_that_is_more_than_an_id_finds_nothing(attack, mark):
    response = attack.get(f"/api/v1/marks/{mark}")
    assert response.status_code in (404, 422)
    assert response.headers["content-type"] == "application/problem+json"


# API2: broken authentication; forged tokens: tests/unit/gateway/test_tokens.py, guessing: test_gateway_callers.py


def test_a_key_never_comes_to_stand_in_log_metrics_or_state(app, attack, keys, settings, capsys, caplog):
    key = keys["theirs"]
    for headers in (
        {"API-Key": key},
        {"API-Key": key + "x"},
        {"Authorization": f"Bearer {key}"},
        {"X-Key": key},
        {"Cookie": key},
    ):
        app.get("/api/v1/ipc", headers=headers)
    app.get(f"/api/v1/ipc?api_key={key}")
    app.get(f"/api/v1/ipc/{key}", headers={"API-Key": key})
    app.get(f"/{key}")
    told = capsys.readouterr().out + caplog.text + app.get("/metrics").text
    assert key not in told
    assert key.removeprefix(key[:13]) not in told
    for file in settings.data_dir.iterdir():
        assert key.encode() not in file.read_bytes()


# API3: broken object property level authorization


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/v1/classify", {"text": "A rotor", "tenant": "ours"}),
        ("/api/v1/classify/feedback", {"text": "A", "predicted": [], "assigned": ["H01L"], "id": DIGITS}),
        ("/api/v1/classify/feedback", {"text": "A", "predicted": [], "assigned": ["H01L"], "storedAt": "2020-01-01"}),
        ("/api/v1/translate", {"texts": ["a"], "sourceLanguage": "en", "targetLanguage": "pt", "engine": "x"}),
        ("/api/v1/marks/search", {"text": "a bird", "includeUnpublished": True}),
        (
            "/api/v1/glossaries",
            {"name": "g", "sourceLanguage": "en", "targetLanguage": "pt", "entries": [], "id": DIGITS},
        ),
    ],
)
def test_members_that_are_not_ours_to_set_are_refused(attack, path, body):
    response = attack.post(path, json=body)
    assert (response.status_code, response.json()["code"]) == (422, "invalid-input")


# API4: unrestricted resource consumption; quotas: test_gateway_limits.py, load: tests/faults


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/v1/classify", {"text": "A rotor", "limit": 10**9}),
        ("/api/v1/classify", {"text": "A rotor", "similarDocuments": 10**9}),
        ("/api/v1/classify/batch", {"documents": [{"documentId": str(n), "text": "a"} for n in range(1000)]}),
        ("/api/v1/marks/search", {"text": "a bird", "limit": 10**9}),
        ("/api/v1/marks/search", {"text": "a bird", "offset": -1}),
        ("/api/v1/translate", {"texts": ["a"] * 10_000, "sourceLanguage": "en", "targetLanguage": "pt"}),
        ("/api/v1/translate", {"texts": ["a"], "sourceLanguage": "en", "targetLanguage": "pt", "alternatives": 10**6}),
    ],
)
def test_more_than_a_call_may_ask_for_is_refused(attack, path, body):
    assert attack.post(path, json=body).status_code in (413, 422)


@pytest.mark.parametrize(
    "body", [b"[" * 200_000, b'{"text":' * 50_000, b'{"text": ' + b"9" * 100_000 + b"}", b'"\\ud800"']
)
def test_json_made_to_break_a_parser_is_refused(attack, body):
    response = attack.post("/api/v1/classify", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code in (400, 422)
    assert response.headers["content-type"] == "application/problem+json"


# API5: broken function level authorization


@pytest.mark.parametrize("scope", Scope)
def test_a_key_of_one_scope_opens_no_route_of_another(app, keys, scope):
    for route in ROUTES:
        if route.scope is not scope:
            response = call(app, route, keys[scope])
            assert (response.status_code, response.json()["code"]) == (403, "missing-scope"), route


def test_a_method_cannot_be_put_in_place_of_another(app, keys):
    reader = {"API-Key": keys[Scope.MARKS_READ]}
    for trick in ({"X-HTTP-Method-Override": "DELETE"}, {"X-HTTP-Method": "DELETE"}, {"X-Method-Override": "DELETE"}):
        assert app.get("/api/v1/marks/M-1?_method=DELETE", headers=reader | trick).status_code == 404
        assert app.post("/api/v1/marks/M-1", headers=reader | trick).status_code == 405
    for method in ("TRACE", "CONNECT", "PROPFIND", "DEBUG"):
        assert app.request(method, "/api/v1/marks", headers=reader).status_code == 405


# API6: unrestricted access to sensitive business flows


def test_a_register_cannot_be_copied_faster_than_its_key_allows(app, settings, keys):
    copier = {"API-Key": keys["theirs"]}
    allowed = int(app.get("/api/v1/marks", headers=copier).headers["ratelimit"].split("r=")[1].split(";")[0])
    for number in range(1, 4):
        left = app.get(f"/api/v1/marks/M-{number}/image", headers=copier).headers["ratelimit"]
        assert f"r={allowed - number};" in left


# API7: server side request forgery


@contextmanager
def lure() -> Iterator[tuple[str, list[object]]]:
    """Listen on loopback and note who comes."""
    came: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, address = listener.accept()
                except OSError:
                    return
                came.append(address)
                connection.close()

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/lure", came
        listener.shutdown(socket.SHUT_RDWR)


def test_nothing_that_is_sent_is_ever_fetched(attack):
    with lure() as (url, came):
        for path, body in (
            ("/api/v1/marks/search", {"imageUrl": url}),
            ("/api/v1/marks/search", {"text": url}),
            ("/api/v1/marks/search", {"markId": url}),
            ("/api/v1/classify", {"text": f"A rotor, see {url}"}),
            (
                "/api/v1/translate",
                {"texts": [f'<img src="{url}">'], "sourceLanguage": "en", "targetLanguage": "pt", "format": "html"},
            ),
            ("/api/v1/glossaries", {"url": url}),
        ):
            assert attack.post(path, json=body).status_code < 500
        declared = (
            f'<!DOCTYPE a SYSTEM "{url}"><a xmlns:x="http://www.w3.org/2001/XInclude"><x:include href="{url}"/></a>'
        )
        for path, kind in (("/api/v1/classify", XML), ("/api/v1/translate/memory", TMX)):
            assert attack.post(path, content=declared, headers=kind).status_code in (400, 422)
        svg = {
            "image": ("a.svg", f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{url}"/></svg>', "image/svg+xml")
        }
        assert attack.post("/api/v1/marks/search", files=svg).status_code == 422
        attack.get("/api/v1/ipc", headers={"X-Original-URL": url, "Forwarded": f"host={url}", "Referer": url})
        assert came == []


# XML external entities (ASVS 1.5.1), through the gateway; each reader of XML has its own tests beside


@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        '<!DOCTYPE a [<!ENTITY % x SYSTEM "file:///etc/passwd"> %x;]><a/>',
        '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>',
    ],
    ids=["file", "parameter", "expansion"],
)
def test_entities_are_never_read(attack, declared):
    for path, kind in (("/api/v1/classify", XML), ("/api/v1/translate/memory", TMX)):
        answer = attack.post(path, content=declared, headers=kind)
        assert (answer.status_code, answer.json()["code"]) == (422, "xml-entities")
        assert "root:" not in answer.text


# API8: security misconfiguration


def test_answers_tell_nothing_of_the_machine_and_allow_no_other_site(app, attack):
    for response in (
        attack.get("/api/v1/ipc", headers={"Origin": "https://evil.example"}),
        attack.get("/nothing"),
        app.get("/docs"),
    ):
        assert not {"server", "x-powered-by", "access-control-allow-origin", "set-cookie"} & set(response.headers)
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["cache-control"] == "no-store"
        assert "Traceback" not in response.text
    preflight = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    assert "access-control-allow-origin" not in attack.options("/api/v1/classify", headers=preflight).headers


@pytest.mark.parametrize(
    "path", ["/.env", "/.git/config", "/admin", "/debug", "/console", "/server-status", "/actuator", "/redoc"]
)
def test_nothing_stands_where_scanners_look(attack, path):
    assert attack.get(path).status_code == 404


# API9: improper inventory management


@pytest.mark.parametrize(
    "path", ["/api/v0/classify", "/api/v2/classify", "/api/classify", "/v1/classify", "/internal/classify"]
)
def test_no_other_version_answers(attack, path):
    assert attack.post(path, json={"text": "a"}).status_code == 404


def test_all_that_answers_is_described_and_all_that_is_described_is_routed(app):
    described = json.loads((Path(__file__).resolve().parents[2] / "gateway" / "openapi.json").read_text())["paths"]
    for route in ROUTES:
        assert route.method.lower() in described[route.path.replace(":path", "")], route
