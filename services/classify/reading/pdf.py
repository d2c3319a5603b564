"""PDF: the text on its pages, by PDFium, which is quick but of C++, and so only let loose in a process apart."""

from typing import Final

import pypdfium2
from pypdfium2.raw import FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY

from services.classify.reading.document import (
    MOST_READ_LETTERS,
    DocumentWithoutTextError,
    EncryptedDocumentError,
    MalformedDocumentError,
    Writing,
)
from services.classify.reading.pages import lines_of

_MOST_PAGES: Final = 2_000
# A scanned document may have a stamp on it, or a file number.
_LEAST_LETTERS: Final = 20


def read_pdf(data: bytes) -> Writing:
    """Read a PDF that anybody can open.

    Raise MalformedDocumentError, EncryptedDocumentError or, for a scan, DocumentWithoutTextError.
    """
    document = _opened(data)
    count = len(document)
    pages: list[str] = []
    for number in range(min(count, _MOST_PAGES)):
        pages.append(_page(document, number))
        if sum(map(len, pages)) > MOST_READ_LETTERS:
            break
    lines = lines_of(pages)
    if sum(map(str.isalpha, "".join(lines))) < _LEAST_LETTERS:
        raise DocumentWithoutTextError(_without_text(count))
    name = document.get_metadata_dict().get("Title", "")
    return Writing(lines, named=name, pages=count, is_whole=len(pages) == count)


def _opened(data: bytes) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if error.err_code in (FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY):
            raise EncryptedDocumentError("The PDF is encrypted: save it without a password.") from None
    raise MalformedDocumentError("The PDF is damaged: it cannot be opened.")


def _page(document: pypdfium2.PdfDocument, number: int) -> str:
    """Return the text of a page, none where the page is damaged."""
    try:
        page = document[number]
        text = page.get_textpage()
        return str(text.get_text_range())
    except pypdfium2.PdfiumError:
        return ""


def _without_text(pages: int) -> str:
    where = "on its page" if pages == 1 else f"on its {pages} pages"
    return (
        f"The PDF has no text {where}, only pictures, as a scan has. "
        "Let a program for text recognition (OCR) read it first."
    )
