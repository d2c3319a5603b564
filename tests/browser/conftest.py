"""A real browser before a running deployment; whatever the browser complains of fails the test."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, Request, expect, sync_playwright

from tests.browser.workbench import Workbench
from tests.e2e.conftest import Deployment, client, deployment

__all__ = ["client", "deployment"]

PATIENCE_MILLISECONDS = 30_000


# Of a file, not of a session: while it is there its event loop runs in this thread, and no other test could run one.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The browser of this machine, without a window."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("Chromium is not installed.")
    with sync_playwright() as playwright:
        # As root, and in containers, Chromium's own sandbox cannot be set up.
        expect.set_options(timeout=PATIENCE_MILLISECONDS)
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, deployment: Deployment) -> Iterator[Page]:
    """A page of a fresh profile, 1280 wide, in English; complaints and requests to elsewhere fail the test."""
    with watched_page(browser, deployment.url, width=1280) as page:
        yield page


@contextmanager
def watched_page(browser: Browser, url: str, width: int, elsewhere: str = "blob:") -> Iterator[Page]:
    """Open a page that may ask for what is at the URL, and at an address `elsewhere` that a test answers itself."""
    context = browser.new_context(
        base_url=url, locale="en-GB", viewport={"width": width, "height": 800}, reduced_motion="reduce"
    )
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MILLISECONDS)
    expect.set_options(timeout=PATIENCE_MILLISECONDS)
    complaints: list[str] = []

    def note_request(request: Request) -> None:
        if not request.url.startswith((url, "blob:", "data:", elsewhere)):
            complaints.append(f"asked for {request.url}")

    page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
    page.on("console", lambda message: complaints.append(message.text) if _is_complaint(message.text) else None)
    page.on("request", note_request)
    yield page
    context.close()
    assert complaints == []


@pytest.fixture
def workbench(page: Page, deployment: Deployment) -> Workbench:
    """The workbench, signed in."""
    workbench = Workbench(page, deployment.api_key)
    workbench.sign_in()
    return workbench


def _is_complaint(text: str) -> bool:
    """Tell what a page did wrong from the browser's notes of answers that are no success, which tests ask for."""
    return "Content Security Policy" in text or "TrustedHTML" in text or "Trusted Type" in text
