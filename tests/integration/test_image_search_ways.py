"""The ways of finding marks beside shape and color: composition, concepts, words, examples, codes."""

import json
import subprocess
import sys

import pytest
from PIL import Image

from services.image_search.query import TURN_PENALTY
from tests.drawings import draw_mark, encode
from tests.integration.marks_service import (
    ARTIFACTS,
    MARKS,
    ROOT,
    find_by_text,
    opened,
    problem,
    put,
    search_by_image,
    suggest,
)

pytestmark = pytest.mark.integration


@pytest.fixture
def artifacts():
    return ARTIFACTS


@pytest.fixture
def client(tmp_path, service_token_file, artifacts):
    with opened(tmp_path, service_token_file, artifacts) as client:
        yield client


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


def test_examples_count_in_a_search_by_image_as_in_one_by_mark(client):
    for mark_id, shape, color in (("C", "cross", "red"), ("T", "triangle", "red"), ("D", "disc", "blue")):
        put(client, mark_id, shape, color)
    more = {"limit": 3, "strategy": "shape", "like": ["T", "D"], "unlike": ["D"], "excludeMarkId": "X"}
    image = encode(draw_mark("cross", "red"))
    by_image = search_by_image(client, image, **more).json()
    by_mark = client.post(f"{MARKS}/search", json={"markId": "C"} | more).json()
    assert by_image == by_mark
    assert by_image["hits"] != search_by_image(client, image, limit=3, strategy="shape").json()["hits"]
    boxed = {"box": json.dumps({"x": 20, "y": 20, "width": 160, "height": 160}), "weights": '{"color": 1}', "like": "T"}
    assert search_by_image(client, image, **boxed).status_code == 200


def test_examples_of_a_search_by_image_are_bounded(client):
    put(client, "A")
    image = encode(draw_mark("cross"))
    most = {"like": ["A"] * 20, "unlike": ["A"] * 20, "niceClass": list(range(1, 46)), "viennaCode": ["05.03"] * 5}
    assert search_by_image(client, image, **most).status_code == 200
    assert problem(search_by_image(client, image, like=["NONE"]), 404) == "unknown-mark"
    for wrong, pointer in (({"like": ["A"] * 21}, "/like"), ({"unlike": ["A", "../B"]}, "/unlike/1")):
        answer = search_by_image(client, image, **wrong)
        assert problem(answer, 422) == "invalid-input"
        assert pointer in [detail["pointer"] for detail in answer.json()["details"]]


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

    def test_codes_are_chosen_from_the_offices_titles(self, client):
        page = client.get("/api/v1/vienna", params={"q": "triang", "language": "fr"}).json()
        assert [item["title"] for item in page["items"]] == ["Triángulos", "Un triángulo"]
        assert (page["edition"], page["language"], page["count"]) == ("8", None, 2)


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
