"""Pieces become documents, or refusals that say what is wrong without a word of the text."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.classify.batch.documents import documents_of
from services.classify.batch.pieces import Piece, Refusal
from services.classify.batch.sources import Kind
from services.classify.text import PatentText

SECRET = "Quagga-Zephyr-4711"


def read(content, kind=Kind.JSONL):
    return list(documents_of(Piece("some.file", 7, kind, content, 0)))


def line(**members):
    return read(json.dumps(members).encode())[0]


def test_the_members_of_the_api_are_read():
    parts = {"title": "a", "abstract": "b", "claims": "c", "description": "d", "text": "e"}
    document = line(documentId="EP1", language="pt-BR", **parts)
    assert (document.document_id, document.language) == ("EP1", "pt-BR")
    assert document.content == PatentText("a", "b", "c", "d", "e")


def test_others_are_passed_over_and_null_is_nothing():
    document = line(title="a", abstract=None, language=None, ipc=["A46B"], year=2020)
    assert document.content == PatentText("a")
    assert (document.document_id, document.language) == ("", None)


@pytest.mark.parametrize("given_id", ["", "  ", None])
def test_a_blank_id_is_none(given_id):
    assert line(documentId=given_id, language="", title="a").document_id == ""


def test_a_number_is_an_id():
    assert line(documentId=4711, title="a").document_id == "4711"


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b'{"title": "%s"' % SECRET.encode(),
        b'{"title": ["%s"]}' % SECRET.encode(),
        b'{"title": {"a": 1}}',
        b'{"title": "\xff\xfe"}',
        b'{"title": "\\ud800"}',
        b'{"title": "a", "language": "%s %s"}' % (SECRET.encode(), SECRET.encode()),
        b'{"title": "a", "documentId": "%s"}' % (SECRET.encode() * 10),
        b"[" * 100_000,
        b'{"title": 1e400}',
        b"\x00\x00",
    ],
)
def test_what_is_no_document_is_refused_without_quoting_it(content):
    (document,) = read(content)
    assert document.content.code == "unreadable-record"
    assert document.content.detail
    assert SECRET not in document.content.detail
    assert document.document_id == ""


def test_the_member_at_fault_is_named():
    assert line(title=["a"]).content.detail.startswith("title: ")


def test_nul_and_long_texts_are_read():
    text = "a\x00b " * 1_250_000
    assert line(description=text).content.description == text


def test_a_row_is_read():
    (document,) = read({"documentId": "", "title": "Brush", "language": " de "}, Kind.CSV)
    assert (document.document_id, document.language, document.content) == ("", "de", PatentText("Brush"))


def test_a_refusal_stays_one():
    refusal = Refusal("unreadable-file", "Because.")
    assert read(refusal, Kind.XML)[0].content is refusal


XML = """<patent-document lang="en" country="EP" doc-number="{number}" kind="A1">
<bibliographic-data><invention-title lang="en">{title}</invention-title></bibliographic-data></patent-document>"""


def test_all_documents_of_an_xml_file_are_read():
    one, two = XML.format(number=1, title="Brush"), XML.format(number=2, title="Comb")
    found = read(f"<documents>{one}{two}</documents>".encode(), Kind.XML)
    assert [document.content.title for document in found] == ["Brush", "Comb"]


def test_the_language_of_xml_is_taken():
    (document,) = read(XML.format(number=1, title="Brush").encode(), Kind.XML)
    assert document.language == "en"


@pytest.mark.parametrize("xml", [b"<a>", b"no xml", b"<html/>", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', b"\x00"])
def test_xml_that_is_no_document_is_refused(xml):
    (document,) = read(xml, Kind.XML)
    assert isinstance(document.content, Refusal)


@settings(deadline=None)
@given(st.binary(max_size=200), st.sampled_from([Kind.JSONL, Kind.XML]))
def test_no_bytes_stop_a_run(content, kind):
    assert read(content, kind)
