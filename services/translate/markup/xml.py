"""XML that can be trusted before it is cut: well-formed, without entities of its own; and XML of no known kind."""

import re
from contextlib import suppress
from typing import Final

from lxml import etree

from examkit.errors import InvalidInputError, TooLargeError
from services.translate.markup.tokens import Markup, local_name, names, read_xml
from services.translate.markup.units import Dialect, Place

_Fault = etree.ErrorTypes
_HARMLESS: Final = frozenset(
    {_Fault.ERR_UNDECLARED_ENTITY, _Fault.WAR_UNDECLARED_ENTITY, _Fault.NS_ERR_UNDEFINED_NAMESPACE}
)
_DECLARATION = re.compile(r"\s*<\?xml\b[^>]*\?>")
_ENTITY = re.compile(r"<!ENTITY\s[^<>]*+")
_PROLOGUE = re.compile(r"\s*(?:<\?xml\b|<!DOCTYPE)")
# Of text as most kinds of XML mark it up; any other element is a block of its own.
_INLINE: Final = names(
    "a b bold em emphasis font g hi i italic link mark mrk o ph s small smallcaps span strong sub sub2 subscript sup "
    "sup2 superscript tt u underline x xref figref crossref claim-ref patcit"
)
_KEPT: Final = frozenset(("math", "maths", "chemistry", "code"))


class MalformedMarkupError(InvalidInputError):
    """XML that is not well-formed, or is beyond what a parser takes."""

    code = "malformed-markup"


class XmlEntitiesError(InvalidInputError):
    """XML that declares entities of its own, by which a small text can grow or reach for others."""

    code = "xml-entities"

    def __init__(self) -> None:
        super().__init__("The XML declares entities of its own, which are not expanded here: write them out.")


class XmlTooDeepError(TooLargeError):
    """XML beyond the parser's limits: 256 elements within each other, ten million letters in one."""

    code = "xml-too-deep"


def read_trusted_xml(source: str, *, is_part: bool = False) -> Markup:
    """Cut XML, a document or a part of one.

    Raise MalformedMarkupError, which tells the line and column, XmlEntitiesError or XmlTooDeepError.
    """
    if "<!ENTITY" in source and any("NDATA" not in entity for entity in _ENTITY.findall(source)):
        raise XmlEntitiesError
    whole = source if not is_part or _PROLOGUE.match(source) else f"<part>{source}</part>"
    _refuse_malformed(_DECLARATION.sub("", whole.removeprefix("\ufeff"), count=1))
    return read_xml(source)


def _refuse_malformed(source: str) -> None:
    parser = etree.XMLParser(encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, recover=True)
    with suppress(etree.XMLSyntaxError):  # the log tells more, also where the parser could go on
        etree.fromstring(source.encode("utf-8", "surrogatepass"), parser)
    for fault in parser.error_log:
        if fault.type == _Fault.ERR_RESOURCE_LIMIT:
            raise XmlTooDeepError("The XML is nested too deep, or has too long a text in one element.")
        if fault.type not in _HARMLESS:
            raise MalformedMarkupError(f"The XML is not well-formed (line {fault.line}, column {fault.column}).")


def _place(markup: Markup, index: int) -> Place:
    name = local_name(markup.tokens[index].name)
    is_left = markup.attribute(index, "translate") == "no"
    if name in _KEPT:
        return Place.WORD
    if name.lower() in _INLINE:
        return Place.WORD if is_left else Place.INLINE
    return Place.SKIPPED if is_left else Place.BLOCK


XML: Final = Dialect(_place)
