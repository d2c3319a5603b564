"""The terms that a model knows, and where a text lies among them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from services.classify.terms import TermVector, count_terms, terms_of, words_of
from services.classify.text import PatentText


class Vocabulary:
    """The terms a model knows, each with its inverse document frequency."""

    def __init__(self, terms: Sequence[str], rarities: NDArray[np.float32]) -> None:
        self.terms = terms
        self.rarities = rarities
        self._ids = {term: number for number, term in enumerate(terms)}

    def __len__(self) -> int:
        return len(self.terms)

    def known(self, terms: Iterable[str]) -> int:
        """Count those of some terms that the vocabulary has."""
        return sum(term in self._ids for term in terms)

    def vector(self, counts: Counter[str]) -> TermVector:
        """Weigh counted terms: (1 + log count) x rarity, to length 1; empty when no term is known."""
        known = sorted((self._ids[term], count) for term, count in counts.items() if term in self._ids)
        ids = np.array([number for number, _ in known], np.int64)
        frequencies = np.array([count for _, count in known], np.float32)
        weights = (1 + np.log(frequencies)) * self.rarities[ids]
        length = float(np.linalg.norm(weights))
        return TermVector(ids, weights / length if length else weights)

    def vector_of(self, text: PatentText) -> TermVector:
        """Count and weigh the terms of a document."""
        return self.vector(count_terms(text.readable))


def surfaces(text: PatentText, wanted: frozenset[str]) -> dict[str, str]:
    """Map each wanted term to the words it first stands for in the document."""
    found: dict[str, str] = {}
    for term, words in _pairs(text):
        if term in wanted:
            found.setdefault(term, words)
    return found


def _pairs(text: PatentText) -> Iterator[tuple[str, str]]:
    return terms_of(words_of(text.readable))
