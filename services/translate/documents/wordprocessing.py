"""Texts of Word documents (docx): paragraphs of runs, in which each change of formatting is a tag.

Word cuts paragraphs into many runs for its own ends; runs of one formatting are joined. The formatting of most of a
paragraph is that of its text, any other one a tag in it. Fields, formulae, pictures and what was deleted stay as they
are; text boxes, which stand within a paragraph, are paragraphs of their own.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from services.translate.documents.document import (
    Document,
    DocumentFormat,
    DocumentWithMacrosError,
    Section,
    UnreadableDocumentError,
    UnsupportedDocumentError,
    decode,
)
from services.translate.documents.package import Package
from services.translate.markup.tokens import Kind, Markup, attributes_of, characters, escape, names
from services.translate.markup.unit import Piece, Role, Tag, Unit
from services.translate.markup.units import UnitWriter, shown_text
from services.translate.markup.writing import Splicer
from services.translate.markup.xml import read_trusted_xml

TYPES_PART: Final = "[Content_Types].xml"
_TYPES: Final = ("document.main", "header", "footer", "footnotes", "endnotes")
_TYPE = re.compile(rf"wordprocessingml\.({'|'.join(map(re.escape, _TYPES))})\+xml$")
_MAIN = re.compile(r"wordprocessingml\.document\.main\+xml$")
_MACROS = re.compile(r"macroEnabled|vbaProject", re.IGNORECASE)
_CONTAINERS: Final = names("w:hyperlink w:ins w:moveTo w:smartTag w:customXml w:dir w:bdo")
_FORMULAE: Final = names("m:oMath m:oMathPara w:fldSimple")
_DROPPED: Final = names("w:proofErr w:lastRenderedPageBreak")
# Within the text these stand for what has an element of its own; all of them end a line for the segmentation.
_CHARACTERS: Final = {"w:tab": "\v", "w:br": "\n", "w:cr": "\r", "w:noBreakHyphen": "\u2011"}
_ELEMENTS: Final = {"\v": "<w:tab/>", "\n": "<w:br/>", "\r": "<w:cr/>"}
_BROKEN_LINE = re.compile(r"([\v\n\r])")
_NO_FORMAT = re.compile(r"<w:(?:lang|noProof|webHidden)\b[^>]*/>")
_SCRIPT = re.compile(r"<w:vertAlign w:val=\"(?:superscript|subscript)\"")
_FORMAT: Final = "format"


def open_docx(package: Package) -> Document:
    """Read a docx; raise InvalidInputError of several kinds, or DocumentTooLargeError."""
    types = _content_types(package)
    if not any(_MAIN.search(kind) for kind in types.values()):
        raise UnsupportedDocumentError("Of office files, only texts are translated: docx and odt.")
    names = [name for name in package.names if _TYPE.search(types.get(f"/{name}", ""))]
    files = [decode(package.read(name)) for name in names]
    sections = [section_of(file.text) for file in files]

    def assemble(texts: Sequence[str]) -> bytes:
        return package.written({n: f.write(text) for n, f, text in zip(names, files, texts, strict=True)})

    return Document(DocumentFormat.DOCX, sections, assemble)


def section_of(source: str) -> Section:
    """Read one part; raise MalformedMarkupError or MarkupEntitiesError."""
    markup = read_trusted_xml(source)
    paragraphs = _Paragraphs(markup)
    return Section(source, list(paragraphs.units()), paragraphs.write)


def _content_types(package: Package) -> dict[str, str]:
    markup = read_trusted_xml(decode(package.read(TYPES_PART)).text)
    tags = [attributes_of(markup.source, t) for t in markup.tokens if t.kind in (Kind.EMPTY, Kind.OPEN)]
    types = {tag.get("PartName", ""): tag.get("ContentType", "") for tag in tags}
    if any(map(_MACROS.search, [*types.values(), *(tag.get("ContentType", "") for tag in tags), *package.names])):
        raise DocumentWithMacrosError("The document carries macros; save it without them, as docx, and send it again.")
    return types


@dataclass(frozen=True)
class _Run:
    """Text of one formatting; `format` is the element that says it."""

    text: Sequence[tuple[str, int]]
    format: str


class _Paragraphs:
    """The paragraphs of a part as units, and units as paragraphs."""

    def __init__(self, markup: Markup) -> None:
        self._markup = markup
        self._main_formats: dict[int, str] = {}
        self._formats: list[str] = [""]
        self._field_depth = 0
        if re.search(r"xmlns:w=[\"'][^\"']+/wordprocessingml/(?:2006/)?main[\"']", markup.source) is None:
            raise UnreadableDocumentError("The document names its elements in a way that is not read here.")

    def units(self) -> Iterator[Unit]:
        """Give the paragraphs that have text."""
        for index, token in enumerate(self._markup.tokens):
            if token.name == "w:p" and token.kind is Kind.OPEN:
                yield from self._unit(index + 1, self._markup.end_of(index) - 1)

    def write(self, unit: Unit, pieces: Sequence[Piece], splicer: Splicer) -> str:
        """Write a paragraph's content as runs."""
        return "".join(self._written(pieces, splicer, [self._main_formats[unit.start]]))

    def _written(self, pieces: Sequence[Piece], splicer: Splicer, formats: list[str]) -> Iterator[str]:
        for piece in pieces:
            if isinstance(piece, str):
                yield _run_of(piece, formats[-1])
            elif piece.pieces:
                yield from self._written(piece.pieces, splicer, formats)
            elif not piece.key.startswith(_FORMAT):
                yield splicer.tag(piece)
            elif piece.role is Role.OPEN:
                formats.append(self._formats[int(piece.key.split()[1])])
            else:
                formats.pop()

    def _unit(self, first: int, last: int) -> Iterator[Unit]:
        tokens = self._markup.tokens
        while first < last and (tokens[first].name == "w:pPr" or tokens[first].kind is Kind.TEXT):
            first = self._markup.end_of(first)
        if first >= last:
            return
        entries = list(self._entries(first, last))
        start, end = tokens[first].start, tokens[last - 1].end
        writer = UnitWriter(self._markup.source)
        main = _main_format(entries)
        for entry in entries:
            self._add(writer, entry, main)
        writer.end(start, end, keeps_lines=True)
        self._main_formats[start] = main
        yield from writer.units

    def _add(self, writer: UnitWriter, entry: _Run | Tag, main: str) -> None:
        if isinstance(entry, Tag):
            writer.tag(entry)
            return
        is_other = _essence(entry.format) != _essence(main)
        if is_other:
            key = f"{_FORMAT} {len(self._formats)}"
            self._formats.append(entry.format)
            is_script = _SCRIPT.search(entry.format) is not None
            writer.tag(Tag(Role.OPEN, 0, 0, key, is_script=is_script))
        for character, written in entry.text:
            writer.character(character, written)
        if is_other:
            writer.tag(Tag(Role.CLOSE, 0, 0, key))

    def _entries(self, first: int, last: int) -> Iterator[_Run | Tag]:
        """Give what a paragraph holds, neighbouring runs of one formatting as one."""
        run: _Run | None = None
        for entry in self._raw_entries(first, last):
            if isinstance(entry, _Run) and run is not None and _essence(run.format) == _essence(entry.format):
                run = _Run([*run.text, *entry.text], run.format)
                continue
            if run is not None:
                yield run
            run = entry if isinstance(entry, _Run) else None
            if isinstance(entry, Tag):
                yield entry
        if run is not None:
            yield run

    def _raw_entries(self, first: int, last: int) -> Iterator[_Run | Tag]:
        markup = self._markup
        index = first
        while index < last:
            token, end = markup.tokens[index], markup.end_of(index)
            if field := self._field_end(index, last):
                yield self._kept(index, field)
                end = field
            elif token.kind is Kind.CLOSE:
                yield from self._closing(index)
            elif token.name == "w:r":
                yield from self._run(index + 1, end - 1)
            elif token.name in _CONTAINERS or token.name == "w:sdt":
                end = self._head_end(index)
                yield Tag(Role.OPEN, token.start, markup.tokens[end - 1].end, f"container {index}")
            elif token.kind is not Kind.TEXT and token.name not in _DROPPED:
                yield self._kept(index, end)
            index = end

    def _kept(self, first: int, last: int) -> Tag:
        """Give a tag for what stays as it is; for a word, where a reader sees something."""
        markup = self._markup
        start, end = markup.tokens[first].start, markup.tokens[last - 1].end
        is_deleted = markup.tokens[first].name in ("w:del", "w:moveFrom")
        shown = "" if is_deleted else shown_text(markup, first, last, frozenset(("w:t", "m:t")))
        return Tag(Role.WORD if shown.strip() else Role.POINT, start, end, shown=shown)

    def _field_end(self, index: int, last: int) -> int | None:
        """Give where a field ends that begins with a token, or was begun before it; None where there is none."""
        token = self._markup.tokens[index]
        if not self._field_depth and not (token.name == "w:r" and self._field_change(index) > 0):
            return None
        while index < last:
            end = self._markup.end_of(index) if self._markup.tokens[index].name == "w:r" else index + 1
            self._field_depth = max(0, self._field_depth + self._field_change(index))
            index = end
            if not self._field_depth:
                break
        return index

    def _field_change(self, index: int) -> int:
        if self._markup.tokens[index].name != "w:r":
            return 0
        inside = range(index + 1, self._markup.end_of(index))
        kinds = [
            self._markup.attribute(i, "w:fldCharType") for i in inside if self._markup.tokens[i].name == "w:fldChar"
        ]
        return kinds.count("begin") - kinds.count("end")

    def _closing(self, index: int) -> Iterator[Tag]:
        opened = self._markup.partners[index]
        token = self._markup.tokens[index]
        if token.name in _CONTAINERS:
            yield Tag(Role.CLOSE, token.start, token.end, f"container {opened}")
        elif token.name == "w:sdt":
            content = self._markup.tokens[index - 1]
            yield Tag(Role.CLOSE, content.start, token.end, f"container {opened}")

    def _head_end(self, index: int) -> int:
        """Give the index behind the tag of a container and its properties."""
        tokens, last = self._markup.tokens, self._markup.end_of(index) - 1
        end = index + 1
        while end < last and (tokens[end].name.endswith("Pr") or tokens[end].kind is Kind.TEXT):
            end = self._markup.end_of(end)
        return end + (tokens[end].name == "w:sdtContent")

    def _run(self, first: int, last: int) -> Iterator[_Run | Tag]:
        markup, formatting = self._markup, ""
        while first < last:
            token, end = markup.tokens[first], markup.end_of(first)
            written = markup.source[token.start : markup.tokens[end - 1].end]
            if token.name == "w:rPr":
                formatting = written
            elif token.name == "w:t":
                yield _Run(list(self._text(first + 1, end - 1)), formatting)
            elif token.name in _CHARACTERS and "w:type=" not in written:
                yield _Run([(_CHARACTERS[token.name], token.start)], formatting)
            elif token.kind is not Kind.TEXT and token.name not in _DROPPED:
                start, stop = token.start, markup.tokens[end - 1].end
                yield Tag(Role.POINT, start, stop, before=f"<w:r>{formatting}", after="</w:r>")
            first = end

    def _text(self, first: int, last: int) -> Iterator[tuple[str, int]]:
        for token in self._markup.tokens[max(0, first) : last]:
            if token.kind in (Kind.TEXT, Kind.SECTION):
                found = characters(self._markup.source, token.start, token.end)
                yield from ((" " if c in "\t\v\n\r" else c, written) for c, written in found)


def _main_format(entries: Sequence[_Run | Tag]) -> str:
    """Give the formatting of most of the text."""
    lengths: Counter[str] = Counter()
    for entry in entries:
        if isinstance(entry, _Run):
            lengths[entry.format] += len(entry.text)
    return max(lengths, key=lambda each: lengths[each], default="")


def _essence(format: str) -> str:
    """Give what a reader sees of a formatting."""
    seen = _NO_FORMAT.sub("", format)
    return "" if seen in ("<w:rPr></w:rPr>", "<w:rPr/>") else seen


def _run_of(text: str, format: str) -> str:
    parts = (
        _ELEMENTS.get(part) or f'<w:t xml:space="preserve">{escape(part)}</w:t>'
        for part in _BROKEN_LINE.split(text)
        if part
    )
    return f"<w:r>{format}{''.join(parts)}</w:r>"
