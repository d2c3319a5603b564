"""Cuts markup into tags and text without changing a character, so that what is not translated stays byte for byte.

XML is checked to be well-formed before it comes here. HTML is cut as leniently as browsers do: what is no tag is text.
Both patterns take time in proportion to the length of what they read, whatever it holds.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from html import unescape
from html.entities import html5
from typing import Final

_SECTION_START: Final = len("<![CDATA[")
_SECTION_END: Final = len("]]>")


class Kind(Enum):
    """What a token is; a section is text without escapes, silent is a comment, a declaration and the like."""

    TEXT = "text"
    SECTION = "section"
    OPEN = "open"
    CLOSE = "close"
    EMPTY = "empty"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Token:
    """Characters `start` to `end` of markup; `name` of a tag is in small letters for HTML."""

    kind: Kind
    start: int
    end: int
    name: str = ""

    @property
    def extent(self) -> tuple[int, int]:
        """Where a token begins and ends with the signs that make a section of it."""
        if self.kind is Kind.SECTION:
            return self.start - _SECTION_START, self.end + _SECTION_END
        return self.start, self.end


@dataclass(frozen=True)
class Markup:
    """Markup cut into tokens; `partners` gives for each opening tag the index of its closing tag, and the reverse."""

    source: str
    tokens: Sequence[Token]
    partners: Mapping[int, int]
    is_html: bool = False

    def index_at(self, offset: int) -> int:
        """Give the index of the first token that begins at an offset or behind it."""
        return bisect_left(self.tokens, offset, key=lambda token: token.start)

    def end_of(self, index: int) -> int:
        """Give the index behind an element that begins with a token; one without an end is its tag alone."""
        return self.partners.get(index, index) + 1 if self.tokens[index].kind is Kind.OPEN else index + 1

    def attribute(self, index: int, name: str) -> str | None:
        """Give an attribute of a tag; None where it has none of this name."""
        found = attributes_of(self.source, self.tokens[index])
        return {each.lower(): value for each, value in found.items()}.get(name) if self.is_html else found.get(name)

    def inside(self, index: int) -> str:
        """Give what stands between a tag and its end, as it is written."""
        last = self.partners.get(index)
        return "" if last is None else self.source[self.tokens[index].end : self.tokens[last].start]


_XML = re.compile(
    r"(?P<silent><!--.*?-->|<\?.*?\?>|<!DOCTYPE(?:[^\[\]<>\"']|\"[^\"]*+\"|'[^']*+')*+"
    r"(?:\[(?:[^\]\"'<]|\"[^\"]*+\"|'[^']*+'|<!--.*?-->|<\?.*?\?>|<)*+\]\s*+)?>)"
    r"|(?P<section><!\[CDATA\[.*?\]\]>)"
    r"|</(?P<close>[^\s>]++)\s*+>"
    r"|<(?P<open>[^\s/>!?]++)(?:[^>\"'/]|\"[^\"]*+\"|'[^']*+'|/(?!>))*+(?P<empty>/?)>",
    re.DOTALL,
)
_HTML = re.compile(
    r"(?P<silent><!--(?:>|->|.*?(?:--!?>|\Z))|<[!?][^>]*+>|</(?![a-zA-Z])[^>]*+>)"
    r"|</(?P<close>[a-zA-Z][^\s/>]*+)[^>]*+>"
    r"|<(?P<open>[a-zA-Z][^\s/>]*+)(?:=\s*+\"[^\"]*+\"|=\s*+'[^']*+'|/(?!>)|[^>/])*+(?P<empty>/?)>",
    re.DOTALL,
)
# After a quote that nobody closes, a tag ends at the next `>`.
_LOOSE_HTML = re.compile(
    r"(?P<silent><[!?][^>]*+>|</(?![a-zA-Z])[^>]*+>)|</(?P<close>[a-zA-Z][^\s/>]*+)[^>]*+>"
    r"|<(?P<open>[a-zA-Z][^\s/>]*+)(?:/(?!>)|[^>/])*+(?P<empty>/?)>"
)
_TAG_START = re.compile(r"<[a-zA-Z/!?]")
_ATTRIBUTE = re.compile(r"([^\s=\"'<>/]++)(?:\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'>]++)))?")
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_REFERENCE_OF_ANY_KIND = re.compile(r"&#?[\w:.\-·]++;")


def names(of: str) -> frozenset[str]:
    """Give the names that are written one after another."""
    return frozenset(of.split())


# Their content is text in which no tag is read.
RAW_TEXT: Final = names("script style xmp iframe noembed noframes plaintext")
_ESCAPABLE_RAW_TEXT: Final = frozenset(("textarea", "title"))
VOID: Final = names("area base br col embed hr img input link meta param source track wbr")


def read_xml(source: str) -> Markup:
    """Cut well-formed XML."""
    return _paired(source, list(_xml_tokens(source)))


def read_html(source: str) -> Markup:
    """Cut HTML, well-formed or not."""
    return replace(_paired(source, list(_html_tokens(source))), is_html=True)


def attributes_of(source: str, token: Token) -> dict[str, str]:
    """Give the attributes of a tag."""
    written = source[token.start : token.end].strip("</>")[len(token.name) :]
    return {found[1]: unescape(found[2] or found[3] or found[4] or "") for found in _ATTRIBUTE.finditer(written)}


def characters(source: str, start: int, end: int) -> Iterator[tuple[str, int]]:
    """Give the characters of escaped text, and where each is written; a name that nobody knows stays as it is."""
    done = start
    for found in _REFERENCE.finditer(source, start, end):
        yield from zip(source[done : found.start()], range(done, found.start()), strict=True)
        for character in _meaning(found.group()):
            yield character, found.start()
        done = found.end()
    yield from zip(source[done:end], range(done, end), strict=True)


def unknown_references(source: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Give where in escaped text characters are referred to that nobody here knows, such as entities of a DTD."""
    for found in _REFERENCE_OF_ANY_KIND.finditer(source, start, end):
        if not _REFERENCE.fullmatch(found.group()) or _meaning(found.group()) == found.group():
            yield found.span()


def width_at(source: str, offset: int) -> int:
    """Give how many characters a character is written with."""
    found = _REFERENCE.match(source, offset)
    return len(found.group()) if found else 1


def escape(text: str) -> str:
    """Write text so that it can stand between tags."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def local_name(name: str) -> str:
    """Give a name without its prefix."""
    return name.rpartition(":")[2]


def _meaning(reference: str) -> str:
    if reference[1] == "#" or reference[1:] in html5:
        return unescape(reference)
    return reference


def _xml_tokens(source: str) -> Iterator[Token]:
    done = 0
    for found in _XML.finditer(source):
        yield from _text(done, found.start())
        done = found.end()
        if found["section"]:
            yield Token(Kind.SECTION, found.start() + _SECTION_START, found.end() - _SECTION_END)
        else:
            yield _tag(found, found["open"] or found["close"] or "")
    yield from _text(done, len(source))


def _html_tokens(source: str) -> Iterator[Token]:
    done = 0
    found, pattern = _next_tag(source, done, _HTML)
    while found:
        yield from _text(done, found.start())
        token = _html_tag(found)
        yield token
        done = found.end()
        if token.kind is Kind.OPEN and token.name in RAW_TEXT | _ESCAPABLE_RAW_TEXT:
            end = _end_of_raw_text(source, token.name, done)
            yield from _raw_text(done, end) if token.name in RAW_TEXT else _text(done, end)
            done = end
        found, pattern = _next_tag(source, done, pattern)
    yield from _text(done, len(source))


def _next_tag(source: str, done: int, pattern: re.Pattern[str]) -> tuple[re.Match[str] | None, re.Pattern[str]]:
    """Find the next tag, and the pattern to go on with."""
    start = _TAG_START.search(source, done)
    if start is None:
        return None, pattern
    if found := pattern.match(source, start.start()):
        return found, pattern
    # Without a match there is no further `>`: the rest is text.
    return _LOOSE_HTML.match(source, start.start()), _LOOSE_HTML


def _html_tag(found: re.Match[str]) -> Token:
    name = (found["open"] or found["close"] or "").lower()
    kind = _tag(found, name).kind
    if kind in (Kind.OPEN, Kind.EMPTY) and name in VOID | RAW_TEXT:
        # A slash does not end what holds text, though people write it.
        kind = Kind.EMPTY if name in VOID else Kind.OPEN
    return Token(kind, *found.span(), name)


def _raw_text(start: int, end: int) -> Iterator[Token]:
    if start < end:
        yield Token(Kind.SILENT, start, end)


def _end_of_raw_text(source: str, name: str, start: int) -> int:
    found = re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE).search(source, start)
    return found.start() if found and name != "plaintext" else len(source)


def _tag(found: re.Match[str], name: str) -> Token:
    if found["silent"]:
        return Token(Kind.SILENT, *found.span())
    if found["close"]:
        return Token(Kind.CLOSE, *found.span(), name)
    return Token(Kind.EMPTY if found["empty"] else Kind.OPEN, *found.span(), name)


def _text(start: int, end: int) -> Iterator[Token]:
    if start < end:
        yield Token(Kind.TEXT, start, end)


def _paired(source: str, tokens: Sequence[Token]) -> Markup:
    """Pair tags; an end without a beginning has no partner, nor has what it leaves open inside."""
    partners: dict[int, int] = {}
    stack: list[int] = []
    open_names: dict[str, int] = {}
    for index, token in enumerate(tokens):
        if token.kind is Kind.OPEN:
            stack.append(index)
            open_names[token.name] = open_names.get(token.name, 0) + 1
        elif token.kind is Kind.CLOSE and open_names.get(token.name):
            while True:
                opened = stack.pop()
                open_names[tokens[opened].name] -= 1
                if tokens[opened].name == token.name:
                    break
            partners |= {opened: index, index: opened}
    return Markup(source, tokens, partners)
