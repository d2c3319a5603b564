"""What a translation of a patent must keep, kind by kind, read out of source and target by rules of its own.

These rules know nothing of those by which the service protects texts: what both overlook alone would go unseen.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """The kinds of what is to be kept."""

    SIGNS = "reference signs in brackets"
    CODES = "words of letters and digits"
    NUMBERS = "numbers"
    UNITS = "numbers with their units"
    FORMULAE = "chemical formulae"
    LOCANTS = "locants of chemical names"
    CHARACTERS = "Greek and mathematical characters"
    BRACKETS = "brackets"
    SYMBOLS = "IPC symbols"
    SEQUENCES = "SEQ ID NOs"
    CLAIMS = "claims referred to"
    DOCUMENTS = "patent documents cited"
    AUTHORS = "authors cited"
    ADDRESSES = "URLs and e-mail addresses"
    LINES = "lines and the marks that they begin with"


_UNIT: Final = (
    r"°\s?[CF]|º\s?C|K|%|‰|ppm|ppb|[kMGTmµμnpfcd]?m[²³23]?|[kmµμnpd]?g|[mµμnp]?s|min|h|[mµμndk]?[lL]|[mµμnpk]?M|"
    # 0 A força: no ampere
    r"[kMGm]?Pa|m?bar|psi|Torr|[kMGmµμ]?[WVJN]|[kMGmµμ]A|(?<!\s)A|A(?!\s[a-zà-ÿ])|[kMGm]?eV|[kMG]?Hz|[kMGmµμ]?Ω|[kMm]?[FHT]|"
    r"[km]?cal|kDa|Da|rpm|dB|[kMG]B|[kM]?bp|wt\.?\s?%|vol\.?\s?%|mol\.?\s?%|[mµμn]?mol|lx|cd|cP|mPa·?s"
)
_NUMBER: Final = r"\d+(?:[.,\u00a0\u202f]\d+)*"
_LIST: Final = (
    r"(?:\s*(?:,|;|-|–|/|\band\b|\bor\b|\bto\b|\bthrough\b|\be\b|\bou\b|\ba\b|\bà\b|\baté\b)\s*)+(?:e/ou\s+)?"
)
_CLAIM = re.compile(
    rf"\b(?:claims?|reivindicaç(?:ão|ões)|reivindicaci(?:ón|ones))\s+(?:de\s+|of\s+|n\.?º\s*)?(\d+(?:{_LIST}\d+)*)|"
    rf"\b(\d+(?:{_LIST}\d+)*)\s+claims?\b(?!\s+\d)",
    re.IGNORECASE,
)
_SIGN: Final = r"[A-Z]{0,3}\d+[A-Za-z]{0,2}['′″]*"
_AND: Final = r"(?:[\s,;./–-]|and|or|to|e|ou|a|até)"
_SIGNS = re.compile(rf"{_SIGN}(?:{_AND}+{_SIGN})*{_AND}*")
_LOCANT: Final = r"(?<![\w,])(?:\d+['′]?(?:,\d+['′]?)*|[NOS](?:,[NOS])*)-"
_DOCUMENT = re.compile(r"\b(?:US|EP|WO|JP|DE|FR|GB|CN|KR|BR)[\s-]?(?:\d[\s/.,-]?){5,}\d")
_OF_PATENTS = re.compile(r"\bpat(?:ent)?(?:es?)?s?\b|\bU\.?\s?SA?\b|\bEUA\b", re.IGNORECASE)
_CHEMICAL = re.compile(
    r"(?<![A-Za-z0-9])(?:[A-Z][a-z]?\d*|\((?:[A-Z][a-z]?\d*)+\)\d*){2,}(?:[+-](?!\w))?(?![A-Za-z0-9])"
)
_LINE_MARK = re.compile(r"\s*(?:\[?\(?(?:\d{1,4}|[a-zA-Z]|[ivxIVX]{1,5})[.)\]]+|[•·▪*–—-]+)(?=\s)")


def _found(pattern: str, flags: int = 0) -> Callable[[str], Iterator[str]]:
    compiled = re.compile(pattern, flags)

    def find(text: str) -> Iterator[str]:
        yield from (re.sub(r"\s", "", match.group()) for match in compiled.finditer(text))

    return find


def _signs(text: str) -> Iterator[str]:
    for group in re.findall(r"[(\[]([^()\[\]]{1,80})[)\]]", text):
        if _SIGNS.fullmatch(group):
            yield from re.findall(_SIGN, group)


def _codes(text: str) -> Iterator[str]:
    for word in re.findall(r"[^\W_]+", text):
        is_mixed = any(map(str.isdigit, word)) and any(map(str.isalpha, word))
        if is_mixed and not re.fullmatch(r"\d+(?:st|nd|rd|th|s|[ºªo])|\d{1,2}h(?:\d\d)?", word):
            yield word


def _numbers(text: str) -> Iterator[str]:
    yield from (_value(number) for number in re.findall(_NUMBER, text))


def _value(number: str) -> str:
    """Write a number the same in either notation: 1,000.5 and 1.000,5 as 1000!5; 0.5 and 0,5 as 0!5."""
    parts = re.split(r"[.,\u00a0\u202f]", number)
    whole = parts[0]
    for part in parts[1:]:
        whole += part if len(part) == 3 and whole.strip("0") and "!" not in whole else f"!{part}"
    return whole


def _units(text: str) -> Iterator[str]:
    for number, unit in re.findall(rf"({_NUMBER})\s?({_UNIT})(?![^\W_])", text):
        yield _value(number) + re.sub(r"\s", "", unit).replace("º", "°").replace("μ", "µ").replace("l", "L")


def _formulae(text: str) -> Iterator[str]:
    for match in _CHEMICAL.finditer(text):
        if any(map(str.isdigit, match.group())):
            yield match.group()


def _characters(text: str) -> Iterator[str]:
    for character in re.sub(r"(?<=\s)&(?=\s)", "", text):  # that one is a word
        is_greek = "GREEK" in unicodedata.name(character, "")
        if is_greek or unicodedata.category(character) in ("Sm", "No") or character in "±×°µ′″§†‡Å‰®™&*^{}#$@_\\/%":
            yield character


def _brackets(text: str) -> Iterator[str]:
    yield from (character for character in text if character in "()[]{}")


def _documents(text: str) -> Iterator[str]:
    yield from (re.sub(r"\s", "", number) for number in _DOCUMENT.findall(text))
    if _OF_PATENTS.search(text):  # else 2,000,000 is a number
        yield from re.findall(r"\b\d{1,2},\d{3},\d{3}\b", _DOCUMENT.sub("", text))


def _claims(text: str) -> Iterator[str]:
    for before, behind in _CLAIM.findall(text):
        yield ",".join(re.findall(r"\d+", before or behind))


def _lines(text: str) -> Iterator[str]:
    for line in text.splitlines():
        mark = _LINE_MARK.match(line)
        yield mark.group().strip() if mark else ""


_FINDERS: Final[Mapping[Kind, Callable[[str], Iterator[str]]]] = {
    Kind.SIGNS: _signs,
    Kind.CODES: _codes,
    Kind.NUMBERS: _numbers,
    Kind.UNITS: _units,
    Kind.FORMULAE: _formulae,
    Kind.LOCANTS: _found(
        rf"{_LOCANT}(?=[(\[]*(?:d[ií]|tri|tetra|bis)?(?:meth?|et(?:h|il)|prop|but|pent|hex|hept|octan|"
        r"dec[aiy]|ph?en|benz|na[fp]h?t|p[iy]r|t(?:h?i)[aoe]|oxo|h?[iy]dro|c?h?lor|fluor|brom|nitr|am[ií]no|c[iy]clo|"
        r"indol|q(?:u?)in|furan|imid|acet|alk|alqu|sulf|carbox))",
        re.IGNORECASE,
    ),
    Kind.CHARACTERS: _characters,
    Kind.BRACKETS: _brackets,
    Kind.SYMBOLS: _found(r"\b[A-H]\d\d[A-Z]\s?\d{1,4}/\d{2,6}\b"),
    Kind.SEQUENCES: _found(r"\bSEQ\.?\s?ID\.?\s?NOS?\b[.:]*\s?\d*", re.IGNORECASE),
    Kind.CLAIMS: _claims,
    Kind.DOCUMENTS: _documents,
    Kind.AUTHORS: _found(r"\b[A-Z][\w'-]+(?=,? et al)"),
    Kind.ADDRESSES: _found(r"(?:https?://|www\.)\S+[^\s.,;:)\]]|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    Kind.LINES: _lines,
}


# Read as kept whatever the name behind it became.
_any_locant = _found(rf"{_LOCANT}(?=[^\W\d_]|[(\[])", re.IGNORECASE)


def items(text: str, kind: Kind) -> Counter[str]:
    """Count what a text has of a kind."""
    return Counter(_FINDERS[kind](text))


def missing(source: str, target: str, kind: Kind) -> Counter[str]:
    """Count what a source has of a kind and its translation lacks."""
    there = items(source, kind)
    return there - Counter((_any_locant if kind is Kind.LOCANTS else _FINDERS[kind])(target)) if there else there
