"""Glossaries of an office: sent in every form, kept in both databases, used by the installed translators."""

import io
import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from examkit.errors import NotFoundError
from examkit.service_token import SERVICE_TOKEN_HEADER
from services.translate.app import create_app
from services.translate.database import open_database
from services.translate.engine import RoutedTranslator
from services.translate.languages import LanguagePair, LanguageTag
from services.translate.making import Wishes
from services.translate.settings import Settings
from services.translate.tables import glossary_terms
from services.translate.terminology.entries import Entry, compiled
from services.translate.terminology.glossary import Terminology
from services.translate.terminology.shipped import PATENT, patent_glossaries
from services.translate.terminology.store import GlossaryStore
from tests.fakes_translate import FakeTranslator
from tests.integration.glossary_writer import SIZE, entries_of
from tests.integration.test_translate import wait_until_ready
from tests.postgres import new_database, postgresql

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[2]
PATH = "/api/v1/glossaries"
EN, PT, ES = LanguageTag("en"), LanguageTag("pt"), LanguageTag("es")
PAIR = LanguagePair(EN, PT)
HEAD = {"name": "Mechanics", "sourceLanguage": "en", "targetLanguage": "pt"}
CSV = "housing,carcaça\nlid,cobertura\n"
TBX = (
    '<martif type="TBX"><text><body><termEntry><langSet xml:lang="en"><tig><term>housing</term></tig></langSet>'
    '<langSet xml:lang="pt"><tig><term>carcaça</term></tig></langSet></termEntry></body></text></martif>'
)
_NUMBERS = count()


def open_client(folder, token_file, translator, artifacts=None):
    chosen = Settings(artifacts_dir=artifacts or folder, service_token_file=token_file, data_dir=folder / "terminology")
    headers = {SERVICE_TOKEN_HEADER: token_file.read_text().strip()}
    return TestClient(create_app(chosen, translator), headers=headers)


@pytest.fixture
def client(tmp_path, service_token_file):
    with open_client(tmp_path, service_token_file, FakeTranslator()) as opened:
        wait_until_ready(opened)
        yield opened


def problem(response, status):
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    return response.json()["code"]


def add(client, terms, **head):
    body = {**HEAD, **head, "terms": [{"source": source, "target": target} for source, target in terms]}
    response = client.post(PATH, json=body)
    assert response.status_code == 201, response.text
    return response.json()["id"]


# ---- the wire


def test_a_glossary_is_added_seen_listed_and_removed(client):
    response = client.post(PATH, params=HEAD, content=CSV.encode(), headers={"content-type": "text/csv; charset=utf-8"})
    assert response.status_code == 201
    stored = response.json()
    own = f"{PATH}/{stored['id']}"
    assert response.headers["location"] == own
    assert {name: stored[name] for name in HEAD} == HEAD
    assert stored["count"] == 2
    assert client.get(own).json() == stored
    assert client.get(f"{own}/entries?limit=1&offset=1").json() == {
        "items": [{"source": "lid", "target": "cobertura"}],
        "limit": 1,
        "offset": 1,
        "count": 2,
    }
    other = add(client, [("rod", "barra")])
    assert [each["id"] for each in client.get(PATH).json()["items"]] == [stored["id"], other]
    assert client.delete(own).status_code == 204
    for response in (client.get(own), client.get(f"{own}/entries"), client.delete(own)):
        assert problem(response, 404) == "unknown-glossary"
    assert client.get(PATH).json()["count"] == 1


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("terms.csv", CSV.encode(), "application/vnd.ms-excel"),
        ("terms.tbx", TBX.encode(), "application/octet-stream"),
        ("terms", TBX.encode(), "application/xml"),
        ("terms.json", json.dumps({**HEAD, "terms": [{"source": "lid", "target": "capa"}]}).encode(), "text/plain"),
    ],
)
def test_a_file_of_a_form_is_known_by_its_name_or_type(client, name, content, media_type):
    response = client.post(PATH, data=HEAD, files={"file": (name, io.BytesIO(content), media_type)})
    assert response.status_code == 201, response.text


@pytest.mark.parametrize(
    ("content", "media_type", "status", "code"),
    [
        (b"housing,carca\xe7a", "text/csv", 400, "malformed-glossary"),
        (b"housing,", "text/csv", 422, "unusable-terms"),
        (b"de,fr\na,b", "text/csv", 422, "glossary-languages"),
        (b"\n".join(b"term%d,x" % i for i in range(10_001)), "text/csv", 413, "too-many-terms"),
        (b"<martif>", "application/x-tbx", 400, "malformed-glossary"),
        (b'<!DOCTYPE m [<!ENTITY a "b">]><martif>&a;</martif>', "text/xml", 422, "xml-entities"),
        (b"{", "application/json", 400, "malformed-json"),
        (b"{}", "application/json", 422, "invalid-input"),
        (b"x" * 5_000_000, "text/csv", 413, "body-too-large"),
        (b"a,b", "text/plain", 415, "unsupported-media-type"),
        (b"--x\r\n", "multipart/form-data; boundary=y", 400, "malformed-request"),
        (b"--y--\r\n", "multipart/form-data; boundary=y", 422, "missing-part"),
    ],
)
def test_bad_files_are_refused_by_name(client, content, media_type, status, code):
    response = client.post(PATH, params=HEAD, content=content, headers={"content-type": media_type})
    assert problem(response, status) == code
    assert client.get(PATH).json()["count"] == 0


def test_the_lines_that_are_wrong_are_told(client):
    response = client.post(PATH, params=HEAD, content=b"a,b\nA,c\nd", headers={"content-type": "text/csv"})
    assert response.json()["details"] == [
        {"pointer": "/lines/2", "message": "line 2: the term stands in line 1 with another translation"},
        {"pointer": "/lines/3", "message": "line 3: its translation is empty"},
    ]


@pytest.mark.parametrize(
    ("head", "code"),
    [
        ({"name": " "}, "invalid-input"),
        ({"name": "a\u0000b"}, "invalid-input"),
        ({"targetLanguage": "en-GB"}, "same-language"),
        ({"targetLanguage": "klingon!"}, "malformed-language-tag"),
    ],
)
def test_bad_names_and_languages_are_refused(client, head, code):
    body = {**HEAD, **head, "terms": [{"source": "a", "target": "b"}]}
    assert problem(client.post(PATH, json=body), 422) == code


def test_a_glossary_that_cannot_be_used_is_refused(client):
    body = {"texts": ["a rod"], "sourceLanguage": "en", "targetLanguage": "pt"}
    unknown = client.post("/api/v1/translate", json={**body, "glossaryId": str(uuid4())})
    assert problem(unknown, 404) == "unknown-glossary"
    backwards = add(client, [("haste", "rod")], sourceLanguage="pt", targetLanguage="en")
    refused = client.post("/api/v1/translate", json={**body, "glossaryIds": [backwards]})
    assert problem(refused, 422) == "glossary-languages"


# ---- both databases


@pytest.fixture(scope="module")
def server():
    with postgresql() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request):
    if request.param == "sqlite":
        return None
    return new_database(request.getfixturevalue("server"), f"glossaries_{next(_NUMBERS)}")


@pytest.fixture
def store(url, tmp_path):
    database = open_database(tmp_path, url)
    yield GlossaryStore(database)
    database.dispose()


def test_what_is_stored_comes_back_in_order(store):
    entries = [Entry(f"term {i}", "ação “ß” 中 \U0001f600") for i in range(3000)]
    kept = store.add("Große Wörter", LanguagePair(EN, LanguageTag.parse("pt-BR")), entries)
    assert store.get(kept.id) == kept
    assert store.page(limit=5, offset=0) == ([kept], 1)
    assert store.entries(kept.id, limit=4000, offset=1) == (entries[1:], 3000)
    (ready,) = store.ready([kept.id, kept.id])
    assert (ready.id, str(ready.pair)) == (str(kept.id), "en to pt-BR")
    store.remove(kept.id)
    for use in (store.get, store.remove, lambda own_id: store.ready([own_id])):
        with pytest.raises(NotFoundError):
            use(kept.id)


def test_many_may_write_read_and_remove_at_the_same_time(store):
    def work(number):
        kept = store.add(f"glossary {number}", PAIR, [Entry(f"term {chr(97 + i)}", f"b{number}") for i in range(20)])
        (ready,) = store.ready([kept.id])
        found = Terminology((ready,)).find("a term c", PAIR)[0].term.targets[0].singular
        if number % 2:
            store.remove(kept.id)
        return found

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(work, range(24))) == [f"b{number}" for number in range(24)]
    found, number = store.page(limit=50, offset=0)
    assert number == len(found) == 12
    assert all(each.count == 20 for each in found)


def test_a_store_opened_anew_has_what_was_stored(tmp_path):
    first = open_database(tmp_path)
    kept = GlossaryStore(first).add("kept", PAIR, [Entry("a", "b")])
    first.dispose()
    second = open_database(tmp_path)
    assert GlossaryStore(second).entries(kept.id, limit=1, offset=0) == ([Entry("a", "b")], 1)
    second.dispose()


def killed_writer(folder, url, name, seconds):
    """Let a writer work for a while; give the lines that it told until it was killed."""
    command = [sys.executable, "-m", "tests.integration.glossary_writer", str(folder), url or "", name]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        told = [writer.stdout.readline().strip()]
        time.sleep(seconds)
        writer.kill()
        return told + writer.stdout.read().split("\n")[:-1]


def test_a_process_killed_again_and_again_loses_nothing_that_it_told_and_leaves_nothing_half_done(url, tmp_path):
    told = []
    for round_, seconds in enumerate([0.0, 0.1, 0.25, 0.4, 0.6]):
        told += killed_writer(tmp_path, url, f"round{round_}", seconds)
        database = open_database(tmp_path, url)
        store = GlossaryStore(database)
        found, number = store.page(limit=10_000, offset=0)
        assert len(found) == number
        by_mark = {mark: {line[2:] for line in told if line[0] == mark} for mark in "+?-"}
        assert by_mark["+"] - by_mark["?"] <= {each.name for each in found}
        assert not by_mark["-"] & {each.name for each in found}
        for each in found:
            assert store.entries(each.id, limit=SIZE + 1, offset=0) == (entries_of(each.name), SIZE)
        with database.connect() as connection:
            assert connection.execute(select(func.count()).select_from(glossary_terms)).scalar_one() == SIZE * number
        database.dispose()
    assert len(by_mark["-"]) > 5


def files_with(folder, text):
    return [file.name for file in folder.iterdir() if text.encode() in file.read_bytes()]


def test_of_what_was_removed_there_is_nothing_left_in_the_files(tmp_path):
    database = open_database(tmp_path)
    store = GlossaryStore(database)
    kept = store.add("kept", PAIR, [Entry("rod", "vareta")])
    secret = [Entry(f"Quagga-{number}-{'x' * 150}", f"Zephyr-{number}") for number in range(2_000)]
    removed = store.add("Ocelot", PAIR, secret)
    assert files_with(tmp_path, "Quagga")
    assert files_with(tmp_path, "Zephyr")
    assert files_with(tmp_path, "Ocelot")
    store.remove(removed.id)
    for text in ("Quagga", "Zephyr", "Ocelot"):
        assert files_with(tmp_path, text) == []
    assert files_with(tmp_path, "vareta")
    assert store.entries(kept.id, limit=1, offset=0) == ([Entry("rod", "vareta")], 1)
    database.dispose()


# ---- the installed translators


@pytest.fixture(scope="module")
def translator(artifacts_dir):
    translator = RoutedTranslator.load(artifacts_dir, with_weak=True)
    yield translator
    translator.close()


def translate(translator, text, source, target, office=()):
    pair = LanguagePair(source, target)
    own = [compiled("office", pair, [Entry(*item) for item in office])] if office else []
    wishes = Wishes(Terminology((*own, *patent_glossaries())))
    found = translator.translate([text], source, target, wishes).translations[0]
    return found.text, [(text[slice(*term.source)], found.text[slice(*term.target)]) for term in found.terms]


@pytest.mark.parametrize(
    ("source", "target", "text", "expected"),
    [
        (
            EN,
            PT,
            "The method according to claim 1, wherein the washer (7) is closed.",
            "O método de acordo com a reivindicação 1, em que a arruela (7) está encerrada.",
        ),
        (EN, PT, "The bracket (5) is welded to the lid (6).", "O esquadro (5) é soldado à cobertura (6)."),
        (EN, PT, "The bushings are pressed.", "Os casquilhos são pressionados."),
        (PT, EN, "Um técnico no assunto conhece a mola (14).", "A person skilled in the art knows the spring (14)."),
        (PT, EN, "A bucha é prensada no suporte (5).", "The bushing is pressed on the bracket (5)."),
    ],
)
def test_golden_sentences(translator, source, target, text, expected):
    office = [("bracket", "esquadro"), ("lid", "cobertura"), ("bushing", "casquilho")] if source == EN else ()
    assert translate(translator, text, source, target, office)[0] == expected


def test_terms_survive_a_chain(translator):
    if not any(route.pair == LanguagePair(ES, EN) and route.status == "ready" for route in translator.routes()):
        pytest.skip("Apertium with apertium-es-pt is not installed here.")
    text = "El muelle (14) está en la carcasa (12), según la reivindicación 1."
    found, terms = translate(translator, text, ES, EN, [("carcasa", "enclosure")])
    assert terms == [("muelle", "spring"), ("carcasa", "enclosure"), ("reivindicación", "claim")]
    assert all(word in found for word in ("spring (14)", "enclosure (12)", "claim 1"))


TERMS = ("housing", "coil springs", "Bracket", "locking pin", "prior art", "wherein", "PISTON ROD", "zorgle")
WORDS = ("the", "of a", "(12)", "closed", "is", "and", "12a", "γ-Al2O3", "moves,", "by")


@settings(deadline=None, max_examples=100)
@example(words=["housing", "prior art"])
@given(words=st.lists(st.sampled_from(TERMS + WORDS), min_size=1, max_size=25))
def test_every_term_stands_in_the_translation(translator, words):
    text = " ".join(words)
    office = [("housing", "alojamento estanque"), ("zorgle", "zorgulho"), ("bracket", "esquadro")]
    own = (compiled("office", PAIR, [Entry(*item) for item in office]), *patent_glossaries())
    matches = Terminology(own).find(text, PAIR)
    found, terms = translate(translator, text, EN, PT, office)
    assert [source for source, _ in terms] == [text[match.start : match.end] for match in matches]
    for match, (_, target) in zip(matches, terms, strict=True):
        wordings = (*match.term.targets, *match.term.accepted)
        assert target.lower() in {form.lower() for each in wordings for form in (each.singular, each.plural)}
    assert found.count("γ-Al2O3") == words.count("γ-Al2O3")


def test_terms_are_told_where_they_are(tmp_path, service_token_file, translator):
    with open_client(tmp_path, service_token_file, translator) as client:
        wait_until_ready(client)
        first = add(client, [("lid", "cobertura")])
        second = add(client, [("lid", "capa"), ("frame", "armação")])
        text = "The spring (14) of the lid (6) and of the frame (7)."
        body = {"texts": [text], "sourceLanguage": "en", "targetLanguage": "pt", "glossaryId": first}
        answer = client.post("/api/v1/translate", json={**body, "glossaryIds": [second]}).json()["translations"][0]
        told = [(term["source"], term["target"], term["glossary"]) for term in answer["terms"]]
        assert told == [("spring", "mola", PATENT), ("lid", "cobertura", first), ("frame", "armação", second)]
        for term in answer["terms"]:
            assert text[term["sourceStart"] : term["sourceEnd"]] == term["source"]
            assert answer["text"][term["targetStart"] : term["targetEnd"]] == term["target"]
        without = client.post("/api/v1/translate", json={**body, "patentTerms": False}).json()["translations"][0]
        assert [term["source"] for term in without["terms"]] == ["lid"]
