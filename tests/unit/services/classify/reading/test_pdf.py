"""PDF files: text found, scans and passwords told, damage survived."""

import pytest

from examkit.errors import ExamError
from services.classify.reading.document import (
    DocumentFormat,
    DocumentWithoutTextError,
    EncryptedDocumentError,
    MalformedDocumentError,
)
from services.classify.reading.reader import read_document
from services.classify.text import PatentText
from tests.pdf_files import content_of, pdf_of, pdf_of_contents, scanned_pdf

PAGES = [
    ["Toothbrush with Head", "Abstract", "A toothbrush has a hand-", "le (12) with bristles."],
    ["Claims", "1. A toothbrush with a handle.", "2. The toothbrush of claim 1."],
]


def test_the_text_of_a_pdf_is_read_by_its_parts():
    read = read_document(pdf_of(PAGES, title="toothbrush with head"))
    assert (read.format, read.pages, read.truncated) == (DocumentFormat.PDF, 2, False)
    assert read.text.title == "Toothbrush with Head"
    assert read.text.abstract == "A toothbrush has a handle (12) with bristles."
    assert read.text.claims == "1. A toothbrush with a handle.\n2. The toothbrush of claim 1."


def test_columns_are_read_one_after_the_other():
    left = content_of(["The first column of the page", "goes on with its second line", "and ends with this one here."])
    right = content_of(["The second column begins here", "and has its own second line."], left=320)
    assert read_document(pdf_of_contents([left + right])).text.text == (
        "The first column of the page goes on with its second line and ends with this one here. "
        "The second column begins here and has its own second line."
    )


def test_a_scan_says_that_it_is_one():
    with pytest.raises(DocumentWithoutTextError, match=r"3 pages.*OCR"):
        read_document(scanned_pdf(3))


def test_a_scan_of_one_page_says_so_in_good_english():
    with pytest.raises(DocumentWithoutTextError, match="no text on its page, only pictures"):
        read_document(scanned_pdf(1))


def test_a_stamp_on_a_scan_makes_it_no_text():
    with pytest.raises(DocumentWithoutTextError):
        read_document(pdf_of([["RECEIVED 12/3"], [], []]))


def test_a_pdf_that_anybody_can_open_is_opened():
    assert read_document(pdf_of(PAGES, password="")).text.abstract


def test_a_pdf_with_a_password_says_so():
    with pytest.raises(EncryptedDocumentError, match="password"):
        read_document(pdf_of(PAGES, password="secret"))


def test_very_many_pages_are_read_up_to_a_bound_and_the_answer_says_so():
    read = read_document(pdf_of([[f"Brush {'abcdefghij'[number % 10]} of many kinds"] for number in range(2_001)]))
    assert (read.pages, read.truncated) == (2_001, True)


def test_a_pdf_may_begin_late():
    assert read_document(b"\r\n\r\njunk\n" + pdf_of(PAGES)).format is DocumentFormat.PDF


def test_one_cut_off_anywhere_is_read_as_far_as_it_can_be_or_refused():
    whole = pdf_of(PAGES)
    found = [_read_or_code(whole[:length]) for length in range(8, len(whole), 100)]
    assert set(map(type, found)) <= {str, PatentText}
    assert {each for each in found if isinstance(each, str)} <= {"malformed-document", "document-without-text"}


def _read_or_code(data):
    try:
        return read_document(data).text
    except ExamError as error:
        return error.code


def test_a_damaged_pdf_says_so():
    with pytest.raises(MalformedDocumentError, match="damaged"):
        read_document(b"%PDF-1.7\nrubbish")
