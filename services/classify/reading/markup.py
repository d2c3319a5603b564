"""XML inside documents, walked through without a tree: however large it is, it takes no memory, and it cannot grow."""

from collections.abc import Iterable, Mapping
from typing import Final
from xml.parsers import expat

from services.classify.reading.document import MalformedDocumentError

_DEEPEST: Final = 256
_UNREADABLE: Final = "A part of the document is not the XML that it has to be."

Attributes = Mapping[str, str]


class EnoughError(Exception):
    """What is wanted of a document has been read."""


class Walker:
    """What is done on the way: nothing here; names are `prefix:local`, with the prefixes that the walk was given."""

    passed_over: frozenset[str] = frozenset()  # elements of which nothing is told, nor of what is in them

    def start(self, name: str, attributes: Attributes) -> None:
        """Meet the beginning of an element."""

    def end(self, name: str) -> None:
        """Meet the end of an element."""

    def text(self, text: str) -> None:
        """Meet text."""


def walk(pieces: Iterable[bytes], prefixes: Mapping[str, str], walker: Walker) -> bool:
    """Walk through the XML that comes piece by piece; false where the walker had enough before its end.

    `prefixes` are those of namespaces; elements and attributes of others have no name. Raise MalformedDocumentError for
    what is no well-formed XML, is nested too deeply or declares a document type, as no office program writes.
    """
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    steps = _Steps(prefixes, walker)
    parser.StartDoctypeDeclHandler = _refuse_document_type
    parser.StartElementHandler = steps.start
    parser.EndElementHandler = steps.end
    parser.CharacterDataHandler = steps.text
    try:
        for piece in pieces:
            parser.Parse(piece, False)
        parser.Parse(b"", True)
    except EnoughError:
        return False
    except (expat.ExpatError, LookupError, ValueError):  # the latter two of encodings that are none
        raise MalformedDocumentError(_UNREADABLE) from None
    return True


class _Steps:
    """Passes on what a walker wants to know."""

    def __init__(self, prefixes: Mapping[str, str], walker: Walker) -> None:
        self._prefixes = prefixes
        self._walker = walker
        self._depth = 0
        self._passed_over_from = _DEEPEST + 1

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise MalformedDocumentError("A part of the document is nested too deeply.")
        named = self._named(name)
        if named in self._walker.passed_over:
            self._passed_over_from = min(self._depth, self._passed_over_from)
        if self._depth < self._passed_over_from:
            self._walker.start(named, {self._named(key): value for key, value in attributes.items()})

    def end(self, name: str) -> None:
        if self._depth < self._passed_over_from:
            self._walker.end(self._named(name))
        elif self._depth == self._passed_over_from:
            self._passed_over_from = _DEEPEST + 1
        self._depth -= 1

    def text(self, text: str) -> None:
        if self._depth < self._passed_over_from:
            self._walker.text(text)

    def _named(self, name: str) -> str:
        namespace, _, local = name.rpartition("}")
        if not namespace:
            return local
        prefix = self._prefixes.get(namespace)
        return f"{prefix}:{local}" if prefix else ""


def _refuse_document_type(*_: object) -> None:
    raise MalformedDocumentError("A part of the document declares a document type, which no office program writes.")
