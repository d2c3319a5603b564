"""Marks as lines of JSON."""

import codecs
import io
from collections.abc import Iterator
from itertools import count
from typing import Final

from services.image_search.importing.records import (
    Place,
    Record,
    Refusal,
    UnreadableFileError,
    UnreadableRecordError,
    read_json,
)

_LONGEST_LINE: Final = 1024 * 1024
_UTF16_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_lines(stream: io.BufferedReader, file: str) -> Iterator[Record | Refusal]:
    """Read a mark a line, in UTF-8; blank lines are passed over. Raise UnreadableFileError for UTF-16."""
    if stream.peek(2)[:2] in _UTF16_MARKS:
        raise UnreadableFileError("The file is in UTF-16; lines of JSON are read in UTF-8.")
    for number in count(1):
        line = stream.readline(_LONGEST_LINE + 1)
        if not line:
            return
        place = Place(file, number)
        if len(line) > _LONGEST_LINE:
            _skip_rest(stream, line)
            yield Refusal.of(UnreadableRecordError(f"The line has more than {_LONGEST_LINE} bytes."), place)
        elif line.strip():
            yield read_json(line.removeprefix(codecs.BOM_UTF8), place)


def _skip_rest(stream: io.BufferedReader, begun: bytes) -> None:
    while begun and not begun.endswith(b"\n"):
        begun = stream.readline(_LONGEST_LINE)
