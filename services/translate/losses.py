"""Tells what of a source its translation has lost: numbers, reference signs, brackets, locants of chemical names."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from typing import Final

from services.translate.untranslatable import CHEMICAL_NAME, LETTERED, ORDINAL, UNIT

_NUMBER = re.compile(r"\d+(?:[.,\u00a0\u202f]\d+|[ \u2009]\d{3}(?!\d))*")
_NOT_DIGIT = re.compile(r"\D")
_BRACKETED = re.compile(r"[(\[]([^()\[\]]{1,60})[)\]]")
_SIGN = re.compile(r"\d+[A-Za-z]?['′″]*")
# Begun at the head of a list only, and never twice: a long run would take the square of its length.
_LOCANT = re.compile(r"(?<!\d)(?<!\d,)(?:\d++[Hh]?['′]?(?:,\d++['′]?)*+|\b(?<!,)[NOS](?:,[NOS])*+)-(?=[^\W\d_]|[(\[])")
_INNER_LOCANT = re.compile(r"(?<=[a-zà-ÿ]-)\d++(?:,\d++)*+-(?=[a-zà-ÿ])")
# A spaced & is a word.
_MARK = re.compile(r"[()\[\]/+=<>±×%*]|(?<=\w)&(?=\w)")
_QUANTITY = re.compile(rf"(\d)\s?({UNIT})(?!\w)")
# Latin letters only: Chinese or Japanese stands beside a code without a space.
_CODE = re.compile(r"(?<![A-Za-zÀ-ɏ\d])(?:\d+[A-Za-zÀ-ɏ]|[A-Za-zÀ-ɏ]+\d)[A-Za-zÀ-ɏ\d]*")
# In the languages of the shipped engines.
_CLAIM_WORD: Final = r"\b(?:claims?|reivindica\w+|revendications?|rivendicazion[ei])\b"
_CLAIM = re.compile(rf"{_CLAIM_WORD}\W+(?:[^\W\d]{{1,3}}\W+){{0,2}}(\d+)", re.IGNORECASE)
_IN_KNOWN_LANGUAGE = re.compile(_CLAIM_WORD, re.IGNORECASE)
# The 3H- of a ring.
_HYDROGEN = re.compile(r"\b\d[Hh](?=-\w)")
_LETTER = re.compile(r"\b[A-Z]\b")
_THOUSAND: Final = 3


def lack(source: str, target: str) -> int:
    """Tell how many of the numbers, signs and marks of its source a target lacks."""
    return sum(missing(source, target).total() for missing in (missing_numbers, missing_signs, missing_marks))


def missing_numbers(source: str, target: str) -> Counter[str]:
    """Count the numbers of the source that the target lacks; 1,000.5 and 1.000,5 are the same number."""
    return Counter(_numbers(source)) - Counter(_numbers(target))


def missing_signs(source: str, target: str) -> Counter[str]:
    """Count the reference signs in brackets, such as (12) and (122a, 122b'), that the target lacks."""
    return Counter(_signs(source)) - Counter(_signs(target))


def missing_marks(source: str, target: str) -> Counter[str]:
    """Count what the target lacks of brackets, operators, codes, claims, locants, quantities and letters.

    With a bracket, the words in it are often gone as well; with a solidus, one of two. Locants are such as the
    2- of 2-naphthyl, letters such as the N of N-bit.
    """
    lost = Counter(_marks(source)) - Counter(_marks_said(target))
    if _IN_KNOWN_LANGUAGE.search(target):
        lost += Counter(_CLAIM.findall(source)) - Counter(_CLAIM.findall(target))
    return lost


def _numbers(text: str) -> Iterator[str]:
    for number in _NUMBER.findall(text):
        yield _value(number)


def _value(number: str) -> str:
    """Write a number alike in either notation, `!` before a fraction; what may be thousands is taken for them."""
    whole, *groups = _NOT_DIGIT.split(number)
    for group in groups:
        is_thousand = len(group) == _THOUSAND and whole.strip("0") and "!" not in whole
        whole += group if is_thousand else f"!{group}"
    return whole


def _signs(text: str) -> Iterator[str]:
    for content in _BRACKETED.findall(text):
        yield from _SIGN.findall(content)


def _marks(text: str) -> Iterator[str]:
    yield from _MARK.findall(text)
    yield from _quantities(text)
    yield from (code for code in _CODE.findall(text) if not ORDINAL.fullmatch(code))
    if "-" in text:
        yield from _HYDROGEN.findall(text)
        yield from _locants(text).values()
        yield from {match.group()[0] for match in LETTERED.finditer(text)}


def _locants(text: str) -> dict[int, str]:
    """Give, by where they are, the locants of names that end as English ones do, and those within any name."""
    found = [match for name in CHEMICAL_NAME.finditer(text) for match in _LOCANT.finditer(text, *name.span())]
    return {match.start(): match.group() for match in (*found, *_INNER_LOCANT.finditer(text))}


def _marks_said(text: str) -> Iterator[str]:
    """Give what may stand for the marks of another text: a locant of any word, a letter by itself."""
    yield from _MARK.findall(text)
    yield from _quantities(text)
    yield from _CODE.findall(text)
    yield from _LOCANT.findall(text)
    yield from _LETTER.findall(text)


def _quantities(text: str) -> Iterator[str]:
    """Give each unit with the last digit of its number: these must stay together.

    Litres are of either case, and there are two micro signs.
    """
    for match in _QUANTITY.finditer(text):
        yield f"{match[1]} {unicodedata.normalize('NFKC', match[2]).replace('l', 'L')}"
