"""The look-up on the wire: browsing, searching, validity, and paths whose symbols hold a slash."""

from datetime import UTC, datetime

import httpx2
import pytest
from lxml import etree

from examkit.service_token import SERVICE_TOKEN_HEADER
from services.classify.app import create_app
from services.classify.concordance import Concordance, Transfer
from services.classify.desk import Loaded
from services.classify.feedback.store import FeedbackStore
from services.classify.ipc import Lifetime
from services.classify.scheme import Scheme
from services.classify.settings import Settings
from tests.fakes_classify import FakeClassifier
from tests.tiny_classify import write_scheme

OTHERS = Concordance(
    [Transfer("H01L 99/00", "A46B", "2018.01"), Transfer("A46B", "A46Z", "2025.01")],
    {"H01L 99/00": Lifetime("1995.01", "2018.01")},
    "2026.01",
)

NAMESPACES = {"pat": "http://www.wipo.int/standards/XMLSchema/ST96/Patent"}

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend():
    return "asyncio"


async def calls(tmp_path, service_token_file, classifier):
    app = create_app(Settings(artifacts_dir=tmp_path, service_token_file=service_token_file, data_dir=tmp_path))
    app.state.engine = Loaded(classifier, FeedbackStore.of_tenants(tmp_path))
    headers = {SERVICE_TOKEN_HEADER: service_token_file.read_text()}
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://x", headers=headers) as client:
        yield client
    app.state.engine.close()


@pytest.fixture
async def client(tmp_path, service_token_file):
    async for client in calls(tmp_path, service_token_file, FakeClassifier()):
        yield client


@pytest.fixture
async def client_with_concordance(tmp_path, service_token_file):
    folder = tmp_path / "ipc-scheme"
    folder.mkdir()
    write_scheme(folder, ["A", "A46", "A46B", "H", "H01", "H01L"])
    async for client in calls(tmp_path, service_token_file, FakeClassifier(scheme=Scheme.open(folder, OTHERS))):
        yield client


@pytest.mark.parametrize("form", ["H01L 21/768", "H01L21/768", "H01L%2021%2F768", "h01l0021768000"])
async def test_a_symbol_is_looked_up_in_any_form(client, form):
    answer = await client.get(f"/api/v1/ipc/{form}")
    assert answer.status_code == 200
    place = answer.json()
    assert [place[name] for name in ("symbol", "level", "edition", "dots", "childCount", "children")] == [
        "H01L 21/768",
        "subgroup",
        "2020.01",
        2,
        0,
        [],
    ]
    assert place["parent"] == {"symbol": "H01L 21/70", "title": "Manufacture of integrated circuit devices"}
    assert [each["symbol"] for each in place["ancestors"]] == ["H", "H01", "H01L", "H01L 21/00", "H01L 21/70"]


async def test_a_section_has_no_parent_and_titles_come_in_the_language_asked_for(client):
    place = (await client.get("/api/v1/ipc/H", params={"language": "fr"})).json()
    assert (place["parent"], place["title"]) == (None, "ÉLECTRICITÉ")
    assert place["children"] == [
        {"symbol": "H01", "title": "BASIC ELECTRIC ELEMENTS", "level": "class", "childCount": 1}
    ]


@pytest.mark.parametrize("path", ["", "/validity"])
async def test_an_unusable_symbol_is_a_problem(client, path):
    malformed = await client.get(f"/api/v1/ipc/H01L 21{path}")
    assert (malformed.status_code, malformed.json()["code"]) == (422, "malformed-symbol")


async def test_an_unknown_symbol_is_not_found(client):
    unknown = await client.get("/api/v1/ipc/G06F")
    assert (unknown.status_code, unknown.json()["code"], unknown.json()["target"]) == (
        404,
        "unknown-symbol",
        "/path/symbol",
    )


async def test_titles_are_searched_page_by_page(client):
    page = (await client.get("/api/v1/ipc", params={"q": "brush", "limit": 2})).json()
    assert [item["symbol"] for item in page["items"]] == ["A46B", "A46B 9/00"]
    assert page["items"][0] == {
        "symbol": "A46B",
        "title": "BRUSHES",
        "level": "subclass",
        "edition": "2020.01",
        "childCount": 1,
        "ancestors": [{"symbol": "A", "title": "HUMAN NECESSITIES"}, {"symbol": "A46", "title": "BRUSHWARE"}],
    }
    assert (page["limit"], page["offset"], page["count"]) == (2, 0, 3)
    rest = (await client.get("/api/v1/ipc", params={"q": "brush", "limit": 2, "offset": 2})).json()
    assert [item["symbol"] for item in rest["items"]] == ["A46"]


async def test_without_words_the_sections_are_listed(client):
    page = (await client.get("/api/v1/ipc", params={"language": "fr"})).json()
    assert [(item["symbol"], item["title"], item["ancestors"]) for item in page["items"]] == [
        ("A", "HUMAN NECESSITIES", []),
        ("H", "ÉLECTRICITÉ", []),
    ]
    second = (await client.get("/api/v1/ipc", params={"limit": 1, "offset": 1})).json()
    assert ([item["symbol"] for item in second["items"]], second["count"]) == (["H"], 2)


@pytest.mark.parametrize("params", [{"q": ""}, {"q": "a" * 201}, {"q": "a", "limit": 101}, {"q": "a", "offset": -1}])
async def test_a_search_that_cannot_be_made_is_a_problem(client, params):
    assert (await client.get("/api/v1/ipc", params=params)).status_code == 422


@pytest.mark.parametrize("form", ["H01L21/768", "H01L%2021/768", "H01L%2021%2F768", "h01l0021768000"])
async def test_validity_has_a_path_below_symbols_with_a_slash(client, form):
    answer = await client.get(f"/api/v1/ipc/{form}/validity")
    assert answer.status_code == 200
    assert answer.json() == {
        "symbol": "H01L 21/768",
        "edition": "2020.01",
        "status": "valid",
        "basis": "installedEdition",
        "installedEdition": "2020.01",
        "validFrom": None,
        "validUntil": None,
        "successors": [],
        "predecessors": [],
    }


async def test_without_a_concordance_other_editions_are_unknown(client):
    answer = (await client.get("/api/v1/ipc/H01L/validity", params={"edition": "20260101"})).json()
    assert [answer[name] for name in ("edition", "status", "basis")] == ["2026.01", "unknown", "installedEdition"]
    absent = (await client.get("/api/v1/ipc/G06F/validity")).json()
    assert (absent["status"], absent["successors"]) == ("invalid", [])


async def test_an_edition_that_cannot_be_read_is_a_problem(client):
    answer = await client.get("/api/v1/ipc/H01L/validity", params={"edition": "latest"})
    assert (answer.status_code, answer.json()["code"]) == (422, "malformed-edition")


async def test_a_concordance_tells_of_other_editions_and_of_successors(client_with_concordance):
    asked = {"edition": "2017.01"}
    answer = (await client_with_concordance.get("/api/v1/ipc/H01L99/00/validity", params=asked)).json()
    assert answer == {
        "symbol": "H01L 99/00",
        "edition": "2017.01",
        "status": "valid",
        "basis": "concordance",
        "installedEdition": "2020.01",
        "validFrom": "1995.01",
        "validUntil": "2018.01",
        "successors": [{"symbol": "A46B", "title": "BRUSHES"}],
        "predecessors": [],
    }
    newer = (await client_with_concordance.get("/api/v1/ipc/A46Z/validity")).json()
    assert (newer["status"], newer["basis"]) == ("invalid", "installedEdition")
    assert [each["symbol"] for each in newer["predecessors"]] == ["A46B"]


async def test_looking_up_a_symbol_of_another_edition_names_its_successors(client_with_concordance):
    answer = await client_with_concordance.get("/api/v1/ipc/H01L 99/00")
    assert (answer.status_code, answer.json()["code"]) == (404, "symbol-of-another-edition")
    assert answer.json()["details"] == [{"pointer": "/path/symbol", "message": "A46B: BRUSHES"}]


async def test_a_decision_is_written_as_st96_with_the_inventive_symbols_first(client):
    symbols = [
        {"symbol": "H01L", "role": "additional"},
        {"symbol": "a46b9/04", "role": "inventive"},
        {"symbol": "A46B 9/02"},
        {"symbol": "A46B 9/04", "role": "additional"},
    ]
    answer = await client.post("/api/v1/ipc/st96", json={"symbols": symbols}, headers={"Accept": "application/xml"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/xml")
    texts = etree.fromstring(answer.content).findall(".//pat:PatentClassificationText", NAMESPACES)
    day = datetime.now(UTC).strftime("%Y%m%d")
    assert [text.text for text in texts] == [
        f"A46B   9/04        20200101AFI{day}BH          ",
        f"A46B   9/02        20200101ALI{day}BH          ",
        f"H01L               20200101SLN{day}BH          ",
    ]


@pytest.mark.parametrize(
    ("symbols", "code", "pointers"),
    [
        (
            [{"symbol": "A46B"}, {"symbol": "A46Z 9/04"}, {"symbol": "H99"}],
            "unknown-symbol",
            ["/symbols/1/symbol", "/symbols/2/symbol"],
        ),
        ([{"symbol": "A46B"}, {"symbol": "brush"}], "malformed-symbol", ["/symbols/1/symbol"]),
        ([{"symbol": "A46B", "role": "decorative"}], "invalid-input", ["/symbols/0/role"]),
        ([], "invalid-input", ["/symbols"]),
        ([{"symbol": "A46B"}] * 101, "invalid-input", ["/symbols"]),
    ],
    ids=["unknown", "malformed", "role", "none", "many"],
)
async def test_a_decision_that_cannot_be_written_says_which_symbol_it_is(client, symbols, code, pointers):
    answer = await client.post("/api/v1/ipc/st96", json={"symbols": symbols})
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert [detail["pointer"] for detail in answer.json()["details"]] == pointers
