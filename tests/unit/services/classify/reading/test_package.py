"""Archives that were made to cost more than they weigh, or to be taken for something else."""

import io
import struct
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examkit.errors import ExamError
from services.classify.reading.document import (
    DocumentTooLargeError,
    DocumentWithoutTextError,
    EncryptedDocumentError,
    MalformedDocumentError,
    UnsupportedDocumentError,
)
from services.classify.reading.reader import read_document
from tests.office_files import DECLARATION, NAMESPACES, docx_parts, odt_parts, packed, paragraph, run

SMALL = packed(docx_parts([paragraph(run("a brush"))]))


def test_a_part_that_unpacks_to_gigabytes_is_left_after_its_first_megabytes():
    blank = " " * (70 * 1024 * 1024)
    huge = f"{DECLARATION}<w:document {NAMESPACES}><w:body>{blank}</w:body></w:document>"
    with pytest.raises(DocumentTooLargeError, match="unpacks to more"):
        read_document(packed(docx_parts() | {"word/document.xml": huge}))


def test_thousands_of_parts_are_too_many():
    with pytest.raises(DocumentTooLargeError, match="parts"):
        read_document(packed(docx_parts() | {f"word/media/{number}": "" for number in range(5_001)}))


def test_very_much_text_is_read_up_to_a_bound_and_the_answer_says_so():
    line = paragraph(run("bristle " * 1_000))
    read = read_document(packed(docx_parts([line] * 600)))
    assert read.truncated
    assert len(read.text.text) == 1_000_000


def test_one_note_that_is_referred_to_without_end_is_not_read_without_end():
    note = '<w:r><w:footnoteReference w:id="2"/></w:r>'
    parts = docx_parts([paragraph(note * 60_000)])
    parts["word/footnotes.xml"] = parts["word/footnotes.xml"].replace(" the note", " the note" * 100)
    assert read_document(packed(parts)).truncated


def test_what_a_zip_encrypts_by_itself_is_told_as_encrypted():
    data = bytearray(SMALL)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = 0
        while (at := data.find(signature, at)) >= 0:
            struct.pack_into("<H", data, at + offset, 1)
            at += 4
    with pytest.raises(EncryptedDocumentError, match="password"):
        read_document(bytes(data))


def test_another_way_of_packing_is_refused():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_LZMA) as archive:
        for name, content in docx_parts().items():
            archive.writestr(name, content)
    with pytest.raises(MalformedDocumentError, match="packed in a way"):
        read_document(stream.getvalue())


@pytest.mark.parametrize("parts", [{"brush.txt": "a brush"}, {"mimetype": "application/epub+zip"}, {"mimetype": ""}])
def test_an_archive_of_other_things_is_no_document(parts):
    with pytest.raises(UnsupportedDocumentError, match="archive"):
        read_document(packed(parts))


@pytest.mark.parametrize("whole", [SMALL, packed(odt_parts())], ids=["docx", "odt"])
def test_one_cut_off_anywhere_is_damaged_and_nothing_else(whole):
    for length in range(4, len(whole), 100):
        with pytest.raises((MalformedDocumentError, DocumentWithoutTextError)):
            read_document(whole[:length])


@given(st.integers(0, len(SMALL) - 1), st.binary(min_size=1, max_size=8))
def test_one_with_wrong_bytes_is_read_or_refused(place, wrong):
    try:
        read_document(SMALL[:place] + wrong + SMALL[place + len(wrong) :])
    except ExamError as error:
        assert error.detail
