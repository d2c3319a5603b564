"""Translation where something is amiss: languages, services, the network, hostile input."""

import json
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.translating import TRANSLATE, Translating, problem
from tests.browser.workbench import Workbench
from tests.e2e.conftest import Deployment

pytestmark = pytest.mark.e2e

PAIRS = (
    ("en", "pt", "ready", False),
    ("pt", "en", "ready", False),
    ("es", "pt", "ready", True),
    ("en", "fr", "off", True),
)


def pair(source: str, target: str, status: str, is_gist: bool) -> dict[str, Any]:
    """A pair of languages as the service lists it."""
    hint = None if status == "ready" else "apt-get install apertium-fra-cat"
    way = {"sourceLanguage": source, "targetLanguage": target, "route": [source, target], "engines": ["x"]}
    return {**way, "status": status, "gist": is_gist, "hint": hint}


def opened(page: Page, deployment: Deployment, address: str = "from=en&to=pt") -> Translating:
    Workbench(page, deployment.api_key).sign_in(f"/#tab=translate&{address}")
    expect(page.get_by_role("tabpanel")).to_be_visible()
    return Translating(page)


@pytest.fixture
def sheet(page: Page, deployment: Deployment) -> Iterator[Translating]:
    """The tab, from English into Portuguese; the network is there again afterwards."""
    yield opened(page, deployment)
    page.context.set_offline(False)


def test_the_example_is_translated(page: Page, deployment: Deployment):
    sheet = opened(page, deployment, "to=pt")
    page.get_by_role("button", name="Try with an example").click()
    expect(sheet.targets.first).to_have_text("REIVINDICAÇÕES")
    expect(page.get_by_role("combobox", name="Language of the text")).to_contain_text("English (detected)")


def test_languages_that_could_not_be_had_are_there_after_another_try(page: Page, deployment: Deployment):
    away = problem(503, "upstream-unavailable", "The translate service cannot be reached.")
    page.route("**/api/v1/translate/languages*", away, times=1)
    sheet = opened(page, deployment)
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("combobox", name="Language of the text")).to_contain_text("Portuguese")
    sheet.write("The lid (6) is closed.")
    expect(sheet.targets.first).to_contain_text("(6)")


def test_languages_are_chosen_by_name_with_what_they_are_worth(page: Page, deployment: Deployment):
    items = [pair(*each) for each in PAIRS]
    answer = {"items": items, "limit": 200, "offset": 0, "count": len(items)}
    page.route("**/api/v1/translate/languages*", lambda route: route.fulfill(json=answer))
    sheet = opened(page, deployment, "from=es&to=en")
    page.locator(".tools select").first.select_option("fr")
    source = page.get_by_role("combobox", name="Langue du texte")
    target = page.get_by_role("combobox", name="Langue de la traduction")
    # What cannot be had gives way to what can.
    expect(target).to_have_value("pt")
    expect(target.locator("option:checked")).to_have_text("portugais (sens général)")
    source.select_option("anglais")
    expect(target.locator("option", has_text="français")).to_be_disabled()
    expect(target.locator("option", has_text="français")).to_have_text("français (non installé)")
    page.get_by_text("1 autre paire de langues").click()
    expect(page.get_by_text("apt-get install apertium-fra-cat")).to_be_visible()
    assert "from=en" in page.url
    page.locator(".tools select").first.select_option("en")
    english = page.get_by_role("combobox", name="Language of the translation")
    expect(english.locator("option:checked")).to_have_text("Portuguese")
    assert sheet.field.get_attribute("placeholder") == "Paste or type a text, or drop a document"


def test_swapping_translates_the_other_way_and_twice_gives_the_text_back(sheet: Translating):
    sheet.write("The lid is closed.")
    swap = sheet.page.get_by_role("button", name="Swap the languages")
    swap.click()
    expect(sheet.sources).to_have_text("A tampa está fechada.")
    expect(sheet.targets).to_contain_text("closed")
    assert "from=pt" in sheet.page.url
    assert "to=en" in sheet.page.url
    swap.click()
    expect(sheet.sources).to_have_text("The lid is closed.")
    expect(sheet.targets).to_have_text("A tampa está fechada.")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("Der schnelle braune Fuchs springt über den faulen Hund.", "cannot be told", id="undetected"),
        pytest.param("A tampa da caixa está fechada pela mola.", "already in this language: Portuguese", id="same"),
    ],
)
def test_a_language_that_does_not_fit_is_said_and_nothing_lost(
    page: Page, deployment: Deployment, text: str, said: str
):
    sheet = opened(page, deployment, "to=pt")
    sheet.field.fill(text)
    expect(page.get_by_role("alert").filter(has_text=said)).to_be_visible()
    assert sheet.field.input_value() == text
    sheet.field.fill("The lid of the housing is closed by the spring.")
    expect(sheet.targets).to_contain_text("A tampa")
    expect(page.get_by_role("alert").filter(has_text=said)).to_have_count(0)


def test_the_language_of_the_first_part_is_that_of_the_others(page: Page, deployment: Deployment):
    asked: list[dict[str, Any]] = []

    def note(route: Route) -> None:
        asked.append(json.loads(route.request.post_data or "{}"))
        route.continue_()

    page.route(TRANSLATE, note)
    sheet = opened(page, deployment, "to=pt")
    sheet.field.fill("The lid of the housing is closed by the spring.\n" * 40 + "IPC.")
    expect(sheet.targets).to_have_count(41)
    assert [each.get("sourceLanguage") for each in asked] == [None, "en"]


def test_pasted_markup_is_text(sheet: Translating):
    script = "<img src=x onerror=\"document.title='gone'\"><script>document.title = 'gone'</script>"
    sheet.paste(f"The lid is closed. {script}", html=f"<p>The lid is closed. {script}</p>{script}")
    expect(sheet.targets.first).to_contain_text("A tampa está fechada.")
    expect(sheet.page.locator(".source").first).to_contain_text("The lid")
    assert "<script>document.title = 'gone'</script>" in sheet.field.input_value()
    assert sheet.page.locator(".sheet img, .sheet script").count() == 0
    assert sheet.page.title() == "Examkit"


def test_writing_from_right_to_left_is_shown_so(sheet: Translating):
    sheet.answer(text="الغطاء مغلق")
    sheet.write("The lid is closed.")
    assert sheet.targets.evaluate("element => getComputedStyle(element).direction") == "rtl"
    assert sheet.sources.evaluate("element => getComputedStyle(element).direction") == "ltr"


def test_a_refused_call_says_what_to_do_and_quotes_its_number(sheet: Translating):
    sheet.page.route(TRANSLATE, problem(503, "overloaded", "All places are taken."))
    sheet.field.fill("The lid is closed.")
    failure = sheet.page.get_by_role("alert").filter(has_text="All places are taken.")
    expect(failure).to_contain_text("c-1")
    sheet.page.unroute(TRANSLATE)
    failure.get_by_role("button", name="Try again").click()
    expect(sheet.targets).to_have_text("A tampa está fechada.")


def test_away_from_the_server_nothing_is_lost_and_it_goes_on_by_itself(sheet: Translating):
    sheet.page.context.set_offline(True)
    sheet.field.fill("The lid is closed.")
    expect(sheet.page.locator(".banner")).to_be_visible()
    assert sheet.field.input_value() == "The lid is closed."
    sheet.page.context.set_offline(False)
    expect(sheet.targets).to_have_text("A tampa está fechada.")
    expect(sheet.page.locator(".banner")).to_be_hidden()


def test_a_dead_service_is_told_or_waited_for_and_the_text_stays(
    sheet: Translating, deployment: Deployment, client: httpx2.Client
):
    sheet.write("The lid is closed.")
    deployment.kill_translate()
    sheet.page.get_by_role("button", name="Edit the text").click()
    sheet.field.fill("The valve is closed.")
    again = sheet.page.get_by_role("alert").get_by_role("button", name="Try again")
    translated = sheet.targets.get_by_text("válvula")
    while not translated.is_visible():
        expect(translated.or_(again)).to_be_visible()
        assert sheet.field.input_value() == "The valve is closed."
        if again.is_visible():
            again.click()
    expect(sheet.targets).to_contain_text("está fechada")
    assert client.get("/api/v1/translate/languages").status_code == httpx2.codes.OK
