"""Glossaries ready for use: their terms are found in a text by words, whatever their case, number and hyphens."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from services.translate.languages import LanguagePair
from services.translate.terminology.inflection import Gender
from services.translate.untranslatable import Coverage, Extent, code_spans

# Hyphens and spaces stand between words alike; a line break, and any other sign, is a word of its own.
_TOKEN: Final = re.compile(r"[\w\u0300-\u036f]+|[^\w\s\u2010\u2011\u00ad-]|[\n\r\v\f\x85\u2028\u2029]")
_HYPHENS: Final = "-\u2010\u2011"
# A reference sign, or the number of a claim, after a word: (12), ( 12a, 12b ), 12; not a year nor a quantity.
_SIGN: Final = re.compile(r"\s?\(\s?\d{1,4}[a-z]?['′″]*\s?[),;]|\s\d{1,3}[a-z]?['′″]?(?![\w%°]|[.,:/]\d|\s?[%°])")


@dataclass(frozen=True)
class Wording:
    """A way to write a term, in singular and plural; where it has but one, both are the same."""

    singular: str
    plural: str


@dataclass(frozen=True)
class Term:
    """What a term is called in both languages.

    The first of `targets` is what is put in; any of them, and any of `accepted`, is left where a translation has it.
    A term that `needs_sign` is found in texts only that show it with a reference sign: elsewhere it may be another
    word. With one that is no noun, nothing around it agrees.
    """

    sources: tuple[Wording, ...]
    targets: tuple[Wording, ...]
    accepted: tuple[Wording, ...] = ()
    gender: Gender | None = None
    is_noun: bool = True
    needs_sign: bool = False


@dataclass(frozen=True)
class Match:
    """A term found at characters `start` to `end` of a text."""

    start: int
    end: int
    term: Term
    is_plural: bool
    glossary: str


@dataclass(frozen=True)
class _Token:
    start: int
    end: int
    key: str


_Key = tuple[str, ...]


class Glossary:
    """The terms of one direction under an id; where two terms are written alike the first one wins."""

    def __init__(self, id: str, pair: LanguagePair, terms: Iterable[Term]) -> None:
        self.id = id
        self.pair = pair
        self._terms: dict[_Key, tuple[Term, bool]] = {}
        for term in terms:
            for wording in term.sources:
                self._terms.setdefault(_key(wording.singular), (term, False))
        for term, _ in list(self._terms.values()):
            for wording in term.sources:
                self._terms.setdefault(_key(wording.plural), (term, True))
        self._longest = max(map(len, self._terms), default=0)

    def longest_at(self, keys: Sequence[str], start: int) -> tuple[int, Term, bool] | None:
        """Give the longest term that begins at a word: how many words it has, what it is, and whether in the plural."""
        for length in range(min(self._longest, len(keys) - start), 0, -1):
            if found := self._terms.get(tuple(keys[start : start + length])):
                return length, *found
        return None


@dataclass(frozen=True)
class Terminology:
    """The glossaries wished for; of two that know a term of the same words, the first one is followed."""

    glossaries: tuple[Glossary, ...] = field(default=())

    def find(self, text: str, pair: LanguagePair) -> list[Match]:
        """Find the terms of a text for a pair of languages, in order; they do not overlap, nor lie in codes."""
        serving = [glossary for glossary in self.glossaries if glossary.pair.serves(pair)]
        if not serving:
            return []
        codes = Coverage.of(code_spans(text, Extent.NEEDED))
        matches = [match for match in _matches(text, serving) if not codes.touches(match.start, match.end)]
        signed = {id(match.term) for match in matches if _SIGN.match(text, match.end)}
        return _with_one_wording([each for each in matches if not each.term.needs_sign or id(each.term) in signed])


def _with_one_wording(matches: Sequence[Match]) -> list[Match]:
    """Call what a text names more than once by one name: in a claim, another one would be another thing."""
    counts = Counter(id(match.term) for match in matches)
    strict = {
        id(match.term): replace(match.term, targets=match.term.targets[:1], accepted=())
        for match in matches
        if match.term.is_noun and counts[id(match.term)] > 1
    }
    return [replace(match, term=strict.get(id(match.term), match.term)) for match in matches]


def _matches(text: str, glossaries: Sequence[Glossary]) -> Iterator[Match]:
    tokens = [_Token(*found.span(), _folded(found.group())) for found in _TOKEN.finditer(text)]
    keys = [token.key for token in tokens]
    at = 0
    while at < len(tokens):
        match = _longest(text, tokens, keys, at, glossaries)
        if match is None:
            at += 1
        else:
            length, found = match
            yield found
            at += length


def _longest(
    text: str, tokens: Sequence[_Token], keys: Sequence[str], at: int, glossaries: Sequence[Glossary]
) -> tuple[int, Match] | None:
    best: tuple[int, Match] | None = None
    for glossary in glossaries:
        found = glossary.longest_at(keys, at)
        if found is not None and (best is None or found[0] > best[0]):
            length, term, is_plural = found
            match = Match(tokens[at].start, tokens[at + length - 1].end, term, is_plural, glossary.id)
            best = best if _is_part_of_word(text, match) else (length, match)
    return best


def _is_part_of_word(text: str, match: Match) -> bool:
    """Tell whether a hyphen ties a match to more: the spring of spring-loaded is no spring."""
    before, after = text[max(0, match.start - 2) : match.start], text[match.end : match.end + 2]
    is_tied_before = len(before) == 2 and before[1] in _HYPHENS and before[0].isalnum()
    return is_tied_before or (len(after) == 2 and after[0] in _HYPHENS and after[1].isalnum())


def _key(phrase: str) -> _Key:
    return tuple(_folded(token) for token in _TOKEN.findall(phrase))


def _folded(word: str) -> str:
    return unicodedata.normalize("NFC", word).casefold()


def has_words(phrase: str) -> bool:
    """Tell whether a phrase has anything to be found by."""
    return any(character.isalnum() for character in phrase)


def same_words(phrase: str) -> str:
    """Give what two phrases share that are the same term in another case or with other hyphens."""
    return " ".join(_key(phrase))
