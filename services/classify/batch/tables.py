"""CSV and TSV as offices' programs write them: byte order marks, semicolons, UTF-16, Windows-1252."""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import Final

from services.classify.batch.sources import UnreadableFileError

_SEPARATORS: Final = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_UTF16_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# Each byte one letter, so that quotes and separators are found before it is known what the cells are written in.
_BYTES_AS_LETTERS: Final = "latin-1"
_UTF16: Final = "utf-16"
_MARK: Final = "\ufeff"
_NOT_IN_NAMES: Final = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Columns:
    """Where the members of a document stand in a row, and what separates the cells."""

    encoding: str
    separator: str
    places: Mapping[str, int]
    width: int

    def __str__(self) -> str:
        """Say how the table is read; names of other columns are not told, for without a header they are text."""
        separator = _SEPARATORS[self.separator]
        others = (
            f", other columns passed over: {self.width - len(self.places)}" if self.width > len(self.places) else ""
        )
        return f"{self.encoding}, separated by {separator}, with {', '.join(self.places)}{others}."


class Table:
    """A table with a header row, read row by row; see `open_table`."""

    def __init__(self, text: io.TextIOWrapper, members: Sequence[str], separator: str | None, largest: int) -> None:
        self._text = text
        self._is_utf16 = text.encoding == _UTF16
        self._largest = largest
        first = text.readline(largest)
        separator = separator or max(_SEPARATORS, key=first.count)
        self._rows = _read(chain([first], self._lines()), separator)
        names = next(self._rows, [])
        places = _places([self._cell(name) for name in names], members)
        told = "UTF-16" if self._is_utf16 else "UTF-8 (Windows-1252 where a cell is not)"
        self.columns = Columns(told, separator, places, len(names))

    def rows(self) -> Iterator[Mapping[str, str] | None]:
        """Yield each row below the header: its cells by member, None where it has too many or too few.

        Rows without any text are yielded too, as empty mappings, so that counting gives the row's number.
        """
        for row in self._rows:
            yield self._members(row) if any(row) else {}

    def _members(self, row: Sequence[str]) -> Mapping[str, str] | None:
        if len(row) != self.columns.width:
            return None
        return {member: self._cell(row[place]) for member, place in self.columns.places.items()}

    def _lines(self) -> Iterator[str]:
        while line := self._text.readline(self._largest):
            if len(line) == self._largest:
                raise UnreadableFileError("A line is too long to be one of a table.")
            yield line

    def _cell(self, letters: str) -> str:
        if self._is_utf16 or letters.isascii():
            return letters
        raw = letters.encode(_BYTES_AS_LETTERS)
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            return raw.decode("cp1252", errors="replace")


@contextmanager
def open_table(
    stream: io.BufferedReader, members: Sequence[str], *, separator: str | None, largest: int
) -> Iterator[Table]:
    """Open a table and read its header.

    Text is UTF-16 where it begins with that mark; else each cell is UTF-8, or Windows-1252 where it is not valid UTF-8.
    Names of columns match those of members whatever their case, spaces and underscores. Without a `separator`, the
    header's most frequent one is taken. A line or a cell of more than `largest` letters ends the reading. Raise
    UnreadableFileError when no column has the name of a member, or two have the same.
    """
    encoding = _UTF16 if stream.peek(2)[:2] in _UTF16_MARKS else _BYTES_AS_LETTERS
    csv.field_size_limit(largest)
    with io.TextIOWrapper(stream, encoding, errors="replace", newline="") as text:
        yield Table(text, members, separator, largest)


def _read(lines: Iterable[str], separator: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(lines, delimiter=separator)
    except csv.Error:
        raise UnreadableFileError("A cell never ends, or is too long: is a quotation mark left open?") from None


def _places(header: Sequence[str], members: Sequence[str]) -> Mapping[str, int]:
    names = [_NOT_IN_NAMES.sub("", name.removeprefix(_MARK)).lower() for name in header]
    wanted = {member: _NOT_IN_NAMES.sub("", member).lower() for member in members}
    if any(names.count(name) > 1 for name in wanted.values()):
        raise UnreadableFileError("Two columns of the table have the same name.")
    places = {member: names.index(name) for member, name in wanted.items() if name in names}
    if not places:
        raise UnreadableFileError(f"The header row names none of {', '.join(members)}.")
    return places
