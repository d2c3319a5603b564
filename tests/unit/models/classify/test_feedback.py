"""An export read back: the latest decision of every document, all of its text, a clear sentence for a broken one."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from examkit.errors import StartError
from examkit.service_token import SERVICE_TOKEN_HEADER, write_service_token
from models.classify.corpus import Part
from models.classify.feedback import SOURCE, read_feedback
from services.classify.app import create_app
from services.classify.languages import detect_language
from services.classify.settings import Settings
from services.classify.text import PatentText
from tests.fakes_classify import FakeClassifier

PATH = "/api/v1/classify/feedback"
ROW = {
    "id": "1",
    "documentId": "XX1",
    "language": "en",
    "title": "Toothbrush",
    "abstract": "",
    "claims": "",
    "description": "",
    "text": "",
    "predicted": [],
    "assigned": ["A46B 9/04", "A46B"],
    "storedAt": "2026-01-01T00:00:00Z",
    "edition": "2020.01",
}

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
SYMBOLS = ["A", "A46B", "A46B 9/00", "A46B 9/04", "H01L 21/768"]
BODIES = st.fixed_dictionaries(
    {
        "title": TEXTS.filter(str.strip),
        "predicted": st.just([]),
        "assigned": st.lists(st.sampled_from(SYMBOLS), min_size=1, unique=True),
    },
    optional={
        "documentId": st.sampled_from(["XX1", "XX2"]),
        "language": st.sampled_from(["en", "ko"]),
        "abstract": TEXTS,
        "claims": TEXTS,
        "description": TEXTS,
        "text": TEXTS,
    },
)


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    folder = tmp_path_factory.mktemp("service")
    write_service_token(folder / "token")
    settings = Settings(artifacts_dir=folder, service_token_file=folder / "token", data_dir=folder / "data")
    headers = {SERVICE_TOKEN_HEADER: (folder / "token").read_text()}
    with TestClient(create_app(settings, FakeClassifier()), headers=headers) as client:
        while client.get("/readyz").status_code != 200:
            pass
        yield client


@pytest.fixture
def read(tmp_path):
    def read_rows(*rows):
        file = tmp_path / "feedback.jsonl"
        file.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return list(read_feedback(file))

    return read_rows


@given(bodies=st.lists(BODIES, min_size=1, max_size=4))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_was_posted_is_what_is_trained_on(client, tmp_path, bodies):
    ids = [client.post(PATH, json=body).json()["id"] for body in bodies]
    file = tmp_path / "feedback.jsonl"
    file.write_bytes(client.get(PATH, headers={"accept": "application/x-ndjson"}).content)
    for own_id in set(ids):
        client.delete(f"{PATH}/{own_id}")
    expected = {_subject(body): body for body in bodies}
    found = list(read_feedback(file))
    assert [patent.text for patent in found] == [_text(body) for body in expected.values()]
    assert [list(map(str, patent.symbols)) for patent in found] == [body["assigned"] for body in expected.values()]
    for patent, body in zip(found, expected.values(), strict=True):
        assert patent.source == SOURCE
        assert patent.document_id == body.get("documentId", patent.document_id)
        assert patent.language == detect_language(patent.text.readable).of_text(body.get("language"))


def test_the_latest_decision_about_a_document_counts(read):
    other = ROW | {"documentId": "XX2", "assigned": ["H01L"]}
    found = read(ROW, other, ROW | {"title": "Brush", "assigned": ["A46B 9/00"]})
    assert [(each.document_id, each.text.title, list(map(str, each.symbols))) for each in found] == [
        ("XX1", "Brush", ["A46B 9/00"]),
        ("XX2", "Toothbrush", ["H01L"]),
    ]


def test_a_document_without_id_is_known_by_its_text(read):
    nameless = {name: value for name, value in ROW.items() if name not in ("documentId", "language")}
    found = read(nameless, nameless | {"id": "2", "assigned": ["A46B"]}, nameless | {"id": "3", "text": "other"})
    assert [(each.document_id, len(each.symbols)) for each in found] == [("2", 1), ("3", 2)]


def test_a_share_is_kept_apart(read):
    parts = [
        patent.part for patent in read(*({**ROW, "documentId": str(n), "title": f"Brush {n}"} for n in range(900)))
    ]
    assert 50 < parts.count(Part.HOLD_OUT) < 130
    assert parts.count(Part.TRAIN) > 700


@pytest.mark.parametrize(
    "flaw",
    [{"assigned": ["zyxwmark"]}, {"assigned": None}, {"title": None}, {"documentId": 7, "title": 8}, {"claims": []}],
)
def test_a_line_that_is_no_feedback_is_named_but_not_quoted(read, flaw):
    with pytest.raises(StartError, match="line 2") as caught:
        read(ROW, ROW | flaw)
    assert "zyxwmark" not in str(caught.value)


@pytest.mark.parametrize("content", ["[]", "7", json.dumps(ROW)[:-9], "\n", '{"title": "x"}'])
def test_an_export_that_broke_off_is_refused(tmp_path, content):
    file = tmp_path / "feedback.jsonl"
    file.write_text(content + "\n")
    with pytest.raises(StartError, match="line 1"):
        list(read_feedback(file))


def _subject(body):
    return body.get("documentId") or json.dumps([body.get(part, "") for part in _PARTS])


def _text(body):
    return PatentText(*(body.get(part, "") for part in _PARTS))


_PARTS = ("title", "abstract", "claims", "description", "text")
