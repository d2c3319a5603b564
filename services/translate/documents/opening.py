"""Tells by its content what kind a document is of, and opens it."""

import re
from typing import Final

from services.translate.documents.document import (
    Document,
    DocumentFormat,
    DocumentLanguagesError,
    DocumentTooLargeError,
    Encoded,
    UnreadableDocumentError,
    UnsupportedDocumentError,
    decode,
)
from services.translate.documents.opendocument import MIME, MIME_PART, open_odt
from services.translate.documents.package import Package
from services.translate.documents.patent import open_patent
from services.translate.documents.plain import open_html, open_text
from services.translate.documents.wordprocessing import TYPES_PART, open_docx
from services.translate.documents.xliff import open_xliff
from services.translate.languages import LanguageTag

MOST_CHARACTERS: Final = 2_000_000
_ZIP: Final = b"PK\x03\x04"
_EMPTY_ZIP: Final = b"PK\x05\x06"
_PDF: Final = b"%PDF-"
_OLE: Final = b"\xd0\xcf\x11\xe0"
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_XML = re.compile(r"\s*(?:<\?xml\b|<!--)")
_HTML = re.compile(
    r"\s*(?:<\?xml\b[^>]*>\s*)?(?:<!--.*?-->\s*)*(?:<!doctype\s+html\b|<(?:html|head|body|p|div|h[1-6]|table|ul|ol|span|b|i)\b)",
    re.IGNORECASE | re.DOTALL,
)
_ROOT = re.compile(r"<(?![?!])(?:[^\s<>/:]+:)?([^\s<>/:]+)")
_ROOTED = re.compile(r"\s*<(?!/)[A-Za-z?!]")


def open_document(data: bytes, name: str, source: LanguageTag | None, target: LanguageTag) -> Document:
    """Open a document; `name` is only looked at for its ending, where the content leaves it open what it is.

    Raise InvalidInputError (`unreadable-document`, `unsupported-document`, `document-with-macros`,
    `document-languages`, `malformed-markup`, `xml-entities`, `empty-document`), DocumentTooLargeError or
    XmlTooDeepError.
    """
    document = _opened(data, name.rpartition(".")[2].lower(), source, target)
    if source is not None and document.language is not None and not document.language.serves(source):
        raise DocumentLanguagesError(f"The document says that it is in {document.language}.")
    _refuse_by_length(document)
    return document


def _refuse_by_length(document: Document) -> None:
    units = [unit for section in document.sections for unit in section.units]
    if not any(unit.has_words for unit in units):
        raise UnsupportedDocumentError("The document has no text in this language to translate.", code="empty-document")
    if sum(len(unit.text) for unit in units) > MOST_CHARACTERS:
        raise DocumentTooLargeError(
            f"The document has more than the {MOST_CHARACTERS} characters of text that are taken."
        )


def _opened(data: bytes, ending: str, source: LanguageTag | None, target: LanguageTag) -> Document:
    if data.startswith((_ZIP, _EMPTY_ZIP)):
        return _open_package(Package(data))
    if data.startswith(_OLE):
        raise UnsupportedDocumentError(
            "Old office files (doc) and encrypted ones are not read; save it as docx or odt."
        )
    if data.startswith(_PDF):
        raise UnsupportedDocumentError("PDF is not translated; send what it was made of as docx, odt, html or txt.")
    if ending in ("docx", "odt", "docm"):
        raise UnreadableDocumentError(f"The file is called {ending}, but is no such document.")
    return _open_text(decode(data), ending, source, target)


def _open_package(package: Package) -> Document:
    if TYPES_PART in package.names:
        return open_docx(package)
    if MIME_PART in package.names and package.read(MIME_PART).strip() == MIME.encode():
        return open_odt(package)
    raise UnsupportedDocumentError("Of archives and office files, only docx and odt are translated.")


def _open_text(file: Encoded, ending: str, source: LanguageTag | None, target: LanguageTag) -> Document:
    if _CONTROL.search(file.text):
        raise UnsupportedDocumentError(
            f"The file is of none of the kinds that are translated: {', '.join(DocumentFormat)}."
        )
    if ending == "txt":
        return open_text(file)
    if ending in ("html", "htm", "xhtml") or (ending != "xml" and _HTML.match(file.text)):
        return open_html(file)
    if _XML.match(file.text) or (ending in ("xml", "xlf", "xliff") or _ROOTED.match(file.text)):
        root = _ROOT.search(file.text)
        is_xliff = root is not None and root[1] == "xliff"
        return open_xliff(file, source, target) if is_xliff else open_patent(file, source)
    return open_text(file)
