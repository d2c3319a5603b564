"""Registered marks as WIPO ST.96 `Trademark` elements, for systems that keep marks in XML.

Elements are those that offices' own ST.96 data have, in the order of the standard's component as far as these data tell
it; no schema of the standard was at hand to check them by. What a machine read in an image has no element there.
"""

import re
from collections.abc import Iterable
from typing import Final

from lxml import etree

from services.image_search.codes import ViennaCode
from services.image_search.marks import Mark, MarkMetadata

XML: Final = "application/xml"

_TRADEMARK: Final = "http://www.wipo.int/standards/XMLSchema/ST96/Trademark"
_COMMON: Final = "http://www.wipo.int/standards/XMLSchema/ST96/Common"
_NAMESPACES: Final = {"tmk": _TRADEMARK, "com": _COMMON}
_VIENNA_PARTS: Final = ("ViennaCategory", "ViennaDivision", "ViennaSection")
_NOT_IN_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_Element = etree._Element


def write_trademark(mark: Mark) -> bytes:
    """Write a mark as an XML document in UTF-8."""
    return _document(_trademark(mark))


def write_trademarks(marks: Iterable[Mark]) -> bytes:
    """Write marks as one `TrademarkBag`."""
    bag = etree.Element(etree.QName(_TRADEMARK, "TrademarkBag"), nsmap=_NAMESPACES)
    bag.extend([_trademark(mark) for mark in marks])
    return _document(bag)


def _document(root: _Element) -> bytes:
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def _trademark(mark: Mark) -> _Element:
    known = mark.metadata
    trademark = etree.Element(etree.QName(_TRADEMARK, "Trademark"), nsmap=_NAMESPACES)
    _add(trademark, "com:RegistrationOfficeCode", known.office)
    _add(_within(trademark, "com:ApplicationNumber"), "com:ApplicationNumberText", mark.mark_id)
    _add(trademark, "com:ApplicationDate", known.application_date.isoformat() if known.application_date else None)
    _add(trademark, "tmk:MarkCurrentStatusCode", known.status)
    _add_representation(trademark, known)
    if known.nice_classes:
        descriptions = _within(trademark, "tmk:GoodsServicesBag", "tmk:GoodsServices", "tmk:ClassDescriptionBag")
        for nice_class in known.nice_classes:
            _add(_within(descriptions, "tmk:ClassDescription"), "tmk:ClassNumber", str(nice_class))
    if known.applicant:
        applicant = _within(trademark, "tmk:ApplicantBag", "tmk:Applicant", "com:Contact", "com:Name", "com:EntityName")
        applicant.text = _writable(known.applicant)
    return trademark


def _add_representation(trademark: _Element, known: MarkMetadata) -> None:
    representation = _within(trademark, "tmk:MarkRepresentation")
    _add(representation, "tmk:MarkFeatureCategory", known.mark_feature)
    reproduction = _within(representation, "tmk:MarkReproduction")
    if known.name:
        _add(_within(reproduction, "tmk:WordMarkSpecification"), "tmk:MarkSignificantVerbalElementText", known.name)
    if known.vienna_codes:
        path = ("tmk:MarkImageBag", "tmk:MarkImage", "tmk:MarkImageClassification")
        bag = ("com:FigurativeElementClassificationBag", "com:ViennaClassificationBag")
        classifications = _within(reproduction, *path, *bag)
        for code in known.vienna_codes:
            _add_vienna(_within(classifications, "com:ViennaClassification"), code)


def _add_vienna(classification: _Element, code: ViennaCode) -> None:
    for name, number in zip(_VIENNA_PARTS, code.numbers, strict=False):
        _add(classification, f"com:{name}", f"{number:02}")


def _within(parent: _Element, *names: str) -> _Element:
    """Add elements one inside the other and return the innermost."""
    for name in names:
        parent = etree.SubElement(parent, _name(name))
    return parent


def _add(parent: _Element, name: str, text: str | None) -> None:
    if text:
        etree.SubElement(parent, _name(name)).text = _writable(text)


def _name(prefixed: str) -> etree.QName:
    prefix, _, name = prefixed.partition(":")
    return etree.QName(_NAMESPACES[prefix], name)


def _writable(text: str) -> str:
    """Leave out the few signs that XML cannot hold."""
    return _NOT_IN_XML.sub("", text)
