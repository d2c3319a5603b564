"""Nice classes and Vienna codes with titles, at the gateway."""

import pytest
from fastapi.testclient import TestClient

from tests.applications import gateway
from tests.integration.marks_service import problem

pytestmark = pytest.mark.integration

NICE, VIENNA = "/api/v1/nice", "/api/v1/vienna"


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    folder = tmp_path_factory.mktemp("titles")
    (folder / "service_token").write_text("t" * 40)
    application, key = gateway(folder, folder / "service_token")
    with TestClient(application, headers={"API-Key": key}) as client:
        yield client


def test_all_classes_are_listed_at_once_in_a_language(client):
    page = client.get(NICE, params={"language": "pt"}).json()
    assert [item["number"] for item in page["items"]] == list(range(1, 46))
    assert page["items"][31]["title"] == "Cerveja, refrigerantes, água, sucos"
    assert (page["limit"], page["offset"], page["count"], page["language"]) == (45, 0, 45, "pt")
    part = client.get(NICE, params={"limit": 2, "offset": 44}).json()
    assert part["items"] == [{"number": 45, "title": "Legal, security and personal services"}]


def test_codes_are_found_by_words_and_below_a_code(client):
    page = client.get(VIENNA, params={"q": "aves", "language": "es"}).json()
    assert page["items"] == [{"code": "03.07", "title": "Aves, murciélagos"}]
    assert (page["edition"], page["language"]) == ("divisions", "es")
    below = client.get(VIENNA, params={"q": "05", "limit": 2, "offset": 1}).json()
    assert [item["code"] for item in below["items"]] == ["05.01", "05.03"]
    assert (below["limit"], below["offset"], below["count"]) == (2, 1, 8)
    assert len(client.get(VIENNA).json()["items"]) == 20


@pytest.mark.parametrize(
    ("path", "parameters"),
    [
        (NICE, {"language": "de"}),
        (NICE, {"limit": 0}),
        (NICE, {"offset": -1}),
        (VIENNA, {"q": "x" * 201}),
        (VIENNA, {"limit": 201}),
        (VIENNA, {"language": ""}),
    ],
)
def test_what_cannot_be_answered_is_refused(client, path, parameters):
    assert problem(client.get(path, params=parameters), 422) == "invalid-input"


def test_titles_need_the_right_to_read_marks(client):
    for path in (NICE, VIENNA):
        assert client.get(path, headers={"API-Key": ""}).status_code == 401
