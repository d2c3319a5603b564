"""What an examiner says of marks, the report, and everything that goes wrong, in a real browser."""

import hashlib
import json
import re
from collections.abc import Iterator

import httpx2
import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.marks_panel import SEARCH, Marks, answer_with, registered
from tests.browser.workbench import Workbench, violations
from tests.drawings import draw_mark, encode
from tests.e2e.conftest import Deployment

pytestmark = pytest.mark.e2e

FEEDBACK = "/api/v1/marks/feedback"
REPORT = "/api/v1/marks/report"


@pytest.fixture
def marks(workbench: Workbench) -> Marks:
    """The panel, opened."""
    return Marks.of(workbench)


def judgements(client: httpx2.Client, image: bytes) -> dict[str, bool]:
    """Return what is kept of hits of a search by an image."""
    digest = hashlib.sha256(image).hexdigest()
    lines = client.get(FEEDBACK, headers={"Accept": "application/x-ndjson"})
    kept = [json.loads(line) for line in lines.text.splitlines()]
    return {each["hitMarkId"]: each["relevant"] for each in kept if each.get("imageSha256") == digest}


def judge(marks: Marks, place: int, name: str) -> dict[str, str | list[str]]:
    """Press a judgement under a hit; return what was asked for then, once what is to be kept is kept."""
    with marks.page.expect_response(re.compile(FEEDBACK)), marks.page.expect_request(re.compile(SEARCH)):
        marks.hits.nth(place).get_by_role("button", name=re.compile(name)).click()
    return marks.asked


def test_judgements_rank_the_list_anew_are_kept_and_taken_back(marks: Marks, client: httpx2.Client):
    _, _, image = registered(client, 900)
    marks.search(image)
    numbers = marks.numbers
    before = marks.names
    assert judge(marks, 5, "is relevant")["like"] == numbers[5]
    judged = marks.panel.locator(".judged-bar")
    expect(judged).to_contain_text("1 relevant, 0 not relevant")
    expect(marks.panel.locator(".hit[data-judged=true] .number").first).to_contain_text(numbers[5])
    expect(marks.hits.locator(".name")).not_to_have_text(before)
    assert judgements(client, image) == {numbers[5]: True}
    assert violations(marks.page) == []

    with marks.page.expect_request(re.compile(SEARCH)):
        judged.get_by_label("Rank by this").uncheck()
    assert "like" not in marks.asked
    expect(marks.hits.locator(".name")).to_have_text(before)
    judged.get_by_label("Rank by this").check()
    expect(marks.hits.locator(".name")).not_to_have_text(before)

    liked = marks.panel.locator(".hit[data-judged=true]")
    with marks.page.expect_response(lambda answer: FEEDBACK in answer.url and answer.request.method == "POST"):
        liked.get_by_role("button", name=re.compile("is not relevant")).click()
    assert judgements(client, image) == {numbers[5]: False}
    with marks.page.expect_response(lambda answer: answer.request.method == "DELETE"):
        marks.press("Take all back")
    assert judgements(client, image) == {}
    expect(judged).to_be_hidden()
    expect(marks.hits.locator(".name")).to_have_text(before)


def test_hits_are_judged_by_keys_in_the_grid_and_in_the_comparison(marks: Marks, client: httpx2.Client):
    mark_id, _, _ = registered(client, 901)
    marks.press("Number")
    marks.panel.get_by_label("Number of a registered mark").fill(mark_id)
    marks.page.keyboard.press("Enter")
    expect(marks.hits).to_have_count(20)
    marks.hits.nth(2).get_by_role("button").first.focus()
    with marks.page.expect_request(re.compile(FEEDBACK)) as kept:
        marks.page.keyboard.press("+")
    said = kept.value.post_data_json or {}
    assert (said["markId"], said["relevant"], said["strategy"]) == (mark_id, True, "combined")
    expect(marks.panel.locator(".hit[data-judged=true] .open")).to_be_focused()
    marks.page.keyboard.press("Space")
    window = marks.page.get_by_role("dialog", name="Compare")
    expect(window.get_by_role("button", name="Relevant", exact=True)).to_have_attribute("aria-pressed", "true")
    with marks.page.expect_response(lambda answer: FEEDBACK in answer.url and answer.request.method == "POST"):
        marks.page.keyboard.press("n")
    expect(window.get_by_role("button", name="Not relevant")).to_have_attribute("aria-pressed", "true")
    marks.page.keyboard.press("Escape")
    expect(marks.panel.locator(".judged-bar")).to_contain_text("0 relevant, 1 not relevant")
    with marks.page.expect_response(lambda answer: answer.request.method == "DELETE"):
        marks.press("Take all back")


def test_without_a_secure_page_the_image_is_named_by_the_same_digest(
    page: Page, deployment: Deployment, client: httpx2.Client
):
    page.add_init_script("Object.defineProperty(crypto, 'subtle', { value: undefined })")
    workbench = Workbench(page, deployment.api_key)
    workbench.sign_in()
    marks = Marks.of(workbench)
    _, _, image = registered(client, 902)
    marks.search(image)
    judge(marks, 1, "is not relevant")
    assert list(judgements(client, image).values()) == [False]
    with page.expect_response(lambda answer: answer.request.method == "DELETE"):
        marks.press("Take all back")


def test_a_key_without_feedback_ranks_all_the_same_and_is_told(
    page: Page, deployment: Deployment, client: httpx2.Client
):
    page.route(
        "**/api/v1/caller", lambda route: route.fulfill(json={"name": "a", "tenant": "b", "scopes": ["marks:read"]})
    )
    workbench = Workbench(page, deployment.api_key)
    workbench.sign_in()
    marks = Marks.of(workbench)
    _, _, image = registered(client, 903)
    marks.search(image)
    with page.expect_request(re.compile(SEARCH)):
        marks.hits.nth(3).get_by_role("button", name=re.compile("is relevant")).click()
    assert "like" in marks.asked
    expect(marks.panel.locator(".judged-bar")).to_contain_text("Your key keeps no feedback")
    assert judgements(client, image) == {}


def test_a_judgement_that_cannot_be_kept_is_told(marks: Marks, client: httpx2.Client):
    marks.search(registered(client, 904)[2])
    answer_with(marks.page, FEEDBACK, 503, "not-ready", "The service is being stopped.")
    judge(marks, 3, "is relevant")
    expect(marks.page.get_by_text("could not be kept as feedback")).to_be_visible()
    expect(marks.panel.locator(".judged-bar")).to_contain_text("1 relevant")


@pytest.mark.parametrize(("kind", "beginning"), [("pdf", b"%pdf-"), ("html", b"<!doctype html>")])
def test_a_report_is_made_for_the_file(marks: Marks, client: httpx2.Client, kind: str, beginning: bytes):
    _, name, image = registered(client, 910)
    marks.search(image)
    marks.page.keyboard.press("1")
    expect(marks.status).to_contain_text("by shape")
    judge(marks, 1, "is not relevant")
    marks.press("Report …")
    window = marks.page.get_by_role("dialog", name="Report for the file")
    window.get_by_label("File reference").fill("2026/0471 <b>")
    window.get_by_label("Format").select_option(kind)
    assert violations(marks.page) == []
    with marks.page.expect_download() as download:
        window.get_by_role("button", name="Make the report").click()
    assert download.value.suggested_filename == f"search-report-2026-0471-b.{kind}"
    report = download.value.path().read_bytes()
    assert report.lower().startswith(beginning)
    asked = marks.asked
    assert {name: asked[name] for name in ("strategy", "reference", "language", "limit")} == {
        "strategy": "shape",
        "reference": "2026/0471 <b>",
        "language": "en",
        "limit": "20",
    }
    assert list(json.loads(str(asked["judgements"])).values()) == [False]
    if kind == "html":
        assert name in report.decode()
    expect(window).to_be_hidden()
    with marks.page.expect_response(lambda answer: answer.request.method == "DELETE"):
        marks.press("Take all back")


def test_a_report_that_cannot_be_made_is_told_and_asked_for_again(marks: Marks, client: httpx2.Client):
    marks.search(registered(client, 911)[2])
    answer_with(marks.page, REPORT, 503, "overloaded", "Too many reports are being written.")
    marks.press("Report …")
    window = marks.page.get_by_role("dialog", name="Report for the file")
    window.get_by_label("File reference").fill("2026/1")
    marks.page.keyboard.press("Enter")
    expect(window.get_by_role("alert")).to_contain_text("Too many reports")
    marks.page.unroute(f"**{REPORT}")
    with marks.page.expect_download() as download:
        window.get_by_role("button", name="Try again").click()
    assert download.value.suggested_filename == "search-report-2026-1.pdf"


@pytest.mark.parametrize(
    ("content", "media_type", "told"),
    [
        pytest.param(b"no image at all", "text/plain", "not a PNG, JPEG", id="text"),
        pytest.param(encode(draw_mark("disc", "white")), "image/png", "nothing but", id="blank"),
        pytest.param(
            b'<svg xmlns="http://www.w3.org/2000/svg" width="90" height="90"><script>document.title = "run"</script>'
            b'<rect width="50" height="50" onload="document.title = \'run\'"/></svg>',
            "image/svg+xml",
            "send the mark as PNG",
            id="svg-with-script",
        ),
    ],
)  # fmt: skip
def test_what_is_no_mark_is_refused_in_words_and_another_one_taken(
    marks: Marks, client: httpx2.Client, content: bytes, media_type: str, told: str
):
    marks.hand_over(content, media_type)
    expect(marks.panel.get_by_role("alert")).to_contain_text(told)
    assert marks.page.title() == "Examkit"
    marks.search(registered(client, 905)[2])
    expect(marks.panel.get_by_role("alert")).to_have_count(0)
    expect(marks.hits).to_have_count(20)


def test_an_image_too_large_to_show_is_left_to_the_server_and_the_page_goes_on(marks: Marks):
    image = draw_mark("cross").resize((20_000, 2_100)).convert("1")
    marks.hand_over(encode(image))
    expect(marks.panel.get_by_text("20,000 × 2,100 pixels: too large to show here.")).to_be_visible()
    expect(marks.stage).to_be_hidden()
    expect(marks.panel.get_by_role("alert")).to_contain_text("at most 40 million pixels")
    expect(marks.panel.get_by_role("alert")).to_contain_text("Use a smaller file")


def test_a_picture_that_the_browser_cannot_show_is_searched_by_all_the_same(marks: Marks):
    marks.search(encode(draw_mark("stairs"), "TIFF"), media_type="image/tiff", name="mark.tif")
    expect(marks.panel.get_by_text("The browser cannot show this image.")).to_be_visible()
    expect(marks.hits).to_have_count(20)
    expect(marks.stage).to_be_hidden()
    marks.hits.first.get_by_role("button").first.click()
    expect(marks.page.get_by_role("dialog", name="Compare")).to_contain_text("The browser cannot show this image.")


def test_a_dead_service_loses_neither_image_nor_box_and_is_asked_again(marks: Marks, client: httpx2.Client):
    _, _, image = registered(client, 906)
    marks.search(image)
    answer_with(marks.page, SEARCH, 503, "service-unavailable", "The service does not answer.")
    marks.stage.focus()
    marks.page.keyboard.press("ArrowUp")
    alert = marks.panel.get_by_role("alert")
    expect(alert).to_contain_text("The service does not answer.")
    expect(marks.hits.first).to_be_hidden()
    assert violations(marks.page) == []
    marks.page.unroute(f"**{SEARCH}")
    with marks.page.expect_request(re.compile(SEARCH)):
        alert.get_by_role("button", name="Try again").click()
    assert "box" in marks.asked
    expect(marks.hits).to_have_count(20)
    expect(alert).to_have_count(0)


@pytest.fixture
def cut(page: Page) -> Iterator[None]:
    """A network that comes back after the test."""
    yield
    page.context.set_offline(False)


@pytest.mark.usefixtures("cut")
def test_a_search_without_a_network_is_done_once_there_is_one(marks: Marks, client: httpx2.Client):
    _, name, image = registered(client, 907)
    marks.page.context.set_offline(True)
    marks.hand_over(image)
    expect(marks.panel.get_by_role("alert")).to_contain_text("cannot be reached")
    marks.page.context.set_offline(False)
    expect(marks.hits.first).to_contain_text(name)


def test_an_empty_register_is_told(marks: Marks, client: httpx2.Client):
    def empty(route: Route) -> None:
        answer = {"strategy": "combined", "count": 0, "model": {"name": "mark-embedder", "version": "2"}, "hits": []}
        route.fulfill(json=answer)

    marks.page.route(f"**{SEARCH}", empty)
    marks.hand_over(registered(client, 908)[2])
    expect(marks.panel).to_contain_text("The register holds no marks yet.")


def test_a_mark_that_is_not_there_is_told(marks: Marks):
    marks.press("Number")
    marks.panel.get_by_label("Number of a registered mark").fill("NO-SUCH-1")
    marks.page.keyboard.press("Enter")
    expect(marks.panel.get_by_role("alert")).to_be_visible()
    assert marks.panel.get_by_label("Number of a registered mark").input_value() == "NO-SUCH-1"


def test_a_search_that_takes_long_is_given_up_and_the_hits_stay(marks: Marks, client: httpx2.Client):
    marks.search(registered(client, 909)[2])
    before = marks.names
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    marks.page.route(f"**{SEARCH}", hold)
    marks.page.keyboard.press("1")
    marks.panel.get_by_role("button", name="Cancel").click()
    expect(marks.status).to_contain_text("20 of")
    assert marks.names == before
    expect(marks.panel.locator(".stale")).to_have_count(0)
    for route in held:
        route.abort()
