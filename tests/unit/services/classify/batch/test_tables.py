"""Tables are read as the programs of offices write them, and what is wrong with one is said."""

import csv
import io
from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.classify.batch.sources import UnreadableFileError
from services.classify.batch.tables import open_table

MEMBERS = ("documentId", "title", "abstract")


@contextmanager
def table(content, separator=None, largest=1000):
    stream: io.BufferedReader = io.BufferedReader(io.BytesIO(content))
    with stream, open_table(stream, MEMBERS, separator=separator, largest=largest) as opened:
        yield opened


def rows(content, **options):
    with table(content, **options) as opened:
        return list(opened.rows())


@pytest.mark.parametrize(
    "header", ["documentId,title", "DOCUMENT ID,Title", " document_id , TITLE ", '"Document\nId","title"']
)
def test_columns_are_known_whatever_their_case_and_spaces(header):
    assert rows(f"{header}\n1,Brush\n".encode()) == [{"documentId": "1", "title": "Brush"}]


@pytest.mark.parametrize(("separator", "word"), [(",", "commas"), (";", "semicolons"), ("\t", "tabs"), ("|", "bars")])
def test_the_separator_is_found_in_the_header(separator, word):
    with table(f'documentId{separator}title\n1{separator}"a, b; c"\n'.encode()) as found:
        assert list(found.rows()) == [{"documentId": "1", "title": "a, b; c"}]
        assert word in str(found.columns)


def test_a_given_separator_is_taken():
    assert rows(b"title\tx, y, z\nBrush\t1\n", separator="\t") == [{"title": "Brush"}]


@pytest.mark.parametrize(
    ("encoding", "told"), [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("utf-16", "UTF-16"), ("cp1252", "Windows-1252")]
)
def test_encodings(encoding, told):
    with table("title,documentId\r\nBürste – „Größe“,1\r\n".encode(encoding)) as found:
        assert list(found.rows()) == [{"title": "Bürste – „Größe“", "documentId": "1"}]
        assert told in str(found.columns)


def test_utf_16_of_the_other_order():
    assert rows(b"\xfe\xff" + "title\nBürste\n".encode("utf-16-be")) == [{"title": "Bürste"}]


def test_cells_in_two_encodings_are_each_read():
    content = "title\nBürste\n".encode() + "Größe\n".encode("cp1252")
    assert rows(content) == [{"title": "Bürste"}, {"title": "Größe"}]


def test_bytes_that_are_no_text_anywhere_are_replaced():
    assert rows(b"title\nBrush \x81\n") == [{"title": "Brush \ufffd"}]


def test_cells_hold_lines_quotes_separators_and_nul():
    content = b'documentId,title\n1,"a ""b"",\nc\x00d"\n'
    assert rows(content) == [{"documentId": "1", "title": 'a "b",\nc\x00d'}]


def test_rows_are_counted_as_a_spreadsheet_does():
    content = b'documentId,title\n1,"two\nlines"\n\n,\n4,Brush\n'
    found = dict(enumerate(rows(content), start=2))
    assert [number for number, row in found.items() if row] == [2, 5]


@pytest.mark.parametrize("row", [b"1", b"1,2,3"])
def test_a_row_of_another_width_is_no_document(row):
    assert rows(b"documentId,title\n" + row + b"\n2,Brush\n") == [None, {"documentId": "2", "title": "Brush"}]


def test_names_of_other_columns_are_not_told():
    with table(b"title,Quagga-Zephyr\n") as found:
        told = str(found.columns)
    assert "Quagga" not in told
    assert "passed over: 1" in told


@pytest.mark.parametrize("content", [b"", b"\n\n", b"Zusammenfassung;Titel\na;b\n", b"\x00\x01\x02"])
def test_a_header_without_any_member_is_refused(content):
    with pytest.raises(UnreadableFileError, match="names none of documentId, title, abstract"):
        rows(content)


def test_two_columns_of_one_name_are_refused():
    with pytest.raises(UnreadableFileError, match="same name"):
        rows(b"title,Title\n")


def test_an_open_quotation_mark_ends_the_reading_after_the_rows_before():
    with table(b'title\nBrush\n"' + b"line\n" * 1000) as found:
        read = found.rows()
        assert next(read) == {"title": "Brush"}
        with pytest.raises(UnreadableFileError, match="quotation mark"):
            next(read)


def test_an_open_quotation_mark_in_the_header_is_named():
    with pytest.raises(UnreadableFileError, match="quotation mark"):
        rows(b'"title\n' + b"line\n" * 1000)


def test_a_line_without_end_is_refused():
    with pytest.raises(UnreadableFileError, match="too long"):
        rows(b"title\n" + b"x" * 2000)


CELLS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@settings(deadline=None)
@given(st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=5), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_whatever_is_written_is_read_again(written, encoding):
    text = io.StringIO(newline="")
    csv.writer(text).writerows([MEMBERS, *written])
    found = [tuple(row.values()) for row in rows(text.getvalue().encode(encoding)) if row]
    assert found == [row for row in written if any(row)]


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_stop_a_run(content):
    try:
        rows(b"title,abstract\n" + content)
    except UnreadableFileError as error:
        assert error.detail.isascii()
