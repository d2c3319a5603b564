"""Marks in CSV and TSV as offices' programs write them: byte order marks, semicolons, UTF-16, Windows-1252."""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Final

from services.image_search.importing.records import (
    Place,
    Record,
    Refusal,
    UnreadableFileError,
    UnreadableRecordError,
    read_members,
)

_TEXTS: Final = ("name", "applicant", "office", "status", "applicationDate", "markFeature")
_LISTS: Final = ("niceClasses", "viennaCodes")
_MEMBERS: Final = ("markId", "image", *_TEXTS, *_LISTS)
_SEPARATORS: Final = (",", ";", "\t", "|")
_UTF16_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# Each byte one letter, so that quotes and separators are found before it is known what the cells are written in.
_BYTES_AS_LETTERS: Final = "latin-1"
_UTF16: Final = "utf-16"
_LONGEST_LINE: Final = 1024 * 1024
_BETWEEN_CODES: Final = re.compile(r"[,;|\s]+")
_NOT_IN_NAMES: Final = re.compile(r"[\W_]+")


def read_sheet(stream: io.BufferedReader, file: str) -> Iterator[Record | Refusal]:
    """Read rows below a header that names members, whatever the case of the names and their order.

    Text is UTF-16 where it begins with that mark; else each cell is UTF-8, or Windows-1252 where it is not valid UTF-8.
    Cells of several classes or codes separate them by commas, semicolons, bars or spaces. Raise UnreadableFileError for
    a table that cannot be read on.
    """
    encoding = _UTF16 if stream.peek(2)[:2] in _UTF16_MARKS else _BYTES_AS_LETTERS
    csv.field_size_limit(_LONGEST_LINE)
    with io.TextIOWrapper(stream, encoding, errors="replace", newline="") as text:
        first = text.readline(_LONGEST_LINE)
        rows = _rows(chain([first], _lines(text)), max(_SEPARATORS, key=first.count))
        header = [_decoded(cell, encoding) for cell in next(rows, [])]
        places = _places(header)
        for number, row in enumerate(rows, start=2):
            if any(row):
                yield _record([_decoded(cell, encoding) for cell in row], places, len(header), Place(file, number))


def _record(cells: Sequence[str], places: Mapping[str, int], width: int, place: Place) -> Record | Refusal:
    if len(cells) != width:
        return Refusal.of(UnreadableRecordError("The row has not as many cells as the header."), place)
    given = {member: cells[at].strip() for member, at in places.items() if cells[at].strip()}
    metadata: dict[str, object] = {name: given[name] for name in _TEXTS if name in given}
    metadata |= {name: _BETWEEN_CODES.split(given[name]) for name in _LISTS if name in given}
    return read_members({"markId": given.get("markId"), "image": given.get("image"), "metadata": metadata}, place)


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    while line := text.readline(_LONGEST_LINE):
        if len(line) == _LONGEST_LINE:
            raise UnreadableFileError("A line is too long to be one of a table.")
        yield line


def _rows(lines: Iterator[str], separator: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(lines, delimiter=separator)
    except csv.Error:
        raise UnreadableFileError("A cell never ends, or is too long: is a quotation mark left open?") from None


def _decoded(letters: str, encoding: str) -> str:
    if encoding == _UTF16 or letters.isascii():
        return letters
    raw = letters.encode(_BYTES_AS_LETTERS)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def _places(header: Sequence[str]) -> Mapping[str, int]:
    names = [_folded(name) for name in header]
    places = {member: names.index(_folded(member)) for member in _MEMBERS if _folded(member) in names}
    if "markId" not in places:
        raise UnreadableFileError("The header row names no column markId.")
    if any(names.count(_folded(member)) > 1 for member in places):
        raise UnreadableFileError("Two columns of the table have the same name.")
    return places


def _folded(name: str) -> str:
    return _NOT_IN_NAMES.sub("", name.removeprefix("\ufeff")).lower()
