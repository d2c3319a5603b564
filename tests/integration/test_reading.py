"""Documents read through the gateway by the real service: what comes back, what is refused, and what is left of it."""

import tarfile
from collections.abc import Iterator

import httpx2
import pytest
from fastapi.testclient import TestClient

from gateway.allowances import Measure
from tests.applications import gateway
from tests.office_files import docx_parts, odt_parts, packed, paragraph, run
from tests.pdf_files import bomb, pdf_of, scanned_pdf

pytestmark = pytest.mark.integration

PATH = "/api/v1/documents/text"
ABSTRACT = "A toothbrush comprises a handle and a brush head with bristles, which is held by a snap connection."
CLAIM = "1. A toothbrush comprising a handle and bristles."
MARKED = "Zwiebelfischwort"


@pytest.fixture
def client(tmp_path, service_token_file) -> Iterator[TestClient]:
    application, key = gateway(tmp_path, service_token_file)
    with TestClient(application, headers={"API-Key": key}) as client:
        yield client


def read(client: TestClient, content: bytes, name: str = "case.bin") -> httpx2.Response:
    return client.post(PATH, files={"file": (name, content)})


def assert_problem(response: httpx2.Response, status: int, code: str) -> None:
    assert (response.status_code, response.json()["code"]) == (status, code), response.text


def test_a_pdf_comes_back_by_its_parts(client):
    answer = read(client, pdf_of([["Toothbrush", "Abstract", ABSTRACT], ["Claims", CLAIM]], title="Toothbrush"))
    assert answer.status_code == 200
    assert answer.json() == {
        "format": "pdf",
        "title": "Toothbrush",
        "abstract": ABSTRACT,
        "claims": CLAIM,
        "description": "",
        "text": "",
        "language": "en",
        "pages": 2,
        "truncated": False,
    }


PARAGRAPHS = [paragraph(run("Abstract")), paragraph(run(ABSTRACT))]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (packed(docx_parts(PARAGRAPHS)), "docx"),
        (packed(odt_parts(f"<text:h>Abstract</text:h><text:p>{ABSTRACT}</text:p>")), "odt"),
        (f"Abstract\n{ABSTRACT}".encode(), "text"),
        (f"<patent-document lang='en'><abstract>{ABSTRACT}</abstract></patent-document>".encode(), "patentXml"),
    ],
    ids=["docx", "odt", "text", "xml"],
)
def test_a_document_is_known_by_what_is_in_it_and_what_was_read_can_be_classified(client, content, kind):
    answer = read(client, content, "photo.jpg").json()
    assert (answer["format"], answer["abstract"], answer["language"], answer["pages"]) == (kind, ABSTRACT, "en", None)
    parts = {name: answer[name] for name in ("title", "abstract", "claims", "description", "text")}
    assert client.post("/api/v1/classify", json=parts).status_code == 200


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (scanned_pdf(), 422, "document-without-text"),
        (pdf_of([["a"]], password="secret"), 422, "encrypted-document"),
        (packed({**docx_parts(), "EncryptedPackage": "x"}), 422, "encrypted-document"),
        (b"\x89PNG\r\n\x1a\n\0", 422, "unsupported-document"),
        (b"%PDF-1.7 rubbish", 422, "malformed-document"),
        (bomb(), 422, "malformed-document"),
        (packed(docx_parts())[:-30], 422, "malformed-document"),
        (packed(docx_parts() | {f"x/{n}": "" for n in range(5_001)}), 413, "document-too-large"),
        (b"<patent-document><abstract>cut", 400, "malformed-xml"),
        (b"<invoice><total>1</total></invoice>", 422, "not-a-patent-document"),
        (b"", 422, "missing-part"),
    ],
    ids=[
        "scan",
        "pdf password",
        "docx password",
        "png",
        "damaged",
        "bomb",
        "cut",
        "parts",
        "xml",
        "other xml",
        "empty",
    ],
)
def test_what_cannot_be_read_is_a_problem_of_its_own(client, content, status, code):
    assert_problem(read(client, content), status, code)
    assert read(client, b"A toothbrush.").status_code == 200


def test_a_form_without_the_document_and_a_body_that_is_none_are_problems(client):
    assert_problem(client.post(PATH, files={"image": b"x"}), 422, "missing-part")
    assert_problem(client.post(PATH, json={"file": "x"}), 415, "unsupported-media-type")
    form = {"Content-Type": "multipart/form-data; boundary=x"}
    assert_problem(client.post(PATH, content=b"--x\r\nbroken", headers=form), 400, "malformed-request")
    assert_problem(
        client.post(PATH, content=b"", headers={"Content-Type": "multipart/form-data"}), 400, "malformed-request"
    )


def test_a_document_may_be_larger_than_other_bodies_up_to_a_bound(client):
    line = b"A toothbrush comprises a handle and bristles that clean.\n"
    answer = read(client, line * (28 * 1024 * 1024 // len(line))).json()
    assert answer["truncated"]
    assert len(answer["text"]) == 1_000_000
    assert_problem(read(client, b"a" * (33 * 1024 * 1024)), 413, "body-too-large")


def test_nothing_of_a_document_is_in_the_log_whether_it_is_read_or_not(client, capfd, caplog):
    marked = [["Abstract", f"A {MARKED} comprises a handle."]]
    for content in (pdf_of(marked), pdf_of(marked)[:-300], pdf_of(marked, password=MARKED), MARKED.encode("utf-16-le")):
        read(client, content, f"{MARKED}.pdf")
    read(client, f"<a>{MARKED}".encode())
    assert PATH in caplog.text
    assert MARKED not in caplog.text + "".join(capfd.readouterr())


def test_a_document_costs_a_call_and_no_characters(client):
    assert f'"{Measure.CHARACTERS}"' not in read(client, b"A toothbrush.").headers["ratelimit"]


def test_real_patent_xml_of_many_offices_is_read_or_refused(client, shared_data):
    with tarfile.open(shared_data / "patents" / "xml_samples.tar.gz") as archive:
        files = [archive.extractfile(member) for member in archive if member.isfile()][::12]
        answers = [read(client, file.read()) for file in files if file]
    assert len(answers) > 5
    found = {answer.json().get("code", answer.json().get("format")) for answer in answers}
    assert "patentXml" in found
    assert found <= {
        "patentXml",
        "malformed-xml",
        "not-a-patent-document",
        "unsupported-document",
        "text",
        "xml-without-text",
    }
