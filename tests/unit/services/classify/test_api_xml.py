"""XML on the wire: patent documents in, ST.96 out, and problems that quote nothing of a document."""

import logging

import httpx2
import pytest
from lxml import etree

from examkit.service_token import SERVICE_TOKEN_HEADER
from services.classify.app import create_app
from services.classify.desk import Loaded
from services.classify.feedback.store import FeedbackStore
from services.classify.settings import Settings
from tests.fakes_classify import FakeClassifier

pytestmark = pytest.mark.anyio

PATH = "/api/v1/classify"
XML = {"Content-Type": "application/xml"}
ST96 = {"Accept": "application/xml"}
SECRET = "zyxwmark"
DOCUMENT = f"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE ep-patent-document PUBLIC "-//EPO//EP PATENT DOCUMENT 1.5//EN" "ep-patent-document-v1-5.dtd">
<ep-patent-document country="EP" doc-number="1" kind="A1" lang="en"><abstract><p>A brush, {SECRET}.</p></abstract>
<claims lang="de"><claim><claim-text>Eine B&#252;rste.</claim-text></claim></claims></ep-patent-document>""".encode()


@pytest.fixture
def app(tmp_path, service_token_file):
    app = create_app(Settings(artifacts_dir=tmp_path, service_token_file=service_token_file, data_dir=tmp_path))
    app.state.engine = Loaded(FakeClassifier(), FeedbackStore.of_tenants(tmp_path))
    yield app
    app.state.engine.close()


@pytest.fixture
async def client(app, service_token_file):
    headers = {SERVICE_TOKEN_HEADER: service_token_file.read_text()}
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://x", headers=headers) as client:
        yield client


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.mark.parametrize("content_type", ["application/xml", "text/xml", "Application/XML; charset=utf-8"])
async def test_xml_is_answered_as_the_same_text_in_json_is(client, content_type):
    asked = {"level": "subgroup", "limit": 2, "threshold": 0.1, "explain": True, "similarDocuments": 1}
    parameters = {**asked, "explain": "true", "unknown": "ignored"}
    from_xml = await client.post(PATH, content=DOCUMENT, params=parameters, headers={"Content-Type": content_type})
    from_json = await client.post(PATH, json={"abstract": "A brush.", **asked})
    assert (from_xml.status_code, from_xml.headers["Content-Type"]) == (200, "application/json")
    assert from_xml.json() == from_json.json()


@pytest.mark.parametrize(("wished", "read"), [({}, "en"), ({"language": "de"}, "de"), ({"language": "fr"}, "en")])
async def test_the_language_is_that_of_the_text_that_was_read(client, wished, read):
    answer = await client.post(PATH, content=DOCUMENT, params=wished, headers=XML)
    assert answer.json()["language"] == read


@pytest.mark.parametrize(
    ("content_type", "body"), [("application/xml", DOCUMENT), ("application/json", b'{"text": "a brush"}')]
)
async def test_whoever_accepts_xml_is_answered_in_st96(client, content_type, body):
    answer = await client.post(PATH, content=body, headers={"Content-Type": content_type, **ST96})
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/xml")
    bag = etree.fromstring(answer.content)
    assert etree.QName(bag).localname == "IPCRClassificationBag"
    assert [each.findtext("{*}Section") for each in bag.iterchildren("*")] == ["A", "H"]
    assert bag.findtext("{*}IPCRClassification/{*}PatentClassificationDataSourceCode") == "G"


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("application/json, application/xml", "application/json"),
        ("application/json;q=0.5, application/xml;q=0.4", "application/json"),
        ("application/xml;q=0.9, application/json; q=0.8, */*;q=0.1", "application/xml"),
        ("APPLICATION/XML, */*;q=0.5", "application/xml"),
        ("application/xml;q=0, */*", "application/json"),
    ],
)
async def test_xml_is_answered_where_it_is_wanted_more_than_json(client, accept, media_type):
    answer = await client.post(PATH, json={"text": "a brush"}, headers={"Accept": accept})
    assert answer.headers["Content-Type"] == media_type


@pytest.mark.parametrize(
    ("body", "parameters", "problem"),
    [
        (b"", {}, (400, "malformed-xml")),
        (DOCUMENT[:-9], {}, (400, "malformed-xml")),
        (DOCUMENT.replace(b"<p>", b""), {}, (400, "malformed-xml")),
        (f'<!DOCTYPE d [<!ENTITY e "{SECRET}">]><d><abstract>&e;</abstract></d>'.encode(), {}, (422, "xml-entities")),
        (f"<{SECRET}>".encode() * 300, {}, (413, "xml-too-deep")),
        (f"<html><title>{SECRET}</title></html>".encode(), {}, (422, "not-a-patent-document")),
        (f"<patent-document><p>{SECRET}</p></patent-document>".encode(), {}, (422, "xml-without-text")),
        (DOCUMENT, {"level": "group"}, (422, "invalid-input")),
        (DOCUMENT, {"limit": "0"}, (422, "invalid-input")),
        (DOCUMENT, {"explain": SECRET}, (422, "invalid-input")),
        (DOCUMENT, {"language": "not a language"}, (422, "invalid-input")),
        (DOCUMENT, {"startFrom": "brushes"}, (422, "malformed-symbol")),
        (DOCUMENT, {"startFrom": "G06F"}, (422, "unknown-symbol")),
    ],
)
async def test_what_cannot_be_used_is_a_problem_that_quotes_nothing(client, caplog, capfd, body, parameters, problem):
    caplog.set_level(logging.DEBUG)
    answer = await client.post(PATH, content=body, params=parameters, headers={**XML, **ST96})
    assert (answer.status_code, answer.json()["code"]) == problem
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert SECRET not in answer.text + caplog.text + "".join(capfd.readouterr())


async def test_a_wrong_parameter_is_named_as_one(client):
    answer = await client.post(PATH, content=DOCUMENT, params={"limit": "51"}, headers=XML)
    assert answer.json()["details"][0]["pointer"] == "/query/limit"


@pytest.mark.parametrize("content_type", [{}, {"Content-Type": "text/plain"}, {"Content-Type": "application/pdf"}])
async def test_other_bodies_are_refused_with_both_media_types_named(client, content_type):
    answer = await client.post(PATH, content=DOCUMENT, headers=content_type)
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported-media-type")
    assert {"application/json", "application/xml"} <= set(answer.json()["detail"].rstrip(".").split())


async def test_answers_in_other_media_types_are_refused(client):
    answer = await client.post(PATH, content=DOCUMENT, headers={**XML, "Accept": "text/html"})
    assert (answer.status_code, answer.json()["code"]) == (406, "not-acceptable")


async def test_parameters_are_for_xml_only(client):
    answer = await client.post(PATH, json={"text": "a brush", "limit": 1}, params={"limit": "0", "level": "group"})
    assert len(answer.json()["predictions"]) == 1


async def test_the_path_takes_no_other_method(client):
    answer = await client.get(PATH, headers=XML)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


async def test_a_batch_is_json(client):
    answer = await client.post(f"{PATH}/batch", content=DOCUMENT, headers=XML)
    assert answer.status_code == 415


def test_the_description_shows_both_media_types_and_the_parameters_of_xml(app):
    described = app.openapi()["paths"][PATH]["post"]
    assert set(described["requestBody"]["content"]) == {"application/json", "application/xml", "text/xml"}
    assert set(described["responses"]["200"]["content"]) == {"application/json", "application/xml"}
    parameters = {parameter["name"]: parameter for parameter in described["parameters"]}
    assert set(parameters) == {"level", "limit", "startFrom", "threshold", "explain", "similarDocuments", "language"}
    assert parameters["limit"]["x-schema-with-xml"]["maximum"] == 50
    assert {parameter["in"] for parameter in described["parameters"]} == {"query"}
