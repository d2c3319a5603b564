"""The gateway over a stand-in upstream: what passes, what is refused, what becomes of upstream trouble."""

from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import unquote

import anyio
import httpx2
import pytest
from fastapi.testclient import TestClient
from starlette.types import Message

from examkit.tenants import DEFAULT_TENANT
from gateway.app import create_app
from gateway.routes import ROUTES, Route, Scope
from gateway.settings import Settings
from stack.ports import free_ports
from tests.api_keys import new_key
from tests.integration.gateway_stand_in import Services, gateway_settings
from tests.integration.import_service import wait_until

pytestmark = pytest.mark.integration


@pytest.fixture
def upstream() -> Services:
    return Services()


@pytest.fixture
def settings(tmp_path: Path, service_token_file: Path) -> Settings:
    return gateway_settings(tmp_path, service_token_file, max_body_bytes=100_000)


@pytest.fixture
def client(settings: Settings, upstream: Services) -> Iterator[TestClient]:
    with TestClient(create_app(settings, upstream)) as client:
        client.headers["API-Key"] = settings.api_key_file.read_text().strip()
        yield client


def call(client: TestClient, route: Route, **kwargs) -> httpx2.Response:
    path = route.path.replace("{symbol:path}", "H01L 21/768").replace("{markId}", "M-1")
    path = path.replace("{number}", "0" * 32)
    return client.request(route.method, path, **kwargs)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_every_route_reaches_its_service_with_the_token_and_without_the_key(client, upstream, settings, route):
    response = call(client, route, json={"a": 1} if route.method in ("POST", "PUT") else None)
    assert response.status_code == 200
    (request,) = upstream.requests
    assert request.url.host == f"{route.upstream.replace('_', '-')}.test"
    assert request.headers["examkit-service-token"] == settings.service_token_file.read_text()
    assert "api-key" not in request.headers
    assert request.headers["correlation-id"] == response.headers["correlation-id"]
    assert response.json() == {"ok": True}


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_every_route_refuses_a_missing_an_unknown_and_a_powerless_key(client, upstream, settings, route):
    assert_problem(call(client, route, headers={"API-Key": ""}), 401, "api-key-missing")
    assert_problem(call(client, route, headers={"API-Key": "exk_guess"}), 401, "api-key-unknown")
    others = set(Scope) - {route.scope}
    powerless = {"API-Key": new_key(settings, scopes=frozenset(others))}
    with TestClient(create_app(settings, upstream), headers=powerless) as restarted:
        assert_problem(call(restarted, route), 403, "missing-scope")
    assert upstream.requests == []


def test_body_query_and_path_pass_unchanged(client, upstream):
    body = '{"text": "süß \\u00e9"}'.encode()
    client.post("/api/v1/classify", content=body, headers={"Content-Type": "application/json"})
    client.get("/api/v1/ipc/H01L%2021%2F768?q=a%20b&q=%C3%A9")
    classify, ipc = upstream.requests
    assert classify.content == body
    assert classify.headers["content-length"] == str(len(body))
    assert ipc.url.raw_path == b"/api/v1/ipc/H01L%2021%2F768?q=a%20b&q=%C3%A9"


def test_only_listed_headers_travel(client, upstream):
    spoofed = {"Examkit-Service-Token": "mine", "X-Forwarded-For": "1.2.3.4", "Authorization": "x", "Cookie": "a=b"}
    spoofed["Examkit-Tenant"] = "theirs"
    trace = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
    upstream.answer = lambda _: httpx2.Response(200, json={}, headers={"Set-Cookie": "a=b", "Server": "inside"})
    response = client.get("/api/v1/marks", headers=spoofed | trace)
    (request,) = upstream.requests
    assert request.headers["examkit-service-token"] != "mine"
    assert request.headers.get_list("examkit-tenant") == [DEFAULT_TENANT]
    assert not {"x-forwarded-for", "authorization", "cookie"} & set(request.headers)
    assert request.headers["traceparent"] == trace["traceparent"]
    assert not {"set-cookie", "server"} & set(response.headers)


def test_correlation_id_is_echoed_when_usable_and_made_when_not(client):
    assert client.get("/livez", headers={"Correlation-ID": "file-42"}).headers["correlation-id"] == "file-42"
    for unusable in ("", "a b", "x" * 129, "\x80"):
        made = client.get("/livez", headers={"Correlation-ID": unusable.encode("latin-1")}).headers["correlation-id"]
        assert len(made) == 36


def test_an_upstream_problem_passes_through(client, upstream):
    problem = {"type": "/problems/blank-text", "status": 422, "code": "blank-text"}
    upstream.answer = lambda _: httpx2.Response(422, json=problem, headers={"Content-Type": "application/problem+json"})
    response = client.post("/api/v1/classify", json={})
    assert response.json() == problem
    assert response.headers["content-type"] == "application/problem+json"


class Holding(httpx2.AsyncBaseTransport):
    """Stands in for services that answer when a test lets them, and then as it says."""

    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self.stream = stream
        self.calls = 0
        self.may_answer = False

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        await request.aread()
        self.calls += 1
        while not self.may_answer:
            await anyio.sleep(0.01)
        return httpx2.Response(200, stream=self.stream)


class BreakingOff(httpx2.AsyncByteStream):
    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"{"
        raise httpx2.ReadError("reset")


@pytest.mark.parametrize("stream", [httpx2.ByteStream(b"{}"), BreakingOff()])
def test_when_a_service_has_many_calls_one_more_is_refused_at_once_and_later_taken(settings, stream):
    services = Holding(stream)
    with TestClient(create_app(settings, services), raise_server_exceptions=False) as client:
        client.headers["API-Key"] = settings.api_key_file.read_text().strip()

        def call(path: str = "/api/v1/translate") -> httpx2.Response:
            return client.post(path, json={})

        with ThreadPoolExecutor(66) as callers:
            waiting = [callers.submit(call) for _ in range(64)]
            wait_until(lambda: services.calls == 64, 60)
            refused = callers.submit(call).result(60)
            assert (refused.status_code, refused.json()["code"]) == (503, "overloaded")
            assert refused.headers["retry-after"] == "1"
            other = callers.submit(call, "/api/v1/marks/search")
            wait_until(lambda: services.calls == 65, 60)
            services.may_answer = True
            assert {each.result().status_code for each in (*waiting, other)} == {200}
        assert [call().status_code for _ in range(70)] == [200] * 70


@pytest.mark.parametrize(
    ("trouble", "status", "code"),
    [
        (httpx2.ConnectError("refused"), 503, "upstream-unavailable"),
        (httpx2.ConnectTimeout("slow"), 503, "upstream-unavailable"),
        (httpx2.PoolTimeout("full"), 503, "upstream-unavailable"),
        (httpx2.ReadTimeout("slow"), 504, "upstream-timeout"),
        (httpx2.ReadError("reset"), 502, "upstream-failed"),
        (httpx2.RemoteProtocolError("garbage"), 502, "upstream-failed"),
        (httpx2.Response(500, text="Traceback (most recent call last)"), 502, "upstream-failed"),
        (httpx2.Response(401, json={}), 502, "upstream-failed"),
        (httpx2.Response(404, text="<html>another server</html>"), 502, "upstream-failed"),
    ],
)
def test_upstream_trouble_becomes_a_problem(client, upstream, trouble, status, code):
    def answer(_: httpx2.Request) -> httpx2.Response:
        if isinstance(trouble, httpx2.Response):
            return trouble
        raise trouble

    upstream.answer = answer
    response = client.post("/api/v1/translate", json={})
    assert_problem(response, status, code)
    assert response.json()["target"] == "translate"
    assert ("retry-after" in response.headers) == (status == 503)


def test_what_is_not_in_the_table_is_refused(client, upstream):
    assert_problem(client.get("/api/v1/nothing"), 404, "unknown-route")
    assert_problem(client.get("/api/v1/classify"), 405, "method-not-allowed")
    assert client.get("/api/v1/classify").headers["allow"] == "POST, OPTIONS"
    assert client.patch("/api/v1/marks/M-1").headers["allow"] == "GET, HEAD, PUT, DELETE, OPTIONS"
    assert_problem(client.get("/api/v1/classify/"), 404, "unknown-route")
    assert upstream.requests == []


@pytest.mark.parametrize("path", ["/api/v1/ipc/../../../metrics", "/api/v1/ipc/%2e%2e/metrics", "/api/v1/ipc/A/./B"])
def test_dot_segments_never_reach_a_service(client, upstream, settings, path):
    key = settings.api_key_file.read_text().strip().encode()
    scope = {"type": "http", "method": "GET", "path": unquote(path), "raw_path": path.encode(), "query_string": b""}
    sent: list[Message] = []

    async def ask() -> None:
        async def receive() -> Message:
            return {"type": "http.request", "body": b""}

        async def send(message: Message) -> None:
            sent.append(message)

        await client.app({**scope, "headers": [(b"api-key", key)]}, receive, send)

    anyio.run(ask)
    assert sent[0]["status"] == 404
    assert upstream.requests == []


def test_a_body_over_the_limit_is_refused_with_the_limit_named(client, upstream):
    big = b"x" * 200_000
    for body in (big, (big[i : i + 1000] for i in range(0, len(big), 1000))):
        response = client.post("/api/v1/classify", content=body, headers={"Content-Type": "application/json"})
        assert_problem(response, 413, "body-too-large")
        assert "100000" in response.json()["detail"]


def test_readiness_names_what_is_missing(client, upstream):
    assert client.get("/readyz").status_code == 200
    upstream.answer = lambda r: httpx2.Response(503 if "translate" in r.url.host else 200)
    response = client.get("/readyz")
    assert_problem(response, 503, "not-ready")
    assert "translate" in response.json()["detail"]
    assert "classify" not in response.json()["detail"]


def test_documentation_needs_nothing_from_outside(client):
    page = client.get("/docs").text
    assert "https://" not in page
    for asset in ("swagger-ui-bundle.js", "swagger-ui.css"):
        assert client.get(f"/docs/assets/{asset}").status_code == 200


def test_the_first_start_makes_one_private_key_and_keeps_only_its_hash(client, settings):
    secret = settings.api_key_file.read_text().strip()
    assert settings.api_key_file.stat().st_mode & 0o777 == 0o600
    assert (settings.data_dir / "gateway.sqlite").exists()
    assert not any(secret.encode() in file.read_bytes() for file in settings.data_dir.iterdir())
    with TestClient(create_app(settings)):
        assert settings.api_key_file.read_text().strip() == secret


def test_a_gateway_that_cannot_start_says_one_sentence(settings):
    settings.service_token_file.unlink()
    with pytest.raises(SystemExit, match=r"^cannot start: The service token file .* cannot be read\.$"):
        create_app(settings)


def test_metrics_can_have_a_port_of_their_own(settings, upstream):
    (port,) = free_ports(1)
    with TestClient(create_app(settings.model_copy(update={"metrics_port": port}), upstream)) as client:
        assert_problem(client.get("/metrics"), 404, "unknown-route")
        assert "examkit_requests" in httpx2.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).text


def test_metrics_tell_routes_not_paths(client):
    client.get("/api/v1/ipc/SECRETWORD")
    exposition = client.get("/metrics").text
    assert 'route="/api/v1/ipc/{symbol:path}"' in exposition
    assert "SECRETWORD" not in exposition


def assert_problem(response: httpx2.Response, status: int, code: str | None = None) -> None:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert {"type", "title", "status", "detail", "instance", "code", "correlationId"} <= set(problem)
    assert problem["status"] == status
    assert problem["correlationId"] == response.headers["correlation-id"]
    assert code is None or problem["code"] == code
