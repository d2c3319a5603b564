"""The image search service as its gateway sees it, and how tests ask it."""

import json
import time
from contextlib import contextmanager
from pathlib import Path

from fastapi.testclient import TestClient

from examkit.service_token import SERVICE_TOKEN_HEADER
from services.image_search.app import create_app
from services.image_search.engine import FaissImageSearcher
from services.image_search.settings import Settings
from tests.drawings import draw_mark, encode

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
def opened(folder, service_token_file, artifacts=ARTIFACTS, open_searcher=FaissImageSearcher, **told):
    settings = Settings(
        service_token_file=service_token_file,
        artifacts_dir=artifacts,
        data_dir=folder / "marks",
        **{"log_level": "debug", **told},
    )
    headers = {SERVICE_TOKEN_HEADER: service_token_file.read_text().strip()}
    with TestClient(create_app(settings, open_searcher), headers=headers) as client:
        deadline = time.monotonic() + 30
        while client.get("/readyz").status_code != 200:
            assert time.monotonic() < deadline
            time.sleep(0.02)
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


def find_by_text(client, text, **more):
    return client.post(f"{MARKS}/search", json={"text": text} | more)


def suggest(client, image, **fields):
    return client.post(f"{MARKS}/suggest-codes", files={"image": ("mark", image)}, data=fields)
