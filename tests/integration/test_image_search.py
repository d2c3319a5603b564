"""The image search service as its gateway sees it: the real application, register, index and embedder."""

import json
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from examkit.service_token import SERVICE_TOKEN_HEADER
from services.image_search.app import create_app
from services.image_search.engine import FaissImageSearcher
from services.image_search.marks import MarkFilter
from services.image_search.query import TURN_PENALTY
from services.image_search.reembedding import Reembedding
from services.image_search.register import Register
from services.image_search.settings import Settings
from tests.drawings import draw_mark, draw_word, encode
from tests.fakes_image_search import FakeImageSearcher

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[2]
ARTIFACTS = ROOT / "models" / "artifacts"
MARKS = "/api/v1/marks"
SECRET = "Quagga-Zephyr-4711"
METADATA = {
    "name": "Rising Cross",
    "applicant": "Fern Foods Ltd",
    "office": "NZ",
    "status": "registered",
    "applicationDate": "2021-03-04",
    "niceClasses": [30, 29],
    "viennaCodes": ["5.3.13"],
    "markFeature": "figurative",
}


@contextmanager
def opened(folder, service_token_file, artifacts=ARTIFACTS, open_searcher=FaissImageSearcher):
    settings = Settings(
        service_token_file=service_token_file, artifacts_dir=artifacts, data_dir=folder / "marks", log_level="debug"
    )
    headers = {SERVICE_TOKEN_HEADER: service_token_file.read_text().strip()}
    with TestClient(create_app(settings, open_searcher), headers=headers) as client:
        deadline = time.monotonic() + 30
        while client.get("/readyz").status_code != 200:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        yield client


@pytest.fixture
def artifacts():
    return ARTIFACTS


@pytest.fixture
def client(tmp_path, service_token_file, artifacts):
    with opened(tmp_path, service_token_file, artifacts) as client:
        yield client


def put(client, mark_id, shape="cross", color="red", metadata=None, format="PNG"):
    files = {"image": ("mark", encode(draw_mark(shape, color), format))}
    data = {} if metadata is None else {"metadata": json.dumps(metadata)}
    return client.put(f"{MARKS}/{mark_id}", files=files, data=data)


def search_by_image(client, image, **fields):
    return client.post(f"{MARKS}/search", files={"image": ("query", image)}, data=fields)


def problem(response, status):
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    return response.json()["code"]


def test_a_mark_is_added_read_replaced_and_removed(client):
    added = put(client, "NZ-1", metadata=METADATA)
    expected = METADATA | {"niceClasses": [29, 30], "viennaCodes": ["05.03.13"]}
    assert added.status_code == 201
    assert added.json() == {"markId": "NZ-1", "metadata": expected, "imageUrl": f"{MARKS}/NZ-1/image"}
    assert client.get(f"{MARKS}/NZ-1").json() == added.json()
    replaced = put(client, "NZ-1", "disc")
    assert (replaced.status_code, replaced.json()["metadata"]) == (200, {"niceClasses": [], "viennaCodes": []})
    assert client.delete(f"{MARKS}/NZ-1").status_code == 204
    assert problem(client.get(f"{MARKS}/NZ-1"), 404) == "unknown-mark"
    assert problem(client.delete(f"{MARKS}/NZ-1"), 404) == "unknown-mark"


def test_words_read_in_an_image_are_shown_and_searched_some_moments_later(client):
    client.put(f"{MARKS}/W", files={"image": ("mark", encode(draw_word("HARBOUR")))})
    deadline = time.monotonic() + 60
    while (mark := client.get(f"{MARKS}/W").json()).get("wordsRead") is None:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert mark["wordsRead"] == ["harbour"]
    (hit,) = client.post(f"{MARKS}/search", json={"text": "harbour", "limit": 1}).json()["hits"]
    assert (hit["wordsRead"], hit["scores"]["words"]) == (["harbour"], 1)


def test_a_search_tells_how_many_marks_wait_for_a_new_version_of_the_model(tmp_path, service_token_file):
    searcher = FakeImageSearcher()
    searcher.reembedding = Reembedding(range(3), lambda _: None, lambda: None)
    with opened(tmp_path, service_token_file, open_searcher=lambda *_: searcher) as client:
        assert search_by_image(client, encode(draw_mark("cross"))).json()["waiting"] == 3
        searcher.reembedding.start()
        searcher.reembedding.wait()
        assert "waiting" not in search_by_image(client, encode(draw_mark("cross"))).json()


@pytest.mark.parametrize("format", ["PNG", "JPEG", "GIF", "TIFF", "WEBP", "BMP"])
def test_an_image_is_given_back_as_it_was_submitted(client, format):
    put(client, "A", format=format)
    answer = client.get(f"{MARKS}/A/image", headers={"Accept": "image/*"})
    assert answer.content == encode(draw_mark("cross", "red"), format)
    assert answer.headers["content-type"] == f"image/{format.lower()}"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_similar_marks_are_found_with_scores_metadata_and_place(client):
    put(client, "A", "cross", "red", METADATA)
    put(client, "B", "stairs", "red")
    answer = search_by_image(client, encode(draw_mark("cross", "white", "black")), strategy="shape", limit=1).json()
    (hit,) = answer.pop("hits")
    assert answer == {"strategy": "shape", "count": 2, "model": {"name": "mark-embedder", "version": "2.0.0"}}
    assert (hit["markId"], hit["imageUrl"], hit["metadata"]["name"]) == ("A", f"{MARKS}/A/image", "Rising Cross")
    assert hit["score"] == hit["scores"]["shape"] > 0.9
    assert 0 <= hit["scores"]["color"] <= 1
    assert hit["scores"]["composition"] > 0.9


def test_a_mark_is_found_from_the_answer_on_and_gone_from_the_answer_on(client):
    image = encode(draw_mark("triangle"))
    for turn in range(5):
        put(client, f"T{turn}", "triangle", "black")
        assert search_by_image(client, image, limit=1, excludeMarkId="X").json()["hits"][0]["score"] > 0.99
        client.delete(f"{MARKS}/T{turn}")
        assert search_by_image(client, image).json()["hits"] == []


def test_json_searches_by_mark_and_by_palette(client):
    put(client, "A", "cross", "red")
    put(client, "B", "cross", "blue")
    by_mark = client.post(f"{MARKS}/search", json={"markId": "A", "excludeMarkId": "A", "weights": {"shape": 1}})
    assert [hit["markId"] for hit in by_mark.json()["hits"]] == ["B"]
    by_palette = client.post(f"{MARKS}/search", json={"palette": ["#0000ff"]}).json()
    assert by_palette["strategy"] == "color"
    assert by_palette["hits"][0]["markId"] == "B"
    assert by_palette["hits"][0]["scores"].keys() == {"color"}


def test_form_fields_and_json_members_mean_the_same(client):
    put(client, "A", "cross", "red", METADATA)
    put(client, "B", "disc", "red", {"niceClasses": [9]})
    options = {"limit": 5, "strategy": "combined", "niceClass": [9, 30], "viennaCode": "05.03", "office": "NZ"}
    fields = options | {"weights": '{"shape": 1, "color": 2}', "box": '{"x": 0, "y": 0, "width": 180, "height": 200}'}
    members = options | {"weights": {"shape": 1, "color": 2}, "box": {"x": 0, "y": 0, "width": 180, "height": 200}}
    by_form = search_by_image(client, encode(draw_mark("cross", "red")), **fields)
    by_json = client.post(f"{MARKS}/search", json=members | {"markId": "A"})
    assert by_form.status_code == by_json.status_code == 200
    assert by_form.json() == by_json.json()
    assert by_form.json()["count"] == 1


def test_lists_are_filtered_and_paged_and_unknown_parameters_are_ignored(client):
    for number in range(5):
        put(client, f"M{number}", metadata={"niceClasses": [number + 1], "office": "NZ" if number % 2 else "FR"})
    page = client.get(f"{MARKS}?office=FR&limit=2&offset=1&colour=blue").json()
    assert [item["markId"] for item in page["items"]] == ["M2", "M4"]
    assert (page["limit"], page["offset"], page["count"]) == (2, 1, 3)
    assert client.get(f"{MARKS}?niceClass=1&niceClass=2").json()["count"] == 2


@pytest.mark.parametrize(
    ("image", "status", "code"),
    [
        (b"", 422, "unreadable-image"),
        (b"not an image", 422, "unreadable-image"),
        (encode(draw_mark("disc"))[:300], 422, "unreadable-image"),
        (encode(draw_mark("disc", "white")), 422, "blank-image"),
        (encode(draw_mark("disc").resize((4, 4))), 422, "image-too-small"),
        (bytes(24 * 1024 * 1024 + 1), 413, "image-too-large"),
        (bytes(26 * 1024 * 1024), 413, "body-too-large"),
    ],
    ids=["empty", "text", "half", "blank", "small", "large", "huge"],
)
def test_an_unusable_image_is_refused_on_every_path(client, image, status, code):
    files = {"image": ("image.png", image)}
    assert problem(client.put(f"{MARKS}/A", files=files), status) == code
    assert problem(client.post(f"{MARKS}/search", files=files), status) == code
    assert client.get(MARKS).json()["count"] == 0


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/"),
        ({"markId": "A", "palette": ["#000000"]}, "/"),
        ({"markId": "A", "limit": 201}, "/limit"),
        ({"markId": "A", "limit": 0}, "/limit"),
        ({"markId": "A", "offset": -1}, "/offset"),
        ({"markId": "A", "niceClass": 46}, "/niceClass/0"),
        ({"markId": "A", "viennaCode": "x"}, "/viennaCode/0"),
        ({"markId": "A", "dateFrom": "yesterday"}, "/dateFrom"),
        ({"markId": "A", "surprise": 1}, "/surprise"),
        ({"markId": "A", "text": "words"}, "/"),
        ({"text": "eagle", "palette": ["#000000"]}, "/"),
        ({"text": ""}, "/text"),
        ({"text": " \t\n"}, "/text"),
        ({"text": "eagle " * 1700}, "/text"),
        ({"text": ["eagle"]}, "/text"),
        ({"text": "eagle", "like": ["A"]}, "/"),
        ({"palette": ["#000000"], "unlike": ["A"]}, "/"),
        ({"markId": "A", "like": "B"}, "/like"),
        ({"markId": "A", "like": ["../B"]}, "/like/0"),
        ({"markId": "A", "unlike": ["B"] * 21}, "/unlike"),
        ({"text": "eagle", "strategy": "shape"}, "/"),
        ({"text": "eagle", "weights": {"concept": 1}}, "/"),
        ({"text": "eagle", "box": {"x": 0, "y": 0, "width": 9, "height": 9}}, "/"),
        ({"markId": "../etc"}, "/markId"),
        ({"palette": []}, "/palette"),
        ({"palette": ["red"]}, "/palette/0"),
        ({"palette": ["#000000"], "strategy": "shape"}, "/"),
        ({"markId": "A", "strategy": "shape", "weights": {"shape": 1}}, "/"),
        ({"markId": "A", "box": {"x": 0, "y": 0, "width": 0, "height": 9}}, "/box/width"),
        ([], "/"),
    ],
)
def test_an_unusable_value_is_refused_and_pointed_to(client, body, pointer):
    answer = client.post(f"{MARKS}/search", json=body)
    assert problem(answer, 422) == "invalid-input"
    assert pointer in [detail["pointer"] for detail in answer.json()["details"]]


def in_label(shape):
    """Set a mark in the lower right of a larger one of 600 x 400 pixels, beside a disc."""
    canvas = Image.new("RGB", (600, 400), "white")
    canvas.paste(draw_mark("disc", "navy"), (40, 20))
    canvas.paste(draw_mark(shape, "green"), (380, 180))
    return canvas


def boxes(hit):
    return [[hit[name][side] for side in ("x", "y", "width", "height")] for name in ("queryBox", "matchedBox")]


def test_composition_finds_a_mark_in_a_larger_one_and_shows_where(client):
    client.put(f"{MARKS}/LABEL", files={"image": encode(in_label("triangle"))})
    put(client, "CROSS", "cross")
    put(client, "STAIRS", "stairs")
    answer = search_by_image(client, encode(draw_mark("triangle")), strategy="composition").json()
    assert (answer["strategy"], answer["count"]) == ("composition", 3)
    hit = answer["hits"][0]
    assert (hit["markId"], hit["score"]) == ("LABEL", hit["scores"]["composition"])
    query_box, matched_box = boxes(hit)
    assert query_box == pytest.approx([30, 30, 140, 135], abs=6)
    assert matched_box == pytest.approx([410, 210, 140, 135], abs=8)


def test_composition_finds_the_mark_that_a_part_of_the_query_is_and_shows_which(client):
    for shape in ("triangle", "cross", "stairs"):
        put(client, shape.upper(), shape)
    for strategy in ("composition", "combined", "shape"):
        hit = search_by_image(client, encode(in_label("stairs")), strategy=strategy).json()["hits"][0]
        query_box, matched_box = boxes(hit)
        assert hit["markId"] == "STAIRS"
        assert query_box == pytest.approx([410, 210, 135, 135], abs=8)
        assert matched_box == pytest.approx([30, 30, 135, 135], abs=6)


@pytest.mark.parametrize("turn", ["FLIP_LEFT_RIGHT", "ROTATE_90", "ROTATE_180", "ROTATE_270"])
def test_a_mark_is_found_by_its_mirror_image_and_by_quarter_turns(client, turn):
    for shape in ("triangle", "cross", "stairs", "disc"):
        put(client, shape.upper(), shape)
    image = encode(draw_mark("stairs").transpose(Image.Transpose[turn]))
    for strategy in ("combined", "shape"):
        hit = search_by_image(client, image, strategy=strategy, limit=1).json()["hits"][0]
        assert hit["markId"] == "STAIRS"
        assert hit["score"] == pytest.approx(1 - TURN_PENALTY, abs=0.03)


def test_weights_may_set_how_much_composition_counts(client):
    client.put(f"{MARKS}/LABEL", files={"image": encode(in_label("triangle"))})
    put(client, "CROSS", "cross")
    weights = json.dumps({"shape": 1, "composition": 3})
    hit = search_by_image(client, encode(draw_mark("triangle")), weights=weights).json()["hits"][0]
    expected = 0.25 * hit["scores"]["shape"] + 0.75 * hit["scores"]["composition"]
    assert hit["score"] == pytest.approx(expected, abs=2e-4)


def test_a_strategy_that_is_not_offered_names_those_that_are(client):
    answer = client.post(f"{MARKS}/search", json={"markId": "A", "strategy": "sound"})
    assert problem(answer, 422) == "invalid-input"
    assert all(name in answer.text for name in ("shape", "color", "composition", "concept", "combined"))


def test_a_concept_is_searched_by_image_and_by_mark_and_weighed(client):
    put(client, "CROSS", "cross")
    put(client, "STAIRS", "stairs")
    by_image = search_by_image(client, encode(draw_mark("cross", "blue")), strategy="concept").json()
    by_mark = client.post(f"{MARKS}/search", json={"markId": "CROSS", "strategy": "concept"}).json()
    for answer in (by_image, by_mark):
        best, other = answer["hits"]
        assert (answer["strategy"], best["markId"], best["score"]) == ("concept", "CROSS", best["scores"]["concept"])
        assert 1 >= best["score"] > other["score"] + 0.1
    mixed = {"markId": "CROSS", "weights": {"concept": 3, "shape": 1}}
    hit = client.post(f"{MARKS}/search", json=mixed).json()["hits"][1]
    expected = 0.75 * hit["scores"]["concept"] + 0.25 * hit["scores"]["shape"]
    assert hit["score"] == pytest.approx(expected, abs=2e-4)
    assert "concept" not in client.post(f"{MARKS}/search", json={"markId": "CROSS"}).json()["hits"][0]["scores"]


def test_marks_found_right_and_wrong_move_what_is_like_them(client):
    for mark_id, shape, color in (("C", "cross", "red"), ("T", "triangle", "red"), ("D", "disc", "red")):
        put(client, mark_id, shape, color)
    put(client, "T-GREEN", "triangle", "green")

    def scores(**examples):
        hits = client.post(f"{MARKS}/search", json={"markId": "C", "strategy": "shape"} | examples).json()["hits"]
        return {hit["markId"]: hit["score"] for hit in hits}

    plain, liked, both = scores(), scores(like=["T"]), scores(like=["T"], unlike=["T-GREEN"])
    assert liked["T-GREEN"] > plain["T-GREEN"]
    assert set(list(liked)[:3]) == {"C", "T", "T-GREEN"}
    assert both["T-GREEN"] < liked["T-GREEN"]
    assert problem(client.post(f"{MARKS}/search", json={"markId": "C", "like": ["NONE"]}), 404) == "unknown-mark"


def find_by_text(client, text, **more):
    return client.post(f"{MARKS}/search", json={"text": text} | more)


def test_words_find_what_marks_show_and_what_they_are_called(client):
    for mark_id, shape, name in (
        ("X", "cross", "Nordlicht"),
        ("T", "triangle", None),
        ("E", "stairs", "Café Triangle"),
    ):
        put(client, mark_id, shape, metadata={"name": name, "niceClasses": [9 if name else 30]})
    answer = find_by_text(client, "a triangle").json()
    assert (answer["strategy"], answer["count"], answer["model"]["name"]) == ("concept", 3, "concept-encoder")
    assert answer["understood"] == {"names": ["triangle"], "approximate": False}
    called, shown, other = answer["hits"]
    assert (called["markId"], called["score"], called["scores"]["words"]) == ("E", 1, 1)
    assert (shown["markId"], other["markId"], shown["scores"].keys()) == ("T", "X", {"concept", "words"})
    assert shown["score"] == shown["scores"]["concept"] > other["score"]
    assert [hit["markId"] for hit in find_by_text(client, "triangle", niceClass=30).json()["hits"]] == ["T"]
    assert "eagle" in find_by_text(client, "un águila").json()["understood"]["names"]


def test_words_that_are_not_known_find_names_or_are_refused(client):
    put(client, "X", metadata={"name": "Nordlicht"})
    answer = find_by_text(client, "NORDLICHT").json()
    assert (answer["understood"], answer["count"]) == ({"names": [], "approximate": False}, 1)
    assert answer["hits"][0]["scores"] == {"words": 1}
    for text in ("qwertz", "\u0000\u0007\u001b", "的", "123"):
        assert problem(find_by_text(client, text), 422) == "unknown-concept"
    assert find_by_text(client, "an osprey\u0000").json()["understood"]["approximate"]


def suggest(client, image, **fields):
    return client.post(f"{MARKS}/suggest-codes", files={"image": ("mark", image)}, data=fields)


def test_codes_are_suggested_for_an_image_and_for_a_part_of_it(client):
    answer = suggest(client, encode(draw_mark("triangle")), limit=3).json()
    assert answer["model"]["name"] == "concept-encoder"
    assert answer["edition"] == "divisions"
    suggestions = answer["suggestions"]
    assert len({each["code"] for each in suggestions}) == len(suggestions) == 3
    assert "26.03" in [each["code"] for each in suggestions]
    assert all(each["title"] and each["concepts"] and 0 <= each["score"] <= 1 for each in suggestions)
    assert [each["score"] for each in suggestions] == sorted((each["score"] for each in suggestions), reverse=True)
    box = json.dumps({"x": 380, "y": 180, "width": 200, "height": 200})
    part = suggest(client, encode(in_label("triangle")), box=box).json()["suggestions"]
    assert "26.03" in [each["code"] for each in part]


@pytest.fixture
def offices_artifacts(tmp_path):
    """Artifacts as an office installs them that brings the table of its own edition and language."""
    folder, table = tmp_path / "artifacts", tmp_path / "vienna_8.csv"
    table.write_text(
        "code;titulo\n26;Figuras y cuerpos geométricos\n26.03;Triángulos\n26.03.01;Un triángulo\n03.01;Cuadrúpedos\n"
    )
    command = [sys.executable, "-m", "models", "install", "--artifacts", str(folder)]
    for more in (["mark-embedder", "concept-encoder"], ["vienna-codes", "--from", str(table)]):
        subprocess.run([*command, *more], cwd=ROOT, check=True, capture_output=True)
    return folder


class TestWithAnOfficesTable:
    """The same service with a table of codes that an office brought."""

    @pytest.fixture
    def artifacts(self, offices_artifacts):
        return offices_artifacts

    def test_codes_are_suggested_as_the_table_has_them_and_no_others(self, client):
        answer = suggest(client, encode(draw_mark("triangle")), limit=9).json()
        titles = {each["code"]: each["title"] for each in answer["suggestions"]}
        assert answer["edition"] == "8"
        assert titles["26.03.01" if "26.03.01" in titles else "26.03"] in ("Un triángulo", "Triángulos")
        assert all(code.startswith(("26", "03.01")) for code in titles)


def test_codes_are_suggested_for_nothing_else(client):
    image = encode(draw_mark("cross"))
    assert problem(suggest(client, b"text"), 422) == "unreadable-image"
    assert problem(suggest(client, encode(draw_mark("disc", "white"))), 422) == "blank-image"
    assert problem(suggest(client, image, limit=51), 422) == "invalid-input"
    assert problem(suggest(client, image, limit="x"), 422) == "invalid-input"
    assert problem(suggest(client, image, strategy="concept"), 422) == "invalid-input"
    assert problem(suggest(client, image, box="{"), 400) == "malformed-json"
    box = json.dumps({"x": 150, "y": 0, "width": 100, "height": 100})
    assert problem(suggest(client, image, box=box), 422) == "box-outside-image"
    assert problem(client.post(f"{MARKS}/suggest-codes", data={"limit": "3"}, files={"a": b""}), 422) == "missing-part"
    assert problem(client.post(f"{MARKS}/suggest-codes", json={"markId": "A"}), 415)


def test_other_failures_have_their_own_codes(client):
    put(client, "A")
    form = {"Content-Type": "multipart/form-data; boundary=b"}
    search = f"{MARKS}/search"
    image = encode(draw_mark("cross"))
    box = {"x": 150, "y": 0, "width": 100, "height": 100}
    assert problem(client.post(search, content="x", headers={"Content-Type": "text/plain"}), 415)
    assert (
        problem(client.post(search, content="{x", headers={"Content-Type": "application/json"}), 400)
        == "malformed-json"
    )
    assert problem(client.post(search, content="zz", headers=form), 400) == "malformed-request"
    assert problem(client.post(search, files={"limit": (None, "3")}), 422) == "missing-part"
    assert problem(client.post(search, json={"markId": "NONE"}), 404) == "unknown-mark"
    assert problem(client.post(search, json={"markId": "A", "weights": {}}), 422) == "no-weight"
    assert problem(client.post(search, json={"markId": "A", "box": box}), 422) == "box-outside-image"
    assert problem(client.put(f"{MARKS}/A", json={}), 415)
    assert problem(put(client, "A", metadata={"viennaCodes": ["00.1.1"]}), 422) == "unknown-vienna-code"
    assert problem(client.put(f"{MARKS}/a%20b", files={"image": image}), 422) == "invalid-input"


FEEDBACK = {"markId": "A", "hitMarkId": "B", "relevant": True, "strategy": "combined"}


def test_what_an_examiner_found_relevant_is_kept_exported_and_removed(client):
    first = client.post(f"{MARKS}/feedback", json=FEEDBACK)
    again = client.post(f"{MARKS}/feedback", json=FEEDBACK)
    assert (first.status_code, again.status_code, again.json()) == (201, 200, first.json())
    by_image = {"imageSha256": "0" * 64, "hitMarkId": "B", "relevant": False, "strategy": "shape"}
    client.post(f"{MARKS}/feedback", json=by_image)
    page = client.get(f"{MARKS}/feedback?limit=1&offset=1").json()
    assert (page["count"], page["limit"], page["offset"]) == (2, 1, 1)
    assert page["items"][0].items() >= by_image.items()
    assert client.get(f"{MARKS}/feedback?markId=A").json()["items"] == [FEEDBACK | first.json()]
    lines = client.get(f"{MARKS}/feedback", headers={"Accept": "application/x-ndjson"})
    assert lines.headers["content-type"] == "application/x-ndjson"
    assert [json.loads(line)["relevant"] for line in lines.text.splitlines()] == [True, False]
    assert client.delete(f"{MARKS}/feedback/{first.json()['id']}").status_code == 204
    assert problem(client.delete(f"{MARKS}/feedback/{first.json()['id']}"), 404) == "unknown-feedback"
    assert client.get(f"{MARKS}/feedback").json()["count"] == 1


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"markId": None}, "/"),
        ({"imageSha256": "0" * 64}, "/"),
        ({"imageSha256": "x", "markId": None}, "/imageSha256"),
        ({"hitMarkId": "../B"}, "/hitMarkId"),
        ({"relevant": "yes"}, "/relevant"),
        ({"strategy": "magic"}, "/strategy"),
        ({"image": "..."}, "/image"),
    ],
)
def test_feedback_that_cannot_be_used_is_refused_and_pointed_to(client, change, pointer):
    answer = client.post(f"{MARKS}/feedback", json=FEEDBACK | change)
    assert problem(answer, 422) == "invalid-input"
    assert pointer in [detail["pointer"] for detail in answer.json()["details"]]


def test_nothing_of_a_mark_is_logged(client, caplog):
    marked = {"name": SECRET, "applicant": SECRET}
    assert put(client, "A", metadata=marked).status_code == 201
    put(client, "A", metadata=marked | {"niceClasses": [SECRET]})
    client.put(f"{MARKS}/A", files={"image": (f"{SECRET}.png", SECRET.encode())}, data={"metadata": SECRET})
    for fields in ({"applicant": SECRET}, {"weights": SECRET}, {"strategy": SECRET}, {SECRET: SECRET}):
        search_by_image(client, encode(draw_mark("cross")), **fields)
        client.post(f"{MARKS}/search", json={"markId": SECRET} | fields)
    for text in (SECRET, f"an eagle with {SECRET}", SECRET * 100):
        find_by_text(client, text)
    suggest(client, SECRET.encode(), limit=SECRET)
    suggest(client, SECRET.encode())
    client.get(f"{MARKS}?applicant={SECRET}&office={SECRET}")
    search_by_image(client, encode(draw_mark("cross"), "TIFF", description=SECRET))
    client.post(f"{MARKS}/search", content=SECRET, headers={"Content-Type": f"multipart/form-data; boundary={SECRET}x"})
    logged = [record.getMessage() for record in caplog.records]
    assert sum("'event': 'request'" in line for line in logged) == 19
    assert not [line for line in logged if SECRET in line]


WRITER = """
import sys
from pathlib import Path
from services.image_search.engine import NewMark, open_image_searcher
from services.image_search.marks import MarkMetadata

artifacts, folder, image = (Path(argument) for argument in sys.argv[1:])
searcher = open_image_searcher(artifacts, folder)
number = 0
while True:
    searcher.put(NewMark(f"M{number % 40}", MarkMetadata(name=f"write {number}"), image.read_bytes() + bytes(number)))
    sys.stdout.write(f"{number}\\n")
    sys.stdout.flush()
    number += 1
"""


@pytest.mark.parametrize("accepted_before_the_end", [3, 60])
def test_a_killed_process_loses_no_accepted_mark_and_leaves_none_in_half(tmp_path, accepted_before_the_end):
    (tmp_path / "mark.png").write_bytes(encode(draw_mark("cross")))
    places = [str(place) for place in (ARTIFACTS, tmp_path / "data", tmp_path / "mark.png")]
    with subprocess.Popen([sys.executable, "-c", WRITER, *places], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        accepted = [int(writer.stdout.readline()) for _ in range(accepted_before_the_end)]
        writer.send_signal(signal.SIGKILL)
        accepted += [int(line) for line in writer.stdout.read().splitlines()]
    register = Register(tmp_path / "data")
    marks, _ = register.page(MarkFilter(), limit=100, offset=0)
    last = {mark.mark_id: int((mark.metadata.name or "").removeprefix("write ")) for mark in marks}
    assert all(last[f"M{number % 40}"] >= number for number in accepted)
    assert max(last.values()) <= accepted[-1] + 1
    described = {row_id for row_id, _ in register.embeddings("mark-embedder/2.0.0+3")}
    assert described == {register.row_id(mark.mark_id) for mark in marks}
    assert all(len(register.image(mark_id).data) > number for mark_id, number in last.items())
    assert all(register.image(mark.mark_id).sha256 == mark.image_sha256 for mark in marks)
    register.close()
