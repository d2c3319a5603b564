"""Bodies are bounded, those of a few paths by a limit of their own."""

import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient

from examkit.web.limits import BodyLimit
from examkit.web.observe import Metrics, Observe


@pytest.fixture
def client():
    app = FastAPI()

    @app.api_route("/{place}", methods=["POST", "PUT"])
    async def count(place: str, request: Request) -> int:
        return len(await request.body())

    app.add_middleware(BodyLimit, max_bytes=10, larger={"/archive": 100})
    app.add_middleware(Observe, metrics=Metrics())
    return TestClient(app)


@pytest.mark.parametrize(
    ("method", "path", "limit"), [("POST", "/archive", 100), ("PUT", "/archive", 10), ("POST", "/other", 10)]
)
@pytest.mark.parametrize("is_declared", [True, False])
def test_each_path_has_its_limit(client, method, path, limit, is_declared):
    def send(size: int):
        content = bytes(size) if is_declared else iter([bytes(size - 1), b"x"])
        return client.request(method, path, content=content)

    assert send(limit).json() == limit
    refused = send(limit + 1)
    assert (refused.status_code, refused.json()["code"]) == (413, "body-too-large")
    assert f" {limit} bytes" in refused.json()["detail"]
