"""Texts translated in a real browser: written, read side by side, corrected, kept."""

import json
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.browser.translating import MEMORY, TRANSLATE, Translating, problem
from tests.browser.workbench import Workbench, violations
from tests.e2e.conftest import Deployment

pytestmark = pytest.mark.e2e

CLAIMS = "1. A fastening device (10) comprising a housing (12) and a spring (14).\n2. The device of claim 1. It is new."
MOST_CHARACTERS = 50_000


@pytest.fixture
def sheet(page: Page, deployment: Deployment) -> Translating:
    """The tab, from English into Portuguese."""
    Workbench(page, deployment.api_key).sign_in("/#tab=translate&from=en&to=pt")
    expect(page.get_by_role("tabpanel", name="Translate")).to_be_visible()
    return Translating(page)


def memory(client: httpx2.Client) -> dict[str, str]:
    """What the memory has, by source."""
    query = {"sourceLanguage": "en", "targetLanguage": "pt", "limit": "200"}
    items = client.get("/api/v1/translate/memory", params=query).json()["items"]
    return {item["source"]: item["target"] for item in items}


def test_what_is_pasted_is_read_segment_beside_segment(sheet: Translating):
    assert violations(sheet.page) == []
    sheet.paste(CLAIMS)
    expect(sheet.targets).to_have_count(3)
    expect(sheet.sources).to_have_count(3)
    expect(sheet.targets.nth(0)).to_contain_text("dispositivo de fixação (10)")
    expect(sheet.targets.nth(1)).to_contain_text("2. O dispositivo")
    for number in range(3):
        source, target = sheet.sources.nth(number).bounding_box(), sheet.targets.nth(number).bounding_box()
        assert source is not None
        assert target is not None
        assert source["y"] == target["y"]
        assert source["x"] + source["width"] <= target["x"]
    expect(sheet.targets.nth(0)).to_be_focused()
    expect(sheet.page.locator("#credit")).to_contain_text("translator-en-pt")
    assert violations(sheet.page) == []


def test_what_is_typed_is_translated_after_a_pause_without_taking_the_cursor(sheet: Translating):
    sheet.field.press_sequentially("The lid is closed.")
    expect(sheet.targets).to_have_text("A tampa está fechada.")
    expect(sheet.field).to_be_focused()
    sheet.page.keyboard.press("Control+Enter")
    expect(sheet.sources).to_have_text("The lid is closed.")
    expect(sheet.targets).to_be_focused()
    sheet.page.keyboard.press("e")
    expect(sheet.field).to_be_focused()
    assert sheet.field.input_value() == "The lid is closed."


def test_a_word_shows_its_partner_by_mouse_and_by_keyboard(sheet: Translating):
    # Characters beyond the first plane count as one there and as two here.
    sheet.write("𝒳𝒴𝒵 is the name of the valve 12 and the lid 14.")
    lit = sheet.page.locator(".lit")
    sheet.sources.get_by_text("valve", exact=True).hover()
    expect(lit).to_have_text(["valve", "válvula"])
    sheet.targets.get_by_text("tampa", exact=True).hover()
    expect(lit).to_have_text(["lid", "tampa"])
    sheet.targets.press("ArrowLeft")
    expect(lit.last).not_to_have_text("tampa")
    while "tampa" not in lit.all_text_contents():
        sheet.targets.press("ArrowLeft")
    expect(sheet.page.locator("[aria-live]", has_text="tampa: lid")).to_have_count(1)


def test_terms_are_underlined_and_name_their_glossary(sheet: Translating, client: httpx2.Client):
    languages = {"sourceLanguage": "en", "targetLanguage": "pt"}
    terms = [{"source": "lid", "target": "cobertura"}]
    made = client.post("/api/v1/glossaries", json={"name": "Mechanics", **languages, "terms": terms})
    sheet.page.reload()
    sheet.page.get_by_label("API key").fill(client.headers["API-Key"])
    sheet.page.keyboard.press("Enter")
    sheet.page.get_by_role("combobox", name="Glossary").select_option("Mechanics")
    assert f"glossary={made.json()['id']}" in sheet.page.url
    sheet.write("The lid (6) is closed by a spring (14).")
    term = sheet.targets.locator(".term", has_text="cobertura")
    expect(term).to_have_attribute("title", "Term of Mechanics: lid → cobertura")
    assert "underline" in term.evaluate("element => getComputedStyle(element).textDecorationLine")
    expect(sheet.targets.locator(".term", has_text="mola")).to_have_attribute("title", "Patent term: spring → mola")
    sheet.page.get_by_label("Patent terms").uncheck()
    expect(sheet.page.locator("[title^='Patent term']")).to_have_count(0)
    assert "terms=off" in sheet.page.url


def test_a_correction_is_kept_and_used_from_then_on(sheet: Translating, client: httpx2.Client):
    sheet.write("The quiet bolt (21) turns.\nIt is new.")
    sheet.correct(0, "O ferrolho silencioso (21) gira.")
    expect(sheet.page.get_by_text("corrected; kept in the memory")).to_be_visible()
    assert memory(client)["The quiet bolt (21) turns."] == "O ferrolho silencioso (21) gira."
    sheet.write("The quiet bolt (34) turns.\nThe quiet bolt (21) turns. And so on.")
    expect(sheet.targets.nth(0)).to_have_text("O ferrolho silencioso (34) gira.")
    expect(sheet.page.get_by_text("from the memory, with the numbers of this text")).to_be_visible()
    expect(sheet.targets.nth(1)).to_have_text("O ferrolho silencioso (21) gira.")
    sheet.page.reload()
    sheet.page.get_by_label("API key").fill(client.headers["API-Key"])
    sheet.page.keyboard.press("Enter")
    sheet.write("The quiet bolt (21) turns.")
    expect(sheet.page.get_by_text("from the memory", exact=True)).to_be_visible()
    sheet.page.get_by_label("Memory").uncheck()
    expect(sheet.targets).not_to_have_text("O ferrolho silencioso (21) gira.")


def test_a_correction_is_put_back_in_the_memory_too(sheet: Translating, client: httpx2.Client):
    sheet.write("The blue rod (5) bends.")
    machine = sheet.targets.text_content()
    sheet.correct(0, "A vara azul (5) verga.")
    sheet.page.get_by_role("button", name="Put back").click()
    expect(sheet.targets).to_have_text(machine or "")
    expect(sheet.page.get_by_text("The correction is taken back.")).to_be_visible()
    assert "The blue rod (5) bends." not in memory(client)


def test_what_the_memory_had_before_is_what_it_has_again(sheet: Translating, client: httpx2.Client):
    segment = {"source": "The old cap (7) leaks.", "target": "A tampa velha (7) verte."}
    client.post(
        "/api/v1/translate/memory", json={"sourceLanguage": "en", "targetLanguage": "pt", "segments": [segment]}
    )
    sheet.write("The old cap (7) leaks.")
    sheet.correct(0, "A tampa antiga (7) pinga.")
    expect(sheet.page.get_by_text("corrected; kept in the memory")).to_be_visible()
    sheet.page.get_by_role("button", name="Put back").click()
    expect(sheet.targets).to_have_text(segment["target"])
    expect(sheet.page.get_by_text("The correction is taken back.")).to_be_visible()
    assert memory(client)[segment["source"]] == segment["target"]


def test_tab_keeps_and_goes_on_escape_puts_back_and_other_wordings_are_offered(sheet: Translating):
    sheet.write("The green pump is heavy. The grey pump is light.")
    first = sheet.targets.nth(0).text_content() or ""
    sheet.targets.nth(0).press("Enter")
    expect(sheet.page.get_by_role("group", name="Other wordings").get_by_role("button")).not_to_have_count(0)
    assert violations(sheet.page) == []
    sheet.page.keyboard.press("Alt+ArrowDown")
    other = sheet.correction.input_value()
    assert other != first
    sheet.page.keyboard.press("Tab")
    expect(sheet.page.locator(".target, .editor textarea")).to_have_count(2)
    expect(sheet.targets).to_have_text(other)
    expect(sheet.correction).to_be_focused()
    sheet.correction.fill("unfinished")
    sheet.page.keyboard.press("Escape")
    expect(sheet.correction).to_have_count(0)
    expect(sheet.targets.nth(1)).not_to_have_text("unfinished")
    expect(sheet.targets.nth(1)).to_be_focused()
    expect(sheet.page.get_by_role("button", name="Put back")).to_have_count(1)


def test_without_leave_to_write_the_correction_stays_in_the_page(sheet: Translating):
    sheet.page.route(MEMORY, problem(403, "missing-scope"))
    sheet.write("The red pump is loud.\nThe red pump is loud.")
    sheet.correct(0, "A bomba vermelha faz barulho.")
    expect(sheet.page.get_by_text("your key may not write to the memory")).to_have_count(2)
    expect(sheet.targets.nth(1)).to_have_text("A bomba vermelha faz barulho.")
    sheet.page.get_by_role("button", name="Put back").first.click()
    expect(sheet.targets.nth(1)).not_to_have_text("A bomba vermelha faz barulho.")


def test_a_correction_that_could_not_be_kept_is_kept_later(sheet: Translating, client: httpx2.Client):
    sheet.page.route(MEMORY, problem(503, "terminology-unavailable", "The memory is away."))
    sheet.write("The tall mast sways.")
    sheet.correct(0, "O mastro alto oscila.")
    expect(sheet.page.locator(".notes")).to_contain_text("The memory is away.")
    sheet.page.unroute(MEMORY)
    sheet.page.locator(".notes").get_by_role("button", name="Try again").click()
    expect(sheet.page.get_by_text("corrected; kept in the memory")).to_be_visible()
    assert memory(client)["The tall mast sways."] == "O mastro alto oscila."


@pytest.mark.parametrize(
    ("segment", "whole", "said"),
    [
        pytest.param({"quality": {"score": 0.5, "flags": ["number-missing"]}}, {}, "a number is missing", id="number"),
        pytest.param({"quality": {"score": 0.5, "flags": ["sign-missing"]}}, {}, "a sign is missing", id="sign"),
        pytest.param({"quality": {"score": 0.12, "flags": []}}, {}, "unsure (12%)", id="unsure"),
        pytest.param({}, {"gist": True}, "gist only, by rules or in steps", id="gist"),
    ],
)
def test_a_weak_segment_is_marked_and_says_why(
    sheet: Translating, segment: dict[str, Any], whole: dict[str, Any], said: str
):
    sheet.answer(segment=segment, **whole)
    sheet.write("The third pump (33).")
    weak = sheet.page.locator(".segment.weak")
    expect(weak).to_contain_text(said)
    assert weak.evaluate("element => getComputedStyle(element).borderLeftStyle") == "dotted"
    expect(sheet.page.get_by_role("status").filter(has_text="1 to look at")).to_be_visible()
    sheet.page.get_by_role("button", name="Edit the text").focus()
    sheet.page.keyboard.press("n")
    expect(sheet.targets).to_be_focused()


def test_what_no_engine_knew_and_what_is_near_in_the_memory_is_said(sheet: Translating):
    match = {"source": "The third pump (3).", "target": "A terceira bomba (3)."}
    matches = [{**match, "score": 0.87}]
    sheet.answer(untranslated=[{"start": 0, "end": 3}], gist=True, segment={"matches": matches})
    sheet.write("The third pump (33).")
    expect(sheet.targets.locator(".unknown")).to_have_text("Uma")
    sheet.page.get_by_text("The memory has something near (87%)").click()
    expect(sheet.page.get_by_text(match["source"])).to_be_visible()
    assert violations(sheet.page) == []
    sheet.page.unroute(TRANSLATE)
    sheet.page.get_by_role("button", name="Use").click()
    expect(sheet.correction).to_have_value(match["target"])


def test_a_long_text_comes_in_bounded_parts_and_loses_nothing(sheet: Translating, tmp_path: Path):
    sizes: list[int] = []

    def note(request: Request) -> None:
        if request.url.endswith("/api/v1/translate"):
            sizes.append(sum(map(len, json.loads(request.post_data or "{}")["texts"])))

    sheet.page.on("request", note)
    lines = [
        f"The valve ({number % 8}) is closed by the spring, and " + "the lid is open, " * 3 + "as is shown."
        for number in range(1000)
    ]
    text = "\n".join(lines)
    assert len(text) > MOST_CHARACTERS * 2
    sheet.write(text)
    expect(sheet.targets).to_have_count(len(lines), timeout=120_000)
    assert max(sizes) <= MOST_CHARACTERS
    # Two of the parts are the same: they are asked for once and shown twice.
    assert len(set(sizes)) > 1
    assert sum(sizes) < len(text)
    with sheet.page.expect_download() as download:
        sheet.page.get_by_role("button", name="Save as text").click()
    assert download.value.suggested_filename == "translation.pt.txt"
    download.value.save_as(tmp_path / "all.txt")
    saved = (tmp_path / "all.txt").read_text().split("\n")
    assert len(saved) == len(lines)
    assert all(f"({number % 8})" in line for number, line in enumerate(saved))


def test_the_first_parts_stay_when_the_rest_is_cancelled(sheet: Translating):
    held: list[Route] = []

    def hold_the_second(route: Route) -> None:
        if "Second" in (route.request.post_data or ""):
            held.append(route)
        else:
            route.continue_()

    sheet.page.route(TRANSLATE, hold_the_second)
    sheet.field.fill("The lid is closed.\n" * 60 + "Second part. " * 60)
    sheet.page.get_by_role("button", name="Translate", exact=True).click()
    expect(sheet.page.get_by_text("1 of 2")).to_be_visible()
    expect(sheet.targets.first).to_have_text("A tampa está fechada.")
    sheet.page.get_by_role("button", name="Cancel").click()
    expect(sheet.page.get_by_role("progressbar")).to_have_count(0)
    expect(sheet.targets.first).to_have_text("A tampa está fechada.")
    assert "Second part." in sheet.field.input_value()


def test_the_whole_translation_is_copied_with_its_lines_and_corrections(sheet: Translating):
    sheet.write("  The lid is closed.\n\n(12)\n- The brown lid is open.\n")
    sheet.correct(1, "A tampa castanha está aberta.")
    sheet.page.get_by_role("button", name="Copy the translation").click()
    expect(sheet.page.get_by_text("The translation is on the clipboard.")).to_be_visible()
    copied = sheet.page.evaluate("navigator.clipboard.readText()")
    assert copied == "  A tampa está fechada.\n\n(12)\n- A tampa castanha está aberta.\n"
    expect(sheet.page.locator(".segment", has_text="(12)")).to_have_count(1)
