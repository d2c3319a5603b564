"""Is what Word is given of the pane what Word takes, and does it name this server and no other place?"""

import re
import struct
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from pydantic import HttpUrl, ValidationError

from gateway.app import create_app
from gateway.pages import open_assets
from tests.integration.gateway_stand_in import Services, gateway_settings

pytestmark = pytest.mark.integration

PUBLIC_URL = "https://examkit.office.example:8443"
OFFICE_JS = "https://files.office.example/office-js/office.js"
NAMESPACE = "{http://schemas.microsoft.com/office/appforoffice/1.1}"
TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
# The order that the schema of task panes demands, as Microsoft documents it.
ORDER = (
    *("Id", "AlternateId", "Version", "ProviderName", "DefaultLocale", "DisplayName", "Description", "IconUrl"),
    *("HighResolutionIconUrl", "SupportUrl", "AppDomains", "Hosts", "Requirements", "DefaultSettings", "Permissions"),
)
MOST_CHARACTERS = {"DisplayName": 125, "Description": 250}


Serve = Callable[..., TestClient]


@pytest.fixture
def serve(tmp_path, service_token_file) -> Iterator[Serve]:
    """Start the gateway with these settings."""
    with ExitStack() as running:

        def start(**settings: HttpUrl | None) -> TestClient:
            told = gateway_settings(tmp_path, service_token_file, **settings)
            return running.enter_context(TestClient(create_app(told, Services())))

        yield start


@pytest.fixture
def client(serve: Serve) -> TestClient:
    return serve(public_url=HttpUrl(PUBLIC_URL), office_js_url=HttpUrl(OFFICE_JS))


@pytest.fixture
def manifest(client) -> ET.Element:
    return ET.fromstring(client.get("/office/manifest.xml").content)


def test_the_manifest_is_of_a_task_pane_for_word_in_the_order_of_its_schema(manifest):
    assert manifest.tag == f"{NAMESPACE}OfficeApp"
    assert manifest.get(TYPE) == "TaskPaneApp"
    names = [child.tag.removeprefix(NAMESPACE) for child in manifest]
    assert names == [name for name in ORDER if name in names]
    assert {"Id", "Version", "ProviderName", "DefaultLocale", "DisplayName", "Description"} < set(names)
    assert {"DefaultSettings", "Permissions", "IconUrl", "HighResolutionIconUrl", "SupportUrl"} < set(names)
    # Catalogs of SharePoint on premises take no manifest with overrides.
    assert "VersionOverrides" not in names
    assert [host.get("Name") for host in manifest.iter(f"{NAMESPACE}Host")] == ["Document"]
    sets = next(manifest.iter(f"{NAMESPACE}Sets"))
    assert (sets.get("DefaultMinVersion"), [each.get("Name") for each in sets]) == ("1.3", ["WordApi"])


def test_the_manifest_says_who_it_is(manifest):
    assert UUID(manifest.findtext(f"{NAMESPACE}Id", "")).version == 4
    assert re.fullmatch(r"[1-9]\d*(\.\d+){3}", manifest.findtext(f"{NAMESPACE}Version", ""))
    assert manifest.findtext(f"{NAMESPACE}DefaultLocale") == "en-US"
    assert manifest.findtext(f"{NAMESPACE}Permissions") == "ReadWriteDocument"
    for name, most in MOST_CHARACTERS.items():
        element = manifest.find(f"{NAMESPACE}{name}")
        assert element is not None
        said = [element.get("DefaultValue", ""), *(each.get("Value", "") for each in element)]
        assert all(0 < len(text) <= most for text in said)
    locales = {each.get("Locale", "")[:2] for each in manifest.iter(f"{NAMESPACE}Override")}
    assert locales == {"es", "fr", "pt"}


def test_every_address_of_the_manifest_is_of_this_server_and_leads_somewhere(client, manifest):
    addresses = [
        element.get("DefaultValue", "") for element in manifest.iter() if element.tag.endswith(("Url", "tion"))
    ]
    found = [address for address in addresses if "://" in address]
    assert len(found) == 4
    for address in found:
        assert address.startswith(f"{PUBLIC_URL}/")
        assert client.get(address.removeprefix(PUBLIC_URL)).is_success
    assert [domain.text for domain in manifest.iter(f"{NAMESPACE}AppDomain")] == [PUBLIC_URL]


@pytest.mark.parametrize(("name", "size"), [("IconUrl", 32), ("HighResolutionIconUrl", 64)])
def test_the_icons_have_the_sizes_that_word_wants(client, manifest, name, size):
    element = manifest.find(f"{NAMESPACE}{name}")
    assert element is not None
    icon = client.get(element.get("DefaultValue", "").removeprefix(PUBLIC_URL))
    assert icon.headers["content-type"] == "image/png"
    assert icon.content.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", icon.content[16:24]) == (size, size)
    assert client.get("/office/icon-33.png").status_code == 404


def test_the_page_names_its_files_and_where_office_js_comes_from(client):
    page = client.get("/office/")
    assert "{{" not in page.text
    assert f'<script src="{OFFICE_JS}"' in page.text
    assert "script-src 'self' https://files.office.example;" in page.headers["content-security-policy"]
    files = re.findall(r'(?:src|href)="(/assets/[^"]+)"', page.text)
    assert any(file.endswith("/word/taskpane.js") for file in files)
    assert all(client.get(file).is_success for file in files)


def test_every_module_that_the_pane_names_is_served(client):
    prefix = open_assets().prefix
    waiting, seen = ["word/taskpane.js"], set()
    while waiting:
        name = waiting.pop()
        answer = client.get(f"{prefix}/{name}")
        assert answer.is_success, name
        seen.add(name)
        folder = name.rpartition("/")[0]
        for found in re.findall(r'from "(\.{1,2}/[^"]+)"', answer.text):
            path = found.removeprefix("../") if found.startswith("../") else f"{folder}/{found.removeprefix('./')}"
            waiting += [path] if path not in seen else []
    assert {"workbench/calls.js", "word/document.js"} < seen


def test_an_own_copy_with_a_port_is_let_in_from_there_alone(serve):
    page = serve(office_js_url=HttpUrl("https://files.office.example:8443/office-js/office.js")).get("/office/")
    assert "script-src 'self' https://files.office.example:8443;" in page.headers["content-security-policy"]


def test_without_the_servers_own_address_there_is_no_manifest_but_a_pane(serve):
    client = serve()
    answer = client.get("/office/manifest.xml")
    assert (answer.status_code, answer.json()["code"]) == (404, "public-url-unset")
    assert "GATEWAY_PUBLIC_URL" in answer.json()["detail"]
    assert client.get("/office/").is_success


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("public_url", "http://examkit.office.example"),
        ("public_url", "https://examkit.office.example/examkit"),
        ("public_url", "https://examkit.office.example/?a=b"),
        ("office_js_url", "https://files.office.example/office.debug.js"),
        ("office_js_url", "office.js"),
    ],
)
def test_an_address_that_word_could_not_use_is_refused_at_the_start(name, value, tmp_path, service_token_file):
    with pytest.raises(ValidationError, match=name):
        gateway_settings(tmp_path, service_token_file, **{name: value})
