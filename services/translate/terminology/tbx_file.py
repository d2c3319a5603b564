"""Glossaries as TBX, version 2 (`martif`, ISO 30042:2008) and 3 (`tbx`, ISO 30042:2019).

Elements are known by their names, whatever their namespace. A concept may have several terms in a language: each of the
source language gets the first one of the target language that is neither deprecated nor superseded.
"""

from collections.abc import Iterator
from typing import Final

from lxml import etree

from services.translate.languages import LanguagePair, LanguageTag
from services.translate.markup.xml import XmlEntitiesError
from services.translate.terminology.entries import GlossaryLanguagesError, MalformedGlossaryError, Row

_Element = etree._Element

_ROOTS: Final = frozenset(("martif", "tbx"))
_CONCEPTS: Final = frozenset(("termEntry", "conceptEntry"))
_LANGUAGES: Final = frozenset(("langSet", "langSec"))
_WORDINGS: Final = frozenset(("tig", "ntig", "termSec"))
_LANGUAGE: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_STATUS: Final = "administrativeStatus"
_OUTDATED: Final = ("deprecatedTerm", "supersededTerm")


def read_tbx(content: bytes, pair: LanguagePair) -> Iterator[Row]:
    """Give the rows of a file; raise MalformedGlossaryError, XmlEntitiesError, GlossaryLanguagesError."""
    root = _parsed(content)
    if _name(root) not in _ROOTS:
        raise MalformedGlossaryError("The XML is no TBX: its root is neither martif nor tbx.")
    found = False
    for concept in root.iter(etree.Element):
        if _name(concept) in _CONCEPTS:
            sources, targets = _terms(concept, pair.source), _terms(concept, pair.target)
            # A concept that lacks one of the languages says nothing about this pair.
            for element in sources if targets else ():
                found = True
                yield _row(element, targets[0])
    if not found:
        raise GlossaryLanguagesError(f"No concept of the TBX has terms for {pair}.")


def _parsed(content: bytes) -> _Element:
    """Parse without fetching, expanding or loading anything."""
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)
    # Entities are looked for before parsing too: the parser stops at some with an error of another name.
    if b"<!ENTITY" in content.replace(b"\0", b""):
        raise XmlEntitiesError
    try:
        return etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise MalformedGlossaryError(f"The XML is not well-formed (line {error.lineno}).") from None


def _terms(concept: _Element, language: LanguageTag) -> list[_Element]:
    """Give the terms of a concept in a language, those in use first."""
    wordings = [
        wording
        for part in concept.iter(etree.Element)
        if _name(part) in _LANGUAGES and _is_of(part, language)
        for wording in part.iter(etree.Element)
        if _name(wording) in _WORDINGS
    ]
    wordings.sort(key=_is_outdated)
    return [term for wording in wordings for term in wording.iter(etree.Element) if _name(term) == "term"]


def _is_of(part: _Element, language: LanguageTag) -> bool:
    return part.get(_LANGUAGE, "").lower().replace("_", "-").partition("-")[0] == language.language


def _is_outdated(wording: _Element) -> bool:
    return any(
        note.get("type") == _STATUS and (note.text or "").strip().startswith(_OUTDATED)
        for note in wording.iter(etree.Element)
        if _name(note) == "termNote"
    )


def _row(source: _Element, target: _Element) -> Row:
    return Row(f"/lines/{source.sourceline}", f"line {source.sourceline}", _text(source), _text(target))


def _text(element: _Element) -> str:
    return " ".join("".join(map(str, element.itertext())).split())


def _name(element: _Element) -> str:
    return etree.QName(element).localname
