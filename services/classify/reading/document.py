"""What is read of a document, and why a document cannot be read."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from examkit.errors import InvalidInputError, TooLargeError
from services.classify.text import PatentText

# What is read of a document at most; what is told of it at most goes back into a call to classify.
MOST_READ_LETTERS: Final = 4_000_000
MOST_TOLD_LETTERS: Final = 1_000_000


class DocumentFormat(StrEnum):
    """The kinds of documents that are read, as they are called on the wire."""

    PDF = "pdf"
    DOCX = "docx"
    ODT = "odt"
    TEXT = "text"
    PATENT_XML = "patentXml"


@dataclass(frozen=True)
class Writing:
    """What a document says, paragraph by paragraph.

    `title` is what it marks as its title; `named` what its properties call it, which is often something else.
    `is_whole` tells whether all of it was read.
    """

    lines: Sequence[str]
    title: str = ""
    named: str = ""
    pages: int | None = None
    is_whole: bool = True


@dataclass(frozen=True)
class ReadDocument:
    """The text of a document by its parts; `language` is what it says of itself, `pages` only a PDF has."""

    format: DocumentFormat
    text: PatentText
    language: str | None = None
    pages: int | None = None
    truncated: bool = False


class MalformedDocumentError(InvalidInputError):
    """A document that is damaged, or costs more time or memory than any real one."""

    code = "malformed-document"


class EncryptedDocumentError(InvalidInputError):
    """A document that cannot be opened without its password."""

    code = "encrypted-document"


class UnsupportedDocumentError(InvalidInputError):
    """A file of a kind that is not read here."""

    code = "unsupported-document"


class DocumentWithoutTextError(InvalidInputError):
    """A document in which there are no letters: a scan, or an empty one."""

    code = "document-without-text"


class DocumentTooLargeError(TooLargeError):
    """A document that unpacks to more than is taken."""

    code = "document-too-large"
