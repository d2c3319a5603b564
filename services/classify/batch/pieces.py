"""Cuts a back-file into the pieces that are read and classified at once, without looking into them."""

import codecs
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from io import BufferedReader
from itertools import count
from typing import Final, Self

from examkit.errors import ExamError, InvalidInputError, TooLargeError
from services.classify.batch.sources import Backfile, Kind, Source, UnreadableFileError
from services.classify.batch.tables import open_table

LARGEST_PIECE_BYTES: Final = 64 * 1024 * 1024
MEMBERS: Final = ("documentId", "title", "abstract", "claims", "description", "text", "language")
_DECLARATION: Final = b"<?xml"
_UTF16_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class UnreadableRecordError(InvalidInputError):
    """A line or a row of a back-file that is no document."""

    code = "unreadable-record"


@dataclass(frozen=True)
class Refusal:
    """Why a document was not classified: a stable code, and a sentence without any of its text."""

    code: str
    detail: str

    @classmethod
    def of(cls, error: ExamError) -> Self:
        """Take code and sentence of an error."""
        return cls(error.code, error.detail)


Content = bytes | Mapping[str, str] | Refusal


@dataclass(frozen=True)
class Piece:
    """What is read at once: a line, a row (numbered from 1, a header counting), or XML.

    XML has no position, for only reading it tells how many documents it holds. `read_bytes` is how far the back-file
    had been read off the disk when the piece was cut.
    """

    file: str
    position: int | None
    kind: Kind
    content: Content
    read_bytes: int

    @property
    def size_bytes(self) -> int:
        """Return about how much memory the piece takes."""
        match self.content:
            case bytes():
                return len(self.content)
            case Refusal():
                return 0
            case _:
                return sum(map(len, self.content.values()))


class Cutter:
    """Cuts a back-file, always in the same way; what cannot be read is a piece too, so that nothing goes missing."""

    def __init__(self, backfile: Backfile, tell: Callable[[str], None]) -> None:
        """Take the back-file, and whom to tell how its tables are read."""
        self._backfile = backfile
        self._tell = tell

    def pieces(self) -> Iterator[Piece]:
        """Yield the pieces in order."""
        for source in self._backfile.sources():
            position: int | None = 0
            try:
                for position, content in self._contents(source):
                    yield self._piece(source, position, content)
                if position == 0:
                    raise UnreadableFileError("The file holds no document.")
            except UnreadableFileError as error:
                after = None if position is None else position + 1
                yield self._piece(source, after, Refusal.of(error))

    def _piece(self, source: Source, position: int | None, content: Content) -> Piece:
        return Piece(source.name, position, source.kind, content, self._backfile.meter.read_bytes)

    def _contents(self, source: Source) -> Iterator[tuple[int | None, Content]]:
        with source.open() as stream:
            match source.kind:
                case Kind.JSONL:
                    yield from _lines(stream)
                case Kind.XML:
                    yield from _xml_files(stream)
                case Kind.CSV | Kind.TSV:
                    yield from self._rows(source, stream)

    def _rows(self, source: Source, stream: BufferedReader) -> Iterator[tuple[int, Content]]:
        separator = "\t" if source.kind is Kind.TSV else None
        with open_table(stream, MEMBERS, separator=separator, largest=LARGEST_PIECE_BYTES) as table:
            self._tell(f"{source.name}: {table.columns}")
            for number, row in enumerate(table.rows(), start=2):
                if row is None:
                    yield number, Refusal.of(UnreadableRecordError("The row has not as many cells as the header."))
                elif row:
                    yield number, row


def _lines(stream: BufferedReader) -> Iterator[tuple[int, Content]]:
    for number in count(1):
        line = stream.readline(LARGEST_PIECE_BYTES + 1)
        if number == 1:
            line = _without_mark(line)
        if not line:
            return
        if len(line) > LARGEST_PIECE_BYTES:
            yield number, _too_large("line")
            _skip_rest(stream, line)
        elif line.strip():
            yield number, line


def _without_mark(line: bytes) -> bytes:
    if line.startswith(_UTF16_MARKS):
        raise UnreadableFileError("The file is in UTF-16; lines of JSON are read in UTF-8.")
    return line.removeprefix(codecs.BOM_UTF8)


def _skip_rest(stream: BufferedReader, begun: bytes) -> None:
    while begun and not begun.endswith(b"\n"):
        begun = stream.readline(LARGEST_PIECE_BYTES)


def _xml_files(stream: BufferedReader) -> Iterator[tuple[None, Content]]:
    """Cut where a line begins with an XML declaration: large collections are whole files, one after another."""
    content, size = bytearray(), 0
    while line := stream.readline(LARGEST_PIECE_BYTES):
        if line.startswith(_DECLARATION) and content.strip():
            yield None, _whole_or_too_large(content, size)
            content, size = bytearray(), 0
        size += len(line)
        if size <= LARGEST_PIECE_BYTES:
            content += line
    if content.strip() or size > LARGEST_PIECE_BYTES:
        yield None, _whole_or_too_large(content, size)


def _whole_or_too_large(content: bytearray, size: int) -> Content:
    return bytes(content) if size <= LARGEST_PIECE_BYTES else _too_large("XML")


def _too_large(what: str) -> Refusal:
    return Refusal.of(TooLargeError(f"The {what} has more than {LARGEST_PIECE_BYTES} bytes."))
