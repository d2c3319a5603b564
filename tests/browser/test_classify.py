"""The panel that classifies, in a real browser: texts and files in, the tree, the tray, and the ways out."""

import csv
import io
import json
from typing import Any
from xml.etree import ElementTree

import httpx2
import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.classify_panel import BRUSH, ClassifyPanel
from tests.browser.workbench import Workbench, violations

pytestmark = pytest.mark.e2e


@pytest.fixture
def panel(page: Page, deployment: Any) -> ClassifyPanel:
    """The panel, nothing in it, asked for subclasses."""
    return ClassifyPanel(Workbench(page, deployment.api_key))


@pytest.fixture
def predicted(panel: ClassifyPanel) -> ClassifyPanel:
    """The panel with predictions for a toothbrush."""
    panel.paste(BRUSH)
    expect(panel.row("A46B")).to_be_visible()
    return panel


def test_a_pasted_text_is_classified_by_itself_as_a_tree(predicted: ClassifyPanel):
    expect(predicted.rows.first).to_have_attribute("aria-level", "1")
    expect(predicted.row("A46B")).to_have_attribute("aria-level", "3")
    symbols = predicted.rows.evaluate_all("rows => rows.map(row => row.dataset.symbol)")
    assert len(symbols) == len(set(symbols))
    assert symbols[:3] == ["A", "A46", "A46B"]
    expect(predicted.row("A46B").locator(".share")).to_contain_text("%")
    expect(predicted.row("A46B")).to_contain_text("BRUSHES")
    expect(predicted.row("A").locator(".share")).to_have_count(0)
    expect(predicted.results.get_by_role("status")).to_contain_text("5 symbols predicted")
    expect(predicted.page.get_by_role("contentinfo")).to_contain_text("ipc-classifier")
    # Who goes on typing is not interrupted.
    expect(predicted.text).to_be_focused()


def test_a_pasted_page_is_only_its_text_and_runs_nothing(panel: ClassifyPanel):
    script = "document.title = 'run'"
    panel.paste_page(f'<p>{BRUSH}</p><img src="data:," onerror="{script}"><script>{script}</script>')
    expect(panel.row("A46B")).to_be_visible()
    assert panel.text.input_value().strip() == BRUSH
    assert panel.page.title() == "Examkit"


def test_markup_in_a_text_is_shown_as_it_is(panel: ClassifyPanel):
    text = f"<img src=x onerror=alert(1)> <script>alert(2)</script> {BRUSH}"
    panel.paste(text)
    panel.row("A46B").click()
    view = panel.page.get_by_role("region", name="Text with the words that count marked")
    assert view.locator(".prose").text_content() == text
    assert view.locator("img, script").count() == 0


def test_choosing_a_symbol_marks_its_words_and_names_patents(predicted: ClassifyPanel):
    predicted.row("A46B").click()
    view = predicted.page.get_by_role("region", name="Text with the words that count marked")
    marked = [text.lower() for text in view.locator("mark").all_text_contents()]
    assert "bristles" in marked
    assert view.locator("mark.strength-3").count() > 0
    assert view.locator(".prose").text_content() == BRUSH
    expect(predicted.results).to_contain_text("What spoke for A46B")
    expect(predicted.results.get_by_text("Published patents that spoke for it")).to_be_visible()
    expect(predicted.results.locator(".documents li").first).to_contain_text("A46B")
    predicted.page.get_by_role("button", name="Edit the text").click()
    expect(predicted.text).to_be_focused()
    assert predicted.text.input_value() == BRUSH


def test_marks_stand_at_their_words_after_signs_beyond_the_first_plane(panel: ClassifyPanel):
    panel.paste(f"𝑥𝑦𝑧 🪥🪥 {BRUSH}")
    panel.row("A46B").click()
    marked = panel.page.locator(".reading mark").all_text_contents()
    assert {"toothbrush", "bristles"} <= {text.lower() for text in marked}


def test_the_tree_is_used_by_keys_alone(predicted: ClassifyPanel):
    keys = predicted.page.keyboard
    predicted.rows.first.focus()
    keys.press("ArrowDown")
    keys.press("ArrowRight")
    expect(predicted.row("A46B")).to_be_focused()
    keys.press("Enter")
    expect(predicted.tray.get_by_role("listitem")).to_contain_text("A46B")
    expect(predicted.row("A46B")).to_contain_text("accepted")
    keys.press("Enter")
    expect(predicted.tray.get_by_role("listitem")).to_have_count(0)
    keys.press("Backspace")
    expect(predicted.row("A46B")).to_have_class("rejected")
    keys.press("Backspace")
    expect(predicted.row("A46B")).to_have_class("open")
    keys.press("ArrowLeft")
    expect(predicted.row("A46")).to_be_focused()
    keys.press("ArrowLeft")
    expect(predicted.row("A46")).to_have_attribute("aria-expanded", "false")
    expect(predicted.row("A46B")).to_have_count(0)
    keys.press("ArrowRight")
    expect(predicted.row("A46B")).to_be_visible()
    keys.press("?")
    expect(predicted.page.get_by_role("dialog", name="Keys")).to_contain_text("accept, or take that back")


def test_going_deeper_puts_predictions_below_the_symbol(predicted: ClassifyPanel):
    predicted.row("A46B").click()
    predicted.page.keyboard.press("ArrowRight")
    expect(predicted.row("A46B 9/00")).to_have_attribute("aria-level", "4")
    predicted.row("A46B 9/00").get_by_role("button", name="Go deeper below A46B 9/00").click()
    expect(predicted.row("A46B 9/04")).to_be_visible()
    shares = [predicted.row(symbol).locator(".share").inner_text() for symbol in ("A46B", "A46B 9/00", "A46B 9/04")]
    values = [int(share.strip("<%")) for share in shares]
    assert values == sorted(values, reverse=True)
    assert predicted.rows.evaluate_all("rows => new Set(rows.map(row => row.dataset.symbol)).size == rows.length")
    predicted.row("A").get_by_role("button", name="Go deeper below A", exact=True).click()
    expect(predicted.row("A61").locator(".chance")).to_contain_text("if A is right")


def test_below_subgroups_there_is_nothing(predicted: ClassifyPanel):
    predicted.page.get_by_label("Down to").select_option("subgroup")
    expect(predicted.row("A46B 9/04")).to_be_visible()
    predicted.row("A46B 9/04").click()
    predicted.page.keyboard.press("ArrowRight")
    expect(predicted.page.get_by_text("There is no level below subgroups.")).to_be_visible()
    assert "level=subgroup" in predicted.page.url


def test_level_and_number_stand_in_the_address_and_the_text_does_not(predicted: ClassifyPanel):
    predicted.page.get_by_label("At most").select_option("10")
    expect(predicted.results.get_by_role("status")).to_contain_text("10 symbols predicted")
    predicted.page.get_by_label("Down to").select_option("section")
    expect(predicted.row("A46B")).to_have_count(0)
    assert "level=section" in predicted.page.url
    assert "predictions=10" in predicted.page.url
    assert "toothbrush" not in predicted.page.url.lower()


def test_settings_that_nobody_knows_are_not_taken_from_the_address(page: Page, deployment: Any):
    panel = ClassifyPanel(Workbench(page, deployment.api_key), "/#level=deepest&predictions=9999&textLanguage=<b>")
    panel.paste(BRUSH)
    expect(panel.row("A46B")).to_be_visible()


def test_a_change_of_the_text_is_told_until_it_is_classified_again(predicted: ClassifyPanel):
    predicted.text.press_sequentially(" x")
    expect(predicted.results).to_contain_text("The text has changed since.")
    predicted.row("A46B").click()
    expect(predicted.text).to_be_visible()
    predicted.text.focus()
    predicted.page.keyboard.press("Control+Enter")
    expect(predicted.results).not_to_contain_text("The text has changed since.")


def test_the_tray_keeps_order_and_roles_and_gives_them_out(predicted: ClassifyPanel):
    predicted.row("A46B").get_by_role("button", name="Accept A46B").click()
    for symbol in ("a61c17/22", "A46B0009040000"):
        predicted.add(symbol)
    items = predicted.tray.get_by_role("listitem")
    expect(items).to_have_count(3)
    predicted.tray.get_by_role("button", name="Move A46B 9/04 up").click()
    predicted.tray.get_by_role("button", name="Move A46B 9/04 up").click()
    predicted.tray.get_by_label("Role of A46B 9/04").select_option("inventive")
    predicted.tray.get_by_role("button", name="Take A46B out").click()
    expect(items).to_have_count(2)

    written = json.loads(predicted.exported("JSON"))
    assert [(each["symbol"], each["role"]) for each in written["symbols"]] == [
        ("A46B 9/04", "inventive"),
        ("A61C 17/22", "additional"),
    ]
    assert written["edition"]
    rows = list(csv.DictReader(io.StringIO(predicted.exported("CSV").removeprefix("\ufeff"))))
    assert [row["symbol"] for row in rows] == ["A46B 9/04", "A61C 17/22"]
    assert rows[0]["title"] == "for toothbrushes"
    bag = ElementTree.fromstring(predicted.exported("ST.96 XML"))
    assert bag.tag.endswith("IPCRClassificationBag")
    assert len(bag) == len(rows)
    predicted.tray.get_by_role("button", name="Copy").click()
    expect(predicted.page.get_by_text("Copied.")).to_be_visible()
    copied = predicted.page.evaluate("navigator.clipboard.readText()")
    assert copied == "A46B 9/04 (inventive)\nA61C 17/22 (additional)"


def test_a_title_cannot_become_a_formula(panel: ClassifyPanel):
    def hostile(route: Route) -> None:
        title = '=HYPERLINK("http://x","y")'
        route.fulfill(json={"symbol": "A46B", "title": title, "edition": "2020.01", "level": "subclass"})

    panel.page.route("**/api/v1/ipc/A46B?**", hostile)
    panel.add("A46B")
    rows = list(csv.DictReader(io.StringIO(panel.exported("CSV").removeprefix("\ufeff"))))
    assert rows[0]["title"] == '\'=HYPERLINK("http://x","y")'


def test_a_symbol_that_is_none_is_told_and_kept(panel: ClassifyPanel):
    panel.add("banana")
    expect(panel.tray.get_by_role("alert")).to_contain_text("An IPC symbol looks like")
    panel.add("G06F 17/30")
    expect(panel.tray.get_by_role("alert")).to_contain_text("no such symbol")
    expect(panel.tray.get_by_role("textbox", name="Add a symbol by hand")).to_have_value("G06F 17/30")


def test_what_took_over_from_a_symbol_is_offered(panel: ClassifyPanel):
    def moved(route: Route) -> None:
        details = [{"pointer": "/path/symbol", "message": "A46B 9/04: for toothbrushes"}]
        problem = {"code": "symbol-of-another-edition", "status": 404, "detail": "Another has it.", "details": details}
        route.fulfill(status=404, content_type="application/problem+json", body=json.dumps(problem))

    panel.page.route("**/api/v1/ipc/G06F*", moved)
    panel.add("G06F 17/30")
    panel.tray.get_by_role("button", name="A46B 9/04").click()
    expect(panel.tray.get_by_role("listitem")).to_contain_text("A46B 9/04")


def test_the_classification_is_searched_and_walked(panel: ClassifyPanel):
    panel.scheme.get_by_role("searchbox").fill("toothbrushes")
    expect(panel.scheme.get_by_role("listitem").filter(has_text="A46B 9/04")).to_be_visible()
    panel.scheme.get_by_role("button", name="A46B 9/04", exact=True).click()
    expect(panel.scheme.get_by_role("heading", name="A46B 9/04")).to_be_focused()
    panel.scheme.get_by_role("button", name="A46B", exact=True).click()
    expect(panel.scheme.get_by_role("listitem").filter(has_text="A46B 9/00")).to_contain_text("3 below")
    panel.scheme.get_by_role("button", name="Accept A46B 9/00").click()
    expect(panel.tray.get_by_role("listitem")).to_contain_text("A46B 9/00")
    panel.scheme.get_by_role("button", name="Sections").first.click()
    expect(panel.scheme.get_by_role("listitem")).to_have_count(8)
    assert violations(panel.page) == []


def test_a_decision_is_recorded_once_and_can_be_undone(predicted: ClassifyPanel, client: httpx2.Client):
    predicted.row("A46B").get_by_role("button", name="Accept A46B").click()
    predicted.tray.get_by_role("textbox", name="Application number").fill("XX-browser-1")
    record = predicted.tray.get_by_role("button", name="Record decision")
    expect(predicted.tray).to_contain_text("stores the text")
    record.click()
    expect(predicted.tray).to_contain_text("The decision is recorded.")
    (stored,) = client.get("/api/v1/classify/feedback", params={"documentId": "XX-browser-1"}).json()["items"]
    assert stored["text"] == BRUSH
    assert stored["assigned"] == ["A46B"]
    assert next(each["symbol"] for each in stored["predicted"]) == "A46B"
    record.click()
    expect(predicted.tray).to_contain_text("This decision was recorded before.")
    predicted.tray.get_by_role("button", name="Undo").click()
    expect(predicted.page.get_by_text("The record was removed")).to_be_visible()
    assert client.get("/api/v1/classify/feedback", params={"documentId": "XX-browser-1"}).json()["items"] == []


def test_who_may_not_record_sees_no_button(page: Page, deployment: Any):
    def caller(route: Route) -> None:
        route.fulfill(json={"name": "Filing", "tenant": "office", "scopes": ["classify"]})

    page.route("**/api/v1/caller", caller)
    panel = ClassifyPanel(Workbench(page, deployment.api_key))
    panel.add("A46B")
    expect(panel.tray.get_by_role("listitem")).to_contain_text("A46B")
    expect(page.get_by_role("button", name="Record decision")).to_have_count(0)


def test_symbols_of_the_text_before_are_told(predicted: ClassifyPanel):
    predicted.row("A46B").get_by_role("button", name="Accept A46B").click()
    predicted.page.get_by_role("button", name="Begin anew").click()
    expect(predicted.tray).to_contain_text("accepted for another text")
    expect(predicted.text).to_have_value("")
    predicted.page.get_by_role("button", name="Bring it back").click()
    expect(predicted.text).to_have_value(BRUSH)
    expect(predicted.row("A46B")).to_be_visible()
    expect(predicted.page.get_by_role("button", name="Bring it back")).to_have_count(0)
    predicted.tray.get_by_role("button", name="Empty the list").click()
    expect(predicted.tray).to_contain_text("Nothing is accepted yet.")


def test_a_text_put_aside_does_not_come_back_over_a_new_one(predicted: ClassifyPanel):
    predicted.page.get_by_role("button", name="Begin anew").click()
    expect(predicted.document).to_contain_text("The earlier text was put aside.")
    predicted.text.press_sequentially("A comb")
    expect(predicted.document).not_to_contain_text("put aside")
    predicted.drop("brush.txt", "'A toothbrush with bristles and a handle.'")
    expect(predicted.document).to_contain_text("brush.txt")
    predicted.page.get_by_role("button", name="Bring it back").click()
    expect(predicted.text).to_have_value("A comb")


def test_the_example_and_every_state_have_no_violation_of_wcag(panel: ClassifyPanel):
    assert violations(panel.page) == []
    panel.page.get_by_role("button", name="Try with an example").click()
    panel.row("A46B").click()
    panel.page.keyboard.press("Enter")
    panel.page.keyboard.press("ArrowDown")
    panel.page.keyboard.press("Backspace")
    assert violations(panel.page) == []
    panel.page.get_by_role("button", name="Edit the text").click()
    panel.add("banana")
    expect(panel.tray.get_by_role("alert")).to_be_visible()
    assert violations(panel.page) == []
