"""The endpoint of reading: it takes on no more documents than it has room for, and takes none from who is refused."""

from collections.abc import AsyncIterator

import httpx2
import pytest

from examkit.service_token import SERVICE_TOKEN_HEADER
from examkit.web.limits import InferenceSlots
from services.classify.app import create_app
from services.classify.desk import Loaded
from services.classify.feedback.store import FeedbackStore
from services.classify.settings import Settings
from tests.fakes_classify import FakeClassifier

PATH = "/api/v1/documents/text"

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.fixture
def slots():
    return InferenceSlots(1, 0)


@pytest.fixture
async def client(tmp_path, service_token_file, slots):
    app = create_app(Settings(artifacts_dir=tmp_path, service_token_file=service_token_file, data_dir=tmp_path))
    app.state.engine = Loaded(FakeClassifier(), FeedbackStore.of_tenants(tmp_path), reading_slots=slots)
    headers = {SERVICE_TOKEN_HEADER: service_token_file.read_text()}
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://x", headers=headers) as client:
        yield client
    app.state.engine.close()


async def test_a_document_for_which_there_is_no_place_is_refused_before_it_is_taken(client, slots):
    taken = []

    async def body() -> AsyncIterator[bytes]:
        taken.append(b"a piece")
        yield b"--x\r\n"

    with slots.places.one():
        form = {"Content-Type": "multipart/form-data; boundary=x"}
        answer = await client.post(PATH, content=body(), headers=form)
        assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, "overloaded", "1")
        assert taken == []
        assert (await client.post("/api/v1/classify", json={"text": "a brush"})).status_code == 200
    assert (await client.post(PATH, files={"file": ("a", b"A brush.")})).status_code == 200
    assert slots.in_use == 0


@pytest.mark.parametrize("content", [b"", b"\x89PNG\0", b"<a/>"])
async def test_a_refused_document_gives_its_place_back(client, slots, content):
    assert (await client.post(PATH, files={"file": ("a", content)})).status_code == 422
    assert slots.in_use == 0
