"""The pane for Word in a real browser, with a stand-in for Word: everything that an examiner does there."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Browser, Request, Route, expect

from tests.browser.conftest import watched_page
from tests.browser.pane import Pane
from tests.browser.workbench import violations
from tests.e2e.conftest import Deployment

pytestmark = pytest.mark.e2e

STAND_IN = Path(__file__).with_name("office_stand_in")
OFFICE_JS = "https://appsforoffice.microsoft.com/lib/1/hosted/"
TITLE = "Toothbrush with replaceable bristle head"
ABSTRACT = (
    "A toothbrush comprises a handle and a brush head with bristles. The head is held on the handle by a snap "
    "connection, so that worn bristles can be replaced without discarding the handle."
)
BOLD = ("bold",)
PLAIN = ()
MIXED = [("The ", {}), ("fastening device", {"bold": True}), (" comprises a housing and a spring.", {})]
MIXED_TEXT = "The fastening device comprises a housing and a spring."
DOCUMENT = [[[TITLE, {"bold": True}]], [[ABSTRACT, {}]], MIXED]


Open = Callable[..., Pane]


@pytest.fixture
def open_pane(browser: Browser, deployment: Deployment) -> Iterator[Open]:
    """Open the pane in a Word that is set up as asked, 320 wide, as its pane is."""
    with watched_page(browser, deployment.url, width=320, elsewhere=OFFICE_JS) as page:

        def serve(route: Route) -> None:
            route.fulfill(path=STAND_IN / route.request.url.removeprefix(OFFICE_JS), content_type="text/javascript")

        def open_it(**setup: Any) -> Pane:
            page.route(f"{OFFICE_JS}**", serve)
            page.add_init_script(f"globalThis.officeSetup = {json.dumps({'paragraphs': DOCUMENT, **setup})}")
            page.goto("/office/")
            return Pane(page, deployment.api_key)

        yield open_it


@pytest.fixture
def pane(open_pane: Open) -> Pane:
    """The pane signed in, beside a document of three paragraphs of which none is selected."""
    pane = open_pane()
    pane.sign_in()
    return pane


def test_the_whole_document_is_classified_and_what_is_accepted_goes_into_it(pane: Pane):
    page = pane.page
    pane.classify()
    expect(page.locator("#panel-classify")).to_contain_text("Whole document")
    expect(page.locator("#credit")).to_contain_text(re.compile(r"ipc-classifier [\d.]+ · IPC \d{4}\.\d\d"))
    expect(page.get_by_role("button", name="Insert at the cursor")).to_be_disabled()
    best = page.locator(".predictions li").first
    symbol = best.locator("strong").inner_text()
    assert symbol.startswith("A46B")
    best.get_by_role("checkbox").check()
    pane.press("Insert at the cursor")
    pane.note("Inserted")
    assert pane.words() == [symbol + TITLE, ABSTRACT, MIXED_TEXT]


def test_a_selection_is_classified_alone_and_commented(open_pane: Open):
    pane = open_pane(selection=ABSTRACT)
    pane.sign_in()
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(json.loads(request.post_data or "")["text"])

    pane.page.on("request", note)
    pane.classify()
    assert asked == [ABSTRACT]
    expect(pane.page.locator("#panel-classify")).to_contain_text(f"Selected text, {len(ABSTRACT)} characters")
    pane.page.get_by_role("checkbox").first.check()
    pane.press("Add as comment")
    pane.note("The comment was added")
    (comment,) = pane.page.evaluate("wordDocument.comments")
    assert comment["on"] == ABSTRACT
    assert comment["content"].startswith("A46B")
    assert "ipc-classifier" in comment["content"]
    assert pane.words()[1] == ABSTRACT


def test_the_words_that_spoke_for_a_symbol_are_shown_in_the_document_one_place_after_another(pane: Pane):
    pane.classify()
    word = pane.page.locator(".evidence").first
    phrase = word.inner_text()
    word.click()
    pane.page.wait_for_function("wordDocument.selected !== ''")
    assert pane.page.evaluate("wordDocument.selected").lower() == phrase.lower()


def test_a_symbol_is_added_by_hand_only_where_the_classification_has_it(pane: Pane):
    page = pane.page
    pane.classify()
    page.get_by_label("Add a symbol").fill("toothbrush")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("An IPC symbol looks like")
    page.get_by_label("Add a symbol").fill("a46b9/04")
    page.keyboard.press("Enter")
    accepted = page.get_by_role("list", name="Accepted")
    expect(accepted).to_contain_text("A46B 9/04")
    expect(page.get_by_role("alert")).to_have_count(0)
    pane.press("Copy")
    pane.note("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == "A46B 9/04"
    page.get_by_role("button", name="Remove A46B 9/04").click()
    expect(accepted.get_by_role("listitem")).to_have_count(0)
    expect(page.get_by_role("button", name="Insert at the cursor")).to_be_disabled()


def test_what_is_taken_back_from_the_accepted_is_unchecked_above(pane: Pane):
    pane.classify()
    box = pane.page.get_by_role("checkbox").first
    box.check()
    pane.page.locator(".accepted button").click()
    expect(box).not_to_be_checked()


def test_feedback_is_sent_when_it_is_asked_for_and_never_otherwise(pane: Pane, client: httpx2.Client):
    sent: list[str] = []
    pane.page.on("request", lambda each: sent.append(each.url) if "feedback" in each.url else None)
    pane.classify()
    pane.page.get_by_role("checkbox").first.check()
    assert sent == []
    pane.press("Send as feedback")
    pane.note("The verdict is stored")
    newest = client.get("/api/v1/classify/feedback", params={"limit": 100}).json()["items"]
    assert any(TITLE in item["text"] for item in newest)


def test_a_word_without_comments_offers_none(open_pane: Open):
    pane = open_pane(version=1.3)
    pane.sign_in()
    pane.classify()
    expect(pane.page.get_by_role("button", name="Add as comment")).to_have_count(0)
    expect(pane.page.get_by_role("button", name="Insert at the cursor")).to_be_visible()


def test_translations_replace_paragraphs_and_keep_their_formatting(pane: Pane):
    pane.translate()
    expect(pane.page.locator("#credit")).to_contain_text("translator-en-pt")
    assert pane.words()[1] == ABSTRACT
    pane.press("Replace")
    pane.note("3 paragraphs were replaced")
    title, abstract, mixed = pane.paragraphs()
    assert [marks for _, marks in title] == [BOLD]
    assert [marks for _, marks in abstract] == [PLAIN]
    assert "dentes" in abstract[0][0]
    assert [text for text, marks in mixed if marks == BOLD] == ["dispositivo de fixação"]
    assert "".join(text for text, _ in mixed).endswith("mola.")


def test_letters_within_a_word_keep_their_formatting(open_pane: Open):
    water = [["A vessel holds H", {}], ["2", {"subscript": True}], ["O.", {}]]
    pane = open_pane(paragraphs=[water])
    pane.sign_in()
    pane.translate()
    pane.press("Replace")
    pane.note("One paragraph was replaced")
    (runs,) = pane.paragraphs()
    assert [text for text, marks in runs if marks == ("subscript",)] == ["2"]
    assert runs[-1] == ("O.", PLAIN)


def test_translations_go_beneath_their_paragraphs(pane: Pane):
    pane.translate()
    pane.press("Insert beneath")
    pane.note("3 translations were inserted")
    words = pane.words()
    assert words[::2] == [TITLE, ABSTRACT, MIXED_TEXT]
    assert "dentes" in words[3]
    assert ("dispositivo de fixação", BOLD) in pane.paragraphs()[5]


def test_a_part_of_a_paragraph_is_translated_alone(open_pane: Open):
    pane = open_pane(selection="The head is held on the handle by a snap connection")
    pane.sign_in()
    pane.translate()
    expect(pane.page.locator(".paragraphs li")).to_have_count(1)
    pane.press("Replace")
    pane.note("One paragraph was replaced")
    assert pane.words()[1].startswith("A toothbrush comprises a handle and a brush head with bristles.")
    assert "snap connection" not in pane.words()[1]
    assert pane.words()[1].endswith("without discarding the handle.")


def test_a_paragraph_with_more_than_letters_is_never_replaced(open_pane: Open):
    with_picture = {"runs": [["A spring holds the housing.", {}]], "beside": "<w:r><w:drawing></w:drawing></w:r>"}
    pane = open_pane(paragraphs=[with_picture, [["A housing.", {}]]])
    pane.sign_in()
    pane.translate()
    pane.press("Replace")
    expect(pane.page.get_by_role("status").filter(has_text="pictures")).to_contain_text("stands beneath")
    words = pane.words()
    assert words[0] == "A spring holds the housing."
    assert words[1].startswith("Uma ")
    assert words[2] != "A housing."
    assert len(words) == 3


def test_nothing_is_written_where_the_selection_has_changed(pane: Pane):
    pane.translate()
    pane.page.evaluate("phrase => wordDocument.select(phrase)", TITLE)
    before = pane.paragraphs()
    pane.press("Replace")
    expect(pane.page.get_by_role("alert")).to_contain_text("has changed since it was translated")
    assert pane.paragraphs() == before


def test_a_locked_document_is_told_and_nothing_lost(pane: Pane):
    pane.translate()
    pane.page.evaluate("wordDocument.lock()")
    pane.press("Insert beneath")
    expect(pane.page.get_by_role("alert")).to_contain_text("is protected")
    expect(pane.page.locator(".paragraphs li")).to_have_count(3)
    pane.page.get_by_role("tab", name="Classify").click()
    pane.classify()
    pane.page.get_by_role("checkbox").first.check()
    pane.press("Insert at the cursor")
    expect(pane.page.locator("#panel-classify").get_by_role("alert")).to_contain_text("is protected")


def test_a_document_without_text_is_told(open_pane: Open):
    pane = open_pane(paragraphs=[[["", {}]]])
    pane.sign_in()
    pane.press("Classify")
    expect(pane.page.get_by_role("alert")).to_contain_text("text")
    pane.page.get_by_role("tab", name="Translate").click()
    expect(pane.page.get_by_role("button", name="Translate", exact=True)).to_be_enabled()
    pane.press("Translate")
    expect(pane.page.locator("#panel-translate")).to_contain_text("There is no text to translate")


def test_a_weak_translation_says_why(pane: Pane):
    def answer(route: Route) -> None:
        texts = json.loads(route.request.post_data or "")["texts"]
        quality = {"score": 0.9, "flags": ["number-missing"]}
        translations = [{"text": "Uma coisa.", "gist": False, "quality": quality} for _ in texts]
        route.fulfill(json={"translations": translations, "model": {"name": "m", "version": "1"}})

    pane.page.route("**/api/v1/translate", answer)
    pane.translate()
    expect(pane.page.locator(".paragraphs li.weak")).to_have_count(3)
    expect(pane.page.locator(".paragraphs li").first).to_contain_text("a number is missing")
    expect(pane.page.locator("#panel-translate")).to_contain_text("3 translations need a look")


def test_a_service_that_is_away_is_told_and_asked_again(pane: Pane):
    problem = {"code": "upstream-unavailable", "status": 503, "detail": "The classify service is away."}
    headers = {"Content-Type": "application/problem+json"}
    refuse = json.dumps(problem)
    pane.page.route("**/api/v1/classify", lambda route: route.fulfill(status=503, body=refuse, headers=headers))
    pane.press("Classify")
    expect(pane.page.get_by_role("alert")).to_contain_text("The classify service is away")
    pane.page.unroute("**/api/v1/classify")
    pane.press("Try again")
    expect(pane.page.locator(".predictions li").first).to_be_visible()


def test_a_gateway_that_is_away_is_told_and_comes_back_by_itself(pane: Pane):
    pane.page.context.set_offline(True)
    pane.press("Classify")
    expect(pane.page.locator(".banner")).to_be_visible()
    expect(pane.page.locator(".failure")).to_contain_text("cannot be reached")
    pane.page.context.set_offline(False)
    expect(pane.page.locator(".predictions li").first).to_be_visible()
    expect(pane.page.locator(".banner")).to_be_hidden()


def test_nothing_is_left_after_sign_out(pane: Pane):
    pane.classify()
    pane.press("Sign out")
    expect(pane.page.get_by_label("API key")).to_be_visible()
    assert pane.page.get_by_label("API key").input_value() == ""
    expect(pane.page.locator(".predictions")).to_have_count(0)
    assert pane.page.evaluate("localStorage.length + sessionStorage.length") == 0
    assert pane.page.context.cookies() == []


@pytest.mark.parametrize(
    ("tag", "sign_in"), [("es-ES", "Entrar"), ("fr-FR", "Se connecter"), ("pt-BR", "Entrar"), ("de-DE", "Sign in")]
)
def test_the_pane_speaks_the_language_of_word(open_pane: Open, tag: str, sign_in: str):
    pane = open_pane(language=tag)
    expect(pane.page.get_by_role("button", name=sign_in)).to_be_visible()
    expected = "en" if tag == "de-DE" else tag[:2]
    assert pane.page.evaluate("document.documentElement.lang") == expected


def test_the_pane_says_what_it_needs(open_pane: Open):
    pane = open_pane(version=1.2)
    expect(pane.page.get_by_role("alert")).to_contain_text("too old")
    other = open_pane(host="Excel")
    expect(other.page.get_by_role("alert")).to_contain_text("Open it in Word")


def test_office_js_that_cannot_be_fetched_is_told_with_its_address(open_pane: Open):
    pane = open_pane()
    pane.page.unroute(f"{OFFICE_JS}**")
    pane.page.route(f"{OFFICE_JS}**", lambda route: route.abort())
    pane.page.reload()
    expect(pane.page.get_by_role("alert")).to_contain_text(f"could not be loaded from {OFFICE_JS}office.js")


def test_the_pane_is_as_dark_as_word_and_has_no_violation_of_wcag(open_pane: Open):
    pane = open_pane(isDark=True)
    assert violations(pane.page) == []
    pane.page.reload()
    expect(pane.page.get_by_label("API key")).to_be_visible()
    assert pane.page.evaluate("document.documentElement.dataset.theme") == "dark"
    pane.sign_in()
    assert violations(pane.page) == []
    pane.classify()
    pane.page.get_by_role("checkbox").first.check()
    assert violations(pane.page) == []
    pane.translate()
    assert violations(pane.page) == []
    width: int = pane.page.evaluate("document.documentElement.scrollWidth")
    assert width <= 320


def test_the_pane_is_used_by_keys_alone(pane: Pane):
    page = pane.page
    page.get_by_role("tab", name="Classify").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tabpanel", name="Translate")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tabpanel", name="Classify")).to_be_visible()
    for _ in range(3):
        page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Classify", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".predictions li").first).to_be_visible()


def test_only_office_js_is_let_in_and_only_as_script(client: httpx2.Client):
    page = client.get("/office/")
    policy = dict(rule.split(" ", 1) for rule in page.headers["content-security-policy"].split("; "))
    assert policy["script-src"] == "'self' https://appsforoffice.microsoft.com"
    assert policy["connect-src"] == policy["style-src"] == "'self'"
    assert policy["require-trusted-types-for"] == "'script'"
    assert policy["frame-ancestors"] == "'none'"
    assert client.get("/office/manifest.xml").json()["code"] == "public-url-unset"
