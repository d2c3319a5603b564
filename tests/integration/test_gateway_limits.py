"""How much a caller may use: calls, characters and images, for one gateway and for several."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx2
import pytest
from fastapi.testclient import TestClient

from gateway import counters
from gateway.allowances import Allowance
from gateway.app import create_app
from gateway.settings import Settings
from stack.ports import free_ports
from tests.api_keys import new_key
from tests.integration.gateway_stand_in import Services, gateway_settings
from tests.redis import redis_server

pytestmark = pytest.mark.integration

Start = Callable[..., TestClient]
TEXT = "/api/v1/classify"
UPLOAD = {"files": {"image": b"PNG"}}


@pytest.fixture
def services() -> Services:
    return Services()


@pytest.fixture
def start(tmp_path, service_token_file, services) -> Iterator[Start]:
    """Give what starts a gateway with such settings; several share keys."""
    with ExitStack() as stack:

        def started(**given) -> TestClient:
            settings = gateway_settings(tmp_path, service_token_file, **given)
            whole = {"API-Key": new_key(settings)}
            return stack.enter_context(TestClient(create_app(settings, services), headers=whole))

        yield started


@pytest.fixture
def key(tmp_path, service_token_file) -> Callable[..., dict[str, str]]:
    settings: Settings = gateway_settings(tmp_path, service_token_file)
    return lambda **limits: {"API-Key": new_key(settings, allowance=Allowance(**limits))}


def left(response: httpx2.Response) -> dict[str, int]:
    """Read from the RateLimit field how much is left of what."""
    items = (item.split(";") for item in response.headers["ratelimit"].split(", "))
    return {name.strip('"'): int(rest.removeprefix("r=")) for name, rest, _ in items}


def assert_refused(response: httpx2.Response, code: str, target: str) -> None:
    problem = response.json()
    assert (response.status_code, problem["code"], problem["target"]) == (429, code, target), problem
    assert response.headers["content-type"] == "application/problem+json"
    ends_in = int(response.headers["ratelimit"].split(f'"{target}";r=0;t=')[1].split(",")[0])
    assert int(response.headers["retry-after"]) == ends_in > 0


def test_an_answer_tells_what_is_allowed_and_what_is_left(start):
    response = start().post(TEXT, json={"text": "abc"})
    assert response.headers["ratelimit-policy"] == (
        '"requests";q=6000;w=60, "characters";q=100000000;qu="characters";w=86400'
    )
    assert left(response) == {"requests": 5999, "characters": 100_000_000}
    assert start().get("/api/v1/ipc").headers["ratelimit-policy"] == '"requests";q=6000;w=60'
    assert "ratelimit" not in start().get("/livez").headers


def test_calls_past_the_settings_are_refused_until_the_window_ends(start, services, key):
    client = start(requests_per_minute=3)
    answers = [client.get("/api/v1/ipc") for _ in range(4)]
    assert [left(answer)["requests"] for answer in answers] == [2, 1, 0, 0]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert_refused(answers[3], "rate-limited", "requests")
    assert len(services.requests) == 3


def test_a_key_has_its_own_count_and_its_own_limits(start, key):
    one, other, narrow = key(), key(), key(requests_per_minute=1)
    client = start(requests_per_minute=2)
    for mine in (one, other):
        assert [client.get("/api/v1/ipc", headers=mine).status_code for _ in range(3)] == [200, 200, 429]
    assert [client.get("/api/v1/ipc", headers=narrow).status_code for _ in range(2)] == [200, 429]


def test_refused_calls_are_counted_too(start, key):
    client = start(requests_per_minute=2)
    assert client.get("/api/v1/nothing").status_code == 404
    for status in (405, 405):
        assert client.get(TEXT).status_code == status
    assert [client.post(TEXT, json={}).status_code for _ in range(3)] == [200, 200, 429]


def test_characters_of_answered_calls_are_counted_as_characters(start, key):
    mine, client = key(characters_per_day=1000), start()
    body = '{"text": "süß 漢字 🜚"}'.encode()
    for count in range(3):
        response = client.post(TEXT, content=body, headers=mine | {"Content-Type": "application/json"})
        assert left(response)["characters"] == 1000 - count * len(body.decode())


def test_a_text_that_begins_within_the_day_is_let_through_whole_and_the_next_is_not(start, services, key):
    mine, client = key(characters_per_day=100), start()
    assert client.post(TEXT, json={"text": "x" * 500}, headers=mine).status_code == 200
    assert_refused(client.post(TEXT, json={"text": "y"}, headers=mine), "quota-exceeded", "characters")
    assert len(services.requests[0].content) > 500
    assert len(services.requests) == 1
    assert client.get("/api/v1/ipc", headers=mine).status_code == 200


def test_what_a_service_refuses_costs_no_characters(start, services, key):
    mine, client = key(characters_per_day=100), start()
    services.answer = lambda _: httpx2.Response(
        422, headers={"Content-Type": "application/problem+json"}, content=b"{}"
    )
    assert client.post(TEXT, json={"text": "x" * 500}, headers=mine).status_code == 422
    services.answer = lambda _: httpx2.Response(200, json={})
    assert left(client.post(TEXT, json={"text": "x"}, headers=mine))["characters"] == 100


def test_images_are_counted_by_the_call_and_archives_by_their_size(start, key):
    mine, client = key(images_per_day=10), start(max_import_bytes=10_000_000)
    for expected in (10, 9):
        assert left(client.post("/api/v1/marks/search", headers=mine, **UPLOAD))["images"] == expected
    assert "images" not in left(client.post("/api/v1/marks/search", headers=mine, json={"text": "a bird"}))
    assert left(client.put("/api/v1/marks/M-1", headers=mine, **UPLOAD))["images"] == 8
    archive = {"file": b"x" * 650_000}
    assert left(client.post("/api/v1/marks/import", headers=mine, files=archive))["images"] == 7
    assert_refused(client.post("/api/v1/marks/search", headers=mine, **UPLOAD), "quota-exceeded", "images")


def test_documents_are_counted_by_their_bytes(start, key):
    mine, client = key(characters_per_day=5000), start()
    assert client.post("/api/v1/translate/documents", headers=mine, files={"file": b"\x80" * 6000}).status_code == 200
    answer = client.post("/api/v1/translate/documents", headers=mine, files={"file": b""})
    assert_refused(answer, "quota-exceeded", "characters")


def test_none_at_all_may_be_allowed(start, key):
    mine, client = key(images_per_day=0), start()
    assert_refused(client.post("/api/v1/marks/search", headers=mine, **UPLOAD), "quota-exceeded", "images")
    assert client.post(TEXT, json={"text": "a"}, headers=mine).status_code == 200


def test_gateways_with_one_redis_count_together(start, tmp_path, key, monkeypatch):
    monkeypatch.setattr(counters, "_ANSWER_SECONDS", 60.0)
    (port,) = free_ports(1)
    mine = key(requests_per_minute=4, characters_per_day=100)
    with redis_server(tmp_path, port) as url:
        one, other = start(redis_url=url), start(redis_url=url)
        assert one.post(TEXT, json={"text": "x" * 200}, headers=mine).status_code == 200
        assert_refused(other.post(TEXT, json={"text": "x"}, headers=mine), "quota-exceeded", "characters")
        answers = [client.get("/api/v1/ipc", headers=mine) for client in (one, other, one)]
        assert [left(answer)["requests"] for answer in answers] == [1, 0, 0]
        assert_refused(answers[2], "rate-limited", "requests")


def test_without_its_redis_a_gateway_answers_and_keeps_limits_by_itself(start, key):
    (port,) = free_ports(1)
    mine, client = key(requests_per_minute=2), start(redis_url=f"redis://127.0.0.1:{port}")
    assert [client.get("/api/v1/ipc", headers=mine).status_code for _ in range(3)] == [200, 200, 429]
