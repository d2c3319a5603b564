"""Who may come in: keys, tokens and certificates at a gateway that runs, and those who only try."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import httpx2
import pytest
from fastapi.testclient import TestClient

from gateway.app import create_app
from tests.api_keys import new_key
from tests.integration.gateway_stand_in import Services, gateway_settings
from tests.integration.import_service import wait_until
from tests.tokens import AUDIENCE, EC, ISSUER, RSA, key_set, token

pytestmark = pytest.mark.integration

PROXY = "10.0.0.1"
FINGERPRINT = "0f" * 32
CERTIFICATE = {"Client-Certificate-SHA256": FINGERPRINT}


@pytest.fixture
def services() -> Services:
    return Services()


@pytest.fixture
def settings(tmp_path, service_token_file):
    keys = tmp_path / "jwks.json"
    keys.write_bytes(key_set(RSA))
    return gateway_settings(
        tmp_path,
        service_token_file,
        failures_per_minute=3,
        trusted_proxies=PROXY,
        token_issuer=ISSUER,
        token_audience=AUDIENCE,
        token_keys_file=keys,
        token_tenant_claim="department",
    )


@pytest.fixture
def bound(settings) -> dict[str, str]:
    return {"API-Key": new_key(settings, certificate_sha256=FINGERPRINT)}


@pytest.fixture
def expired(settings) -> dict[str, str]:
    return {"API-Key": new_key(settings, expires_at=datetime.now(UTC) - timedelta(days=1))}


@pytest.fixture
def connect(bound, expired, settings, services) -> Iterator[Callable[..., TestClient]]:
    """Give what connects to one gateway from an address."""
    with ExitStack() as stack:
        client = stack.enter_context(TestClient(create_app(settings, services)))
        yield lambda address="192.0.2.7": TestClient(client.app, client=(address, 5555))


def outcome(response: httpx2.Response) -> tuple[int, str]:
    return response.status_code, response.json().get("code", "")


def bearer(sent: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {sent}"}


def test_a_token_opens_what_its_scopes_say_for_its_department(connect, services):
    client = connect()
    sent = bearer(token(scope="classify", department="patents"))
    assert client.get("/api/v1/ipc", headers=sent).status_code == 200
    assert services.requests[0].headers["examkit-tenant"] == "patents"
    assert "authorization" not in services.requests[0].headers
    assert outcome(client.get("/api/v1/marks", headers=sent)) == (403, "missing-scope")
    assert outcome(client.get("/api/v1/ipc", headers=bearer("nonsense"))) == (401, "token-refused")
    refused = client.get("/api/v1/ipc", headers=bearer(token(exp=1)))
    assert outcome(refused) == (401, "token-expired")
    assert "Bearer" in refused.headers["www-authenticate"]


def test_a_gateway_that_stopped_can_be_started_again(settings, services):
    key = {"API-Key": new_key(settings)}
    app = create_app(settings, services)
    for _ in range(2):
        with TestClient(app, headers=key) as client:
            assert client.get("/api/v1/ipc").status_code == 200


def test_without_an_issuer_no_token_opens_anything(tmp_path, service_token_file, services):
    settings = gateway_settings(tmp_path, service_token_file)
    with TestClient(create_app(settings, services)) as client:
        assert outcome(client.get("/api/v1/ipc", headers=bearer(token()))) == (401, "token-refused")


@pytest.mark.parametrize(
    "given",
    [
        {"token_issuer": None},
        {"token_audience": None},
        {"token_keys_file": None},
        {"token_keys_url": "http://127.0.0.1/jwks.json"},
        {"token_algorithms": "none"},
        {"trusted_proxies": "proxy"},
        {"redis_url": "http://redis"},
    ],
    ids=str,
)
def test_settings_that_say_half_of_it_stop_the_start(settings, given):
    values = settings.model_dump() | given
    with pytest.raises(SystemExit, match=r"^cannot start: "):
        create_app(type(settings)(**values))


@pytest.mark.parametrize("url", ["http://login.office.example/jwks.json", "ftp://login.office.example/jwks.json"])
def test_keys_of_an_issuer_never_come_over_an_open_wire(settings, url):
    with pytest.raises(ValueError, match=r"https|URL scheme"):
        type(settings)(**settings.model_dump() | {"token_keys_url": url})


def test_a_key_bound_to_a_certificate_needs_it_from_the_trusted_proxy(connect, bound):
    client = connect(PROXY)
    assert outcome(client.get("/api/v1/ipc", headers=bound)) == (401, "certificate-needed")
    other = {"Client-Certificate-SHA256": "f0" * 32}
    assert outcome(client.get("/api/v1/ipc", headers=bound | other)) == (401, "certificate-needed")
    assert client.get("/api/v1/ipc", headers=bound | CERTIFICATE).status_code == 200
    assert outcome(connect().get("/api/v1/ipc", headers=bound | CERTIFICATE)) == (401, "certificate-needed")


def test_a_key_that_is_over_opens_nothing(connect, expired):
    assert outcome(connect().get("/api/v1/ipc", headers=expired)) == (401, "api-key-expired")


def test_a_key_in_a_url_or_two_at_once_open_nothing(connect, settings):
    client, key = connect(), new_key(settings)
    for query in (f"?api_key={key}", f"?q={key}", f"?{key}"):
        assert outcome(client.get(f"/api/v1/ipc{query}", headers={"API-Key": key})) == (401, "key-in-url")
    both = {"API-Key": key} | bearer(token(department="patents"))
    assert outcome(client.get("/api/v1/ipc", headers=both)) == (401, "several-credentials")
    twice = [("API-Key", key), ("API-Key", key)]
    assert outcome(client.get("/api/v1/ipc", headers=twice)) == (401, "several-credentials")


GUESS = {"API-Key": "exk_guess"}


def test_an_address_may_fail_so_often_and_right_keys_still_pass(connect, settings):
    client, right = connect(), {"API-Key": new_key(settings)}
    wait_until(lambda: client.get("/api/v1/ipc", headers=right).status_code == 200, 60)
    stranger = connect("192.0.2.8")
    assert [outcome(stranger.get("/api/v1/ipc", headers=GUESS))[1] for _ in range(5)] == [
        *["api-key-unknown"] * 3,
        *["too-many-failures"] * 2,
    ]
    refused = stranger.get("/api/v1/ipc", headers=GUESS)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 60
    assert stranger.get("/api/v1/ipc", headers=right).status_code == 200
    assert outcome(connect("192.0.2.9").get("/api/v1/ipc", headers=GUESS)) == (401, "api-key-unknown")


def test_a_client_cannot_give_itself_another_address(connect):
    stranger, behind_proxy = connect(), connect(PROXY)
    for number in range(4):
        stranger.get("/api/v1/ipc", headers=GUESS | {"X-Forwarded-For": f"198.51.100.{number}"})
    assert outcome(stranger.get("/api/v1/ipc", headers=GUESS | {"X-Forwarded-For": "198.51.100.77"}))[0] == 429
    for number in range(9):
        forwarded = {"X-Forwarded-For": f"198.51.100.{number}"}
        assert outcome(behind_proxy.get("/api/v1/ipc", headers=GUESS | forwarded))[0] == 401


def test_past_the_failures_new_tokens_are_not_even_checked_and_known_ones_pass(connect):
    client = connect()
    known, other = bearer(token(department="patents")), bearer(token(department="marks"))
    assert client.get("/api/v1/ipc", headers=known).status_code == 200
    forged = bearer(token(EC, department="patents"))
    assert [client.get("/api/v1/ipc", headers=forged).status_code for _ in range(5)] == [401, 401, 401, 429, 429]
    assert outcome(client.get("/api/v1/ipc", headers=other)) == (429, "too-many-failures")
    assert client.get("/api/v1/ipc", headers=known).status_code == 200
    assert connect("192.0.2.8").get("/api/v1/ipc", headers=other).status_code == 200
