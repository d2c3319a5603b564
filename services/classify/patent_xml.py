"""Patent documents in any office's XML become texts that can be classified.

Read are WIPO ST.36 and its offspring (EPO documents, DOCDB, OPS answers, USPTO grants and applications, MAREC), ST.96
of both namespaces, the USPTO's older XML (PATDOC, PAP) and the Brazilian gazette. Elements are known by their names
alone, whatever their namespace, and wherever they stand. Names are compared folded (see `_folded`), for ST.36 and
ST.96 differ in little else.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from html.entities import html5
from typing import Final

from lxml import etree

from examkit.errors import ExamError, InvalidInputError, MalformedRequestError, TooLargeError
from services.classify.ipc import MalformedSymbolError, Symbol
from services.classify.text import PatentText

_Element = etree._Element
_Fault = etree.ErrorTypes
_Landmarks = Mapping[str, list[_Element]]
_Texts = dict[str, dict[str, str]]


def _names(names: str) -> frozenset[str]:
    return frozenset(names.split())


# What one file may hold several of, a patent document each; any other file is one document as a whole.
_DOCUMENTS: Final = _names(
    "exchangedocument fulltextdocument eppatentdocument uspatentgrant uspatentapplication patentapplicationpublication "
    "patentdocument patentdocumentandrelated patentpublication patentdata patdoc processopatente"
)
# What is looked for in a document. Nothing is looked for inside these, so that neither a class that was searched nor
# a number cited in a description is taken for the document's own.
_LANDMARKS: Final = {
    "title": _names("inventiontitle titleofinvention b540 titulo"),
    "abstract": _names("abstract subdocabstract sdoab"),
    "claims": _names("claims subdocclaims sdocl"),
    "description": _names("description subdocdescription sdode"),
    "symbol": _names("classificationipcr ipcrclassification"),
    "older symbols": _names("classificationipc ipcclassification b510 classificacaointernacional"),
    "publication": _names("publicationreference patentpublicationidentification b100 documentid numero"),
    "application": _names("applicationreference applicationidentification applicationnumber"),
    "search": _names("fieldofsearch usfieldofclassificationsearch searchfield searchreportdata"),
}
_LANDMARK_OF: Final = {name: landmark for landmark, names in _LANDMARKS.items() for name in names}
_PARTS: Final = ("title", "abstract", "claims", "description")

_OFFICES: Final = _names("country ipofficecode b190")
_NUMBERS: Final = _names("docnumber publicationnumber b110 applicationnumbertext numero")
_KIND_CODES: Final = _names("kind kindcode patentdocumentkindcode b130")
_OLDER_SYMBOLS: Final = _names(
    "mainclassification furtherclassification additionalinfo text ipc b511 b512 b513 classificacaointernacional"
)
# Formats of one office that leave it and its language unsaid.
_HOMES: Final = {
    "patentapplicationpublication": ("US", "en"),
    "patdoc": ("US", "en"),
    "processopatente": ("BR", "pt"),
}

# Elements that may stand inside a word; all others stand between words.
_INLINE: Final = _names(
    "b i u o bold italic ital underline uline highlight hil pdat sub sup sub2 sup2 sb sp subscript superscript "
    "smallcaps smallcapital figref fgref figurereference claimref clref claimreference crossref crossreference "
    "dependentclaimreference"
)
# Formulas as mark-up are no words, and the number of a claim is written by this module.
_WORDLESS: Final = _names("math maths mathus mathml claimnumber")
_CLAIMS: Final = _names("claim clm")
# Asked for by name: lxml takes quadratic time to list the attributes of an element.
_LANGUAGE_ATTRIBUTES: Final = (
    "lang",
    "{http://www.w3.org/XML/1998/namespace}lang",
    "{http://www.wipo.int/standards/XMLSchema/ST96/Common}languageCode",
    "{http://www.wipo.int/standards/XMLSchema/Common/1}languageCode",
)
_NO_LANGUAGE: Final = _names("xx und zz mul")
_LANGUAGE_CODE: Final = re.compile(r"[a-z]{2,3}")

# In a file of several documents, as the USPTO publishes them every week, each begins with a declaration on its line.
_NEXT_FILE: Final = re.compile(rb"\n(?=<\?xml\s)")
_ENTITY_DECLARATION: Final = re.compile(rb"<!ENTITY\s[^<>]*")
_CLAIM_NUMBER: Final = re.compile(r"^\d{1,4}\s?[.)][.)\s]*(?=\D)")
# Before 2006 symbols were written after a digit for their edition (`7A 61K 9/16`), and in US grants in columns
# without a slash: three for the main group, the rest for the subgroup (`B32B  302`).
_EDITION_DIGIT: Final = re.compile(r"^\d\s?(?=[A-H])")
_COLUMNS: Final = re.compile(r"([A-H]\d{2}[A-Z])([ \d]{2}\d)(\d{2,3})", re.ASCII)

# Faults that leave nothing in doubt but a name.
_HARMLESS: Final = frozenset(
    {_Fault.ERR_UNDECLARED_ENTITY, _Fault.WAR_UNDECLARED_ENTITY, _Fault.NS_ERR_UNDEFINED_NAMESPACE}
)
_RESOURCE_LIMIT: Final = 114  # libxml2's XML_ERR_RESOURCE_LIMIT, for which lxml has no name
_ENTITIES: Final = "The XML declares entities of its own, which are not expanded here: write them out."


class MalformedXmlError(MalformedRequestError):
    """Bytes that are no well-formed XML: cut off, of another encoding than they say, SGML, or no XML at all."""

    code = "malformed-xml"


class XmlEntitiesError(InvalidInputError):
    """A document that declares entities of its own, by which a small file can grow or reach for others."""

    code = "xml-entities"


class XmlTooDeepError(TooLargeError):
    """A document beyond the parser's limits: 256 elements deep, ten million letters in one."""

    code = "xml-too-deep"


class NotAPatentDocumentError(InvalidInputError):
    """Well-formed XML without anything of a patent document."""

    code = "not-a-patent-document"


class XmlWithoutTextError(InvalidInputError):
    """A patent document without title, abstract, claims and description."""

    code = "xml-without-text"


@dataclass(frozen=True)
class PatentDocument:
    """What one XML document says: its text in one language, and what else classification can use.

    `document_id` is office, number and kind (WIPO ST.3, ST.16) as far as they are said; `language` (ISO 639, lower
    case) that of the text chosen, empty where it is not said; `languages` all that are offered, in their order;
    `symbols` the IPC symbols that the document already carries.
    """

    document_id: str
    language: str
    text: PatentText
    languages: tuple[str, ...] = ()
    symbols: tuple[Symbol, ...] = ()


def read_patent(xml: bytes, language: str | None = None) -> PatentDocument:
    """Read the first patent document of a file; see `read_patents`.

    Raise also XmlWithoutTextError where it has no text.
    """
    document = next(read_patents(xml, language))
    if document.text.is_blank:
        raise XmlWithoutTextError("The document has no title, abstract, claims or description with text.")
    return document


def read_patents(xml: bytes, language: str | None = None) -> Iterator[PatentDocument]:
    """Read the patent documents of a file one after another, also those without text.

    The text is in the wished language where a document has any of it, else in English (be it but the title: no
    classifier reads every other language), else in the language with most text. Raise MalformedXmlError,
    XmlEntitiesError, XmlTooDeepError or NotAPatentDocumentError for a file, or the next part of it, that cannot be
    read.
    """
    files = [file for file in _NEXT_FILE.split(xml) if file.strip()]
    for file in files or [xml]:
        for document in _documents(_parse(file)):
            yield _read(document, language)


def _parse(xml: bytes) -> _Element:
    """Parse one file without fetching, expanding or loading anything.

    A DTD that is only named is left alone; an entity that nobody declared (`&hellip;` of such a DTD) stays in the
    tree by its name. Where the only faults are names without a declaration (entities, prefixes of a piece cut out of
    a larger file), the file is read all the same.
    """
    parser = _parser(recover=False)
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError:
        faults = [fault for fault in parser.error_log if fault.type not in _HARMLESS]
        if faults:
            raise _problem(faults[0], xml) from None
        root = etree.fromstring(xml, _parser(recover=True))
    if root is None:
        raise MalformedXmlError("The body is not well-formed XML.")
    if _has_expandable_entities(root):
        raise XmlEntitiesError(_ENTITIES)
    return root


def _parser(*, recover: bool) -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        recover=recover,
    )


def _problem(fault: etree._LogEntry, xml: bytes) -> ExamError:
    """Tell what is wrong without quoting the document, as the parser's own messages would."""
    declarations = _ENTITY_DECLARATION.findall(xml.replace(b"\0", b""))
    place = f"(line {fault.line}, column {fault.column})"
    if any(b"NDATA" not in declaration for declaration in declarations):
        return XmlEntitiesError(_ENTITIES)
    if fault.type == _Fault.ERR_NO_MEMORY:
        raise MemoryError
    if fault.type == _RESOURCE_LIMIT:
        return XmlTooDeepError(f"The XML is nested too deeply or has too long a text {place}.")
    if fault.type == _Fault.ERR_DOCUMENT_EMPTY:
        return MalformedXmlError("The body is no XML: it holds no element. Green Book text has to be converted first.")
    return MalformedXmlError(f"The body is not well-formed XML {place}.")


def _has_expandable_entities(root: _Element) -> bool:
    """Look for an entity with text or a file behind it; the name of a picture (NDATA) is never opened."""
    dtd = root.getroottree().docinfo.internalDTD
    entities = () if dtd is None else dtd.iterentities()  # type: ignore[attr-defined] # the stubs lack it
    return any(entity.content is None or entity.system_url is None for entity in entities)


def _documents(root: _Element) -> Iterator[_Element]:
    """Find the outermost elements that are documents; where there are none, the root is taken for one."""
    documents = _outermost(root, _DOCUMENTS)
    yield next(documents, root)
    yield from documents


def _outermost(element: _Element, names: Collection[str]) -> Iterator[_Element]:
    """Walk a tree in its order, not below the elements of these names."""
    walk = etree.iterwalk(element, events=("start",))
    for _, found in walk:
        if _name(found) in names:
            yield found
            walk.skip_subtree()


def _landmarks(document: _Element) -> _Landmarks:
    found = defaultdict(list)
    for element in _outermost(document, _LANDMARK_OF):
        found[_LANDMARK_OF[_name(element)]].append(element)
    return found


def _read(document: _Element, wished: str | None) -> PatentDocument:
    office, language = _HOMES.get(_name(document), ("", ""))
    landmarks = _landmarks(document)
    texts = _texts(landmarks, language)
    if not texts and _name(document) not in _DOCUMENTS:
        raise NotAPatentDocumentError("The XML holds no patent document: no title, abstract, claims or description.")
    chosen = _choose(texts, wished)
    return PatentDocument(
        _document_id(document, landmarks, office),
        chosen,
        PatentText(**{**texts.get("", {}), **texts.get(chosen, {})}),
        tuple(filter(None, texts)),
        _symbols(landmarks),
    )


def _texts(landmarks: _Landmarks, home_language: str) -> _Texts:
    """Return the first text with words of each part in each language, `""` where a language is not said."""
    found: _Texts = defaultdict(dict)
    languages: dict[_Element, str] = {}
    for part, element in _parts(landmarks):
        text = _claims(element) if part == "claims" else _text(element)
        if text:
            found[_language(element, languages) or home_language].setdefault(part, text)
    return found


def _parts(landmarks: _Landmarks) -> Iterator[tuple[str, _Element]]:
    for part in _PARTS:
        for element in landmarks.get(part, ()):
            # The EPO keeps the titles of all languages in one element, each after its language.
            yield from ((part, found) for found in element.findall("{*}B542") or (element,))


def _language(element: _Element, known: dict[_Element, str]) -> str:
    """Return the language that an element or the nearest one around it states; `known` spares climbing twice."""
    if element not in known:
        parent = element.getparent()
        around = "" if parent is None else _language(parent, known)
        known[element] = _stated_language(element) or around
    return known[element]


def _stated_language(element: _Element) -> str:
    before = element.getprevious() if _name(element) == "b542" else None
    if before is not None:
        return _language_code(before.text or "")
    return _language_code(next(filter(None, map(element.get, _LANGUAGE_ATTRIBUTES)), ""))


def _language_code(tag: str) -> str:
    code = tag.strip().lower().partition("-")[0]
    return code if _LANGUAGE_CODE.fullmatch(code) and code not in _NO_LANGUAGE else ""


def _choose(texts: _Texts, wished: str | None) -> str:
    offered = [language for language in texts if language]
    for language in (_language_code(wished or ""), "en"):
        if language in offered:
            return language
    return max(offered, key=lambda language: sum(map(len, texts[language].values())), default="")


def _claims(element: _Element) -> str:
    """Return the claims of a set in their order, each on a line of its own with its number."""
    claims = [text for text in map(_text, _outermost(element, _CLAIMS)) if text]
    lines = (f"{number}. {_CLAIM_NUMBER.sub('', text).lstrip()}" for number, text in enumerate(claims, start=1))
    return "\n".join(lines) or _text(element)


def _text(element: _Element) -> str:
    pieces: list[str] = []
    _gather(element, pieces)
    return " ".join("".join(pieces).split())


def _gather(element: _Element, pieces: list[str]) -> None:
    """Append the text in an element piece by piece, with space wherever a word cannot go on."""
    border = "" if _name(element) in _INLINE else " "
    pieces += (border, element.text or "")
    for child in element:
        if child.tag is etree.Entity:
            pieces.append(html5.get((child.text or "")[1:], " "))
        elif _name(child) in _WORDLESS:
            pieces.append(" ")
        else:
            _gather(child, pieces)
        pieces.append(child.tail or "")
    pieces.append(border)


def _document_id(document: _Element, landmarks: _Landmarks, home_office: str) -> str:
    if number := document.get("doc-number"):
        return document.get("country", "") + number + document.get("kind", "")
    places = [*landmarks.get("publication", ()), *landmarks.get("application", ())]
    if not places:
        return ""
    office, number, kind = (_first(places[0], names) for names in (_OFFICES, _NUMBERS, _KIND_CODES))
    office = office or home_office
    return office + number.removeprefix(office) + (kind or places[0].get("kindcode", ""))


def _first(place: _Element, names: Collection[str]) -> str:
    """Return the text of the first element of these names, without any space in it."""
    found = next(_outermost(place, names), None)
    return "" if found is None else _text(found).replace(" ", "")


def _symbols(landmarks: _Landmarks) -> tuple[Symbol, ...]:
    """Return the symbols of the reformed IPC, else those of the editions before 2006."""
    reformed = map(_reformed, landmarks.get("symbol", ()))
    older = (symbol for group in landmarks.get("older symbols", ()) for symbol in _outermost(group, _OLDER_SYMBOLS))
    return _parsed(reformed) or _parsed("".join(map(str, symbol.itertext())) for symbol in older)


def _reformed(element: _Element) -> str:
    fields = {_name(child): _text(child) for child in element}
    if "section" not in fields:
        return fields.get("text") or fields.get("patentclassificationtext") or _text(element)
    head = "".join(fields.get(name, "") for name in ("section", "class", "subclass"))
    return f"{head} {fields['maingroup']}/{fields.get('subgroup', '')}" if "maingroup" in fields else head


def _parsed(texts: Iterable[str]) -> tuple[Symbol, ...]:
    return tuple(dict.fromkeys(symbol for symbol in map(_symbol, texts) if symbol))


def _symbol(text: str) -> Symbol | None:
    cleaned = _EDITION_DIGIT.sub("", text.strip())
    columns = _COLUMNS.fullmatch(cleaned)
    try:
        return Symbol.parse("{} {}/{}".format(*columns.groups()) if columns else cleaned)
    except MalformedSymbolError:
        return None


def _name(element: _Element) -> str:
    return _folded(element.tag) if isinstance(element.tag, str) else ""


@lru_cache(maxsize=4096)
def _folded(name: str) -> str:
    """Return a name without namespace, hyphens and capitals."""
    return name.replace(":", "}").rpartition("}")[2].replace("-", "").lower()
