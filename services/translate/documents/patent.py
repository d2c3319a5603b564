"""Texts of patent documents in XML (WIPO ST.36, ST.96): title, abstract, description and claims in one language.

Elements are known by their names alone, whatever their namespace; names are compared folded, for the two standards
differ in little else. What is said to be in another language stays, as do names, numbers and citations.
"""

from collections.abc import Iterator
from typing import Final

from examkit.errors import InvalidInputError
from services.translate.documents.document import Document, DocumentFormat, Encoded, Section, UnsupportedDocumentError
from services.translate.languages import LanguageTag
from services.translate.markup.tokens import Kind, Markup, attributes_of, local_name, names
from services.translate.markup.units import Dialect, Place, units_of
from services.translate.markup.xml import read_trusted_xml

_TEXTS: Final = names(
    "inventiontitle titleofinvention b542 abstract subdocabstract sdoab claims subdocclaims sdocl "
    "description subdocdescription sdode titulo"
)
# Nothing is looked for in these: a title that is cited there is another document's.
_ELSEWHERE: Final = names("referencescited b560 citations searchreportdata relateddocuments fieldofsearch")
_INLINE: Final = names(
    "b i u o s em strong bold italic ital underline uline highlight hil pdat sub sup sub2 sup2 sb sp subscript "
    "superscript smallcaps smallcapital figref fgref figurereference claimref clref claimreference crossref "
    "crossreference dependentclaimreference"
)
_KEPT: Final = names(
    "math maths mathus mathml chemistry uschemistry chemicalformulae chem nplcit patcit cit citation patentcitation "
    "nplcitation biodeposit sequencelisttext"
)
_POINTS: Final = names("img image figure bookmark")
_SKIPPED: Final = names("sequencelist tableexternaldoc docpage documentpage claimnumber img")
_TABLES: Final = names("tables table")
_SCRIPTS: Final = names("sub sup sub2 sup2 sb sp subscript superscript")
_TITLE_LANGUAGE: Final = "b541"
_TITLE: Final = "b542"
_LANGUAGE_ATTRIBUTES: Final = frozenset(("lang", "languageCode"))


def open_patent(file: Encoded, source: LanguageTag | None) -> Document:
    """Read a patent document, of which texts in one language are taken: as asked, or its own, or all.

    Raise UnsupportedDocumentError when it has none of a patent's texts; MalformedMarkupError, MarkupEntitiesError.
    """
    markup = read_trusted_xml(file.text)
    language = source or _own_language(markup)
    ranges = list(_texts(markup, language))
    if not any(_folded(token.name) in _TEXTS for token in markup.tokens):
        raise UnsupportedDocumentError("The XML is no patent document (ST.36, ST.96) and no XLIFF.")
    dialect = Dialect(
        _Placing(language), is_script=lambda markup, index: _folded(markup.tokens[index].name) in _SCRIPTS
    )
    units = [unit for first, last in ranges for unit in units_of(markup, dialect, first, last)]
    section = Section(file.text, units)
    return Document(DocumentFormat.PATENT_XML, [section], lambda texts: file.write(texts[0]), language)


class _Placing:
    """Tells how an element stands in a text of one language."""

    def __init__(self, language: LanguageTag | None) -> None:
        self._language = language

    def __call__(self, markup: Markup, index: int) -> Place:
        name = _folded(markup.tokens[index].name)
        is_other = _differs(_language_of(markup, index), self._language)
        if name in _INLINE:
            return Place.WORD if is_other else Place.INLINE
        if name in _KEPT:
            return Place.WORD
        if is_other or name in _SKIPPED - _POINTS:
            return Place.SKIPPED
        if name in _POINTS:
            return Place.HIDDEN
        return Place.ISLAND if name in _TABLES else Place.BLOCK


def _texts(markup: Markup, language: LanguageTag | None) -> Iterator[tuple[int, int]]:
    """Give where the texts of a language are, by their tokens."""
    languages: list[LanguageTag | None] = [None]
    titled: LanguageTag | None = None
    index = 0
    while index < len(markup.tokens):
        token, end = markup.tokens[index], index + 1
        name = _folded(token.name)
        if token.kind is Kind.CLOSE:
            languages.pop()
        elif token.kind is Kind.OPEN and name in _TEXTS | _ELSEWHERE:
            end = markup.end_of(index)
            said = titled if name == _TITLE else _language_of(markup, index) or languages[-1]
            if name in _TEXTS and not _differs(said, language):
                yield index + 1, end - 1
        elif token.kind is Kind.OPEN:
            languages.append(_language_of(markup, index) or languages[-1])
            titled = _tag(markup.inside(index)) if name == _TITLE_LANGUAGE else titled
        index = end


def _own_language(markup: Markup) -> LanguageTag | None:
    """Give the language that a document says it is in."""
    for index, token in enumerate(markup.tokens):
        if token.kind is Kind.OPEN:
            said = _language_of(markup, index)
            if said is not None:
                return said
            if _folded(token.name) in _TEXTS:
                return None
    return None


def _language_of(markup: Markup, index: int) -> LanguageTag | None:
    token = markup.tokens[index]
    if token.kind not in (Kind.OPEN, Kind.EMPTY) or "lang" not in markup.source[token.start : token.end]:
        return None
    said = attributes_of(markup.source, token)
    return next((_tag(value) for name, value in said.items() if local_name(name) in _LANGUAGE_ATTRIBUTES), None)


def _tag(said: str) -> LanguageTag | None:
    try:
        tag = LanguageTag.parse(said.strip())
    except InvalidInputError:
        return None
    return None if str(tag) in ("xx", "und", "zz", "mul") else tag


def _differs(said: LanguageTag | None, language: LanguageTag | None) -> bool:
    return said is not None and language is not None and not said.serves(language) and not language.serves(said)


def _folded(name: str) -> str:
    return local_name(name).replace("-", "").replace("_", "").lower()
