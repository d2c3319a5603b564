"""Plain texts and HTML pages as documents."""

from collections.abc import Iterator, Sequence
from typing import Final

from services.translate.documents.document import Document, DocumentFormat, Encoded, Section
from services.translate.markup.html import HTML
from services.translate.markup.tokens import read_html
from services.translate.markup.unit import Piece, Unit
from services.translate.markup.units import UnitWriter, units_of
from services.translate.markup.writing import Splicer

_LINE_ENDS: Final = "\r\n"


def open_text(file: Encoded) -> Document:
    """Read a plain text, of which each line is translated by itself."""
    section = Section(file.text, list(_lines(file.text)), _write)
    return Document(DocumentFormat.TEXT, [section], lambda texts: _encoded(file, texts[0]))


def open_html(file: Encoded) -> Document:
    """Read a page, well-formed or not."""
    markup = read_html(file.text)
    section = Section(file.text, units_of(markup, HTML, 0, len(markup.tokens)))

    return Document(DocumentFormat.HTML, [section], lambda texts: file.write(texts[0]))


def _lines(text: str) -> Iterator[Unit]:
    start = 0
    for line in text.splitlines(keepends=True):
        end = start + len(line.rstrip(_LINE_ENDS))
        writer = UnitWriter(text)
        writer.text(start, end, is_escaped=False)
        writer.end(start, end, keeps_lines=True)
        yield from writer.units
        start += len(line)


def _write(_unit: Unit, pieces: Sequence[Piece], _splicer: Splicer) -> str:
    return "".join(piece for piece in pieces if isinstance(piece, str))


def _encoded(file: Encoded, text: str) -> bytes:
    """Write in the file's own encoding, or in Unicode where that lacks a letter."""
    try:
        return file.bom + text.encode(file.encoding)
    except UnicodeEncodeError:
        return text.encode("utf-8-sig")
