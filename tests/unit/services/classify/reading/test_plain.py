"""Plain text, whatever it is encoded in; and bytes that are no text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examkit.errors import ExamError
from services.classify.reading.document import (
    DocumentFormat,
    DocumentWithoutTextError,
    MalformedDocumentError,
    UnsupportedDocumentError,
)
from services.classify.reading.reader import read_document

TEXT = "Uma escova compreende cerdas “rígidas” – e um cabo.\r\n\r\n  Custa   5 €.\n"
LINES = "Uma escova compreende cerdas “rígidas” – e um cabo.\nCusta 5 €."


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
def test_text_is_read_in_every_usual_encoding(encoding):
    read = read_document(TEXT.encode(encoding))
    assert (read.format, read.text.text) == (DocumentFormat.TEXT, LINES)


def test_big_endian_utf_16_is_known_by_its_mark():
    assert read_document(b"\xfe\xff" + TEXT.encode("utf-16-be")).text.text == LINES


def test_a_mark_that_the_bytes_do_not_keep_to_is_told():
    with pytest.raises(MalformedDocumentError, match="encoding"):
        read_document("brush".encode("utf-8-sig") + b"\xe9")


@pytest.mark.parametrize(
    "other",
    [
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        b"{\\rtf1\\ansi a brush}",
        b"<!DOCTYPE html><html><script>alert(1)</script></html>",
        b"\n <HTML><body>a brush</body></HTML>",
        b"%!PS-Adobe-3.0",
        b"<?xml version='1.0'?><office:document><dc:description>a brush</dc:description></office:document>",
        b"<svg><script>alert(1)</script><title>a brush</title></svg>",
        "a brush".encode("utf-16-le"),
        bytes(range(1, 32)) * 10,
    ],
    ids=["png", "rtf", "html", "HTML", "postscript", "flat odt", "svg", "utf-16 without a mark", "controls"],
)
def test_what_is_no_text_is_said_to_be_unsupported(other):
    with pytest.raises(UnsupportedDocumentError, match="docx, odt, pdf"):
        read_document(other)


@pytest.mark.parametrize("blank", [b" ", b"\r\n\r\n", b"\xef\xbb\xbf"])
def test_white_space_is_no_text(blank):
    with pytest.raises(DocumentWithoutTextError):
        read_document(blank)


@pytest.mark.parametrize("text", ["<5 mm wide", "< brush", "A %PDFbrush", "PK is a brand of brushes"])
def test_a_text_is_not_taken_for_what_it_looks_like_at_first(text):
    assert read_document(text.encode()).text.text == text


@given(st.binary(max_size=300))
def test_whatever_the_bytes_are_they_are_read_or_refused(data):
    try:
        read_document(data)
    except ExamError as error:
        assert error.detail


@given(st.text(st.characters(exclude_characters="\0"), max_size=200))
def test_no_letter_of_a_text_is_lost(text):
    body = ("The brush. " * 10 + text).encode("utf-8", "ignore").decode()
    kept = "".join(read_document(body.encode()).text.text.split())
    assert all(c in kept for c in body if c.isalnum())
