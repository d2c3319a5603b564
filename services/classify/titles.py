"""The titles of a scheme in one language, and the search for words in them: inflections, accents, beginnings, CJK."""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Final

import numpy as np
import snowballstemmer
from numpy.typing import NDArray

from services.classify.terms import fold

Mask = NDArray[np.bool_]
Rows = NDArray[np.int64]

_STEMMERS: Final = dict(
    re.findall(
        r"(\w+):(\w+)",
        """
    ar:arabic ca:catalan cs:czech da:danish de:german el:greek en:english es:spanish et:estonian eu:basque fi:finnish
    fr:french hi:hindi hu:hungarian hy:armenian id:indonesian it:italian lt:lithuanian nb:norwegian ne:nepali nl:dutch
    no:norwegian pl:polish pt:portuguese ro:romanian ru:russian sr:serbian sv:swedish ta:tamil tr:turkish
    """,
    )
)
# Characters from here on are written without spaces between words, or (Korean) with endings joined to them.
_CJK: Final = "\u3040-\U0010ffff"
_WORD: Final = re.compile(rf"[^\W_{_CJK}]+|\n")
_CJK_RUN: Final = re.compile(rf"(?:(?=[{_CJK}])[^\W_])+")
# Words of this many titles say nothing beside others: articles, conjunctions, prepositions. Short ones sooner.
_COMMON: Final = 6000
_SHORT_LETTERS: Final = 3
_COMMON_SHORT: Final = 1000


class _WordIndex:
    """Which words stand in which titles of a language; a title is a row.

    `_words` are folded and sorted; word n stands in the rows `_rows[_starts[n]:_starts[n + 1]]`. CJK text is not cut
    into words but searched as it is.
    """

    def __init__(self, text: str, language: str) -> None:
        self._algorithm = _STEMMERS.get(language)
        self._size = text.count("\n") + 1
        numbers: dict[str, int] = {"\n": 0}
        tokens = np.array(
            [numbers.setdefault(token, len(numbers)) for token in _WORD.findall(_lowered(text))], np.int32
        )
        forms = list(numbers)[1:]
        folded = [fold(form) for form in forms]
        self._words = sorted(set(folded))
        places = {word: place for place, word in enumerate(self._words)}
        place_of = np.array([-1, *(places[word] for word in folded)], np.int32)
        self._rows, self._starts = _inverted(place_of[tokens], len(self._words))
        self._accented = _grouped((word, form) for word, form in zip(folded, forms, strict=True) if word != form)
        self._families: dict[str, Mapping[str, Sequence[int]]] = {}
        self._cjk_text = fold(text) if _CJK_RUN.search(text) else ""
        self._cjk_ends = np.fromiter(_places(self._cjk_text, "\n"), np.int64)

    def find(self, query: str) -> list[tuple[Mask, Mask]]:
        """Return for each word that matters the rows that have it, and the rows where it is at least begun."""
        words = dict.fromkeys(_WORD.findall(_lowered(query).replace("\n", " ")))
        telling = [word for word in words if not self._is_common(fold(word))]
        runs = dict.fromkeys(_CJK_RUN.findall(fold(query)))
        found = [(self._mask(self._rows_of_run(run)),) * 2 for run in runs]
        return found + [self._masks(word) for word in telling or ([] if runs else words)]

    def _masks(self, word: str) -> tuple[Mask, Mask]:
        folded = fold(word)
        low, high = self._begun(folded)
        begun = self._mask(self._rows[self._starts[low] : self._starts[high]])
        family = self._family(folded[:2])
        # Who types no accents means the words that have them, whose stems are others.
        stems = self._stems(folded, (word, *self._accented.get(folded, ())))
        kin = {place for stem in stems for place in family.get(stem, ())}
        whole = self._mask(np.concatenate([self._of(place) for place in kin])) if kin else np.zeros(self._size, bool)
        return whole, whole | begun

    def _is_common(self, word: str) -> bool:
        place = bisect_left(self._words, word)
        is_known = place < len(self._words) and self._words[place] == word
        return is_known and len(self._of(place)) > (_COMMON_SHORT if len(word) <= _SHORT_LETTERS else _COMMON)

    def _begun(self, beginning: str) -> tuple[int, int]:
        return bisect_left(self._words, beginning), bisect_left(self._words, f"{beginning}\U0010ffff")

    def _of(self, place: int) -> Rows:
        rows: Rows = self._rows[self._starts[place] : self._starts[place + 1]]
        return rows

    def _family(self, beginning: str) -> Mapping[str, Sequence[int]]:
        """Return the words of a beginning by their stems; stemming changes endings, so kin share a beginning.

        Stemmed when first asked for: all words of a language would take a second.
        """
        if beginning not in self._families:
            low, high = self._begun(beginning)
            pairs = ((place, self._words[place]) for place in range(low, high))
            stems = ((s, place) for place, word in pairs for s in self._stems(word, self._accented.get(word, ())))
            self._families[beginning] = _grouped(stems)
        return self._families[beginning]

    def _stems(self, folded: str, forms: Iterable[str]) -> set[str]:
        """Stem a word as it is written, for endings with accents, and folded, for those who type none."""
        if self._algorithm is None:
            return {folded}
        # A stemmer keeps the word it works on, so threads must not share one.
        stemmer = snowballstemmer.stemmer(self._algorithm)
        return {fold(stemmer.stemWord(form)) for form in (folded, *forms)}

    def _rows_of_run(self, run: str) -> Rows:
        return np.searchsorted(self._cjk_ends, list(_places(self._cjk_text, run)))

    def _mask(self, rows: NDArray[Any]) -> Mask:
        mask = np.zeros(self._size, bool)
        mask[rows] = True
        return mask


def _lowered(text: str) -> str:
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).lower()


def _inverted(places: NDArray[np.int32], words: int) -> tuple[Rows, Rows]:
    """Turn the word of each token, -1 ending a row, into the rows of each word and where they start."""
    is_end = places < 0
    rows = np.cumsum(is_end)[~is_end]
    kept = places[~is_end]
    starts = np.concatenate(([0], np.cumsum(np.bincount(kept, minlength=words))))
    return rows[np.argsort(kept, kind="stable")].astype(np.int32), starts


def _grouped(pairs: Iterable[tuple[str, Any]]) -> dict[str, list[Any]]:
    groups: dict[str, list[Any]] = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    return groups


def _places(text: str, part: str) -> Iterator[int]:
    place = text.find(part)
    while place >= 0:
        yield place
        place = text.find(part, place + 1)


class Titles:
    """The titles of one language, kept as one text: a list of them would take three times the memory.

    `lengths` are in bytes.
    """

    def __init__(self, text: str, language: str) -> None:
        self._text = text.encode()
        self._language = language
        ends = np.flatnonzero(np.frombuffer(self._text, np.uint8) == ord("\n"))
        self._starts = np.concatenate(([0], ends + 1)).astype(np.int32)
        self.lengths = np.concatenate((ends, [len(self._text)])).astype(np.int32) - self._starts

    def __getitem__(self, row: int) -> str:
        start = self._starts[row]
        return self._text[start : start + self.lengths[row]].decode()

    @cached_property
    def words(self) -> _WordIndex:
        """Return the index of the words, made when somebody first searches this language."""
        return _WordIndex(self._text.decode(), self._language)
