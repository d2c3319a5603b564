"""Word documents: everything that stands on a page is read once and in its order, and nothing else is."""

import pytest

from services.classify.reading.document import (
    DocumentFormat,
    DocumentWithoutTextError,
    EncryptedDocumentError,
    MalformedDocumentError,
    UnsupportedDocumentError,
)
from services.classify.reading.reader import read_document
from tests.office_files import DECLARATION, NAMESPACES, OFFICE, docx_parts, packed, paragraph, run

STYLES = (
    f'{DECLARATION}<w:styles {NAMESPACES}><w:style w:type="paragraph" w:styleId="Ttulo"><w:name w:val="Title"/>'
    '</w:style><w:style w:type="paragraph" w:styleId="Ttulo1"><w:name w:val="heading 1"/></w:style></w:styles>'
)


def docx(*paragraphs, **more):
    parts = docx_parts(paragraphs) if paragraphs else docx_parts()
    return packed({**parts, **more})


def with_styles(*paragraphs):
    parts = docx_parts(paragraphs)
    relations = parts["word/_rels/document.xml.rels"]
    styles = f'<Relationship Id="rId9" Type="{OFFICE}/relationships/styles" Target="/word/styles.xml"/></Relationships>'
    parts["word/_rels/document.xml.rels"] = relations.replace("</Relationships>", styles)
    return packed({**parts, "word/styles.xml": STYLES})


def styled(text, style):
    return paragraph(run(text), properties=f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>')


def test_what_stands_on_the_page_is_read_in_its_order_and_nothing_else():
    read = read_document(docx())
    assert read.format is DocumentFormat.DOCX
    assert read.text.text.split("\n") == [
        "Fastening device",
        "A red housing & a spring as in figure one, page 7 with and H2O.",
        "the note",
        "the box text",
        "[0001] first line",
        "second line",
        "the figure",
        "table cell",
        "12345",
    ]
    assert (read.pages, read.truncated, read.text.title) == (None, False, "")


def test_what_is_said_in_two_ways_for_old_programs_is_read_once():
    both = "<mc:AlternateContent><mc:Choice Requires='wps'>{}</mc:Choice><mc:Fallback>{}</mc:Fallback>"
    twice = both.format(run("a box"), run("a box")) + "</mc:AlternateContent>"
    assert read_document(docx(paragraph(twice))).text.text == "a box"


def test_what_was_moved_away_or_deleted_is_not_read_and_what_was_put_in_is():
    moved = f'<w:moveFrom w:id="1" w:author="x">{run("old place")}</w:moveFrom>'
    deleted = f'<w:del w:id="3" w:author="x"><w:moveFrom>{run("a")}</w:moveFrom>{run("an old word")}</w:del>'
    put_in = f'<w:ins w:id="2" w:author="x">{run("new place")}</w:ins>'
    hyphen = "<w:r><w:t>semi</w:t><w:noBreakHyphen/><w:t>rigid</w:t></w:r>"
    assert read_document(docx(paragraph(moved, deleted, put_in, run(" "), hyphen))).text.text == "new place semi-rigid"


def test_a_paragraph_in_the_style_of_titles_is_the_title_whatever_the_style_is_called_here():
    read = read_document(
        with_styles(styled("Escova de dentes", "Ttulo"), styled("Resumo", "Ttulo1"), paragraph(run("A")))
    )
    assert (read.text.title, read.text.abstract, read.text.text) == ("Escova de dentes", "A", "")


def test_the_name_in_the_properties_is_the_title_only_where_the_first_lines_say_so_too():
    def named(name):
        parts = docx_parts([paragraph(run("TOOTHBRUSH, with head")), paragraph(run("It brushes."))])
        relations = parts["_rels/.rels"].replace(
            "</Relationships>",
            '<Relationship Id="rId3" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/'
            'core-properties" Target="docProps/core.xml"/></Relationships>',
        )
        core = f'<c:p xmlns:c="urn:c" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{name}</dc:title></c:p>'
        return read_document(packed({**parts, "_rels/.rels": relations, "docProps/core.xml": core})).text

    agreed, other = named("Toothbrush with head"), named("Microsoft Word - Dokument1")
    assert (agreed.title, agreed.text) == ("TOOTHBRUSH, with head", "It brushes.")
    assert (other.title, other.text) == ("", "TOOTHBRUSH, with head\nIt brushes.")


def test_the_strict_kind_of_the_format_is_read_too():
    parts = docx_parts([paragraph(run("strict text"))])
    strict = {
        name: content.replace(OFFICE, "http://purl.oclc.org/ooxml/officeDocument").replace(
            "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
            "http://purl.oclc.org/ooxml/wordprocessingml/main",
        )
        if isinstance(content, str)
        else content
        for name, content in parts.items()
    }
    assert read_document(packed(strict)).text.text == "strict text"


def test_macros_beside_the_text_are_let_lie():
    assert (
        read_document(docx(paragraph(run("text")), **{"word/vbaProject.bin": b"\xd0\xcf\x11\xe0"})).text.text == "text"
    )


def test_a_document_without_words_says_so():
    with pytest.raises(DocumentWithoutTextError):
        read_document(docx(paragraph(run(" "))))


def test_a_spreadsheet_is_another_kind_of_document():
    with pytest.raises(UnsupportedDocumentError, match="none with text such as Word writes"):
        read_document(docx(**{"word/document.xml": '<workbook xmlns="urn:x"/>'}))


@pytest.mark.parametrize(
    "container",
    [
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"),
        docx(EncryptedPackage=b"x"),
    ],
    ids=["container", "part"],
)
def test_one_with_a_password_says_so(container):
    with pytest.raises(EncryptedDocumentError, match="password"):
        read_document(container)


def test_one_of_word_before_2007_is_not_taken_for_an_encrypted_one():
    with pytest.raises(UnsupportedDocumentError, match="before 2007"):
        read_document(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)


@pytest.mark.parametrize("target", ["../../../etc/passwd", "/etc/passwd", "C:\\secret", "http://127.0.0.1/x", "", "."])
def test_a_main_part_that_lies_elsewhere_is_never_looked_for(target):
    parts = docx_parts()
    parts["_rels/.rels"] = parts["_rels/.rels"].replace("word/document.xml", target)
    with pytest.raises(MalformedDocumentError, match="lacks a part"):
        read_document(packed(parts))


@pytest.mark.parametrize(
    "xml",
    [
        f'<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/passwd">]><w:document {NAMESPACES}>&e;</w:document>',
        f'<!DOCTYPE d [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><w:document {NAMESPACES}>&b;</w:document>',
        f'<!DOCTYPE d SYSTEM "http://127.0.0.1/d.dtd"><w:document {NAMESPACES}/>',
        f"<w:document {NAMESPACES}><w:body>",
        "no markup",
        "",
        "<?xml version='1.0' encoding='rot13'?><a/>",
        "<a>" * 300 + "</a>" * 300,
    ],
    ids=["external", "expanding", "fetched", "cut off", "no markup", "empty", "strange encoding", "deep"],
)
def test_xml_that_no_office_program_writes_is_refused(xml):
    with pytest.raises(MalformedDocumentError) as raised:
        read_document(docx(**{"word/document.xml": xml}))
    assert "passwd" not in raised.value.detail
