"""Where the terms of a document stand in it: in the text as it was submitted, not as it is read.

A text is read without marks, accents, capitals and broken lines (see `terms`), which moves its letters. So words are
looked for in the submitted text, and each is then read as the model reads it.
"""

import re
from collections.abc import Iterator, Set
from itertools import pairwise
from typing import Final, Literal, NamedTuple, get_args

from services.classify.terms import CJK_RUN, is_cjk, is_stop_word, stem, words_of
from services.classify.text import BROKEN_WORD, INVISIBLE, PatentText, clean

PartName = Literal["title", "abstract", "claims", "description", "text"]

MOST_PLACES: Final = 50
# Letters of each part in which places are looked for: enough for every mark that anybody looks at, in 40 milliseconds.
_SEARCHED_LETTERS: Final = 100_000
_PARTS: Final[tuple[PartName, ...]] = get_args(PartName)
# Letters, with what may stand within a word: accents of their own, invisible signs, the end of a line.
_WORD: Final = re.compile(
    rf"[^\W\d_](?:[^\W\d_]+|[\u0300-\u036f\u3099\u309a]|{INVISIBLE.pattern}|{BROKEN_WORD.pattern})*"
)


class Place(NamedTuple):
    """A stretch of a part of a document, in characters of Unicode; the end is the first one after it."""

    part: PartName
    start: int
    end: int


class _Word(NamedTuple):
    """A word as the model reads it, and where it stands."""

    text: str
    place: Place


class Occurrences:
    """The terms of a document with their places."""

    def __init__(self, text: PatentText) -> None:
        """Look for the words of a document, once for all that is asked of them."""
        self._readings: dict[str, tuple[str, ...]] = {}
        self._stems: dict[str, str] = {}
        self._found = [
            each for part in _PARTS for each in self._terms_in(part, getattr(text, part)[:_SEARCHED_LETTERS])
        ]

    def of(self, terms: Set[str]) -> dict[str, list[Place]]:
        """Return the first places of each of these terms in any inflection, in the order of the document."""
        places: dict[str, list[Place]] = {term: [] for term in terms}
        for term, place in self._found:
            if term in places and len(places[term]) < MOST_PLACES:
                places[term].append(place)
        return places

    def _terms_in(self, part: PartName, text: str) -> Iterator[tuple[str, Place]]:
        """Give the terms of a part, as `terms_of` does: words, and pairs of neighbours without what stands between."""
        before: tuple[str, Place] | None = None
        for word in self._words_in(part, text):
            if is_cjk(word.text):
                yield word.text, word.place
            elif not is_stop_word(word.text):
                term = self._stem(word.text)
                if before is not None and before[0] != term:
                    yield f"{before[0]} {term}", Place(part, before[1].start, word.place.end)
                yield term, word.place
                before = term, word.place

    def _words_in(self, part: PartName, text: str) -> Iterator[_Word]:
        """Give the words of a part; of Chinese, Japanese and Korean, pairs of characters."""
        for match in _WORD.finditer(text):
            start = match.start()
            for piece in [match[0]] if match[0].isascii() else CJK_RUN.split(match[0]):
                yield from self._read(piece, Place(part, start, start + len(piece)))
                start += len(piece)

    def _read(self, written: str, place: Place) -> Iterator[_Word]:
        """Read what was written as one word; where it is several to the model, each has the place of all."""
        if written not in self._readings:
            self._readings[written] = tuple(words_of(clean(written)))
        for word in self._readings[written]:
            if not is_cjk(word):
                yield _Word(word, place)
                continue
            has_own_places = len(word) == len(written)
            for at, pair in enumerate(map("".join, pairwise(word)), start=place.start):
                yield _Word(pair, Place(place.part, at, at + 2) if has_own_places else place)

    def _stem(self, word: str) -> str:
        if word not in self._stems:
            self._stems[word] = stem(word)
        return self._stems[word]
