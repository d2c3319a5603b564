"""The main job, bad input and a killed service, on a running deployment with real models."""

import io
import secrets
import time
from collections.abc import Iterator

import httpx2
import pytest
from PIL import Image, ImageDraw

pytestmark = pytest.mark.e2e

ABSTRACT = (
    "A wind turbine blade comprising a shell of fibre-reinforced composite material and a spar cap extending along the "
    "blade's length. A lightning receptor in the tip region is joined to a down conductor inside the shell, so that "
    "the current of a lightning strike is led to the hub without damage to the composite layers."
)
CLAIM = (
    "A device (12) comprising a housing (14) and a lever (16), wherein the lever (16) is mounted on the housing (14)."
)
JSON = {"Content-Type": "application/json"}
MANY_BYTES = 10 * 1024 * 1024
# Made anew for each run, so that finding it in a log can have one cause only.
SECRET = "sesame" + secrets.token_hex(6)

# One request for each operation that takes a body; `text` is where a client's content goes.
CLASSIFY = "/api/v1/classify"
BATCH = "/api/v1/classify/batch"
SEARCH = "/api/v1/marks/search"
TRANSLATE = "/api/v1/translate"


def drawing(format: str = "PNG") -> bytes:
    """Draw a mark: a ring with a bar through it."""
    image = Image.new("RGB", (200, 200), "white")
    pen = ImageDraw.Draw(image)
    pen.ellipse((20, 20, 180, 180), outline="navy", width=24)
    pen.rectangle((90, 10, 110, 190), fill="navy")
    stream = io.BytesIO()
    image.save(stream, format)
    return stream.getvalue()


def assert_problem(response: httpx2.Response, status: int, code: str | None = None) -> None:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert {"type", "title", "status", "detail", "instance", "code", "correlationId"} <= set(problem)
    assert problem["correlationId"] == response.headers["correlation-id"]
    assert code is None or problem["code"] == code


# ---- the main job


def test_an_abstract_is_classified(client):
    body = {"abstract": ABSTRACT, "language": "en", "level": "subclass", "limit": 5, "explain": True}
    answer = client.post(CLASSIFY, json=body | {"similarDocuments": 3}).json()
    symbols = [prediction["symbol"] for prediction in answer["predictions"]]
    assert "F03D" in symbols[:3]
    scores = [prediction["score"] for prediction in answer["predictions"]]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    assert answer["predictions"][0]["evidence"]
    assert answer["predictions"][0]["ancestors"][0]["title"]
    assert len(answer["similarDocuments"]) == 3
    assert answer["edition"]


def test_refining_stays_below_the_given_symbol(client):
    body = {"abstract": ABSTRACT, "level": "subgroup", "startFrom": "F03D", "limit": 10}
    predictions = client.post(CLASSIFY, json=body).json()["predictions"]
    assert predictions
    assert all(prediction["symbol"].startswith("F03D ") for prediction in predictions)


def test_a_symbol_of_a_prediction_can_be_looked_up(client):
    symbol = client.post(CLASSIFY, json={"abstract": ABSTRACT, "level": "mainGroup"}).json()["predictions"][0]["symbol"]
    entry = client.get(f"/api/v1/ipc/{symbol}").json()
    assert entry["symbol"] == symbol
    assert entry["title"]
    found = client.get("/api/v1/ipc", params={"q": "wind motors", "limit": 5}).json()
    assert found["count"] > 0


@pytest.fixture
def stored_mark(client) -> Iterator[str]:
    mark_id = f"TEST-{secrets.token_hex(4)}"
    form = {
        "image": ("mark.png", drawing(), "image/png"),
        "metadata": (None, '{"name": "Ringbar", "niceClasses": [9]}'),
    }
    assert client.put(f"/api/v1/marks/{mark_id}", files=form).status_code == 201
    yield mark_id
    assert client.delete(f"/api/v1/marks/{mark_id}").status_code in (200, 204)


def test_a_stored_mark_is_found_by_its_image_at_once(client, stored_mark):
    answer = client.post(
        SEARCH, files={"image": ("query.jpg", drawing("JPEG"), "image/jpeg")}, data={"limit": "5"}
    ).json()
    best = answer["hits"][0]
    assert best["markId"] == stored_mark
    assert best["metadata"]["name"] == "Ringbar"
    image = client.get(best["imageUrl"])
    assert image.content == drawing()
    assert image.headers["content-type"] == "image/png"


def test_a_mark_of_the_register_finds_itself_and_others(client):
    mark_id = client.get("/api/v1/marks", params={"limit": 1}).json()["items"][0]["markId"]
    hits = client.post(SEARCH, json={"markId": mark_id, "limit": 10}).json()["hits"]
    assert len(hits) == 10
    assert [hit["score"] for hit in hits] == sorted((hit["score"] for hit in hits), reverse=True)


def test_a_claim_is_translated_there_and_back_with_its_signs(client):
    there = client.post(TRANSLATE, json={"texts": [CLAIM], "sourceLanguage": "en", "targetLanguage": "pt"}).json()
    text = there["translations"][0]["text"]
    assert all(sign in text for sign in ("(12)", "(14)", "(16)"))
    assert "alojamento" in text or "caixa" in text or "carcaça" in text or "invólucro" in text
    back = client.post(TRANSLATE, json={"texts": [text], "sourceLanguage": "pt", "targetLanguage": "en"}).json()
    assert "lever (16)" in back["translations"][0]["text"]


# ---- bad input


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (CLASSIFY, {"text": "  \n "}),
        (BATCH, {"documents": []}),
        (SEARCH, {}),
        (TRANSLATE, {"texts": [" "], "sourceLanguage": "en", "targetLanguage": "pt"}),
    ],
)
def test_blank_input_is_refused(client, path, body):
    assert_problem(client.post(path, json=body), 422)


@pytest.mark.parametrize("path", [CLASSIFY, BATCH, TRANSLATE])
def test_ten_megabytes_of_text_are_refused_with_the_limit_named(client, path):
    response = client.post(path, content=b'{"text": "' + b"a" * MANY_BYTES + b'"}', headers=JSON)
    assert_problem(response, 413, "body-too-large")
    assert any(character.isdigit() for character in response.json()["detail"])


@pytest.mark.parametrize("path", [CLASSIFY, BATCH, TRANSLATE, SEARCH])
def test_binary_in_place_of_json_is_refused(client, path):
    assert_problem(client.post(path, content=bytes(range(256)) * 20, headers=JSON), 400, "malformed-json")


@pytest.mark.parametrize("path", [CLASSIFY, BATCH, TRANSLATE, SEARCH])
def test_json_nested_without_end_is_refused(client, path):
    assert_problem(client.post(path, content=b'{"a":' + b"[" * 200_000, headers=JSON), 400)


@pytest.mark.parametrize("field", ["weights", "box"])
def test_a_form_field_nested_without_end_is_refused(client, field):
    form = {"image": ("mark.png", drawing(), "image/png"), field: (None, "[" * 200_000)}
    assert_problem(client.post(SEARCH, files=form), 400, "malformed-json")


@pytest.mark.parametrize("path", [CLASSIFY, BATCH, TRANSLATE, SEARCH])
def test_a_wrong_content_type_is_refused(client, path):
    response = client.post(path, content=b"a=b", headers={"Content-Type": "text/csv"})
    assert_problem(response, 415, "unsupported-media-type")


def test_a_text_named_png_is_refused(client):
    response = client.post(SEARCH, files={"image": ("mark.png", b"not an image at all", "image/png")})
    assert_problem(response, 422)


def test_unknown_members_and_unknown_routes_are_refused(client):
    assert_problem(client.post(CLASSIFY, json={"text": ABSTRACT, "colour": "red"}), 422)
    assert_problem(client.get("/api/v1/nothing"), 404, "unknown-route")
    assert_problem(client.patch(CLASSIFY), 405, "method-not-allowed")


@pytest.mark.parametrize(("key", "code"), [("", "api-key-missing"), ("exk_wrong", "api-key-unknown")])
@pytest.mark.parametrize("path", [CLASSIFY, SEARCH, TRANSLATE])
def test_no_key_and_a_wrong_key_are_refused(client, path, key, code):
    assert_problem(client.post(path, json={}, headers={"API-Key": key}), 401, code)


def test_an_answer_that_nobody_can_read_is_refused(client):
    assert_problem(client.post(CLASSIFY, json={"text": ABSTRACT}, headers={"Accept": "image/png"}), 406)


# ---- nothing leaks


def test_a_marked_text_sent_everywhere_appears_in_no_log(client, deployment):
    marked = f"{SECRET} {ABSTRACT} {SECRET}"
    claim = f"{CLAIM} {SECRET}"
    for body in (
        {"text": marked, "explain": True},
        {"text": SECRET},
        {"text": marked, "startFrom": SECRET},
        {SECRET: 1},
    ):
        client.post(CLASSIFY, json=body)
        client.post(BATCH, json={"documents": [{"documentId": SECRET, **body}]})
    for source in ({"sourceLanguage": "en"}, {}, {"sourceLanguage": SECRET}):
        client.post(TRANSLATE, json={"texts": [claim], **source, "targetLanguage": "pt"})
    form = {"image": (f"{SECRET}.png", drawing(), "image/png"), "metadata": (None, f'{{"name": "{SECRET}"}}')}
    client.put(f"/api/v1/marks/{SECRET}", files=form)
    client.post(SEARCH, files={"image": (f"{SECRET}.png", f"not an image {SECRET}".encode(), SECRET)})
    client.post(SEARCH, json={"markId": SECRET})
    client.get("/api/v1/marks", params={"applicant": SECRET, "status": SECRET})
    client.get(f"/api/v1/marks/{SECRET}")
    client.get(f"/api/v1/marks/{SECRET}/image")
    client.delete(f"/api/v1/marks/{SECRET}")
    client.get(f"/api/v1/ipc/{SECRET}")
    client.get("/api/v1/ipc", params={"q": SECRET})
    client.get(f"/{SECRET}?{SECRET}")
    for path in (CLASSIFY, BATCH, SEARCH, TRANSLATE):
        client.post(path, content=f'{{"text": "{SECRET}'.encode(), headers=JSON)
        client.post(path, content=SECRET.encode(), headers={"Content-Type": SECRET, "User-Agent": SECRET})
    logs = deployment.logs()
    assert '"route": "/api/v1/classify"' in logs
    assert SECRET not in logs.lower()
    assert deployment.api_key not in logs


# ---- a service dies


def test_a_killed_service_comes_back_and_calls_wait_for_it_or_are_told_when_to_come_again(client, deployment):
    body = {"texts": [CLAIM], "sourceLanguage": "en", "targetLanguage": "pt"}
    assert client.post(TRANSLATE, json=body).status_code == 200
    deployment.kill_translate()
    deadline = time.monotonic() + 90
    while (answer := client.post(TRANSLATE, json=body)).status_code != 200 and time.monotonic() < deadline:
        assert_problem(answer, 503)
        assert int(answer.headers["retry-after"]) >= 1
        time.sleep(0.05)
    assert answer.json()["translations"]
    assert client.post(CLASSIFY, json={"text": ABSTRACT}).status_code == 200
