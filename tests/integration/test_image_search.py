"""The image search service as its gateway sees it: the real application, register, index and embedder."""

import json
import signal
import subprocess
import sys
import time

import pytest

from services.image_search.marks import MarkFilter
from services.image_search.reembedding import Reembedding
from services.image_search.register import Register
from tests.drawings import draw_mark, draw_word, encode
from tests.fakes_image_search import FakeImageSearcher
from tests.integration.marks_service import (
    ARTIFACTS,
    MARKS,
    METADATA,
    SECRET,
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
