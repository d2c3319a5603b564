"""The records of a bundle, whatever they are written in, one after another and always in the same order."""

import io
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Final

from services.image_search.importing.bundle import Bundle, Kind, kind_of
from services.image_search.importing.lines import read_lines
from services.image_search.importing.records import Place, Record, Refusal, UnreadableFileError
from services.image_search.importing.sheets import read_sheet
from services.image_search.importing.trademark_xml import read_trademarks

Reader = Callable[[io.BufferedReader, str], Iterator[Record | Refusal]]

_READERS: Final[dict[Kind, Reader]] = {Kind.XML: read_trademarks, Kind.JSONL: read_lines, Kind.CSV: read_sheet}


def read_records(bundle: Bundle) -> Iterator[Record | Refusal]:
    """Give every record of a bundle, or why it cannot be read, so that nothing goes missing.

    Raise UnreadableFileError at once when there is no file of records.
    """
    if not bundle.record_files:
        raise UnreadableFileError("There is no XML, JSONL, CSV or TSV file of marks in there.")
    return chain.from_iterable(_read(bundle, name) for name in bundle.record_files)


def _read(bundle: Bundle, name: str) -> Iterator[Record | Refusal]:
    """Read one file; where it cannot be read on, that is the last thing said of it."""
    kind = kind_of(name)
    assert kind is not None
    read = 0
    try:
        with bundle.open(name) as stream:
            for record in _READERS[kind](stream, name):
                read += 1
                yield record
    except UnreadableFileError as error:
        yield Refusal.of(error, Place(name, read + 1, "record"))
