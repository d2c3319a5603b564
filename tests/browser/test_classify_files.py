"""The panel that classifies, in a real browser: files of all kinds, other languages, services that are away."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.classify_panel import BRUSH, ClassifyPanel
from tests.browser.workbench import Workbench, violations
from tests.office_files import docx_parts, packed, paragraph, run
from tests.pdf_files import pdf_of, scanned_pdf

pytestmark = pytest.mark.e2e

PDF = "application/pdf"
XML = "application/xml"
PATENT_XML = f"""<?xml version="1.0" encoding="UTF-8"?>
<us-patent-application lang="EN"><us-bibliographic-data-application>
<invention-title>Toothbrush</invention-title></us-bibliographic-data-application>
<abstract><p>{BRUSH}</p></abstract>
<description><p>The bristles are made of nylon.</p></description>
<claims><claim><claim-text>A toothbrush with a replaceable head.</claim-text></claim></claims>
</us-patent-application>"""
# As many lines as a page holds, of words that stand in patents.
PAGES = [[f"{page}.{line} {BRUSH[:90]}" for line in range(50)] for page in range(200)]


@pytest.fixture
def panel(page: Page, deployment: Any) -> ClassifyPanel:
    """The panel, nothing in it, asked for subclasses."""
    return ClassifyPanel(Workbench(page, deployment.api_key))


def refused(status: int, code: str) -> Any:
    """Answer as a gateway whose service is away."""

    def answer(route: Route) -> None:
        problem = {"status": status, "code": code, "detail": "The service cannot be reached.", "correlationId": "c-1"}
        route.fulfill(status=status, content_type="application/problem+json", body=json.dumps(problem))

    return answer


def test_the_parts_of_a_patent_document_stand_apart_and_can_be_folded_and_edited(panel: ClassifyPanel):
    panel.open("US1.xml", XML, PATENT_XML.encode())
    expect(panel.row("A46B")).to_be_visible()
    expect(panel.part("Title")).to_have_value("Toothbrush")
    expect(panel.part("Abstract")).to_have_value(BRUSH)
    expect(panel.part("Claims")).to_have_value("1. A toothbrush with a replaceable head.")
    expect(panel.document).to_contain_text("US1.xml")
    expect(panel.document).to_contain_text("patent XML")
    expect(panel.text).to_be_hidden()
    panel.document.locator("summary", has_text="Description").click()
    expect(panel.part("Description")).to_be_hidden()
    panel.part("Claims").fill("A comb.")
    expect(panel.results).to_contain_text("The text has changed since.")
    panel.page.keyboard.press("Control+Enter")
    expect(panel.results).not_to_contain_text("The text has changed since.")
    panel.row("A46B").click()
    expect(panel.page.locator(".reading").get_by_role("heading")).to_have_text(
        ["Title", "Abstract", "Claims", "Description"]
    )
    assert violations(panel.page) == []


def test_a_word_document_is_taken_by_drop(panel: ClassifyPanel):
    content = packed(docx_parts([paragraph(run("Abstract")), paragraph(run(BRUSH))]))
    panel.drop("brush.docx", f"new Uint8Array({list(content)})")
    expect(panel.row("A46B")).to_be_visible()
    expect(panel.document).to_contain_text("Word")
    expect(panel.part("Abstract")).to_have_value(BRUSH)


def test_a_pdf_of_200_pages_is_read_and_the_page_stays_usable(panel: ClassifyPanel):
    panel.open("long.pdf", PDF, pdf_of(PAGES))
    expect(panel.row("A46B")).to_be_visible(timeout=60_000)
    expect(panel.document).to_contain_text("200 pages")
    panel.row("A46B").click()
    view = panel.page.locator(".reading")
    expect(view).to_contain_text("which are not read for classification")
    assert view.locator("mark").count() > 0
    shown = len(view.inner_text())
    panel.page.get_by_role("button", name="Edit the text").click()
    assert shown < len(panel.text.input_value()) / 10
    panel.text.press("Control+End")
    panel.text.press_sequentially(" end")
    assert panel.text.input_value().endswith(" end")


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("scan.pdf", scanned_pdf(), "scan"),
        ("secret.docx", packed({**docx_parts(), "EncryptedPackage": "x"}), "password"),
        ("secret.pdf", pdf_of([["words"]], password="p"), "password"),
        ("mark.png", b"\x89PNG\r\n\x1a\n" + bytes(64), "kind"),
        ("broken.pdf", b"%PDF-1.7 and no more", "damaged"),
    ],
    ids=["scanned pdf", "encrypted docx", "encrypted pdf", "picture", "damaged pdf"],
)
def test_a_file_that_cannot_be_read_is_told_and_nothing_is_lost(
    panel: ClassifyPanel, name: str, content: bytes, sentence: str
):
    panel.text.fill(BRUSH)
    panel.open(name, "application/octet-stream", content)
    expect(panel.document.get_by_role("alert")).to_contain_text(sentence)
    expect(panel.text).to_have_value(BRUSH)
    panel.page.keyboard.press("Control+Enter")
    expect(panel.row("A46B")).to_be_visible()


def test_a_file_over_the_limit_is_told(panel: ClassifyPanel):
    panel.text.fill(BRUSH)
    panel.drop("large.txt", "'words '.repeat(6 * 1024 * 1024)")
    expect(panel.document.get_by_role("alert")).to_contain_text("smaller")
    expect(panel.text).to_have_value(BRUSH)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("hello", "different words"), ("I love you and the sea is so blue today, my dear friend.", "not to be technical")],
    ids=["too short", "not technical"],
)
def test_a_text_that_cannot_be_classified_is_told(panel: ClassifyPanel, text: str, sentence: str):
    panel.paste(text)
    expect(panel.results.get_by_role("alert")).to_contain_text(sentence)
    assert panel.text.input_value() == text
    assert violations(panel.page) == []


def test_nothing_is_asked_for_a_blank_text(panel: ClassifyPanel):
    panel.text.fill("  \n ")
    panel.page.get_by_role("button", name="Classify", exact=True).click()
    expect(panel.page.get_by_text("There is no text yet.")).to_be_visible()
    expect(panel.text).to_be_focused()


def test_uncertainty_is_said_in_words(panel: ClassifyPanel):
    panel.page.get_by_label("Down to").select_option("subgroup")
    panel.paste("device with a handle and a lid")
    expect(panel.results).to_contain_text("Low: the text is short.")


def test_a_text_that_was_translated_first_says_so_and_marks_what_its_words_came_from(panel: ClassifyPanel):
    panel.page.get_by_role("combobox", name="Language", exact=True).select_option("pt")
    panel.paste(
        "Escova de dentes que compreende um cabo e uma cabeça com cerdas, em que a cabeça é presa ao cabo por encaixe, "
        "de modo que as cerdas gastas podem ser trocadas sem descartar o cabo."
    )
    expect(panel.results).to_contain_text("Translated by machine first: Portuguese → English")
    assert "textLanguage=pt" in panel.page.url
    panel.row("A46B").click()
    expect(panel.results).to_contain_text("These are words of the translation")
    assert "cerdas" in panel.page.locator(".reading mark").all_text_contents()


@pytest.mark.parametrize(
    ("text", "direction"),
    [
        ("فرشاة أسنان ذات رأس قابل للاستبدال وشعيرات من النايلون مثبتة في المقبض", "rtl"),
        ("歯ブラシの毛を植毛する方法であって、ハンドルとブラシヘッドを備え、ブラシヘッドは交換可能である。", "ltr"),
    ],
    ids=["arabic", "japanese"],
)
def test_other_scripts_run_their_own_way(panel: ClassifyPanel, text: str, direction: str):
    panel.paste(text)
    predicted = panel.rows.filter(has=panel.page.locator(".share")).first
    predicted.click()
    prose = panel.page.locator(".reading .prose")
    assert prose.text_content() == text
    assert prose.evaluate("element => getComputedStyle(element).direction") == direction


def test_a_service_that_is_away_is_told_and_tried_again(panel: ClassifyPanel):
    panel.page.route("**/api/v1/classify", refused(503, "upstream-unavailable"))
    panel.paste(BRUSH)
    alert = panel.results.get_by_role("alert")
    expect(alert).to_contain_text("try again in a moment")
    expect(alert).to_contain_text("c-1")
    assert panel.text.input_value() == BRUSH
    assert violations(panel.page) == []
    panel.page.unroute("**/api/v1/classify")
    alert.get_by_role("button", name="Try again").click()
    expect(panel.row("A46B")).to_be_visible()


def test_what_waits_long_shows_it_and_can_be_cancelled(panel: ClassifyPanel):
    def hold(_route: Route) -> None:
        """Answer never."""

    panel.page.route("**/api/v1/classify", hold)
    panel.paste(BRUSH)
    panel.results.get_by_role("button", name="Cancel").click()
    expect(panel.results).to_contain_text("Paste a text or open a file")
    assert panel.text.input_value() == BRUSH
    panel.page.unroute("**/api/v1/classify")
    panel.page.get_by_role("button", name="Classify", exact=True).click()
    expect(panel.row("A46B")).to_be_visible()


def test_a_server_that_is_away_is_tried_again_by_itself(panel: ClassifyPanel):
    panel.page.context.set_offline(True)
    panel.paste(BRUSH)
    expect(panel.results.get_by_role("alert")).to_contain_text("cannot be reached")
    panel.page.context.set_offline(False)
    expect(panel.row("A46B")).to_be_visible()
    assert panel.text.input_value() == BRUSH


def test_a_way_out_that_fails_leaves_the_tray_as_it_is(panel: ClassifyPanel):
    panel.add("A46B 9/04")
    expect(panel.tray.get_by_role("listitem")).to_have_count(1)
    panel.page.route("**/api/v1/ipc/st96", refused(502, "upstream-failed"))
    panel.tray.get_by_role("button", name="ST.96 XML").click()
    expect(panel.tray.get_by_role("alert")).to_contain_text("cannot be reached")
    expect(panel.tray.get_by_role("listitem")).to_have_count(1)


def test_the_page_changes_its_language_with_everything_in_it(panel: ClassifyPanel):
    panel.paste(BRUSH)
    panel.row("A46B").click()
    for tag, words in {"es": "Símbolos predichos", "fr": "Symboles prédits", "pt": "Símbolos previstos"}.items():
        panel.page.locator(".tools select").first.select_option(tag)
        expect(panel.page.get_by_role("heading", name=words)).to_be_visible()
        expect(panel.row("A46B")).to_have_attribute("aria-selected", "true")
        assert panel.page.evaluate("document.body.innerText.match(/undefined|\\\\{\\\\w+\\\\}/)") is None
