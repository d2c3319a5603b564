"""Plain texts and HTML pages as documents."""

from collections.abc import Sequence

from services.translate.documents.document import Document, DocumentFormat, Encoded, Section
from services.translate.markup.html import HTML
from services.translate.markup.tokens import read_html
from services.translate.markup.unit import Piece, Unit
from services.translate.markup.units import lines_of, units_of
from services.translate.markup.writing import Splicer


def open_text(file: Encoded) -> Document:
    """Read a plain text, of which each line is translated by itself."""
    section = Section(file.text, list(lines_of(file.text)), _write)
    return Document(DocumentFormat.TEXT, [section], lambda texts: _encoded(file, texts[0]))


def open_html(file: Encoded) -> Document:
    """Read a page, well-formed or not."""
    markup = read_html(file.text)
    section = Section(file.text, units_of(markup, HTML, 0, len(markup.tokens)))

    return Document(DocumentFormat.HTML, [section], lambda texts: file.write(texts[0]))


def _write(_unit: Unit, pieces: Sequence[Piece], splicer: Splicer) -> str:
    return "".join(piece if isinstance(piece, str) else splicer.tag(piece) for piece in pieces)


def _encoded(file: Encoded, text: str) -> bytes:
    """Write in the file's own encoding, or in Unicode where that lacks a letter."""
    try:
        return file.bom + text.encode(file.encoding)
    except UnicodeEncodeError:
        return text.encode("utf-8-sig")
