"""Whatever is sent to a face: no answer is a 5xx, and none is in another protocol's words than the face's own."""

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from examkit.service_token import write_service_token
from tests.applications import gateway

pytestmark = pytest.mark.integration

EXAMPLES = settings(max_examples=60, deadline=None)
FOLDER = Path(tempfile.mkdtemp(prefix="examkit-faces-"))
TOKEN_FILE = FOLDER / "service_token"
write_service_token(TOKEN_FILE)
GATEWAY, KEY = gateway(FOLDER, TOKEN_FILE)

PATHS = {
    "deepl": [
        "POST /deepl",
        "POST /deepl/v2/translate",
        "GET /v2/translate",
        "GET /deepl/v2/languages",
        "GET /deepl/v2/usage",
        "GET /deepl/v2/glossary-language-pairs",
        "GET /v2/glossaries",
        "POST /deepl/v2/glossaries",
        "GET /deepl/v2/glossaries/{}",
        "GET /deepl/v2/glossaries/{}/entries",
        "DELETE /deepl/v2/glossaries/{}",
        "POST /deepl/v2/document",
        "POST /deepl/v2/document/{}",
        "POST /v2/document/{}/result",
        "GET /deepl/v2/{}",
    ],
    "libretranslate": [
        "POST /libretranslate/translate",
        "POST /libretranslate/translate",
        "POST /libretranslate/detect",
        "POST /libretranslate/suggest",
        "GET /libretranslate/languages",
        "POST /libretranslate/translate_file",
        "GET /libretranslate/download_file/{}",
        "GET /libretranslate/frontend/settings",
        "GET /libretranslate/{}",
    ],
    "opuscat": [
        "GET /MTRestService/TranslateJson",
        "POST /MTRestService/TranslatePost",
        "GET /MtRestService/Translate",
        "GET /MTRestService/TranslateStream",
        "POST /MTRestService/PreOrderBatch",
        "GET /MTRestService/ListSupportedLanguagePairs",
        "GET /MTRestService/GetLanguagePairModelTags",
        "GET /MTRestService/CheckModelStatus",
        "GET /MTRestService/{}",
    ],
    "ipccat in XML": [
        "POST /EN/query",
        "POST /classifications/ipc/ipccat",
        "GET /classifications/ipc/ipccat",
    ],
    "ipccat in JSON": [
        "GET /api/v1/search/ipccat",
        "GET /api/v1/search/quick",
        "GET /api/v1/search/{}",
        "GET /api/v1/scheme/roots/l1",
        "GET /api/v1/scheme/children/l1",
        "GET /api/v1/scheme/getSymbolValidity",
        "GET /search/fullipccat/20260101/en/{}/5/none/text/",
        "GET /search/fullipccat/20260101/en/subgroup/{}/none/text/",
        "GET /search/fullipccat/20260101/en/subgroup/5/{}/text/",
        "GET /search/fullipccat/20260101/en/subgroup/5/none/{}/",
    ],
}
ERROR_MEMBERS = {
    "deepl": {"message"},
    "libretranslate": {"error"},
    "opuscat": {"Message"},
    "ipccat in JSON": {"code", "message"},
}
# What each face understands; members of a call are drawn from it, from anything else, or left out.
USUAL = {
    "deepl": {"text": "A closed housing", "target_lang": "PT-BR", "source_lang": "EN", "tag_handling": "html"}
    | {"type": "target", "name": "Terms", "entries": "lid\tcobertura", "entries_format": "tsv", "glossary_id": "0" * 32}
    | {"document_key": "0" * 64, "glossary_ids": "a,b"},
    "libretranslate": {"q": "A closed housing", "source": "auto", "target": "pt", "format": "html", "s": "Caixa"}
    | {"alternatives": "2"},
    "opuscat": {"input": "A closed housing", "srcLangCode": "en", "trgLangCode": "por", "modelTag": ""}
    | {"sourceCode": "en", "targetCode": "pt"},
    "ipccat in XML": {"text": "A closed housing", "lang": "en", "numberofpredictions": "3", "from": "A46B"}
    | {"hierarchiclevel": "SUBGROUP"},
    "ipccat in JSON": {"text": "A closed housing", "lang": "en", "numberofpredictions": "3", "symbol": "A46B"}
    | {"hierarchiclevel": "SUBGROUP", "key": "A46B", "q": "brushes", "limit": "5", "version": "latest"},
}
TEXTS = st.text(st.characters(blacklist_categories=["Cs"]), max_size=20) | st.sampled_from(
    [
        "A closed housing",
        "en",
        "pt",
        "EN",
        "PT-BR",
        "auto",
        "html",
        "xml",
        "3",
        "SUBGROUP",
        "A46B",
        "a,b\tc\n",
        "0" * 32,
    ]
)
VALUES = st.recursive(
    st.text(max_size=20) | st.integers() | st.none() | st.booleans() | st.floats(),
    lambda inner: st.lists(inner, max_size=3),
)


def calls(face: str, values: st.SearchStrategy) -> st.SearchStrategy[dict[str, Any]]:
    """Draw the members of a call: mostly the usual ones, some of them with other values, some left out."""
    members = {name: st.just(value) | st.just(value) | values for name, value in USUAL[face].items()}
    return st.fixed_dictionaries({}, optional=members)


JSON_HEADERS = {"Content-Type": "application/json"}


def as_xml(fields: dict[str, str]) -> bytes:
    root = etree.Element("request")
    for name, value in fields.items():
        etree.SubElement(root, name).text = "".join(c for c in value if c.isprintable())
    return etree.tostring(root)


def bodies(face: str) -> st.SearchStrategy[dict[str, Any]]:
    """Draw a body: JSON, forms, XML, and bytes that only say that they are one of these."""
    fields = calls(face, TEXTS)
    raw = st.binary(max_size=60)
    multipart = {"Content-Type": "multipart/form-data; boundary=a"}
    return st.one_of(
        calls(face, VALUES).map(lambda members: {"content": json.dumps(members), "headers": JSON_HEADERS}),
        fields.map(lambda members: {"data": members}),
        st.tuples(fields, raw).map(lambda sent: {"data": sent[0], "files": {"file": ("a.txt", sent[1])}}),
        fields.map(lambda members: {"content": as_xml(members), "headers": {"Content-Type": "application/xml"}}),
        raw.map(lambda body: {"content": body, "headers": JSON_HEADERS}),
        raw.map(lambda body: {"content": body, "headers": multipart}),
        st.just({}),
    )


@pytest.fixture(scope="module")
def client():
    with TestClient(GATEWAY, raise_server_exceptions=False) as client:
        client.headers["API-Key"] = KEY
        yield client


@pytest.mark.parametrize("face", PATHS)
@EXAMPLES
@given(data=st.data())
def test_every_answer_is_the_faces_own(client, face, data):
    place = data.draw(TEXTS)
    method, _, path = data.draw(st.sampled_from(PATHS[face])).replace("{}", quoted(place)).partition(" ")
    method = data.draw(st.sampled_from([method] * 9 + ["PUT", "HEAD"]))
    query = data.draw(calls(face, TEXTS)) if method == "GET" else {}
    answer = client.request(method, path, params=query, **data.draw(bodies(face)))
    assert answer.status_code < 500
    assert "problem" not in answer.headers.get("content-type", "")
    if answer.status_code >= 400 and answer.request.method != "HEAD":
        assert_is_error(face, answer)


def quoted(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode()) or "none"


def assert_is_error(face: str, answer) -> None:
    if face in ERROR_MEMBERS:
        assert ERROR_MEMBERS[face] <= set(json.loads(answer.content)) <= ERROR_MEMBERS[face] | {"detail"}
    else:
        assert etree.fromstring(answer.content).findtext("msg") not in ("ok", "", None)
