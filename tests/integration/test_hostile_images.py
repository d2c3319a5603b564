"""Every kind of hostile image sent to the real application: what it answers is on this table, and it goes on."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from examkit.service_token import SERVICE_TOKEN_HEADER
from services.image_search.app import create_app
from services.image_search.settings import Settings
from tests.drawings import draw_mark, encode
from tests.hostile_images import HARMLESS, OF_ODD_MAKE, OVERSIZED, many_frames
from tests.integration.import_service import ARTIFACTS, wait_until

pytestmark = pytest.mark.integration

MARK = "/api/v1/marks/M-1"
SEARCH = "/api/v1/marks/search"


@dataclass(frozen=True)
class Case:
    """A file, and the code of its refusal, None where it is taken."""

    make: Callable[[], bytes]
    code: str | None = None


CROSS = draw_mark("cross")
CASES = {
    **{name: Case(make, "image-too-large") for name, make in OVERSIZED.items()},
    **{name: Case(make, "unreadable-image") for name, make in OF_ODD_MAKE.items()},
    **{name: Case(make) for name, make in HARMLESS.items()},
    "nothing": Case(lambda: b"", "unreadable-image"),
    "cut off": Case(lambda: encode(CROSS)[:400], "unreadable-image"),
    "one pixel": Case(lambda: encode(Image.new("RGB", (1, 1))), "image-too-small"),
    "a line": Case(lambda: encode(Image.new("RGB", (5000, 1))), "image-too-small"),
    "blank": Case(lambda: encode(Image.new("RGB", (300, 300), "white")), "blank-image"),
    "all black": Case(lambda: encode(Image.new("RGB", (300, 300), "black")), "blank-image"),
    "all transparent": Case(lambda: encode(Image.new("RGBA", (300, 300))), "blank-image"),
    "SVG": Case(lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h9v9z"/></svg>', "vector-image"),
    "SVG of use": Case(lambda: b"<svg>" + b"<g>" * 1_000_000, "vector-image"),
    "PDF": Case(lambda: b"%PDF-1.7\n", "vector-image"),
    "CMYK": Case(lambda: encode(CROSS.convert("CMYK"), "JPEG")),
    "16 bits": Case(lambda: encode(Image.fromarray(np.asarray(CROSS.convert("L")).astype(np.uint16) * 257), "TIFF")),
    "alpha": Case(lambda: encode(draw_mark("cross", (9, 9, 9, 255), (0, 0, 0, 0), "RGBA"))),
    "animated GIF": Case(lambda: many_frames("GIF")),
    "TIFF of pages": Case(lambda: encode(CROSS.copy(), "TIFF", save_all=True, append_images=[CROSS.copy()] * 20)),
    "40 million pixels": Case(lambda: encode(CROSS.resize((6300, 6300)), "PNG")),
    "40 million pixels with alpha": Case(lambda: encode(CROSS.resize((6300, 6300)).convert("RGBA"), "PNG")),
}


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    folder = tmp_path_factory.mktemp("images")
    token = folder / "service_token"
    token.write_text("0" * 40)
    settings = Settings(service_token_file=token, artifacts_dir=ARTIFACTS, data_dir=folder / "marks")
    with TestClient(create_app(settings), headers={SERVICE_TOKEN_HEADER: token.read_text()}) as opened:
        wait_until(lambda: opened.get("/readyz").status_code == 200)
        yield opened


@pytest.mark.parametrize("name", CASES)
def test_each_image_is_taken_or_refused_with_its_reason_and_the_service_goes_on(client, name):
    case, image = CASES[name], CASES[name].make()
    added = client.put(MARK, files={"image": (f"{name}.png", image)})
    found = client.post(SEARCH, files={"image": (f"{name}.png", image)})
    if case.code is None:
        assert (added.status_code, found.status_code) == (201, 200), added.text
        assert found.json()["hits"][0]["markId"] == "M-1"
        assert client.get(f"{MARK}/image").content == image
        assert client.delete(MARK).status_code == 204
    else:
        assert (added.json()["code"], found.json()["code"]) == (case.code, case.code)
        assert {added.status_code, found.status_code} <= {413, 422}
        assert client.get(MARK).status_code == 404
    assert client.get("/readyz").status_code == 200
