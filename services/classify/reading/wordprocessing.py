"""Word documents (docx): what stands on their pages, without headers, footers, comments and what was deleted."""

import posixpath
from collections.abc import Mapping
from typing import Final

from services.classify.reading.document import EncryptedDocumentError, UnsupportedDocumentError, Writing
from services.classify.reading.markup import Attributes, Walker, walk
from services.classify.reading.package import Package
from services.classify.reading.paragraphs import Paragraphs
from services.classify.reading.properties import name_in

CONTENT_TYPES: Final = "[Content_Types].xml"

_ENCRYPTED: Final = "EncryptedPackage"
_RELATIONS: Final = "_rels/.rels"
# Each namespace has two names: of the transitional kind, which Word writes, and of the strict one.
_OFFICE: Final = "http://schemas.openxmlformats.org"
_STRICT: Final = "http://purl.oclc.org/ooxml"
_PREFIXES: Final = {
    f"{_OFFICE}/wordprocessingml/2006/main": "w",
    f"{_STRICT}/wordprocessingml/main": "w",
    f"{_OFFICE}/markup-compatibility/2006": "mc",
    f"{_OFFICE}/package/2006/relationships": "rel",
}
_MAIN_PART: Final = "/officeDocument"
_PROPERTIES_PART: Final = "/core-properties"
_STYLES_PART: Final = "/styles"
_NOTES_PARTS: Final = ("/footnotes", "/endnotes")
_BREAKS: Final = frozenset({"w:br", "w:cr"})
_SPACES: Final = frozenset({"w:tab", "w:ptab", "w:sym"})
_NOTES: Final = frozenset({"w:footnote", "w:endnote"})
_REFERENCES: Final = {"w:footnoteReference": "w:footnote", "w:endnoteReference": "w:endnote"}
_TITLE_STYLE: Final = "title"

_Notes = Mapping[tuple[str, str], list[str]]


def read_wordprocessing(package: Package) -> Writing:
    """Read a Word document; raise MalformedDocumentError, EncryptedDocumentError or UnsupportedDocumentError."""
    if _ENCRYPTED in package:
        raise EncryptedDocumentError("The document is encrypted: save it without a password.")
    package_relations = _relations(package, _RELATIONS, "")
    main = package_relations.get(_MAIN_PART, "")
    relations = _relations(package, f"{posixpath.dirname(main)}/_rels/{posixpath.basename(main)}.rels", main)
    notes: dict[tuple[str, str], list[str]] = {}
    for part in _NOTES_PARTS:
        notes |= _notes(package, relations.get(part, ""))
    body = _Body(notes, _title_styles(package, relations.get(_STYLES_PART, "")))
    is_whole = walk(package.pieces(main), _PREFIXES, body)
    if not body.is_wordprocessing:
        raise UnsupportedDocumentError("The file is an office document, but none with text such as Word writes.")
    name = name_in(package, package_relations.get(_PROPERTIES_PART, ""))
    return Writing(body.paragraphs.lines, body.title, name, is_whole=is_whole)


class _Relations(Walker):
    """Gathers which part of the package is what to another."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self.found: dict[str, str] = {}

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "rel:Relationship":
            kind = "/" + attributes.get("Type", "").rpartition("/")[2]
            target = posixpath.join("/", self._folder, attributes.get("Target", ""))
            self.found.setdefault(kind, posixpath.normpath(target).lstrip("/"))


def _relations(package: Package, name: str, of: str) -> dict[str, str]:
    relations = _Relations(posixpath.dirname(of))
    if name in package:
        walk(package.pieces(name), _PREFIXES, relations)
    return relations.found


class _Styles(Walker):
    """Finds the style of titles: what it is called here depends on the language of the program that wrote it."""

    passed_over = frozenset({"w:docDefaults", "w:rPr", "w:pPr"})

    def __init__(self) -> None:
        self.titles: set[str] = set()
        self._style = ""

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "w:style":
            self._style = attributes.get("w:styleId", "")
        if name == "w:name" and attributes.get("w:val", "").lower() == _TITLE_STYLE:
            self.titles.add(self._style)


def _title_styles(package: Package, name: str) -> set[str]:
    styles = _Styles()
    if name in package:
        walk(package.pieces(name), _PREFIXES, styles)
    return styles.titles - {""}


class _Flow(Walker):
    """Gathers paragraphs of text as Word writes them."""

    # Of what is said in two ways, one for programs that know less, the better one is read.
    passed_over = frozenset({"w:del", "w:moveFrom", "mc:Fallback"})

    def __init__(self) -> None:
        self.paragraphs = Paragraphs()
        self._is_text = False

    def start(self, name: str, attributes: Attributes) -> None:
        self._is_text = name == "w:t"
        if name == "w:p":
            self.paragraphs.begin()
        elif name in _BREAKS:
            self.paragraphs.break_line()
        elif name in _SPACES:
            self.paragraphs.write(" ")
        elif name == "w:noBreakHyphen":
            self.paragraphs.write("-")

    def end(self, name: str) -> None:
        self._is_text = False
        if name == "w:p":
            self._paragraph_ended(self.paragraphs.end())

    def text(self, text: str) -> None:
        if self._is_text:
            self.paragraphs.write(text)

    def _paragraph_ended(self, text: str) -> None:
        """Do what is to be done with the text of a paragraph."""


class _NoteTexts(_Flow):
    """Gathers notes by their kinds and ids."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[tuple[str, str], list[str]] = {}
        self._note = ("", "")

    def start(self, name: str, attributes: Attributes) -> None:
        if name in _NOTES:
            self._note = (name, attributes.get("w:id", ""))
        super().start(name, attributes)

    def _paragraph_ended(self, text: str) -> None:
        if text:
            self.found.setdefault(self._note, []).append(text)


def _notes(package: Package, name: str) -> _Notes:
    notes = _NoteTexts()
    if name in package:
        walk(package.pieces(name), _PREFIXES, notes)
    return notes.found


class _Body(_Flow):
    """Gathers the document itself, each note after the paragraph that refers to it."""

    def __init__(self, notes: _Notes, title_styles: set[str]) -> None:
        super().__init__()
        self.title = ""
        self.is_wordprocessing = False
        self._notes = notes
        self._title_styles = title_styles
        self._has_title_style = False

    def start(self, name: str, attributes: Attributes) -> None:
        self.is_wordprocessing |= name == "w:document"
        super().start(name, attributes)
        if name == "w:p":
            self._has_title_style = False
        if name == "w:pStyle":
            self._has_title_style = attributes.get("w:val", "") in self._title_styles
        if name in _REFERENCES:
            for line in self._notes.get((_REFERENCES[name], attributes.get("w:id", "")), ()):
                self.paragraphs.begin()
                self.paragraphs.write(line)
                self.paragraphs.end()

    def _paragraph_ended(self, text: str) -> None:
        if self._has_title_style and not self.title:
            self.title = text
