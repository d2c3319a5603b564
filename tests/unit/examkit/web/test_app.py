"""Does an application of the house start, fail, refuse and report as promised?"""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fastapi import APIRouter, Request
from fastapi.testclient import TestClient
from pydantic_settings import SettingsConfigDict

from examkit.errors import InvalidInputError
from examkit.settings import ServiceSettings
from examkit.web.app import build_app, loaded
from examkit.web.limits import slots_of
from examkit.web.problems import problem_responses
from examkit.web.wire import JSON_BODY, WireModel

ROOT = Path(__file__).resolve().parents[4]


class ToySettings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="TOY_", frozen=True, extra="forbid")


class Word(WireModel):
    some_word: str


class Engine:
    """Waits until a test lets it go, then answers or fails."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.gate.set()
        self.is_closed = False

    def spell(self, word: str) -> str:
        self.gate.wait(5)
        if word == "crash":
            raise RuntimeError(f"the word was {word}")
        if word == "refuse":
            raise InvalidInputError("Not this one.", code="bad-word")
        return word.upper()

    def close(self) -> None:
        self.is_closed = True


router = APIRouter()


@router.post("/api/v1/spell", dependencies=JSON_BODY, responses=problem_responses(400, 413, 415))
async def spell(word: Word, request: Request) -> Word:
    engine: Engine = loaded(request)
    return Word(some_word=await slots_of(request).run(engine.spell, word.some_word))


@pytest.fixture
def start(tmp_path, service_token_file) -> Iterator[Callable[..., TestClient]]:
    opened: list[TestClient] = []

    def start(load: Callable[[], object], **settings) -> TestClient:
        toy = ToySettings(artifacts_dir=tmp_path, service_token_file=service_token_file, **settings)
        client = TestClient(build_app(name="toy", title="Toy", settings=toy, load=load, routers=[router]))
        client.headers["Examkit-Service-Token"] = service_token_file.read_text()
        opened.append(client.__enter__())
        return client

    yield start
    for client in opened:
        client.__exit__(None, None, None)


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
def client(start: Callable[..., TestClient], engine: Engine) -> TestClient:
    client = start(lambda: engine)
    wait_until_ready(client)
    return client


def wait_until_ready(client: TestClient) -> None:
    while client.get("/readyz").status_code != 200:
        pass


def say(client: TestClient, word: str, **kwargs):
    return client.post("/api/v1/spell", json={"someWord": word}, **kwargs)


def test_members_are_camel_case_in_and_out(client):
    assert say(client, "word").json() == {"someWord": "WORD"}


def test_it_is_alive_before_it_is_ready_and_refuses_work_meanwhile(start, engine):
    gate = threading.Event()
    client = start(lambda: gate.wait(5) and engine)
    assert client.get("/livez").status_code == 200
    assert client.get("/readyz").json()["code"] == "not-ready"
    assert say(client, "word").json()["code"] == "not-ready"
    gate.set()
    wait_until_ready(client)
    assert say(client, "word").status_code == 200


def test_the_engine_is_closed_at_the_end(start, engine):
    client = start(lambda: engine)
    wait_until_ready(client)
    client.__exit__(None, None, None)
    assert engine.is_closed
    client.__enter__()


def test_only_a_call_with_the_service_token_is_served(client):
    for token in ("", "wrong"):
        response = say(client, "word", headers={"Examkit-Service-Token": token})
        assert (response.status_code, response.json()["code"]) == (401, "service-token-required")
        assert response.headers["www-authenticate"]
    assert client.get("/livez", headers={"Examkit-Service-Token": ""}).status_code == 200


@pytest.mark.parametrize(
    ("content", "content_type", "status", "code"),
    [
        (b"{", "application/json", 400, "malformed-json"),
        (b"\xff\xfe", "application/json", 400, "malformed-json"),
        (b'{"someWord": "a"}', "text/plain", 415, "unsupported-media-type"),
        (b'{"someWord": "a"}', "", 415, "unsupported-media-type"),
        (b"", "application/json", 422, "invalid-input"),
        (b"[]", "application/json", 422, "invalid-input"),
        (b'{"some_other": "a"}', "application/json", 422, "invalid-input"),
        (b'{"\\ud800": "a"}', "application/json", 422, "invalid-input"),
        (b'{"someWord": "\\ud800"}', "application/json", 422, "invalid-input"),
        (b'{"someWord": 1}', "application/json", 422, "invalid-input"),
        (b'{"someWord": "refuse"}', "application/json", 422, "bad-word"),
        (b'{"someWord": "crash"}', "application/json", 500, "internal-error"),
        (b'{"someWord": "' + b"a" * 2000 + b'"}', "application/json", 413, "body-too-large"),
    ],
)
def test_every_failure_is_a_problem_document(start, engine, content, content_type, status, code):
    client = start(lambda: engine, max_body_bytes=1000)
    wait_until_ready(client)
    response = client.post("/api/v1/spell", content=content, headers={"Content-Type": content_type})
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["type"] == f"/problems/{code}"


def test_offending_members_are_pointed_at(client):
    response = client.post("/api/v1/spell", json={"someWord": 1, "a/b": 2})
    assert {detail["pointer"] for detail in response.json()["details"]} == {"/someWord", "/a~1b"}


@pytest.mark.parametrize(
    "accept", ["*/*", "application/*", "text/html, application/json;q=0.5", "application/problem+json"]
)
def test_a_client_that_reads_json_is_served(client, accept):
    assert say(client, "word", headers={"Accept": accept}).status_code == 200


@pytest.mark.parametrize("accept", ["text/html", "image/png, application/json;q=0"])
def test_a_client_that_reads_nothing_of_ours_is_refused(client, accept):
    assert say(client, "word", headers={"Accept": accept}).json()["code"] == "not-acceptable"


def test_past_the_slots_and_the_line_it_refuses_at_once(start, engine):
    client = start(lambda: engine, inference_slots=1, waiting_slots=1)
    wait_until_ready(client)
    engine.gate.clear()
    codes: list[int] = []
    callers = [threading.Thread(target=lambda: codes.append(say(client, "word").status_code)) for _ in range(2)]
    for caller in callers:
        caller.start()
    while client.app.state.slots.in_use < 2:
        pass
    refused = say(client, "word")
    assert (refused.status_code, refused.json()["code"]) == (503, "overloaded")
    assert refused.headers["retry-after"] == "1"
    engine.gate.set()
    for caller in callers:
        caller.join()
    assert codes == [200, 200]
    assert say(client, "word").status_code == 200


def test_a_crash_is_logged_by_place_without_what_was_sent(caplog, client):
    say(client, "crash")
    (failure,) = [record.msg for record in caplog.records if record.levelname == "ERROR"]
    assert failure["error"] == "RuntimeError"
    assert any("spell" in place for place in failure["trace"])
    assert "the word was" not in caplog.text


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ('ArtifactError("The weights are missing.")', "cannot start: The weights are missing."),
        ('ValueError("a bug that quotes SECRET")', '"error": "ValueError"'),
    ],
)
def test_an_engine_that_cannot_load_ends_the_process(tmp_path, service_token_file, error, said):
    script = f"""
import uvicorn
from examkit.errors import ArtifactError
from tests.unit.examkit.web.test_app import ToySettings, build_app
def load(): raise {error}
settings = ToySettings(artifacts_dir={str(tmp_path)!r}, service_token_file={str(service_token_file)!r})
uvicorn.run(build_app(name="toy", title="Toy", settings=settings, load=load, routers=[]), port=0)
"""
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 1
    assert said in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert "SECRET" not in done.stdout


def test_metrics_count_refusals_by_their_code_and_what_is_in_flight(client, engine):
    engine.gate.clear()
    with ThreadPoolExecutor(1) as caller:
        waiting = caller.submit(say, client, "refuse")
        while "examkit_requests_in_flight 2.0" not in client.get("/metrics").text:
            pass
        engine.gate.set()
        assert waiting.result(60).status_code == 422
    say(client, "crash", headers={"Content-Type": "text/plain"})
    exposition = client.get("/metrics").text
    assert 'examkit_refusals_total{code="bad-word"} 1.0' in exposition
    assert 'examkit_refusals_total{code="unsupported-media-type"} 1.0' in exposition
    assert "examkit_requests_in_flight 1.0" in exposition
