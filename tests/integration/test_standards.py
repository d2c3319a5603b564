"""What WIPO ST.90 asks of a web API, checked at the gateway over a socket, the services behind it (docs/st90.md)."""

import re
from datetime import UTC, datetime, timedelta

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from lxml import etree

from gateway.manners import Ending, Manners
from gateway.routes import ROUTES
from tests.applications import gateway
from tests.drawings import draw_mark, encode
from tests.served import served

pytestmark = pytest.mark.integration

TOOTHBRUSH = {"text": "A toothbrush with a handle and bristles that can be replaced."}
PAGED = (
    *("/api/v1/ipc", "/api/v1/nice", "/api/v1/vienna", "/api/v1/glossaries", "/api/v1/translate/languages"),
    *("/api/v1/marks", "/api/v1/marks/feedback"),
)


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    folder = tmp_path_factory.mktemp("standards")
    (folder / "service_token").write_text("t" * 40)
    application, key = gateway(folder, folder / "service_token")
    with served(application) as url, httpx2.Client(base_url=url, headers={"API-Key": key}, trust_env=False) as client:
        yield client


def test_paths_are_versioned_lower_case_and_without_a_slash_at_the_end(client):
    for route in ROUTES:
        fixed = re.sub(r"\{[^}]*\}", "", route.path)
        assert re.fullmatch(r"/api/v1(/[a-z0-9-]*)+", fixed)
        assert not route.path.endswith("/")
    assert client.get("/api/v1/marks/").status_code == 404
    assert client.get("/api/v2/marks").status_code == 404


@pytest.mark.parametrize("path", PAGED)
def test_pages_echo_limit_and_offset_and_count_all(client, path):
    page = client.get(path, params={"limit": 1, "offset": 1, "neverHeardOf": "x"}).json()
    assert (page["limit"], page["offset"]) == (1, 1)
    assert len(page["items"]) <= 1
    assert page["count"] >= len(page["items"])
    assert client.get(path).json()["offset"] == 0


def test_a_value_that_cannot_be_used_is_named(client):
    problem = client.get("/api/v1/marks", params={"limit": 0}).json()
    assert [detail["pointer"] for detail in problem["details"]] == ["/query/limit"]
    unknown = client.post("/api/v1/classify", json={**TOOTHBRUSH, "neverHeardOf": 1})
    assert unknown.status_code == 422
    assert unknown.json()["details"][0]["pointer"] == "/neverHeardOf"


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (lambda client: client.get("/api/v1/nothing"), 404),
        (lambda client: client.get("/api/v1/marks", headers={"API-Key": ""}), 401),
        (lambda client: client.get("/api/v1/marks", headers={"Accept": "text/csv"}), 406),
        (lambda client: client.post("/api/v1/classify", content=b"a,b", headers={"Content-Type": "text/csv"}), 415),
        (
            lambda client: client.post("/api/v1/classify", content=b"{", headers={"Content-Type": "application/json"}),
            400,
        ),
        (lambda client: client.patch("/api/v1/marks"), 405),
        (lambda client: client.get("/api/v1/marks/M-404"), 404),
    ],
)
def test_every_refusal_is_a_problem_with_code_and_correlation_id(client, answer, status):
    response = answer(client)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert {"type", "title", "status", "detail", "instance", "code", "correlationId"} <= set(problem)
    assert (problem["status"], problem["correlationId"]) == (status, response.headers["correlation-id"])
    assert "Traceback" not in response.text


def test_a_correlation_id_is_given_back(client):
    response = client.get("/api/v1/marks", headers={"Correlation-ID": "file-2026/17"})
    assert response.headers["correlation-id"] == "file-2026/17"


def test_json_unless_xml_is_asked_for(client):
    assert client.post("/api/v1/classify", json=TOOTHBRUSH).headers["content-type"] == "application/json"
    asked = {"Accept": "application/xml"}
    answer = client.post("/api/v1/classify", json=TOOTHBRUSH, headers=asked)
    assert answer.headers["content-type"].startswith("application/xml")
    assert b"IPCRClassificationBag" in answer.content


def test_members_and_parameters_are_lower_camel_case(client):
    description = client.get("/openapi.json").json()
    camel = re.compile(r"[a-z][a-zA-Z0-9]*")
    for schema in description["components"]["schemas"].values():
        assert all(camel.fullmatch(name) for name in schema.get("properties", {}))
    for operations in description["paths"].values():
        for operation in operations.values():
            assert all(camel.fullmatch(each["name"]) for each in operation.get("parameters", ()))


@pytest.mark.parametrize("path", ["/api/v1/marks", "/api/v1/translate/languages", "/version", "/openapi.json"])
def test_head_is_get_without_its_body(client, path):
    read, asked = client.get(path), client.head(path)
    assert (asked.status_code, asked.content) == (200, b"")
    for name in ("content-type", "content-length"):
        assert asked.headers[name] == read.headers[name]
    assert client.head("/api/v1/marks", headers={"API-Key": ""}).status_code == 401


def test_options_tells_the_methods_of_a_path_and_asks_for_no_key(client):
    for path, allowed in (
        ("/api/v1/marks/M-1", "GET, HEAD, PUT, DELETE, OPTIONS"),
        ("/api/v1/classify", "POST, OPTIONS"),
    ):
        response = client.request("OPTIONS", path, headers={"API-Key": ""})
        assert (response.status_code, response.headers["allow"], response.content) == (204, allowed, b"")
    assert client.request("OPTIONS", "/api/v1/nothing").status_code == 404
    assert client.request("TRACE", "/api/v1/marks").status_code == 405


def test_a_head_is_counted_and_recorded_as_what_it_was(client):
    client.head("/api/v1/glossaries")
    assert 'method="HEAD",route="/api/v1/glossaries",status="200"' in client.get("/metrics").text


def test_the_end_of_a_version_is_announced_in_all_its_answers_and_in_no_other():
    application = FastAPI()
    application.add_api_route("/api/v1/things", lambda: [], methods=["GET"])
    application.add_api_route("/api/v2/things", lambda: [], methods=["GET"])
    ending = Ending(datetime(2027, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, 12, tzinfo=UTC), "/api/v2")
    application.add_middleware(Manners, endings={"/api/v1": ending})
    client = TestClient(application)
    for answer in (client.get("/api/v1/things"), client.head("/api/v1/things"), client.get("/api/v1/nothing")):
        assert answer.headers["deprecation"] == "@1798761600"
        assert answer.headers["sunset"] == "Sat, 01 Jan 2028 12:00:00 GMT"
        assert answer.headers["link"] == '</api/v2>; rel="successor-version"'
    for path in ("/api/v2/things", "/api/v10/things"):
        assert not {"deprecation", "sunset", "link"} & set(client.get(path).headers)


def test_marks_are_st_96_where_xml_is_asked_for(client):
    drawn = {
        "image": ("mark.png", encode(draw_mark("disc")), "image/png"),
        "metadata": (None, '{"name": "Fern", "office": "NZ"}'),
    }
    assert client.put("/api/v1/marks/NZ-1", files=drawn).status_code == 201
    asked = {"Accept": "application/xml"}
    for path, element in (("/api/v1/marks/NZ-1", "Trademark"), ("/api/v1/marks?limit=5", "TrademarkBag")):
        answer = client.get(path, headers=asked)
        assert answer.headers["content-type"].startswith("application/xml")
        assert etree.QName(etree.fromstring(answer.content)).localname == element
        assert client.get(path).headers["content-type"] == "application/json"
    assert client.get("/api/v1/marks/NZ-404", headers=asked).headers["content-type"] == "application/problem+json"


def test_a_batch_answers_each_document_with_predictions_or_a_problem(client):
    documents = [{"documentId": "1", **TOOTHBRUSH}, {"documentId": "2", "text": " "}]
    first, second = client.post("/api/v1/classify/batch", json={"documents": documents}).json()["results"]
    assert (first["documentId"], second["documentId"]) == ("1", "2")
    assert first["predictions"]
    assert second["problem"]["code"] == "blank-text"


def test_a_search_is_asked_by_q(client):
    assert client.get("/api/v1/ipc", params={"q": "brushes"}).status_code == 200


def test_no_header_of_ours_begins_with_x(client):
    known = {"x-content-type-options"}  # of the browsers, older than the rule
    assert not {name for name in client.get("/api/v1/marks").headers if name.startswith("x-")} - known


def test_a_key_in_the_query_opens_nothing(client):
    key = client.headers["API-Key"]
    for name in ("api-key", "API-Key", "api_key", "apiKey", "key"):
        assert client.get("/api/v1/marks", params={name: key}, headers={"API-Key": ""}).status_code == 401


def test_times_languages_and_offices_are_written_as_the_standards_say(client):
    glossary = {"name": "g", "sourceLanguage": "EN", "targetLanguage": "pt", "terms": [{"source": "a", "target": "b"}]}
    stored = client.post("/api/v1/glossaries", json=glossary).json()
    moment = datetime.fromisoformat(stored["storedAt"])
    assert stored["storedAt"].endswith("Z")
    assert moment.utcoffset() == timedelta(0)
    assert (stored["sourceLanguage"], stored["targetLanguage"]) == ("en", "pt")
    wrong = {"image": ("m.png", encode(draw_mark("disc")), "image/png"), "metadata": (None, '{"office": "Neverland"}')}
    assert client.put("/api/v1/marks/NZ-2", files=wrong).status_code == 422
