"""The pages that the gateway serves to people, and what it tells a caller of itself."""

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from fastapi.testclient import TestClient

from gateway.app import create_app
from gateway.pages import WORKBENCH_DIR
from gateway.routes import Scope
from tests.api_keys import new_key
from tests.integration.gateway_stand_in import Services, gateway_settings

pytestmark = pytest.mark.integration

LOGO = b'<svg xmlns="http://www.w3.org/2000/svg"/>'
MOST_BYTES = 300_000


@pytest.fixture
def settings(tmp_path, service_token_file):
    logo = tmp_path / "logo.svg"
    logo.write_bytes(LOGO)
    name = 'Office of "Quagga" <b>'
    return gateway_settings(tmp_path, service_token_file, office_name=name, office_logo_file=logo)


@pytest.fixture
def secret(settings) -> str:
    return new_key(settings, scopes=frozenset({Scope.FEEDBACK}))


@pytest.fixture
def client(settings, secret) -> Iterator[TestClient]:
    with TestClient(create_app(settings, Services())) as client:
        yield client


def test_the_page_names_the_office_and_brings_no_script_in_by_its_name(client):
    page = client.get("/")
    assert page.headers["content-type"].startswith("text/html")
    assert "Office of &quot;Quagga&quot; &lt;b&gt;" in page.text
    assert "{{" not in page.text
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "require-trusted-types-for 'script'" in policy


def test_what_a_page_names_is_there_and_may_be_kept_for_good(client):
    named = re.findall(r'(?:href|src)="(/assets/[^"]+)"', client.get("/").text)
    assert len(named) > 10
    for path in named:
        answer = client.get(path)
        assert answer.status_code == 200
        assert answer.headers["cache-control"].endswith("immutable")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert len(answer.headers.get_list("cache-control")) == 1


def test_an_answer_with_content_is_kept_nowhere(client, secret):
    for path in ("/api/v1/caller", "/api/v1/classify/feedback", "/api/v1/nowhere"):
        answer = client.get(path, headers={"API-Key": secret})
        assert answer.headers.get_list("cache-control") == ["no-store"]


def test_files_come_packed_to_who_can_unpack(client):
    (script,) = re.findall(r'src="([^"]+main\.js)"', client.get("/").text)
    with client.stream("GET", script, headers={"Accept-Encoding": "gzip"}) as packed:
        assert gzip.decompress(b"".join(packed.iter_raw())) == (WORKBENCH_DIR / "main.js").read_bytes()
    plain = client.get(script, headers={"Accept-Encoding": "identity"})
    assert plain.content == (WORKBENCH_DIR / "main.js").read_bytes()
    assert plain.headers["content-type"].startswith("text/javascript")


@pytest.mark.parametrize(
    "path",
    ["workbench/../pages.py", "workbench/index.html", "workbench/%2e%2e/settings.py", "workbench", "", "nothing.js"],
)
def test_nothing_else_of_the_disk_is_served(client, path):
    prefix = re.findall(r"/assets/[0-9a-f]+", client.get("/").text)[0]
    assert client.get(f"{prefix}/{path}").status_code == 404


def test_a_page_that_is_the_same_is_not_sent_again(client):
    etag = client.get("/").headers["etag"]
    again = client.get("/", headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/", headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_logo_is_a_picture_and_nothing_more(client):
    logo = client.get("/office-logo")
    assert logo.content == LOGO
    assert "sandbox" in logo.headers["content-security-policy"]


@pytest.mark.parametrize(("name", "content"), [("logo.html", b"<p>"), ("logo.png", bytes(300_000)), ("gone.png", None)])
def test_a_logo_that_cannot_be_shown_stops_the_start(tmp_path, service_token_file, name, content):
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SystemExit, match="GATEWAY_OFFICE_LOGO_FILE"):
        create_app(gateway_settings(tmp_path, service_token_file, office_logo_file=file), Services())


def test_without_a_logo_there_is_none(tmp_path, service_token_file):
    with TestClient(create_app(gateway_settings(tmp_path, service_token_file), Services())) as client:
        assert client.get("/office-logo").status_code == 404
        assert 'name="office-logo" content=""' in client.get("/").text


def test_who_has_no_key_is_told_nothing(client):
    assert client.get("/api/v1/caller").status_code == httpx2.codes.UNAUTHORIZED


def test_a_caller_is_told_what_its_key_opens_whatever_that_is(client, secret):
    answer = client.get("/api/v1/caller", headers={"API-Key": secret})
    assert answer.status_code == 200
    assert answer.json()["scopes"] == ["feedback"]
    assert answer.json()["tenant"] == "office"
    assert "ratelimit" in answer.headers
    assert secret not in json.dumps(answer.json())


def test_the_workbench_is_small():
    files = [file for file in Path(WORKBENCH_DIR).rglob("*") if file.is_file()]
    one_language = [file for file in files if "texts" not in file.parts or "en" in file.parts]
    assert sum(file.stat().st_size for file in one_language) <= MOST_BYTES
