"""Classification as an office uses it: documents in, ST.96 out, decisions kept, symbols checked; on a deployment."""

from collections.abc import Iterator
from xml.etree import ElementTree

import httpx2
import pytest

from tests.e2e.test_deployment import ABSTRACT, CLASSIFY, SECRET, assert_problem

pytestmark = pytest.mark.e2e

FEEDBACK = f"{CLASSIFY}/feedback"
XML = {"Content-Type": "application/xml"}
ST36 = f"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE fulltext-document SYSTEM "unknown-v1-0.dtd">
<fulltext-document lang="EN"><bibliographic-data>
  <invention-title lang="de">Rotorblatt mit Blitzableiter</invention-title>
  <invention-title lang="en">Wind turbine blade with lightning receptor</invention-title></bibliographic-data>
  <abstract lang="en"><p num="p0001">{ABSTRACT}</p></abstract></fulltext-document>"""
ENTITIES = '<!DOCTYPE a [<!ENTITY x "blade">]><fulltext-document><abstract><p>&x;</p></abstract></fulltext-document>'
PORTUGUESE = (
    "A presente invenção refere-se a uma pá de turbina eólica que compreende um casco de material compósito reforçado "
    "com fibras e uma longarina ao longo da pá. Um receptor de raios na ponta da pá é ligado a um condutor no interior "
    "do casco, de modo que a corrente do raio é conduzida ao cubo sem danos às camadas do compósito."
)


def test_patent_xml_is_answered_in_st96_marked_as_generated(client):
    headers = XML | {"Accept": "application/xml"}
    response = client.post(CLASSIFY, params={"level": "mainGroup", "limit": 3}, content=ST36, headers=headers)
    assert response.headers["content-type"].startswith("application/xml")
    bag = ElementTree.fromstring(response.content)
    texts = [each.text or "" for each in bag.iter() if each.tag.endswith("PatentClassificationText")]
    assert len(texts) == 3
    assert any(text.startswith(("F03D", "H02G")) for text in texts)
    sources = {each.text for each in bag.iter() if each.tag.endswith("ClassificationDataSourceCode")}
    assert sources == {"G"}


def test_patent_xml_with_entities_of_its_own_is_refused(client):
    assert_problem(client.post(CLASSIFY, content=ENTITIES, headers=XML), 422, "xml-entities")


def test_auto_goes_as_deep_as_the_evidence_and_suggests_a_set(client):
    answer = client.post(CLASSIFY, json={"abstract": ABSTRACT, "level": "auto"}).json()
    assert answer["level"] in {"subclass", "mainGroup", "subgroup"}
    assert answer["predictions"][0]["symbol"].startswith("F03D")
    assert "inventive" in {each["role"] for each in answer["suggested"]}


def test_a_portuguese_abstract_is_read(client):
    answer = client.post(CLASSIFY, json={"abstract": PORTUGUESE}).json()
    assert answer["language"] == "pt"
    assert answer["predictions"][0]["symbol"] == "F03D"


@pytest.fixture
def decision(client) -> Iterator[httpx2.Response]:
    body = {"documentId": "E2E-1", "abstract": ABSTRACT, "predicted": [], "assigned": ["F03D 80/30"]}
    response = client.post(FEEDBACK, json=body)
    yield response
    client.delete(f"{FEEDBACK}/{response.json()['id']}")


def test_a_decision_is_kept_exported_and_removed(client, decision):
    assert decision.status_code == 201
    number = decision.json()["id"]
    lines = client.get(FEEDBACK, headers={"Accept": "application/x-ndjson"}).text.splitlines()
    assert any(f'"{number}"' in line and "F03D 80/30" in line for line in lines)
    assert client.delete(f"{FEEDBACK}/{number}").status_code == 204
    assert client.get(FEEDBACK, params={"documentId": "E2E-1"}).json()["count"] == 0


def test_a_decision_for_a_symbol_that_is_none_is_refused(client):
    body = {"abstract": ABSTRACT, "predicted": [], "assigned": ["F03D 80/3001"]}
    assert_problem(client.post(FEEDBACK, json=body), 422, "unknown-symbol")


def test_marked_xml_and_decisions_appear_in_no_log(client, deployment):
    marked = ST36.replace(ABSTRACT, f"{ABSTRACT} {SECRET}")
    for document in (marked, ENTITIES.replace("blade", SECRET), f"<{SECRET}>", f"<{SECRET}/>"):
        client.post(CLASSIFY, content=document, headers=XML)
    body = {"documentId": SECRET, "text": f"{ABSTRACT} {SECRET}", "predicted": []}
    number = client.post(FEEDBACK, json=body | {"assigned": ["F03D"]}).json()["id"]
    client.post(FEEDBACK, json=body | {"assigned": [SECRET]})
    client.get(FEEDBACK, params={"documentId": SECRET})
    assert client.delete(f"{FEEDBACK}/{number}").status_code == 204
    client.delete(f"{FEEDBACK}/{SECRET}")
    client.get(f"/api/v1/ipc/{SECRET}/validity", params={"edition": SECRET})
    assert SECRET not in deployment.logs().lower()


def test_a_symbol_is_valid_in_the_installed_edition(client):
    edition = client.get("/api/v1/ipc/F03D").json()["edition"]
    found = client.get("/api/v1/ipc/F03D0080300000/validity", params={"edition": edition}).json()
    assert (found["symbol"], found["status"]) == ("F03D 80/30", "valid")


def test_titles_are_searched_by_any_inflection(client):
    found = client.get("/api/v1/ipc", params={"q": "toothbrushes", "limit": 5}).json()
    assert any(entry["symbol"].startswith("A46B") for entry in found["items"])
