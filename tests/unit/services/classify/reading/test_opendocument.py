"""OpenDocument texts: everything that stands on a page is read once and in its order, and nothing else is."""

import pytest

from services.classify.reading.document import (
    DocumentFormat,
    EncryptedDocumentError,
    MalformedDocumentError,
    UnsupportedDocumentError,
)
from services.classify.reading.reader import read_document
from tests.office_files import odt_parts, packed


def read(body, **more):
    return read_document(packed({**odt_parts(body), **more}))


def test_what_stands_on_the_page_is_read_in_its_order_and_nothing_else():
    found = read_document(packed(odt_parts()))
    assert found.format is DocumentFormat.ODT
    assert found.text.text.split("\n") == [
        "Fastening device",
        "A red housing & a spring as in figure one, page 7 and H2O.",
        "the note",
        "the box text",
        "[0001] first line",
        "second line",
        "list item",
        "table cell",
        "12345",
    ]


def test_comments_and_what_was_deleted_are_not_read():
    deleted = "<text:tracked-changes><text:changed-region><text:deletion><text:p>old</text:p></text:deletion>"
    body = (
        f"{deleted}</text:changed-region></text:tracked-changes><text:p>kept "
        "<office:annotation><text:p>a comment</text:p></office:annotation>text</text:p>"
    )
    assert read(body).text.text == "kept text"


def test_a_paragraph_in_the_style_of_titles_or_one_made_from_it_is_the_title():
    own = '<text:p text:style-name="Title">Toothbrush</text:p><text:p>It brushes.</text:p>'
    assert (read(own).text.title, read(own).text.text) == ("Toothbrush", "It brushes.")
    parts = odt_parts(own.replace('"Title"', '"P7"'))
    derived = '<style:style style:name="P7" style:family="paragraph" style:parent-style-name="Title"/>'
    parts["content.xml"] = parts["content.xml"].replace("<style:style", f"{derived}<style:style", 1)
    assert read_document(packed(parts)).text.title == "Toothbrush"


def test_the_name_in_the_properties_counts_where_the_first_lines_say_so_too():
    meta = (
        '<m xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>tooth brush</dc:title><dc:creator>X</dc:creator></m>'
    )
    found = read("<text:p>Toothbrush</text:p><text:p>It brushes.</text:p>", **{"meta.xml": meta}).text
    assert (found.title, found.text) == ("Toothbrush", "It brushes.")


@pytest.mark.parametrize("sign", ["manifest", "package"])
def test_one_with_a_password_says_so(sign):
    parts = odt_parts()
    if sign == "manifest":
        parts["META-INF/manifest.xml"] = parts["META-INF/manifest.xml"].replace(
            "</manifest:manifest>",
            "<manifest:file-entry><manifest:encryption-data/></manifest:file-entry></manifest:manifest>",
        )
    else:
        parts["encrypted-package"] = b"x"
    with pytest.raises(EncryptedDocumentError, match="password"):
        read_document(packed(parts))


def test_a_spreadsheet_is_another_kind_of_document():
    parts = odt_parts()
    parts["content.xml"] = parts["content.xml"].replace("office:text", "office:spreadsheet")
    with pytest.raises(UnsupportedDocumentError, match="no text"):
        read_document(packed(parts))


def test_a_document_type_is_refused_and_not_looked_at():
    parts = odt_parts()
    parts["content.xml"] = (
        '<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + parts["content.xml"].partition("?>")[2]
    )
    with pytest.raises(MalformedDocumentError, match="declares a document type"):
        read_document(packed(parts))
