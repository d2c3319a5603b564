"""Finds what must not be translated: reference signs, formulae, IPC symbols, document numbers and the like."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, Self

Span = tuple[int, int]

_WORD = re.compile(r"[A-Za-z0-9]+(?:[-/][A-Za-z0-9]+)*['′″]*")
# 19th, 1980s, 12h55, and 1.º
ORDINAL: Final = re.compile(r"\d+(?:st|nd|rd|th|(?<=0)s|[ºªo])|\d{1,2}h(?:\d{2})?", re.IGNORECASE)
# What a model writes out in words, or drops with its number.
UNIT: Final = r"[µμΩ°]\w{0,3}|[cknp]m|[knµμ]g|[mnp]M|m[lL]|[kMGT]Hz|[kMG]Pa|[kMG]?eV|k?Da|[kmM]V|[kM]W|[mnµμ]?mol"
_CODES: Final = (
    re.compile(r"(?:https?://|www\.)\S*[^\s.,;:!?)\]}\"'”’]"),
    # tried at the beginning of a run only, and never twice: a long run without @ would take the square of its length
    re.compile(r"(?<![\w.+-])[\w.+-]++@[\w-]++(?:\.[\w-]++)++"),
    re.compile(r"</?[A-Za-z][^<>]{0,200}>"),
    # IPC symbols: H01L, H01L 21/768
    re.compile(r"\b[A-H]\d{2}[A-Z](?:\s?\d{1,4}/\d{2,6})?\b"),
    re.compile(r"\bSEQ\.?\s?ID\.?\s?NOS?\b[.:]?(?:\s?\d+(?:\s?[-–]\s?\d+)?)?", re.IGNORECASE),
    re.compile(r"\bPCT/[A-Z]{2}\s?\d{2,4}/\d{5,6}\b"),
    # document numbers: EP 1 234 567 A1, US 2012/0123456 A1, BR 10 2012 012345-6
    re.compile(r"\b[A-Z]{2}[\s-]?(?:\d[\s/.,-]?){5,}\d(?:\s?[A-Z]\d?\b)?"),
    # formula (I), compound (IIa), step (b): the model would read them as words ("I" as "eu")
    re.compile(r"\((?:[IVX]{1,5}[a-z]?|[ivx]{1,4}|[A-Za-z])\)"),
    # signs with their letters apart, (21 a, 22 b): "a" is a word of its own
    re.compile(r"[(\[]\s?\d{1,4}\s[A-Za-z](?:,\s?\d{1,4}\s[A-Za-z])*\s?[)\]]"),
    # authors cited
    re.compile(r"\b[A-ZÀ-ÖØ-Þ][\w'’-]{1,30},?\set\.?\sal\b\.?"),
    # 60/123,456 and, behind words that say so, 5,123,456
    re.compile(r"\b\d{2}/\d{3},\d{3}\b"),
    # positions of mutations, 17/52/87/118
    re.compile(r"\b\d{1,4}(?:/\d{1,4}){3,}\b"),
    # where a drawing was, ##STR00001##; products of units, N*s/m2
    re.compile(r"##\w{1,20}##"),
    re.compile(r"\b[A-Za-z]{1,3}\d?[*·^][\w/*·^]{1,20}"),
    re.compile(r"(?<=ormula )[IVX]{1,5}[a-z]?\b|(?<=órmula )[IVX]{1,5}[a-z]?\b"),
)
_PATENT = re.compile(r"\bpatent|\bpat\b|\bU\.?\s?S\b", re.IGNORECASE)
_PATENT_NUMBER = re.compile(r"(?<![\d.,])(?:RE|D|PP|H)?\d{1,2},\d{3},\d{3}(?![\d.,]\d)")
# With its abbreviation, as a model drops a number that ends a sentence after a full stop; with its unit.
_NUMBER: Final = re.compile(rf"(?:\b[Ff][Ii][Gg][Ss]?\.\s?)?\d+(?:[.,]\d+)*(?:\s?(?:{UNIT})\b)?")
_OPERATORS: Final = re.compile(r"[+*=<>]{2,}")
# 2-naphthyl, N,N-dimethylformamide, 1,7-phenanthrolin-3-yl: from the first locant to the ending.
CHEMICAL_NAME: Final = re.compile(
    r"(?<![\w,-])(?:\d+['′]?(?:,\d+['′]?)*|[NOS](?:,[NOS])*)-[\w()\[\],'′-]{3,120}?"
    r"(?:yl(?:id)?(?:ene)?|oxy|amino|a(?:mide|mine|zole|zine)|imine|idine|oline|oxide|[uo]ride|bromide|iodide|one|"
    r"(?:an|en|in|di|tri|phen)ole?|(?:hex|pent|but|prop|eth|oct|dec|hept|non|alk|sil|ox|ol|meth)ane|"
    r"(?:benz|tolu|but|prop|hex|pent|di|al)ene|pyran|furan|pyrrole|indole|phene|[dlnrt]ase|oate|acid|CoA)s?(?![\w-])"
)
# N-bit, S-polarized: what the letter stands for is the point.
LETTERED: Final = re.compile(
    r"\b[A-Z]-(?:bit|polari[sz]|type|channel|shape|axis|direction|layer|well|region|doped|plane|value|terminal|side|point|"
    r"level|stage|phase|fold|way|dimension|order|cycle|byte|component|signal|mode|wave)[a-z]*"
)


@dataclass(frozen=True)
class Coverage:
    """What some spans of a text cover: runs that do not overlap, in order, by where they start and end."""

    starts: Sequence[int]
    ends: Sequence[int]

    @classmethod
    def of(cls, spans: Iterable[Span]) -> Self:
        """Join spans that overlap."""
        joined: list[list[int]] = []
        for start, end in sorted(span for span in spans if span[0] < span[1]):
            if joined and start < joined[-1][1]:
                joined[-1][1] = max(end, joined[-1][1])
            else:
                joined.append([start, end])
        return cls([start for start, _ in joined], [end for _, end in joined])

    def touches(self, start: int, end: int) -> bool:
        """Tell whether any of the characters `start` to `end` is covered."""
        before_end = bisect_left(self.starts, end)
        return before_end > 0 and start < self.ends[before_end - 1]


class Extent(Enum):
    """How much is taken for a code: what the model would harm, or every number besides."""

    NEEDED = "needed"
    NUMBERS_TOO = "numbers too"


def code_spans(text: str, extent: Extent) -> Iterator[Span]:
    """Give where the codes of a text are, in no order and possibly overlapping."""
    for pattern in _CODES if extent is Extent.NEEDED else (*_CODES, _NUMBER, _OPERATORS, CHEMICAL_NAME, LETTERED):
        for match in pattern.finditer(text):
            yield match.span()
    if _PATENT.search(text):
        for match in _PATENT_NUMBER.finditer(text):
            yield match.span()
    for match in _WORD.finditer(text):
        if _is_code(match.group()):
            yield match.span()


def _is_code(word: str) -> bool:
    """Tell whether letters and digits mix in all parts of words: 12a, Al2O3, C1-C6; not 4-month, 19th, 1980s, 12h55."""
    parts = re.split(r"[-/]", word)
    has_digits = all(any(character.isdigit() for character in part) for part in parts)
    return has_digits and any(character.isalpha() for character in word) and not ORDINAL.fullmatch(word)
