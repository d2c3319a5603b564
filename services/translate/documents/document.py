"""What a document is to translation: sections of text with units in them, and a way to write it with others."""

import codecs
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from examkit.errors import InvalidInputError, TooLargeError
from services.translate.languages import LanguageTag
from services.translate.markup.unit import Unit
from services.translate.markup.writing import Write, write_inline

_BOMS: Final = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_DECLARED = re.compile(rb"<\?xml[^>]{0,100}?\sencoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_META_DECLARED = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([A-Za-z0-9._-]{1,40})", re.IGNORECASE)
_DECLARATION_WITHIN: Final = 4096
# What is read besides Unicode; others hide more than they write.
_ENCODINGS: Final = ("utf", "iso8859", "cp125", "ascii", "koi8", "shift_jis", "euc", "gb", "big5", "mac")


class DocumentFormat(StrEnum):
    """The kinds of documents that are translated."""

    DOCX = "docx"
    ODT = "odt"
    HTML = "html"
    TEXT = "txt"
    PATENT_XML = "xml"
    XLIFF = "xlf"

    @property
    def media_type(self) -> str:
        """Give what such a file is called on the network."""
        return _MEDIA_TYPES[self]


_MEDIA_TYPES: Final = {
    DocumentFormat.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    DocumentFormat.ODT: "application/vnd.oasis.opendocument.text",
    DocumentFormat.HTML: "text/html",
    DocumentFormat.TEXT: "text/plain",
    DocumentFormat.PATENT_XML: "application/xml",
    DocumentFormat.XLIFF: "application/xliff+xml",
}


class UnreadableDocumentError(InvalidInputError):
    """A file that is damaged, encrypted, or not what it says it is."""

    code = "unreadable-document"


class UnsupportedDocumentError(InvalidInputError):
    """A file of a kind that is not translated."""

    code = "unsupported-document"


class DocumentWithMacrosError(InvalidInputError):
    """A document that carries programs."""

    code = "document-with-macros"


class DocumentTooLargeError(TooLargeError):
    """A document that unpacks to more than is taken, or has too many parts or too much text."""

    code = "document-too-large"


class DocumentLanguagesError(InvalidInputError):
    """A document that says of itself that it is to go from or into another language."""

    code = "document-languages"


@dataclass(frozen=True)
class Section:
    """Markup with units in it, and how those are written; where `fills`, units without words are written too."""

    source: str
    units: Sequence[Unit]
    write: Write = write_inline
    fills: bool = False


@dataclass(frozen=True)
class Document:
    """A document that is open; `assemble` gives its bytes from its sections as they are then."""

    format: DocumentFormat
    sections: Sequence[Section]
    assemble: Callable[[Sequence[str]], bytes]
    language: LanguageTag | None = None


@dataclass(frozen=True)
class Encoded:
    """Text as it was in a file."""

    text: str
    encoding: str
    bom: bytes = b""

    def write(self, text: str) -> bytes:
        """Give another text in the same encoding; what that lacks is written as a reference."""
        return self.bom + text.encode(self.encoding, "xmlcharrefreplace")


def decode(data: bytes) -> Encoded:
    """Read text by its byte order mark, what it declares of itself, or as UTF-8; raise UnreadableDocumentError."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return Encoded(_decoded(data[len(bom) :], encoding), encoding, bom)
    head = data[:_DECLARATION_WITHIN]
    declared = _DECLARED.match(head.lstrip()) or _META_DECLARED.search(head)
    encoding = _known(declared[1].decode("ascii")) if declared else "utf-8"
    return Encoded(_decoded(data, encoding), encoding)


def _known(encoding: str) -> str:
    try:
        name = codecs.lookup(encoding).name
    except LookupError:
        name = ""
    if not name.replace("-", "").startswith(_ENCODINGS) or name.startswith("utf-7"):
        raise UnreadableDocumentError("The document is in an encoding that is not read here.")
    # What begins with these bytes cannot be of two bytes a letter.
    return "utf-8" if name.startswith(("utf-16", "utf-32")) else name


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise UnreadableDocumentError(
            f"The document is not in the encoding that it says it is in ({encoding})."
        ) from None
