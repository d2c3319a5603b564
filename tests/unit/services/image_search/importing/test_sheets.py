"""Tables and lines are read as offices' programs write them, and each row that is no mark is refused by itself."""

import io
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.image_search.codes import NiceClass, ViennaCode
from services.image_search.importing.lines import read_lines
from services.image_search.importing.records import Record, UnreadableFileError
from services.image_search.importing.sheets import read_sheet
from services.image_search.marks import MarkMetadata

HEADER = "Mark ID;image;name;applicant;Office;status;application_date;Nice classes;viennaCodes;markFeature;remarks"
ROW = 'NZ-1;a.png;"Rising; ""Fern""";Söhne;NZ;registered;2021-03-04;29, 30;05.03.13 26.1;figurative;none'


def read(reader, data: bytes) -> list[Any]:
    return list(reader(io.BufferedReader(io.BytesIO(data)), "marks"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_a_table_is_read_however_it_is_written(encoding, separator):
    text = f"{HEADER}\r\n{ROW}\r\n".replace(";", separator)
    (record,) = read(read_sheet, text.encode(encoding))
    assert record.mark_id == "NZ-1"
    assert record.images == ("a.png",)
    assert record.metadata == MarkMetadata(
        name=f'Rising{separator} "Fern"'.replace("\t", "\t"),
        applicant="Söhne",
        office="NZ",
        status="registered",
        application_date=date(2021, 3, 4),
        nice_classes=(NiceClass(29), NiceClass(30)),
        vienna_codes=(ViennaCode((5, 3, 13)), ViennaCode((26, 1))),
        mark_feature="figurative",
    )


def test_each_row_is_judged_by_itself_and_named_by_its_line():
    rows = ["markId,image,niceClasses", "A,a.png,9", "B,b.png,46", "C", "", "../D,d.png,", ",e.png,", "F,f.png,"]
    found = read(read_sheet, "\n".join(rows).encode())
    assert [(each.place.number, isinstance(each, Record)) for each in found] == [
        (2, True), (3, False), (4, False), (6, False), (7, False), (8, True),
    ]  # fmt: skip
    assert "metadata.niceClasses" in found[1].reason
    assert "46" not in found[1].reason


@pytest.mark.parametrize(
    "table",
    ["", "name,image\nA,a.png", "markId,mark_id\nA,B", 'markId,name\nA,"' + "x" * 1_100_000],
    ids=["empty", "no-id", "two-ids", "endless"],
)
def test_a_table_that_cannot_be_read_is_refused_with_a_reason(table):
    with pytest.raises(UnreadableFileError):
        read(read_sheet, table.encode())


def test_lines_of_json_are_read_and_each_is_judged_by_itself():
    lines = [
        b'\xef\xbb\xbf{"markId": "A", "image": "a.png", "metadata": {"name": "one"}}',
        b"",
        b"{broken",
        b'{"markId": "B", "surprise": 1}',
        b'{"markId": "C", "metadata": {"viennaCodes": ["00.00.00"]}}',
        b'{"markId": "' + b"x" * 1_100_000 + b'"}',
        b'{"markId": "D"}',
    ]
    found = read(read_lines, b"\n".join(lines))
    assert [(each.place.number, isinstance(each, Record)) for each in found] == [
        (1, True), (3, False), (4, False), (5, False), (6, False), (7, True),
    ]  # fmt: skip
    assert found[3].code == "unknown-vienna-code"


def test_lines_in_utf_16_are_refused():
    with pytest.raises(UnreadableFileError, match="UTF-16"):
        read(read_lines, '{"markId": "A"}'.encode("utf-16"))


@given(st.binary(max_size=400) | st.text(max_size=200).map(lambda text: f"markId,image\n{text}".encode()))
def test_no_bytes_raise_anything_but_a_refusal(data):
    for reader in (read_sheet, read_lines):
        with suppress(UnreadableFileError):
            read(reader, data)
