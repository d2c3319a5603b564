"""Whole documents in a real browser: sent, watched, fetched, opened again, gone from the server."""

import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import FilePayload, Locator, Page, Request, Route, expect

from tests.browser.translating import Translating
from tests.browser.workbench import Workbench, violations
from tests.e2e.conftest import Deployment

pytestmark = pytest.mark.e2e

SENTENCE = "The lid is closed."
TRANSLATED = "A tampa está fechada."
JOBS = "**/api/v1/jobs/translate-*"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
TYPES = """<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Override PartName="/word/document.xml"
 ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>"""
RELATIONS = """<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="r1" Target="word/document.xml"
 Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/></Relationships>"""


def docx(*paragraphs: str) -> bytes:
    """A document of Word with one bold word in each paragraph."""
    plain, bold = '<w:r><w:t xml:space="preserve">{} </w:t></w:r>', "<w:r><w:rPr><w:b/></w:rPr><w:t>{}</w:t></w:r>"
    body = "".join(
        f"<w:p>{plain.format(first)}{bold.format(rest)}</w:p>"
        for first, _, rest in (paragraph.partition(" ") for paragraph in paragraphs)
    )
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        package.writestr("[Content_Types].xml", TYPES)
        package.writestr("_rels/.rels", RELATIONS)
        package.writestr("word/document.xml", f'<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>')
    return file.getvalue()


def file(name: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


@pytest.fixture
def sheet(page: Page, deployment: Deployment) -> Translating:
    """The tab, from English into Portuguese."""
    Workbench(page, deployment.api_key).sign_in("/#tab=translate&from=en&to=pt")
    expect(page.get_by_role("tabpanel", name="Translate")).to_be_visible()
    return Translating(page)


@pytest.fixture
def jobs(page: Page) -> Callable[[], set[str]]:
    """The addresses of the jobs that the page has asked for so far."""
    seen: set[str] = set()

    def note(request: Request) -> None:
        if "/api/v1/jobs/translate-" in request.url:
            seen.add(request.url.removesuffix("/result"))

    page.on("request", note)
    return lambda: set(seen)


def choose(sheet: Translating, *files: FilePayload) -> None:
    sheet.page.locator("#panel-translate input[type=file]").set_input_files(list(files))


def entry(sheet: Translating, name: str) -> Locator:
    return sheet.page.get_by_role("list", name="Documents").get_by_role("listitem").filter(has_text=name)


def fetched(sheet: Translating, where: Locator, output: str, folder: Path) -> tuple[str, bytes]:
    with sheet.page.expect_download() as download:
        where.get_by_role("button", name=output).click()
    download.value.save_as(folder / "got")
    expect(where).to_contain_text("removed from the server")
    return download.value.suggested_filename, (folder / "got").read_bytes()


def test_a_document_comes_back_as_it_was_in_the_other_language(
    sheet: Translating, client: httpx2.Client, jobs: Callable[[], set[str]], tmp_path: Path
):
    choose(sheet, file("claims.docx", docx(SENTENCE, "A fastening device (10).")))
    own = entry(sheet, "claims.docx")
    expect(own).to_contain_text("English → Portuguese")
    expect(own).to_contain_text("Translated.")
    assert violations(sheet.page) == []
    name, content = fetched(sheet, own, "Document", tmp_path)
    assert name == "claims.pt.docx"
    with zipfile.ZipFile(BytesIO(content)) as package:
        text = package.read("word/document.xml").decode()
    assert "tampa" in text
    assert "(10)" in text
    assert "<w:b/>" in text
    assert {client.get(url).status_code for url in jobs()} == {httpx2.codes.NOT_FOUND}


def test_both_languages_and_the_memory_file_are_made_when_they_are_wanted(sheet: Translating, tmp_path: Path):
    choose(sheet, file("page.html", f"<p>{SENTENCE}</p>".encode()))
    own = entry(sheet, "page.html")
    expect(own).to_contain_text("Translated.")
    name, page = fetched(sheet, own, "Both languages (HTML)", tmp_path)
    assert name == "page.pt.html"
    assert SENTENCE in page.decode()
    assert TRANSLATED in page.decode()
    name, memory = fetched(sheet, own, "TMX", tmp_path)
    assert name == "page.pt.tmx"
    assert TRANSLATED in memory.decode()


def test_several_documents_come_by_drop_and_stand_in_a_list(sheet: Translating):
    data = sheet.page.evaluate_handle(
        """sentence => {
            const data = new DataTransfer();
            for (const name of ["one.html", "two.html"]) data.items.add(new File([`<p>${sentence}</p>`], name));
            return data;
        }""",
        SENTENCE,
    )
    sheet.page.locator("#panel-translate").dispatch_event("drop", {"dataTransfer": data})
    for name in ("one.html", "two.html"):
        expect(entry(sheet, name)).to_contain_text("Translated.")
    entry(sheet, "one.html").get_by_role("button", name="Remove").click()
    expect(entry(sheet, "one.html")).to_have_count(0)
    expect(entry(sheet, "two.html")).to_have_count(1)


def test_several_documents_are_chosen_at_once(sheet: Translating):
    choose(sheet, *(file(name, SENTENCE.encode()) for name in ("three.txt", "four.txt")))
    for name in ("three.txt", "four.txt"):
        expect(entry(sheet, name)).to_have_count(1)


def test_a_plain_text_goes_either_way(sheet: Translating, tmp_path: Path):
    choose(sheet, file("note.txt", SENTENCE.encode()))
    entry(sheet, "note.txt").get_by_role("button", name="Put into the text field").click()
    expect(sheet.targets).to_have_text(TRANSLATED)
    expect(entry(sheet, "note.txt")).to_have_count(0)
    choose(sheet, file("note.txt", SENTENCE.encode()))
    own = entry(sheet, "note.txt")
    own.get_by_role("button", name="Translate as a document").click()
    expect(own).to_contain_text("Translated.")
    assert fetched(sheet, own, "Document", tmp_path) == ("note.pt.txt", TRANSLATED.encode())


def test_a_document_under_way_shows_how_far_it_is_and_is_cancelled(
    sheet: Translating, client: httpx2.Client, jobs: Callable[[], set[str]]
):
    def half(route: Route) -> None:
        if route.request.method == "GET":
            route.fulfill(json={"id": route.request.url.rpartition("/")[2], "status": "running", "progress": 0.4})
        else:
            route.continue_()

    sheet.page.route(JOBS, half)
    choose(sheet, file("long.docx", docx(SENTENCE)))
    own = entry(sheet, "long.docx")
    expect(own).to_contain_text("40% translated")
    expect(own.get_by_role("progressbar")).to_have_attribute("value", "0.4")
    with sheet.page.expect_response(lambda answer: answer.request.method == "DELETE"):
        own.get_by_role("button", name="Cancel").click()
    expect(own).to_contain_text("Cancelled and removed from the server.")
    assert {client.get(url).status_code for url in jobs()} == {httpx2.codes.NOT_FOUND}


def test_a_server_that_is_away_for_a_moment_is_waited_for(sheet: Translating):
    failures = iter(range(2))

    def sometimes(route: Route) -> None:
        if next(failures, None) is None:
            route.continue_()
        else:
            route.abort()

    sheet.page.route(JOBS, sometimes)
    choose(sheet, file("claims.docx", docx(SENTENCE)))
    expect(entry(sheet, "claims.docx")).to_contain_text("Translated.")


ENCRYPTED = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504) + "EncryptedPackage".encode("utf-16-le")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        pytest.param("secret.docx", ENCRYPTED, "encrypted", id="encrypted"),
        pytest.param("scan.pdf", b"%PDF-1.7\n", "PDF", id="pdf"),
        pytest.param("broken.docx", docx(SENTENCE)[:200], "", id="damaged"),
        pytest.param("empty.html", b"<p> </p>", "no text", id="empty"),
    ],
)
def test_a_document_that_cannot_be_translated_says_why(sheet: Translating, name: str, content: bytes, said: str):
    choose(sheet, file(name, content))
    failure = entry(sheet, name).get_by_role("alert")
    expect(failure).to_contain_text(said)
    expect(failure).to_contain_text("Nothing is lost.")
    expect(failure.get_by_role("button", name="Try again")).to_be_visible()
