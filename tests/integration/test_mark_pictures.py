"""Pictures of marks at the gateway: small ones for the screen, of anything that was submitted, kept by no browser."""

import io

import httpx2
import pytest
from PIL import Image

from tests.applications import gateway
from tests.drawings import draw_mark, encode
from tests.integration.marks_service import MARKS, opened, problem, put
from tests.served import served

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    (folder / "service_token").write_text("t" * 40)
    application, key = gateway(folder, folder / "service_token")
    with served(application) as url, httpx2.Client(base_url=url, headers={"API-Key": key}, trust_env=False) as client:
        yield client


@pytest.mark.parametrize("format", ["PNG", "JPEG", "GIF", "TIFF", "WEBP", "BMP"])
def test_whatever_was_submitted_is_shown_small_as_webp(client, format):
    put(client, format, format=format)
    answer = client.get(f"{MARKS}/{format}/image", params={"size": 64}, headers={"Accept": "image/*"})
    assert answer.headers["content-type"] == "image/webp"
    assert Image.open(io.BytesIO(answer.content)).size == (64, 64)
    whole = client.get(f"{MARKS}/{format}/image")
    assert whole.content == encode(draw_mark("cross", "red"), format)


def test_a_small_picture_tells_its_scale_by_which_boxes_lie_in_it(client):
    put(client, "A", "cross")
    assert client.get(f"{MARKS}/A/image", params={"size": 50}).headers["image-scale"] == "0.25"
    assert client.get(f"{MARKS}/A/image", params={"size": 400}).headers["image-scale"] == "1"
    assert "image-scale" not in client.get(f"{MARKS}/A/image").headers


@pytest.mark.parametrize("path", ["image", "image?size=64"])
def test_an_image_is_not_sent_again_to_who_has_it(client, path):
    put(client, "A", "cross")
    first = client.get(f"{MARKS}/A/{path}")
    known = {"If-None-Match": f'"other", {first.headers["etag"]}'}
    again = client.get(f"{MARKS}/A/{path}", headers=known)
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert client.get(f"{MARKS}/A/image?size=65", headers=known).status_code == 200
    put(client, "A", "disc")
    changed = client.get(f"{MARKS}/A/{path}", headers=known)
    assert (changed.status_code, changed.headers["etag"] != first.headers["etag"]) == (200, True)


def test_no_answer_about_marks_stays_in_a_browser(client):
    put(client, "A")
    for path in ("A/image", "A/image?size=64", "A", "", "NONE", "NONE/image?size=64"):
        assert client.get(f"{MARKS}/{path}".rstrip("/")).headers["cache-control"] == "no-store"
    etag = client.get(f"{MARKS}/A/image").headers["etag"]
    unchanged = client.get(f"{MARKS}/A/image", headers={"If-None-Match": etag})
    assert unchanged.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("size", ["15", "2049", "x", "-1", "1e3"])
def test_a_size_out_of_bounds_is_refused(client, size):
    put(client, "A")
    assert problem(client.get(f"{MARKS}/A/image", params={"size": size}), 422) == "invalid-input"


def test_of_a_mark_that_is_not_there_nothing_is_shown(client):
    assert problem(client.get(f"{MARKS}/NONE/image", params={"size": 64}), 404) == "unknown-mark"


def test_the_service_itself_draws_them_in_its_decoders(tmp_path, service_token_file):
    with opened(tmp_path, service_token_file) as service:
        put(service, "A", format="TIFF")
        answer = service.get(f"{MARKS}/A/image", params={"size": 2048})
        assert Image.open(io.BytesIO(answer.content)).size == (200, 200)
