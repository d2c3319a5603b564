"""The frame of the workbench in a real browser: sign-in, keys, language, colors, the server away."""

from collections.abc import Iterator

import httpx2
import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.workbench import Workbench, violations
from tests.e2e.conftest import Deployment

pytestmark = pytest.mark.e2e


def test_the_page_needs_a_key_and_says_when_it_is_wrong(page: Page, deployment: Deployment):
    Workbench(page, deployment.api_key).open()
    page.get_by_label("API key").fill("exk_wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("Check the key")
    page.get_by_label("API key").fill("schlüssel ☃")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("Check the key")
    expect(page.get_by_role("tablist")).to_have_count(0)


def test_the_sign_in_has_no_violation_of_wcag(page: Page, deployment: Deployment):
    Workbench(page, deployment.api_key).open()
    assert violations(page) == []


def test_nothing_is_left_in_the_browser_after_sign_out(workbench: Workbench):
    page = workbench.page
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("API key")).to_be_visible()
    assert page.get_by_label("API key").input_value() == ""
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    assert page.context.cookies() == []
    assert page.evaluate("caches.keys()") == []


def test_the_page_speaks_four_languages_and_the_address_keeps_the_choice(workbench: Workbench):
    page = workbench.page
    for tag, sign_out in {"es": "Salir", "fr": "Se déconnecter", "pt": "Sair", "en": "Sign out"}.items():
        page.locator(".tools select").first.select_option(tag)
        expect(page.get_by_role("button", name=sign_out)).to_be_visible()
        assert page.evaluate("document.documentElement.lang") == tag
        assert f"language={tag}" in page.url
    page.goto("/#language=pt&theme=dark")
    page.reload()
    expect(page.get_by_label("Chave de API")).to_be_visible()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_the_keys_are_shown(workbench: Workbench):
    page = workbench.page
    page.locator("body").click(position={"x": 2, "y": 2})
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_contain_text("put the cursor in the input")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


@pytest.fixture
def away(page: Page) -> Iterator[BrowserContext]:
    """The network, which can be cut by `set_offline`."""
    yield page.context
    page.context.set_offline(False)


def test_a_server_that_is_away_is_told_and_comes_back_by_itself(
    page: Page, deployment: Deployment, away: BrowserContext
):
    workbench = Workbench(page, deployment.api_key)
    workbench.open()
    away.set_offline(True)
    page.get_by_label("API key").fill(deployment.api_key)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("cannot be reached")
    assert page.get_by_label("API key").input_value() == deployment.api_key
    away.set_offline(False)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("tablist")).to_be_visible()


def test_a_key_that_is_taken_away_is_asked_for_again_over_what_was_done(workbench: Workbench):
    page = workbench.page
    refuse = {"code": "api-key-unknown", "status": 401, "title": "Unauthorized", "detail": "The key is not known."}
    page.route(
        "**/api/v1/translate/languages*",
        lambda route: route.fulfill(status=401, json=refuse, content_type="application/problem+json"),
        times=1,
    )
    page.get_by_role("tab", name="Translate").click()
    dialog = page.get_by_role("dialog", name="Sign in")
    expect(dialog).to_contain_text("no longer accepted")
    assert violations(page) == []
    dialog.get_by_label("API key").fill(workbench.api_key)
    dialog.get_by_role("button", name="Sign in").click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("tab", name="Translate")).to_have_attribute("aria-selected", "true")


def test_a_key_that_may_nothing_here_is_told(page: Page, deployment: Deployment):
    def powerless(route: Route) -> None:
        route.fulfill(json={"name": "Filing", "tenant": "office", "scopes": ["admin"]})

    page.route("**/api/v1/caller", powerless)
    workbench = Workbench(page, deployment.api_key)
    workbench.sign_in()
    expect(page.get_by_role("main")).to_contain_text("opens none of the tools")
    assert page.get_by_role("tab").evaluate_all("tabs => tabs.every(tab => tab.disabled)")


def test_the_page_allows_no_script_but_its_own_and_is_kept_only_where_it_cannot_change(client: httpx2.Client):
    page = client.get("/")
    policy = dict(rule.split(" ", 1) for rule in page.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert page.headers["cache-control"] == "no-cache"
    assert client.get("/", headers={"If-None-Match": page.headers["etag"]}).status_code == httpx2.codes.NOT_MODIFIED
    (script,) = [part.split('"')[0] for part in page.text.split('<script type="module" src="')[1:]]
    assert client.get(script).headers["cache-control"] == "public, max-age=31536000, immutable"
    assert client.get("/assets/0000000000000000/workbench/main.js").status_code == httpx2.codes.NOT_FOUND
