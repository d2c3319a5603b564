"""Finds where a term of the source stands in a free translation, and writes the glossary's there.

The word alignment tells the words that a term became. Where it does not tell them clearly, nothing is written: the
caller then translates again with the term out of the model's reach.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Final

from services.translate.terminology.agreement import Put
from services.translate.terminology.glossary import Match, Wording
from services.translate.terminology.inflection import gender
from services.translate.untranslatable import Span

Link = tuple[Span, Span]

_WORD: Final = re.compile(r"\w+")
# Words of a translation that may stand inside a term's, and are no part of it at its edges.
_SMALL: Final = re.compile(r"a|an|the|of|for|to|d[eoa]s?|[oa]s|o|em|n[oa]|uma?|el|l[ao]s?|[ad]?el|al|en|una?|para")
_FEWEST_SHARED_LETTERS: Final = 6
_MOST_EXTRA_WORDS: Final = 2
_SHORTEST_CONTENT: Final = 4


@dataclass(frozen=True)
class Draft:
    """A free translation of a source: its text, and which of its characters come from which of the source."""

    source: str
    text: str
    links: tuple[Link, ...]


@dataclass(frozen=True)
class Placement:
    """Where a term stands in a draft, or is to be written: nothing is to be written where it stands already."""

    match: Match
    span: Span
    former: str
    written: str | None = None


def place(draft: Draft, matches: Sequence[Match], others: Sequence[Span] = ()) -> tuple[list[Placement], list[Match]]:
    """Give the places of terms, in their order, and the terms whose place is not clear; `others` are taken already."""
    placed: list[Placement] = []
    unclear: list[Match] = []
    for match in matches:
        taken = [*others, *(placement.span for placement in placed)]
        found = _standing(draft, match, taken) or _replacing(draft, match, taken)
        if found is None or any(_overlap(found.span, span) for span in taken):
            unclear.append(match)
        else:
            placed.append(found)
    return placed, unclear


def wording_for(match: Match, instead_of: str) -> Wording:
    """Choose the wording to put in: the first, or another of the same term that begins like what stands there."""
    first = match.term.targets[0]
    shared = [_shared_letters(each.singular, instead_of.lower()) for each in match.term.targets]
    longest = max(shared)
    return match.term.targets[shared.index(longest)] if longest >= _FEWEST_SHARED_LETTERS else first


def _shared_letters(one: str, other: str) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def written(match: Match, source: str, wording: Wording, *, is_capital: bool) -> str:
    """Write a term in its number, and in the case of its source."""
    found = source[match.start : match.end]
    form = wording.plural if match.is_plural else wording.singular
    if found.isupper() and len(found) > 1 and not any(each.singular == found for each in match.term.sources):
        return form.upper()
    return form[0].upper() + form[1:] if is_capital else form


def put(match: Match, text: str, span: Span, former: str, language: str) -> Put:
    """Tell what is needed to make other words agree with a term that stands in a text now."""
    if not match.term.is_noun:
        return Put(span, None, is_plural=False)
    now = text[slice(*span)].lower()
    first = match.term.targets[0]
    is_first = now in (first.singular.lower(), first.plural.lower())
    own = match.term.gender if is_first and match.term.gender else gender(now, language)
    is_plural = match.is_plural or (first.singular == first.plural and now.split(" ", maxsplit=1)[0].endswith("s"))
    return Put(span, own, is_plural, gender(former.lower(), language))


def _standing(draft: Draft, match: Match, taken: Sequence[Span]) -> Placement | None:
    """Find a form of a term in a draft, best where the alignment points."""
    free = [span for span in _occurrences(draft.text, match) if not any(_overlap(span, other) for other in taken)]
    linked = _linked(draft, match)
    pointed = [span for span in free if any(_overlap(span, word) for word in linked)]
    found = pointed or [span for span in free if not any(_overlap(target, span) for _, target in draft.links)]
    return Placement(match, found[0], draft.text[slice(*found[0])]) if found else None


def _occurrences(text: str, match: Match) -> Iterator[Span]:
    wordings = (*match.term.targets, *match.term.accepted)
    forms = {form for wording in wordings for form in (wording.singular, wording.plural)}
    pattern = "|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True))
    for found in re.finditer(rf"(?<!\w)(?:{pattern})(?!\w)", text, re.IGNORECASE):
        yield found.span()


def _replacing(draft: Draft, match: Match, taken: Sequence[Span]) -> Placement | None:
    linked = _linked(draft, match)
    words = _core(draft.text, linked) if match.term.is_noun else linked
    if not words or not _is_all_translated(draft, match):
        return None
    span = words[0][0], words[-1][1]
    former = draft.text[slice(*span)]
    if any(_overlap(span, other) for other in taken) or not _is_its_own(draft, match, span):
        return None
    is_capital = former[0].isupper() and (not former.isupper() or span[0] == 0)
    form = written(match, draft.source, wording_for(match, former), is_capital=is_capital)
    return Placement(match, span, former, form)


def _linked(draft: Draft, match: Match) -> list[Span]:
    return sorted(target for source, target in draft.links if _overlap(source, (match.start, match.end)))


def _core(text: str, words: Sequence[Span]) -> list[Span]:
    """Leave articles and prepositions at both ends out."""
    content = [i for i, word in enumerate(words) if not _SMALL.fullmatch(text[slice(*word)].lower())]
    return list(words[content[0] : content[-1] + 1]) if content else []


def _is_all_translated(draft: Draft, match: Match) -> bool:
    """Tell whether every word of a term that means something became something."""
    found = list(_WORD.finditer(draft.source, match.start, match.end))
    linked = {word.group() for word in found if any(_overlap(source, word.span()) for source, _ in draft.links)}
    return all(word.group() in linked for word in found if len(word.group()) >= _SHORTEST_CONTENT)


def _is_its_own(draft: Draft, match: Match, span: Span) -> bool:
    """Tell whether a part of a draft comes from a term alone, is no number, and is not far longer than the term."""
    former = draft.text[slice(*span)]
    length = len(draft.source[match.start : match.end].split())
    if any(character.isdigit() for character in former) or len(former.split()) > 2 * length + _MOST_EXTRA_WORDS:
        return False
    if re.search(r"[^\w\s'’-]", former):
        return False
    own = (match.start, match.end)
    strangers = [target for source, target in draft.links if _overlap(target, span) and not _overlap(source, own)]
    return all(_SMALL.fullmatch(draft.text[slice(*target)].lower()) for target in strangers)


def _overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]
