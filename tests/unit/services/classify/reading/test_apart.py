"""The process that reads: bounded, alone, and the only one that a document can end."""

import os
import sys

import pytest

from services.classify.patent_xml import NotAPatentDocumentError
from services.classify.reading.apart import read_apart
from services.classify.reading.document import (
    DocumentFormat,
    DocumentWithoutTextError,
    MalformedDocumentError,
)
from tests.pdf_files import bomb, pdf_of, scanned_pdf


def held(content):
    document = os.fdopen(os.memfd_create("document"), "w+b")
    document.write(content)
    return document


def script(text):
    return (sys.executable, "-c", text)


def test_a_document_comes_back_as_it_was_read():
    with held(pdf_of([["Abstract", "A toothbrush with a handle."]])) as document:
        read = read_apart(document)
    assert (read.format, read.text.abstract, read.pages) == (DocumentFormat.PDF, "A toothbrush with a handle.", 1)


def test_xml_comes_back_in_the_language_it_says():
    xml = '<patent-document lang="pt"><abstract><p>Uma escova.</p></abstract></patent-document>'
    with held(xml.encode()) as document:
        read = read_apart(document)
    assert (read.format, read.text.abstract, read.language) == (DocumentFormat.PATENT_XML, "Uma escova.", "pt")


@pytest.mark.parametrize(
    ("content", "error"), [(scanned_pdf(), DocumentWithoutTextError), (b"<a/>", NotAPatentDocumentError)]
)
def test_a_refusal_comes_back_as_the_error_it_was(content, error):
    with held(content) as document, pytest.raises(error) as raised:
        read_apart(document)
    assert raised.value.detail


@pytest.mark.parametrize(
    "content",
    [bomb(), b"<patent-document><description>" + b"<a/>" * (8 * 1024 * 1024) + b"</description></patent-document>"],
    ids=["pdf", "xml"],
)
def test_a_bomb_ends_its_process_alone(content):
    with held(content) as document, pytest.raises(MalformedDocumentError, match="too much memory"):
        read_apart(document)


@pytest.mark.parametrize(
    "text",
    [
        "import os; os.abort()",
        "raise SystemExit(1)",
        "pass",
        "print('[]')",
        "print('{}')",
        "print('{\"document\": {}}')",
    ],
)
def test_whatever_else_a_process_does_is_the_documents_fault(text):
    with held(b"a brush") as document, pytest.raises(MalformedDocumentError, match="ends the program"):
        read_apart(document, script(text))


def test_a_process_that_does_not_end_is_ended():
    with held(b"a brush") as document, pytest.raises(MalformedDocumentError, match="too long"):
        read_apart(document, script("import time; time.sleep(1000)"), seconds=0.2)


def test_an_answer_without_end_is_not_listened_to_without_end():
    with held(b"a brush") as document, pytest.raises(MalformedDocumentError):
        read_apart(document, script("import sys\nwhile True: sys.stdout.write('x' * 65536)"))


def test_the_process_has_nothing_of_the_environment_of_the_service(monkeypatch):
    monkeypatch.setenv("CLASSIFY_DATABASE_URL", "postgresql://secret")
    telling = 'import os; print(\'{"problem": {"code": "unsupported-document", "detail": "%s"}}\' % dict(os.environ))'
    with held(b"a brush") as document, pytest.raises(Exception) as raised:
        read_apart(document, script(telling))
    assert "secret" not in str(raised.value)
    assert type(raised.value).__name__ == "UnsupportedDocumentError"


def test_the_process_can_write_no_file_and_take_no_more_than_it_may(tmp_path):
    trying = (
        "import io, sys, resource; from services.classify.reading.__main__ import bound; bound()\n"
        f"found = [resource.getrlimit(each)[0] for each in (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE)]\n"
        f"try: open({str(tmp_path / 'kept')!r}, 'wb', buffering=0).write(b'x')\n"
        "except OSError: found.append('no file')\n"
        "try: bytes(800 * 1024 * 1024)\n"
        "except MemoryError: found.append('no memory')\n"
        'print(\'{"problem": {"code": "encrypted-document", "detail": "%s"}}\' % found)'
    )
    with held(b"a brush") as document, pytest.raises(Exception) as raised:
        read_apart(document, script(trying))
    assert str(raised.value) == "[0, 0, 'no file', 'no memory']"


def test_a_file_may_have_been_read_from_before():
    with held(b"a brush with bristles") as document:
        document.seek(5)
        assert read_apart(document).text.text == "a brush with bristles"
