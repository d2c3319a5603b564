"""Texts of OpenDocument files (odt): paragraphs and headings, also those of headers, footers, notes and text boxes."""

import re
from collections.abc import Sequence
from typing import Final

from services.translate.documents.document import (
    Document,
    DocumentFormat,
    DocumentWithMacrosError,
    Section,
    UnreadableDocumentError,
    decode,
)
from services.translate.documents.package import Package
from services.translate.markup.tokens import Kind, Markup, names
from services.translate.markup.units import Dialect, Place, units_of
from services.translate.markup.xml import read_trusted_xml

MIME_PART: Final = "mimetype"
MIME: Final = "application/vnd.oasis.opendocument.text"
_TEXTS: Final = ("content.xml", "styles.xml")
_MANIFEST: Final = "META-INF/manifest.xml"
_MACROS: Final = ("Basic/", "Scripts/")
_PARAGRAPHS: Final = frozenset(("text:p", "text:h"))
_INLINE: Final = names("text:span text:a text:meta text:ruby text:ruby-base")
_BREAKS: Final = names("text:line-break text:tab")
_ISLANDS: Final = names(
    "text:note text:note-body draw:frame draw:text-box draw:custom-shape draw:rect draw:g draw:a draw:line draw:ellipse"
)
_BLOCKS: Final = names("text:list text:list-item text:list-header text:section")
_POINTS: Final = names(
    "text:s text:soft-page-break text:change text:change-start text:change-end office:annotation office:annotation-end "
    "text:note-citation text:ruby-text draw:image draw:object draw:control svg:title svg:desc "
    "text:alphabetical-index-mark text:toc-mark text:user-index-mark"
)
# Changes that were deleted, forms, what indexes are made by: none of it is text to be read.
_UNREAD: Final = names("text:tracked-changes office:forms office:annotation office:scripts office:meta")
_SCRIPT_STYLE = re.compile(
    r"<style:style\b[^>]*?\sstyle:name=\"([^\"]+)\"[^>]*(?<!/)>(?:(?!</style:style>).)*?style:text-position=\"(?:sub|super|-?[1-9])",
    re.DOTALL,
)


def open_odt(package: Package) -> Document:
    """Read an odt; raise InvalidInputError of several kinds, or DocumentTooLargeError."""
    if any(name.startswith(_MACROS) for name in package.names):
        raise DocumentWithMacrosError("The document carries macros; save it without them and send it again.")
    if b"encryption-data" in package.read(_MANIFEST):
        raise UnreadableDocumentError("The document is encrypted.")
    names = [name for name in _TEXTS if name in package.names]
    files = [decode(package.read(name)) for name in names]
    sections = [section_of(file.text) for file in files]

    def assemble(texts: Sequence[str]) -> bytes:
        return package.written({n: f.write(text) for n, f, text in zip(names, files, texts, strict=True)})

    return Document(DocumentFormat.ODT, sections, assemble)


def section_of(source: str) -> Section:
    """Read one part; raise MalformedMarkupError or MarkupEntitiesError."""
    markup = read_trusted_xml(source)
    raised = frozenset(_SCRIPT_STYLE.findall(source))
    dialect = Dialect(_place, is_script=lambda markup, index: markup.attribute(index, "text:style-name") in raised)
    units = []
    index = 0
    while index < len(markup.tokens):
        token = markup.tokens[index]
        end = index + 1
        if token.kind is Kind.OPEN and token.name in _PARAGRAPHS | _UNREAD:
            end = markup.end_of(index)
            units += [] if token.name in _UNREAD else units_of(markup, dialect, index + 1, end - 1)
        index = end
    return Section(source, units)


def _place(markup: Markup, index: int) -> Place:
    name = markup.tokens[index].name
    if name in _INLINE:
        return Place.INLINE
    if name in _BREAKS or name in _PARAGRAPHS:
        return Place.BLOCK
    if name in _ISLANDS:
        return Place.ISLAND
    if name in _POINTS or name.startswith(("text:bookmark", "text:reference-mark")):
        return Place.HIDDEN
    # Of what else there is in a paragraph, most are fields: page numbers, dates, references.
    return Place.BLOCK if name in _BLOCKS or not name.startswith("text:") else Place.WORD
