"""What a client sends of a patent, and its place in a vocabulary: the input of every classification."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.classify.terms import TermVector, count_terms, terms_of, words_of

# Letters read of each part: whole titles and abstracts (few exceed 2,500), the beginnings of the long parts, as in
# training. They bound the time an answer takes, whatever is sent.
READ_LETTERS: Final = {"title": 1000, "abstract": 5000, "claims": 1500, "description": 1500, "text": 5000}


@dataclass(frozen=True)
class PatentText:
    """The parts of a patent document, each possibly empty; `text` is text of unknown kind."""

    title: str = ""
    abstract: str = ""
    claims: str = ""
    description: str = ""
    text: str = ""

    @property
    def is_blank(self) -> bool:
        """Tell whether no part holds anything but white space."""
        return not any(part.strip() for part in (self.title, self.abstract, self.claims, self.description, self.text))

    @property
    def front(self) -> str:
        """Return what is read of all parts but the description; the title counts twice, for it names the subject."""
        title = self.title[: READ_LETTERS["title"]]
        parts = (
            title,
            title,
            self.abstract[: READ_LETTERS["abstract"]],
            self.claims[: READ_LETTERS["claims"]],
            self.text[: READ_LETTERS["text"]],
        )
        return "\n".join(part for part in parts if part)

    @property
    def readable(self) -> str:
        """Return what is read of the parts, one after another."""
        return "\n".join(part for part in (self.front, self.description[: READ_LETTERS["description"]]) if part)


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
