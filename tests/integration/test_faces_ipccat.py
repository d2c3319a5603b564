"""Requests as public clients of IPCCAT send them, replayed against a running gateway, and read as those clients do."""

from urllib.parse import quote
from xml.etree import ElementTree

import pytest

from tests.integration.faces_stack import FacesStack, running

pytestmark = pytest.mark.integration

ABSTRACT = (
    "A toothbrush comprises a handle and a brush head with bristles. The head is held on the handle by a snap "
    "connection, so that worn bristles can be replaced without discarding the handle / grip."
)
PORTUGUESE = (
    "Uma escova de dentes compreende um cabo e uma cabeça com cerdas. A cabeça é presa ao cabo por um encaixe, de modo "
    "que as cerdas gastas podem ser substituídas sem descartar o cabo."
)


@pytest.fixture(scope="module")
def stack(tmp_path_factory, artifacts_dir):
    """One whose operator lets clients in that can send no key, with the key of the first start."""
    folder = tmp_path_factory.mktemp("ipccat")
    with running(folder, artifacts_dir, GATEWAY_KEYLESS_KEY_FILE=str(folder / "api_key")) as stack:
        yield stack


@pytest.fixture
def web(stack: FacesStack):
    with stack.client() as client:
        yield client


def request_body(text: str, level: str = "SUBGROUP", predictions: int = 3, language: str = "en") -> bytes:
    """Write a request as clients do, who leave the escaping to chance."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<request>\n  <lang>{language}</lang>\n  <text>{text}</text>\n'
        f"  <numberofpredictions>{predictions}</numberofpredictions>\n"
        f"  <hierarchiclevel>{level}</hierarchiclevel>\n</request>"
    ).encode()


def predictions(answer) -> list[tuple[int, str, int]]:
    """Read an answer as clients do."""
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/xml")
    root = ElementTree.fromstring(answer.text)
    assert root.tag == "predictions"
    assert root.findtext("msg") == "ok"
    found = root.findall("prediction")
    parts = [[each.findtext(name) or "" for name in ("rank", "category", "score")] for each in found]
    return [(int(rank), category, int(score)) for rank, category, score in parts]


@pytest.mark.parametrize("path", ["/EN/query", "/classifications/ipc/ipccat"])
def test_xml_is_posted(web, path):
    found = predictions(web.post(path, content=request_body(ABSTRACT), headers={"Content-Type": "application/xml"}))
    assert [rank for rank, _, _ in found] == [1, 2, 3]
    assert all(len(symbol) == 14 for _, symbol, _ in found)
    assert found[0][1].startswith("A46B")
    scores = [score for _, _, score in found]
    assert scores == sorted(scores, reverse=True)
    assert 0 <= scores[-1] <= scores[0] <= 1600


def test_xml_is_fetched(web):
    query = {"hierarchiclevel": "SUBCLASS", "lang": "en", "numberofpredictions": "5", "text": ABSTRACT.lower()}
    found = predictions(web.get("/classifications/ipc/ipccat", params=query))
    assert len(found) == 5
    assert found[0][1] == "A46B"
    assert found[0][2] >= 500  # where its clients cut


@pytest.mark.parametrize("prefix", ["", "/classifications/ipc/ipcpub"])
def test_json_is_fetched_by_path(web, prefix):
    url = f"{prefix}/search/fullipccat/20260101/en/subgroup/5/none/{quote(ABSTRACT, safe='')}/"
    found = web.get(url).json()
    assert len(found) == 5
    assert found[0]["key"].startswith("A46B00")
    assert isinstance(found[0]["score"], int)


def test_from_is_a_start_symbol(web):
    url = f"/search/fullipccat/20260101/en/maingroup/5/A46B/{quote(ABSTRACT)}/"
    assert {each["key"][:4] for each in web.get(url).json()} == {"A46B"}


def test_json_is_fetched_by_query(web):
    query = {"text": ABSTRACT, "lang": "en", "numberofpredictions": 3, "hierarchiclevel": "MAINGROUP"}
    answer = web.get("/api/v1/search/ipccat", params=query).json()
    assert (answer["code"], answer["message"], answer["lang"], answer["count"]) == (0, "ok", "en", 3)
    best = answer["results"][0]
    subclass, group = best["display"].split()
    assert subclass == "A46B"
    assert best["code"] == f"A46B{int(group.removesuffix('/00')):04d}000000"
    assert 0 < best["score"] <= 1600


@pytest.mark.parametrize(
    "body",
    [
        request_body(""),
        request_body(ABSTRACT, level="GALAXY"),
        request_body(ABSTRACT, predictions=0),
        request_body("a < b"),
        b"",
        b'<!DOCTYPE request [<!ENTITY x SYSTEM "file:///etc/passwd">]><request><text>&x;</text></request>',
        b"<!DOCTYPE request>" + request_body(ABSTRACT).partition(b"?>")[2].strip(),
    ],
    ids=["no text", "no level", "no predictions", "broken", "empty", "entity", "document type"],
)
def test_what_is_wrong_is_told_in_the_place_of_ok(web, body):
    answer = web.post("/EN/query", content=body, headers={"Content-Type": "application/xml"})
    assert answer.status_code == 200
    root = ElementTree.fromstring(answer.text)
    assert root.findtext("msg") not in ("ok", "", None)
    assert root.findall("prediction") == []
    assert "root:" not in answer.text


def test_errors_of_json_have_another_code_than_0(web):
    answer = web.get("/api/v1/search/ipccat", params={"text": "", "hierarchiclevel": "CLASS"})
    assert answer.status_code == 200
    assert answer.json()["code"] != 0
    answer = web.get("/search/fullipccat/20260101/en/galaxy/5/none/text/")
    assert answer.status_code == 422
    assert answer.json()["code"] != 0


def test_a_text_in_a_language_that_is_read_less_well_is_classified_by_way_of_english(stack, web):
    url = f"/search/fullipccat/20260101/pt/subclass/1/none/{quote(PORTUGUESE)}/"
    assert [each["key"] for each in web.get(url).json()] == ["A46B"]
    answer = web.post("/api/v1/classify", json={"text": PORTUGUESE}, headers={"API-Key": stack.key}).json()
    assert (answer["language"], answer["translated"], answer["route"]) == ("pt", True, ["pt", "en"])
    assert answer["predictions"][0]["symbol"] == "A46B"


def test_a_key_that_is_not_known_is_refused_in_xml(web):
    headers = {"Content-Type": "application/xml", "API-Key": "exk_guess"}
    answer = web.post("/EN/query", content=request_body(ABSTRACT), headers=headers)
    assert answer.status_code == 401
    assert ElementTree.fromstring(answer.text).findtext("msg")


def test_our_own_api_stays_closed_to_those_without_a_key(web):
    assert web.post("/api/v1/classify", json={"text": ABSTRACT}).json()["code"] == "api-key-missing"


def test_the_scheme_is_walked_from_its_roots(web):
    roots = web.get("/api/v1/scheme/roots/l1").json()["data"]
    assert [each["symbol"] for each in roots] == list("ABCDEFGH")
    key = roots[0]["key"]
    for wanted in ("A46", "A46B", "A46B 9/00", "A46B 9/02"):
        children = web.get("/api/v1/scheme/children/l1", params={"key": key}).json()["data"]
        found = next(each for each in children if each["symbol"] == wanted)
        assert {"key", "symbol", "symbolcode", "title1", "folder", "lazy"} <= found.keys()
        key = found["key"]
    assert found["symbolcode"] == "A46B0009020000"
    below = web.get("/api/v1/scheme/children/l1", params={"key": key}).json()["data"]
    assert found["lazy"] == bool(below)
    assert not all(each["folder"] for each in below)
    assert web.get("/api/v1/scheme/children/l1", params={"key": "A/../b"}).json()["code"] != 0


def test_the_validity_of_a_symbol_is_told(web):
    told = web.get("/api/v1/scheme/getSymbolValidity", params={"symbol": "A46B0009040000", "version": "latest"}).json()
    assert (told["validity"], told["section"], told["ipcClass"], told["subclass"]) == ("V", "A", "46", "B")
    assert (told["mainGroup"], told["subGroup"], told["symbol"]) == ("9", "04", "A46B0009040000")
    assert told["data"]["valid"] is True
    assert told["data"]["title1"]
    for unknown in ("Z99Z9999999999", "A46B 9999/99", "..", ""):
        told = web.get("/api/v1/scheme/getSymbolValidity", params={"symbol": unknown}).json()
        assert told["validity"] == "N"
        assert not (told["data"] or {}).get("valid")


def test_titles_are_searched(web):
    answer = web.get("/api/v1/search/quick", params={"q": "toothbrushes", "limit": 5, "lang": "en"}).json()
    assert answer["code"] == 0
    assert 0 < len(answer["results"]) <= 5
    assert {"display", "code", "title1", "key", "symbol"} <= answer["results"][0].keys()
