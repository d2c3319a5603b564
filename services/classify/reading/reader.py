"""Reads a document of any kind, known by what is in it and not by its name."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from services.classify.patent_xml import PatentDocument, read_patent
from services.classify.reading.document import (
    DocumentFormat,
    DocumentWithoutTextError,
    EncryptedDocumentError,
    ReadDocument,
    UnsupportedDocumentError,
    Writing,
)
from services.classify.reading.opendocument import is_opendocument, read_opendocument
from services.classify.reading.package import Package
from services.classify.reading.parts import shortened, sort_out
from services.classify.reading.pdf import read_pdf
from services.classify.reading.plain import read_plain
from services.classify.reading.wordprocessing import CONTENT_TYPES, read_wordprocessing

_PDF: Final = b"%PDF-"
_ZIPS: Final = (b"PK\x03\x04", b"PK\x05\x06")  # the latter of an empty archive
# The container of Word before 2007, and of the documents of later ones that have a password.
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_IN_OLE: Final = "EncryptedPackage".encode("utf-16-le")
_KINDS: Final = "send docx, odt, pdf, txt or patent XML"
_UNSUPPORTED: Final[Mapping[bytes, str]] = {
    b"{\\rtf": f"The file is RTF, which is not read here: {_KINDS}.",
    b"<html": f"The file is a page of the web, which is not read here: {_KINDS}.",
    b"<!doctype html": f"The file is a page of the web, which is not read here: {_KINDS}.",
    b"%!ps": f"The file is PostScript, which is not read here: {_KINDS}.",
}
# The beginning of XML in any encoding, marks and zeros of Unicode aside; a text may begin with another `<`.
_XML: Final = re.compile(rb"<[?!A-Za-z_]")
# Documents in XML that are no patents, but have words in elements whose names patents have too.
_OTHER_XML: Final = re.compile(rb"<(?:office:document|w:wordDocument|pkg:package|svg|xliff|tmx)[\s>]")
_HEAD_BYTES: Final = 1024
_UNICODE: Final = b"\xef\xbb\xbf\xff\xfe\0"


def read_document(data: bytes) -> ReadDocument:
    """Read a document.

    Raise MalformedDocumentError, EncryptedDocumentError, UnsupportedDocumentError, DocumentWithoutTextError,
    DocumentTooLargeError, or, for XML, what `read_patent` raises.
    """
    head = data[:_HEAD_BYTES].translate(None, _UNICODE).lstrip()
    _refuse(head, data)
    if _XML.match(head):
        return _of_patent(read_patent(data))
    if _PDF in head:
        return _sorted(DocumentFormat.PDF, read_pdf(data))
    if data.startswith(_ZIPS):
        return _of_package(Package(data))
    return _sorted(DocumentFormat.TEXT, read_plain(data))


def _refuse(head: bytes, data: bytes) -> None:
    for beginning, sentence in _UNSUPPORTED.items():
        if head.lower().startswith(beginning):
            raise UnsupportedDocumentError(sentence)
    if _XML.match(head) and _OTHER_XML.search(head):
        raise UnsupportedDocumentError(f"The file is XML of another kind than patents are in: {_KINDS}.")
    if data.startswith(_OLE):
        if _ENCRYPTED_IN_OLE in data:
            raise EncryptedDocumentError("The document is encrypted: save it without a password.")
        raise UnsupportedDocumentError(f"The file is of Word before 2007, or none of Word at all: {_KINDS}.")


def _of_package(package: Package) -> ReadDocument:
    reader: Callable[[Package], Writing]
    if CONTENT_TYPES in package:
        kind, reader = DocumentFormat.DOCX, read_wordprocessing
    elif is_opendocument(package):
        kind, reader = DocumentFormat.ODT, read_opendocument
    else:
        raise UnsupportedDocumentError(f"The file is an archive, but no document: {_KINDS}.")
    return _sorted(kind, reader(package))


def _of_patent(document: PatentDocument) -> ReadDocument:
    text, is_shortened = shortened(document.text)
    return ReadDocument(DocumentFormat.PATENT_XML, text, document.language or None, truncated=is_shortened)


def _sorted(kind: DocumentFormat, writing: Writing) -> ReadDocument:
    text, is_shortened = shortened(sort_out(writing))
    if text.is_blank:
        raise DocumentWithoutTextError("The document holds no text.")
    return ReadDocument(kind, text, pages=writing.pages, truncated=is_shortened or not writing.is_whole)
