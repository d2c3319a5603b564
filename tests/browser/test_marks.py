"""Searching marks in a real browser: every way to ask, the part that counts, filters, more hits, comparing."""

import re

import httpx2
import pytest
from playwright.sync_api import Page, expect

from tests.browser.marks_panel import SEARCH, Marks, registered
from tests.browser.workbench import Workbench, violations
from tests.drawings import draw_mark, encode
from tests.e2e.conftest import Deployment

pytestmark = pytest.mark.e2e

_LARGE = (6000, 4000)
_TURNED = 6


@pytest.fixture
def marks(workbench: Workbench) -> Marks:
    """The panel, opened."""
    return Marks.of(workbench)


def test_an_example_leads_from_the_empty_panel_to_hits(marks: Marks):
    assert violations(marks.page) == []
    marks.press("Try with an example")
    expect(marks.hits).to_have_count(20)
    expect(marks.hits.first).to_contain_text("1.00")
    expect(marks.page.locator("#credit")).to_contain_text("mark-embedder")
    assert violations(marks.page) == []


@pytest.mark.parametrize("how", ["drop", "paste"])
def test_an_image_is_searched_by_and_shown(marks: Marks, client: httpx2.Client, how: str):
    _, name, image = registered(client, 700)
    marks.search(image, how=how, name="secret case.png")
    assert marks.asked == {"image": "image", "limit": "20", "offset": "0", "strategy": "combined"}
    assert marks.names[0] == name
    expect(marks.stage).to_be_visible()
    shown = marks.panel.locator(".query-image").evaluate(
        "async image => { await image.decode(); return image.naturalWidth }"
    )
    assert shown == 256
    expect(marks.hits.first.locator(".matched")).to_be_visible()
    expect(marks.hits.first.locator("img")).to_have_js_property("naturalWidth", 256)


def test_an_image_is_chosen_from_the_disk_and_its_name_is_not_sent(marks: Marks, client: httpx2.Client):
    _, name, image = registered(client, 701)
    with marks.page.expect_request(re.compile(SEARCH)):
        marks.panel.locator("input[type=file]").first.set_input_files(
            {"name": "secret case.png", "mimeType": "image/png", "buffer": image}
        )
    assert marks.asked["image"] == "image"
    expect(marks.hits.first).to_contain_text(name)


def test_words_a_number_and_colors_are_searched_by(marks: Marks, client: httpx2.Client):
    mark_id, name, _ = registered(client, 702)
    marks.press("Number")
    marks.panel.get_by_label("Number of a registered mark").fill(mark_id)
    marks.page.keyboard.press("Enter")
    expect(marks.hits).to_have_count(20)
    assert name not in marks.names
    marks.stage.focus()
    with marks.page.expect_request(re.compile(SEARCH)) as asked:
        marks.page.keyboard.press("ArrowDown")
    box = {"x": 64, "y": 64, "width": 128, "height": 128}
    assert (asked.value.post_data_json or {}).items() >= {
        "markId": mark_id,
        "excludeMarkId": mark_id,
        "box": box,
    }.items()

    marks.press("Words")
    marks.panel.get_by_label("Words for what").fill("a tree")
    marks.page.keyboard.press("Enter")
    expect(marks.status).to_contain_text("Understood as: tree.")
    expect(marks.panel.get_by_role("button", name="Shape", exact=True)).to_be_disabled()
    expect(marks.panel.get_by_role("button", name=re.compile("is relevant"))).to_have_count(0)

    marks.press("Colors")
    marks.press("Add a color")
    with marks.page.expect_request(re.compile(SEARCH)) as asked:
        marks.panel.get_by_role("button", name="Search", exact=True).locator("visible=true").click()
    assert asked.value.post_data_json == {"palette": ["#c8102e", "#003366"], "offset": 0, "limit": 20}
    expect(marks.status).to_contain_text("by color")
    assert violations(marks.page) == []


def test_strategies_and_their_mix_search_anew_and_stand_in_the_address(marks: Marks, client: httpx2.Client):
    marks.search(registered(client, 703)[2])
    for key, name in enumerate(["shape", "color", "composition", "concept"], start=1):
        marks.page.keyboard.press(str(key))
        expect(marks.status).to_contain_text(f"by {name}")
        assert f"strategy={name}" in marks.page.url
    marks.page.keyboard.press("5")
    expect(marks.status).to_contain_text("by the combined strategy")
    marks.panel.get_by_text("Mix", exact=True).click()
    with marks.page.expect_request(re.compile(SEARCH)):
        marks.panel.get_by_role("slider", name="Concept").fill("50")
    mixed = marks.asked
    assert mixed["weights"] == '{"shape":85,"color":15,"composition":0,"concept":50}'
    assert "mix=85-15-0-50" in marks.page.url
    with marks.page.expect_request(re.compile(SEARCH)):
        marks.press("Usual mix")
    assert "weights" not in marks.asked


def test_a_box_is_drawn_moved_by_keys_and_set_by_numbers(marks: Marks, client: httpx2.Client):
    marks.search(registered(client, 704)[2])
    corner = marks.stage.bounding_box()
    assert corner is not None
    pixel = corner["width"] / 256

    def at(x: float, y: float) -> tuple[float, float]:
        return corner["x"] + x * pixel, corner["y"] + y * pixel

    with marks.page.expect_request(re.compile(SEARCH)):
        marks.page.mouse.move(*at(40, 50))
        marks.page.mouse.down()
        marks.page.mouse.move(*at(140, 190), steps=3)
        marks.page.mouse.up()
    assert box_of(marks) == pytest.approx([40, 50, 100, 140], abs=2)

    marks.stage.focus()
    with marks.page.expect_request(re.compile(SEARCH)):
        marks.page.keyboard.press("ArrowRight")
        marks.page.keyboard.press("Shift+ArrowUp")
    assert box_of(marks) == pytest.approx([45, 50, 100, 135], abs=2)

    with marks.page.expect_request(re.compile(SEARCH)):
        marks.panel.get_by_label("Width of the box").fill("9999")
        marks.page.keyboard.press("Tab")
    assert box_of(marks)[::2] == [0, 256]

    marks.stage.focus()
    with marks.page.expect_request(re.compile(SEARCH)):
        marks.page.keyboard.press("Delete")
    assert "box" not in marks.asked


def test_a_large_image_that_a_camera_turned_keeps_its_own_pixels(marks: Marks):
    image = draw_mark("stairs").resize(_LARGE)
    exif = image.getexif()
    exif[274] = _TURNED
    marks.search(encode(image, "JPEG", exif=exif), media_type="image/jpeg")
    marks.stage.focus()
    with marks.page.expect_request(re.compile(SEARCH)):
        marks.page.keyboard.press("ArrowRight")
    assert box_of(marks) == [1000, 1500, 2000, 3000]
    size = "async image => { await image.decode(); return [image.naturalWidth, image.naturalHeight] }"
    assert marks.panel.locator(".query-image").evaluate(size) == [1365, 2048]


def test_filters_are_chosen_by_title_and_taken_away_as_chips(marks: Marks, client: httpx2.Client):
    marks.search(registered(client, 705)[2])
    marks.panel.get_by_text("Filters", exact=True).click()
    marks.panel.get_by_role("combobox", name="Nice class").fill("comput")
    marks.panel.get_by_role("option", name=re.compile("^9 ")).click()
    chips = marks.panel.get_by_role("group", name="Chosen filters")
    expect(chips).to_contain_text("Nice class9 Computers")
    marks.panel.get_by_role("combobox", name="Vienna code").fill("tree")
    marks.panel.get_by_role("option", name=re.compile("^05.01 ")).wait_for()
    assert violations(marks.page) == []
    with marks.page.expect_request(re.compile(SEARCH)):
        marks.page.keyboard.press("Enter")
    wanted = marks.asked
    assert (wanted["niceClass"], wanted["viennaCode"]) == ("9", "05.01")
    expect(marks.panel).to_contain_text("No mark passes the filters.")
    with marks.page.expect_request(re.compile(SEARCH)):
        chips.get_by_role("button", name="Remove the filter 05.01").click()
    assert "viennaCode" not in marks.asked
    with marks.page.expect_request(re.compile(SEARCH)):
        marks.panel.get_by_label("Filed from").fill("2020-01-31")
        marks.panel.get_by_label("Applicant").fill("Fern Foods")
        marks.page.keyboard.press("Tab")
    expect(chips).to_contain_text("2020-01-31")
    chips.get_by_role("button", name="Remove all filters").click()
    expect(marks.hits).to_have_count(20)
    expect(chips).to_be_hidden()


def test_vienna_codes_are_suggested_and_filter_at_a_click(marks: Marks, client: httpx2.Client):
    marks.search(registered(client, 706)[2])
    marks.press("Suggest Vienna codes")
    suggested = marks.panel.locator(".suggested").first
    code = suggested.locator(".numbers").inner_text()
    with marks.page.expect_request(re.compile(SEARCH)):
        suggested.click()
    assert marks.asked["viennaCode"] == code
    expect(marks.panel.get_by_role("group", name="Chosen filters")).to_contain_text(code)


def test_more_hits_come_by_scrolling_up_to_two_hundred(marks: Marks, client: httpx2.Client):
    marks.search(registered(client, 707)[2])
    expect(marks.hits).to_have_count(20)
    for count in (80, 140, 200):
        marks.hits.last.scroll_into_view_if_needed()
        expect(marks.hits).to_have_count(count)
    expect(marks.panel.get_by_role("button", name="More marks")).to_be_hidden()
    assert len(set(marks.numbers)) == 200
    expect(marks.hits.last.locator(".square img")).to_have_js_property("complete", True)


def test_the_grid_is_walked_and_hits_are_compared_by_keys_alone(marks: Marks, client: httpx2.Client):
    marks.search(registered(client, 708)[2])
    names = marks.names
    marks.hits.first.get_by_role("button").first.focus()
    marks.page.keyboard.press("ArrowRight")
    marks.page.keyboard.press("ArrowDown")
    columns = marks.panel.locator(".hits").evaluate(
        "grid => getComputedStyle(grid).gridTemplateColumns.split(' ').length"
    )
    expect(marks.hits.nth(columns + 1).get_by_role("button").first).to_be_focused()
    marks.page.keyboard.press("Home")
    marks.page.keyboard.press("Space")
    window = marks.page.get_by_role("dialog", name="Compare")
    expect(window).to_contain_text(f"1 of 20: {names[0]}")
    expect(window.locator(".drawing img")).to_have_count(4)
    marks.page.keyboard.press("ArrowRight")
    expect(window).to_contain_text(f"2 of 20: {names[1]}")
    assert violations(marks.page) == []
    window.get_by_label("Lay one over the other").check()
    window.get_by_label("Registered mark on top").fill("30")
    top = window.locator(".overlay .top")
    assert top.evaluate("element => getComputedStyle(element).opacity") == "0.3"
    assert violations(marks.page) == []
    marks.page.keyboard.press("Escape")
    expect(marks.hits.nth(1).get_by_role("button").first).to_be_focused()


def test_query_and_hit_have_the_same_zoom_and_move_together(marks: Marks, client: httpx2.Client):
    marks.search(registered(client, 709)[2])
    marks.hits.nth(1).get_by_role("button").first.click()
    window = marks.page.get_by_role("dialog", name="Compare")
    expect(window.locator("figure .drawing img")).to_have_count(2)
    window.get_by_label("Zoom").fill("3")
    query, hit = window.locator("figure .viewport").all()
    query.evaluate("view => view.scrollTo(120, 90)")
    moved = "view => [view.scrollLeft, view.scrollTop, view.scrollWidth]"
    expect(hit).to_have_js_property("scrollLeft", 120)
    assert hit.evaluate(moved) == query.evaluate(moved)
    assert hit.evaluate("view => Math.round(view.scrollWidth / view.clientWidth)") == 3


def test_a_tablet_has_all_of_it_above_each_other(page: Page, deployment: Deployment, client: httpx2.Client):
    page.set_viewport_size({"width": 1024, "height": 1366})
    workbench = Workbench(page, deployment.api_key)
    workbench.sign_in()
    page.get_by_label("Language of the page").select_option("fr")
    page.get_by_role("tab", name="Marques").click()
    panel = page.get_by_role("tabpanel", name="Marques")
    Marks(page, panel).hand_over(registered(client, 710)[2])
    expect(panel.locator(".hit")).to_have_count(20)
    expect(panel).to_contain_text("par la stratégie combinée")
    assert page.evaluate("document.documentElement.scrollWidth") == 1024
    assert violations(page) == []


def box_of(marks: Marks) -> list[int]:
    """Return x, y, width and height of the box in the latest request."""
    return [int(number) for number in re.findall(r"\d+", str(marks.asked["box"]))]
