"""Translation memory as TMX 1.4, the form in which translators' tools exchange it, read and written as a stream.

Nothing that a file refers to is fetched, and entities of its own are refused, so that a small file stays small.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from examkit import __version__
from examkit.errors import ExamError, InvalidInputError, MalformedRequestError
from services.translate.languages import LanguagePair, LanguageTag
from services.translate.markup.xml import XmlEntitiesError
from services.translate.memory.units import LONGEST, Unit

MEDIA_TYPE: Final = "application/x-tmx+xml"
_CHUNK: Final = 1 << 20  # large, for Expat before 2.6 begins a long comment or tag anew with every chunk
_MOST_VARIANTS: Final = 40
_ALL: Final = "*all*"
# Elements inside a segment that hold a tool's codes, which are no text.
_CODES: Final = frozenset({"bpt", "ept", "ph", "it", "ut"})
_HEADER: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<tmx version="1.4">\n<header creationtool="examkit" '
    f'creationtoolversion="{__version__}" segtype="sentence" o-tmf="examkit" adminlang="en" srclang="*all*" '
    'datatype="plaintext"/>\n<body>\n'
)
# A parser would read a bare carriage return as a line feed.
_RETURN: Final = {"\r": "&#13;"}
_Variant = tuple[str, str]


def read_tmx(content: bytes | bytearray) -> Iterator[Unit]:
    """Give the units of a file, from its source language into each other one; `*all*` gives every direction.

    Some of them may not be usable. Raise MalformedRequestError (`malformed-xml`), InvalidInputError (`xml-entities`,
    `not-tmx`).
    """
    reader = _Reader()
    parser = _parser(reader)
    for start in range(0, len(content) + 1, _CHUNK):
        _feed(parser, content[start : start + _CHUNK], is_last=start + _CHUNK > len(content))
        yield from reader.taken()


def write_tmx(units: Iterable[Unit]) -> Iterator[str]:
    """Write a file, unit by unit."""
    yield _HEADER
    for unit in units:
        source = quoteattr(str(unit.pair.source))
        yield f"<tu srclang={source}>{_variant(unit.pair.source, unit.source)}"
        yield f"{_variant(unit.pair.target, unit.target)}</tu>\n"
    yield "</body>\n</tmx>\n"


def _variant(language: LanguageTag, text: str) -> str:
    return f"<tuv xml:lang={quoteattr(str(language))}><seg>{escape(text, _RETURN)}</seg></tuv>"


def _parser(reader: "_Reader") -> expat.XMLParserType:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.EntityDeclHandler = _refuse_entities
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    return parser


def _feed(parser: expat.XMLParserType, chunk: bytes | bytearray, *, is_last: bool) -> None:
    try:
        parser.Parse(chunk, is_last)
    except ExamError:
        raise
    except (expat.ExpatError, LookupError, ValueError):
        detail = "The TMX is not well-formed XML, or says a wrong encoding of itself."
        raise MalformedRequestError(detail, code="malformed-xml") from None


def _refuse_entities(*_declaration: object) -> None:
    raise XmlEntitiesError


class _Reader:
    """Takes the events of a parser and holds no more than the unit it is in and the units not taken yet."""

    def __init__(self) -> None:
        self._units: list[Unit] = []
        self._is_begun = False
        self._file_language = self._unit_language = self._language = ""
        self._variants: list[_Variant] = []
        self._text: list[str] | None = None
        self._length = 0
        self._codes = 0

    def taken(self) -> list[Unit]:
        """Give the units read since the last time."""
        units, self._units = self._units, []
        return units

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Begin an element."""
        element = name.rpartition(":")[2].lower()
        if not self._is_begun and element != "tmx":
            raise InvalidInputError("The XML is no TMX: its outermost element is another.", code="not-tmx")
        self._is_begun = True
        if self._text is not None:
            self._codes += element in _CODES
        elif element == "header":
            self._file_language = attributes.get("srclang", "")
        elif element == "tu":
            self._unit_language, self._variants = attributes.get("srclang", self._file_language), []
        elif element == "tuv":
            self._language = attributes.get("xml:lang", attributes.get("lang", ""))
        elif element == "seg":
            self._text, self._length, self._codes = [], 0, 0

    def text(self, text: str) -> None:
        """Take text, where it is a segment's."""
        if self._text is not None and not self._codes and self._length <= LONGEST:
            self._text.append(text)
            self._length += len(text)

    def end(self, name: str) -> None:
        """End an element."""
        element = name.rpartition(":")[2].lower()
        if element == "seg" and self._text is not None:
            if len(self._variants) < _MOST_VARIANTS:
                self._variants.append((self._language, "".join(self._text)))
            self._text = None
        elif self._text is not None:
            self._codes -= element in _CODES
        elif element == "tu":
            self._units += _units(self._unit_language, self._variants)


def _units(source_language: str, variants: Iterable[_Variant]) -> Iterator[Unit]:
    read = [(tag, text) for language, text in variants if (tag := _tag(language)) is not None]
    if source_language.lower() == _ALL:
        sources = read
    else:
        main = _tag(source_language)
        sources = [item for item in read if main is not None and item[0].serves(main)][:1]
    for source, text in sources:
        for target, translation in read:
            if not source.serves(target):
                yield Unit(LanguagePair(source, target), text, translation)


def _tag(language: str) -> LanguageTag | None:
    try:
        return LanguageTag.parse(language.strip().replace("_", "-"))
    except InvalidInputError:
        return None
