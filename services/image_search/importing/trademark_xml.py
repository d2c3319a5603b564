"""Marks in any office's XML: WIPO ST.66 and its offspring, ST.96, and the Israeli office's own.

Elements are known by their names alone, whatever their namespace, case and hyphens, and are read as a stream, so that a
file may be of any length. Nothing is fetched or expanded.
"""

import io
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import PurePosixPath
from typing import Final

from lxml import etree

from examkit.errors import InvalidInputError
from services.image_search.codes import ViennaCode
from services.image_search.importing.records import (
    Place,
    Record,
    Refusal,
    UnreadableFileError,
    UnreadableRecordError,
    read_members,
)

_Element = etree._Element
_Found = Mapping[str, list[_Element]]

_LARGEST_RECORD_BYTES: Final = 32 * 1024 * 1024
_LONGEST_TEXT: Final = 500  # of the register's metadata
_LONGEST_ID: Final = 128
_MOST_CODES: Final = 50


def _names(names: str) -> frozenset[str]:
    return frozenset(names.split())


_RECORDS: Final = _names("trademark tmbrand")
_HOMES: Final = {"tmbrand": "IL"}
# Nothing is looked for inside these: numbers, dates and names in there are not the mark's own.
_OTHERS: Final = _names(
    "prioritydetails prioritybag priorgroup representativedetails representativebag representatives "
    "correspondenceaddress markeventdetails markeventbag events oppositiondetails oppositionbag oppositions "
    "cancellations publicationdetails publicationbag senioritydetails senioritybag exhibitionprioritydetails "
    "exhibitionprioritybag internationalmarkdetails associatedmarkdetails associatedmarkbag relatedapplicationbag "
    "licenceedetails licenseebag extregistrationgroup appealdetails appealbag marktransformation markconversion"
)
_NUMBERS: Final = (
    "applicationnumbertext",
    "applicationnumber",
    "officenumber",
    "st13applicationnumber",
    "registrationnumber",
    "internationalregistrationnumber",
)
_OFFICES: Final = ("registrationofficecode", "receivingofficecode", "ipofficecode", "officecode")
_DATES: Final = ("applicationdate", "filingdate")
_MARK_NAMES: Final = ("markverbalelementtext", "marksignificantverbalelementtext", "brand")
_FEATURES: Final = ("markfeature", "markfeaturecategory")
_STATUSES: Final = ("markcurrentstatuscode", "status")
_IMAGES: Final = ("markimagefilename", "imagefile", "filename", "imagefilename")
_FORMATS: Final = ("markimagefileformat", "imageformatcategory")
_APPLICANT_NAMES: Final = (
    "organizationname",
    "organizationstandardname",
    "entityname",
    "personfullname",
    "freeformatnameline",
    "lastname",
    "name",
)
_DATE: Final = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?!\d)", re.ASCII)
_OFFICE: Final = re.compile(r"[A-Z]{2}")
_NO_SECTION: Final = re.compile(r"(\.0{0,2})+$|(?<=^\d{4})00$", re.ASCII)
_NOT_IN_IDS: Final = re.compile(r"[^A-Za-z0-9._:]+", re.ASCII)


def read_trademarks(stream: io.BufferedReader, file: str) -> Iterator[Record | Refusal]:
    """Read the marks of an XML file, in the order of the file.

    Raise UnreadableFileError where it cannot be read on: not well-formed, with entities of its own, a record of more
    than 32 MB.
    """
    number = 0
    for number, element in enumerate(_records(stream), start=1):
        yield _read(element, Place(file, number, "record"))
    if not number:
        raise UnreadableFileError("The XML holds no trademark.")


def _records(stream: io.BufferedReader) -> Iterator[_Element]:
    """Give each outermost element of a mark, and forget it before the next."""
    rationed = _Rationed(stream)
    within = 0
    for event, element in _events(rationed):
        if _folded(element) not in _RECORDS:
            continue
        within += 1 if event == "start" else -1
        if event == "end" and within == 0:
            yield element
            _forget(element)
            rationed.renew()


def _events(stream: "_Rationed") -> Iterator[tuple[str, _Element]]:
    context = etree.iterparse(
        stream,
        events=("start", "end"),
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    is_first = True
    try:
        for event, element in context:
            if is_first:
                _refuse_entities(element)
                is_first = False
            yield event, element
    except etree.XMLSyntaxError:
        raise UnreadableFileError("The XML is not well-formed, or cut off, or nested too deep.") from None


def _refuse_entities(root: _Element) -> None:
    dtd = root.getroottree().docinfo.internalDTD
    if dtd is not None and any(dtd.iterentities()):  # type: ignore[attr-defined] # the stubs lack it
        raise UnreadableFileError("The XML declares entities of its own, which are not expanded here: write them out.")


def _forget(element: _Element) -> None:
    """Take an element that was read, and what stands before it, out of the tree."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _read(element: _Element, place: Place) -> Record | Refusal:
    found = _landmarks(element)
    office = _office(element, found)
    mark_id = mark_id_of(office, _first(found, _NUMBERS))
    if not mark_id:
        return Refusal.of(UnreadableRecordError("The mark has no number."), place)
    metadata: dict[str, object] = {
        "name": _joined(_texts(found, _MARK_NAMES), " / "),
        "applicant": _joined(map(_applicant, found["applicant"]), "; "),
        "office": office,
        "status": _first(found, _STATUSES).lower() or None,
        "applicationDate": _date(_first(found, _DATES)),
        "niceClasses": sorted(_nice_classes(found))[:_MOST_CODES],
        "viennaCodes": sorted(_vienna_codes(found))[:_MOST_CODES],
        "markFeature": _first(found, _FEATURES).lower()[:_LONGEST_TEXT] or None,
    }
    images = _image_names(found, PurePosixPath(place.file), mark_id)
    return read_members({"markId": mark_id, "metadata": metadata}, place, images)


def mark_id_of(office: str | None, number: str) -> str:
    """Make an id of an office's number: the office in front, unless it is there, and hyphens for other signs."""
    written = _NOT_IN_IDS.sub("-", number).strip("-._:")
    is_told = office is None or re.match(rf"{office}(?![A-Za-z])", written) is not None
    return (written if is_told or not written else f"{office}-{written}")[:_LONGEST_ID]


def _folded(element: _Element) -> str:
    """Return an element's name in small letters, without namespace and hyphens; empty where it has none."""
    return element.tag.rpartition("}")[2].replace("-", "").lower() if isinstance(element.tag, str) else ""


def _landmarks(record: _Element) -> _Found:
    """Map the names of elements to the elements of that name, in order, those of others' records left out."""
    found = defaultdict(list)
    waiting = [record]
    while waiting:
        element = waiting.pop()
        name = _folded(element)
        if name not in _OTHERS:
            found[name].append(element)
            waiting.extend(reversed(element))
    return found


def _leaves(element: _Element) -> list[str]:
    """Return the texts within an element, each by itself, without those that say nothing."""
    texts = (" ".join(str(text).split()) for text in element.itertext())
    return [text for text in texts if text.strip("-. ")]


def _texts(found: _Found, names: Sequence[str]) -> list[str]:
    """Return the texts of all elements of the first of these names that has any."""
    for name in names:
        texts = [text for element in found.get(name, ()) for text in _leaves(element)]
        if texts:
            return texts
    return []


def _first(found: _Found, names: Sequence[str]) -> str:
    return next(iter(_texts(found, names)), "")


def _joined(texts: Iterable[str], separator: str) -> str | None:
    """Join different texts as far as they fit."""
    return separator.join(dict.fromkeys(filter(None, texts)))[:_LONGEST_TEXT].strip() or None


def _office(record: _Element, found: _Found) -> str | None:
    office = _first(found, _OFFICES).upper() or _HOMES.get(_folded(record), "")
    return office if _OFFICE.fullmatch(office) else None


def _date(text: str) -> str | None:
    """Write a date as the register's are, where there is such a day."""
    match = _DATE.match(text)
    if match is None:
        return None
    try:
        return date(*(int(part) for part in match.groups())).isoformat()
    except ValueError:
        return None


def _applicant(element: _Element) -> str:
    """Return an applicant's name, in several languages where it is given so."""
    found = _landmarks(element)
    first_names = _texts(found, ("firstname",))
    names = _texts(found, _APPLICANT_NAMES)
    return _joined([" ".join((*first_names, *names))] if first_names else names, "; ") or ""


def _nice_classes(found: _Found) -> set[int]:
    """Return the classes of goods and services that are of the Nice Classification."""
    texts = [leaf for element in found.get("niceclass", ()) for leaf in _texts(_landmarks(element), ("type",))]
    for element in found.get("goodsservices", ()):
        inside = _landmarks(element)
        if _first(inside, ("classificationkindcode",)).lower() in ("", "nice"):
            texts += _texts(inside, ("classnumber",))
    return {int(text) for text in texts if text.isascii() and text.isdigit() and 1 <= int(text[:4]) <= 45}


def _vienna_codes(found: _Found) -> set[str]:
    """Return sections, or divisions where an office codes no deeper; what is no code is left out."""
    texts = _texts(found, ("viennatype",)) + _texts(found, ("viennacode",))
    for element in found.get("markimagecategory", ()):
        inside = _landmarks(element)
        if _first(inside, ("categorykind",)).lower() in ("", "vienna"):
            texts += _texts(inside, ("categorycode",))
    for element in found.get("viennaclassification", ()):
        inside = _landmarks(element)
        texts.append(
            ".".join(_first(inside, (name,)) for name in ("viennacategory", "viennadivision", "viennasection"))
        )
    return {code for text in texts if (code := _vienna_code(text))}


def _vienna_code(text: str) -> str | None:
    """Write a code as the register's are; a section 00, or none, stands for the division as a whole."""
    try:
        return str(ViennaCode.parse(_NO_SECTION.sub("", text.strip())))
    except InvalidInputError:
        return None


def _image_names(found: _Found, file: PurePosixPath, mark_id: str) -> list[str]:
    """Return the names that the mark's image may have: as it is said, or its file's or the mark's own.

    Offices that export each mark into a folder of its own call every image the same.
    """
    said = _first(found, _IMAGES).replace("\\", "/").lstrip("/")
    if not said:
        return []
    suffix = _first(found, _FORMATS).lower()
    inside = [str(file.parent / said), str(file.with_suffix("") / said), said]
    own = [str(file.with_suffix("")), str(file.parent / mark_id), mark_id]
    return [*inside, *(f"{name}.{suffix}" for name in inside if suffix), *own]


class _Rationed:
    """A stream that ends in an error when too much was read for one record."""

    def __init__(self, stream: io.BufferedReader) -> None:
        self._stream = stream
        self._left = _LARGEST_RECORD_BYTES

    def renew(self) -> None:
        """Begin with the next record."""
        self._left = _LARGEST_RECORD_BYTES

    def read(self, size: int = -1) -> bytes:
        """Read on."""
        data = self._stream.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise UnreadableFileError(f"A record has more than {_LARGEST_RECORD_BYTES // 1024**2} MB.")
        return data
