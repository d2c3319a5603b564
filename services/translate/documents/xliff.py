"""XLIFF 1.2 and 2: targets that are missing or empty are filled and marked as made by machine; others stay.

Inline codes are the tags of the text. In a target they are those of its source, as the standards want it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from services.translate.documents.document import (
    Document,
    DocumentFormat,
    DocumentLanguagesError,
    Encoded,
    Section,
    UnsupportedDocumentError,
)
from services.translate.languages import LanguageTag
from services.translate.markup.tokens import Kind, Markup, attributes_of, local_name
from services.translate.markup.unit import Piece, Unit
from services.translate.markup.units import Dialect, Place, units_of
from services.translate.markup.writing import Splicer, write_inline
from services.translate.markup.xml import read_trusted_xml

_PAIRED: Final = frozenset(("g", "mrk", "pc"))
_NO_TRANSLATION: Final = frozenset(("protected", "x-protected"))
_MARKED: Final = ' state="needs-review-translation" state-qualifier="mt-suggestion"'
_STATE = re.compile(r"\sstate\s*=\s*(?:\"[^\"]*\"|'[^']*')")
# A tag of XML, its closing slash apart.
_TAG = re.compile(r"(<[^\s/>]+(?:[^>\"'/]|\"[^\"]*\"|'[^']*'|/(?!>))*?)(\s*/?>)", re.DOTALL)


@dataclass(frozen=True)
class _Slot:
    """Where a target goes: characters `start` to `end` are replaced by `before`, the target's content and `after`."""

    start: int
    end: int
    before: str
    after: str


def open_xliff(file: Encoded, source: LanguageTag | None, target: LanguageTag) -> Document:
    """Read an XLIFF file; raise InvalidInputError of several kinds."""
    read_trusted_xml(file.text)
    text, said = _with_target_language(file.text, target)
    if said is not None and source is not None and not said.serves(source):
        raise DocumentLanguagesError(f"The XLIFF says that its sources are in {said}.")
    section = _section(read_trusted_xml(text))
    return Document(DocumentFormat.XLIFF, [section], lambda texts: file.write(texts[0]), said)


def _with_target_language(text: str, target: LanguageTag) -> tuple[str, LanguageTag | None]:
    """Name the target language where none is named; give the source language too."""
    markup = read_trusted_xml(text)
    said: LanguageTag | None = None
    parts: list[str] = []
    done = 0
    for token in markup.tokens:
        names = _LANGUAGES.get(local_name(token.name)) if token.kind is Kind.OPEN else None
        attributes = attributes_of(text, token) if names else {}
        if not names or names[0] not in attributes:
            continue
        said = said or LanguageTag.parse(attributes[names[0]])
        if names[1] not in attributes:
            parts += (text[done : token.end - 1], f' {names[1]}="{target}"')
            done = token.end - 1
        elif not LanguageTag.parse(attributes[names[1]]).serves(target):
            raise DocumentLanguagesError(f"The XLIFF says that it is to go into {attributes[names[1]]}.")
    if said is None:
        raise UnsupportedDocumentError("The XLIFF is neither of version 1.2 nor of version 2.")
    return "".join((*parts, text[done:])), said


_LANGUAGES: Final = {"file": ("source-language", "target-language"), "xliff": ("srcLang", "trgLang")}


def _section(markup: Markup) -> Section:
    slots: dict[int, _Slot] = {}
    units = []
    for slot, unit in _slots(markup):
        slots[slot.start] = slot
        units.append(unit)

    def write(unit: Unit, pieces: Sequence[Piece], splicer: Splicer) -> str:
        slot = slots[unit.start]
        return slot.before + write_inline(unit, pieces, splicer) + slot.after

    return Section(markup.source, units, write, fills=True)


def _slots(markup: Markup) -> Iterator[tuple[_Slot, Unit]]:
    kept: list[bool] = []
    for index, token in enumerate(markup.tokens):
        if token.kind is Kind.OPEN:
            kept.append(_is_kept(markup, index) or (bool(kept) and kept[-1]))
        elif token.kind is Kind.CLOSE:
            kept.pop()
        is_source = token.kind is Kind.OPEN and local_name(token.name) == "source"
        if is_source and not kept[-1] and (slot := _slot(markup, index)):
            found = units_of(markup, _DIALECT, index + 1, markup.end_of(index) - 1)
            for unit in found[:1]:
                yield slot, replace(unit, start=slot.start, end=slot.end)


def _is_kept(markup: Markup, index: int) -> bool:
    """Tell whether an element is not to be translated, or is no text of the file but one that goes with it."""
    token = markup.tokens[index]
    if local_name(token.name) in ("alt-trans", "match", "ignorable"):
        return True
    if local_name(token.name) not in ("trans-unit", "unit", "group", "file", "segment"):
        return False
    said = attributes_of(markup.source, token)
    return said.get("translate") == "no" or said.get("approved") == "yes" or said.get("state") == "final"


def _slot(markup: Markup, index: int) -> _Slot | None:
    """Find where the target of a source goes; None where there is one already."""
    behind = markup.end_of(index)
    target = None
    for sibling in _siblings(markup, behind):
        name = local_name(markup.tokens[sibling].name)
        if name == "target":
            target = sibling
        elif name == "seg-source":
            behind = markup.end_of(sibling)
    if target is not None and markup.inside(target).strip():
        return None
    prefix = markup.tokens[index].name.rpartition(":")[0]
    name = f"{prefix}:target" if prefix else "target"
    segment = _segment(markup, index)
    return _filled(markup, target, behind, name) if segment is None else _in_segment(markup, segment, target, index)


def _siblings(markup: Markup, index: int) -> Iterator[int]:
    """Give the elements from a token on that have the same parent."""
    while index < len(markup.tokens) and markup.tokens[index].kind is not Kind.CLOSE:
        if markup.tokens[index].name:
            yield index
        index = markup.end_of(index)


def _segment(markup: Markup, index: int) -> int | None:
    """Give the segment of XLIFF 2 that a source is in."""
    before = index - 1
    while before >= 0 and not markup.tokens[before].name:
        before -= 1
    is_segment = before >= 0 and local_name(markup.tokens[before].name) == "segment"
    return before if is_segment and markup.tokens[before].kind is Kind.OPEN else None


def _filled(markup: Markup, target: int | None, behind: int, name: str) -> _Slot:
    if target is None:
        place = markup.tokens[behind - 1].end
        indent = _indent(markup, behind)
        return _Slot(place, place, f"{indent}<{name}{_MARKED}>", f"</{name}>")
    tag = markup.tokens[target]
    written = _STATE.sub("", markup.source[tag.start : tag.end])
    opening = _TAG.sub(rf"\1{_MARKED}>", written, count=1)
    end = markup.tokens[markup.end_of(target) - 1].end
    return _Slot(tag.start, end, opening, f"</{name}>")


def _in_segment(markup: Markup, segment: int, target: int | None, index: int) -> _Slot:
    tag, source = markup.tokens[segment], markup.source
    opening = _TAG.sub(r'\1 state="translated"\2', _STATE.sub("", source[tag.start : tag.end]), count=1)
    last = markup.end_of(index) - 1 if target is None else target - 1
    before = opening + source[tag.end : markup.tokens[last].end]
    name = markup.tokens[index].name[: -len("source")] + "target"
    if target is None:
        before += _indent(markup, last + 1)
        return _Slot(tag.start, markup.tokens[last].end, f"{before}<{name}>", f"</{name}>")
    end = markup.tokens[markup.end_of(target) - 1].end
    written = source[markup.tokens[target].start : markup.tokens[target].end]
    return _Slot(tag.start, end, before + _TAG.sub(r"\1>", written, count=1), f"</{name}>")


def _indent(markup: Markup, behind: int) -> str:
    """Give the line break and indentation before the element that ends before a token."""
    index = behind - 1
    index = markup.partners.get(index, index) - 1
    token = markup.tokens[index]
    written = markup.source[token.start : token.end]
    return written if token.kind is Kind.TEXT and not written.strip() else ""


def _place(markup: Markup, index: int) -> Place:
    name = local_name(markup.tokens[index].name)
    if name not in _PAIRED:
        # Codes whose content is the original's own, not text.
        return Place.HIDDEN
    is_protected = markup.attribute(index, "mtype") in _NO_TRANSLATION or markup.attribute(index, "translate") == "no"
    return Place.WORD if is_protected else Place.INLINE


_DIALECT: Final = Dialect(_place)
