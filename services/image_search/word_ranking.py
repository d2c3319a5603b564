"""Search by words: read them, and rank the marks of an index by what they show and by what they are called."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from services.image_search.concept import ConceptEncoder
from services.image_search.index import Face, QueryRows
from services.image_search.portrait import Vector
from services.image_search.portraits import RowIds
from services.image_search.ranking import WINDOWS, Likeness, Ranked, Searched


@dataclass(frozen=True)
class NamedRows:
    """Rows of marks whose names hold some of the words, in order, and the share of the words that each name holds."""

    row_ids: RowIds
    shares: NDArray[np.float64]

    @classmethod
    def of(cls, counts: Mapping[int, int], words: int) -> Self:
        """Take how many of so many words each row's name holds."""
        return cls(np.array(list(counts), np.int64), np.array(list(counts.values()), np.float64) / max(words, 1))

    def among(self, allowed: RowIds | None) -> Self:
        """Leave out what is not allowed (None: all is)."""
        kept = slice(None) if allowed is None else np.isin(self.row_ids, allowed)
        return type(self)(self.row_ids[kept], self.shares[kept])

    def by_share(self) -> Iterator[tuple[float, RowIds]]:
        """Yield each share and the rows that have it."""
        return ((float(share), self.row_ids[self.shares == share]) for share in np.unique(self.shares))


@dataclass(frozen=True)
class Understood:
    """What words were taken to mean: taught concepts; `is_approximate` when some part stands for what is like it."""

    names: tuple[str, ...] = ()
    is_approximate: bool = False


@dataclass(frozen=True)
class AskedWords:
    """Words as a row of the space of concepts, None where none was understood, and the marks that bear them."""

    row: Vector | None
    named: NamedRows
    understood: Understood


def ask_by_words(concepts: ConceptEncoder, text: str, named: NamedRows) -> AskedWords:
    """Read a text, given the marks whose names hold words of it.

    Raise InvalidInputError with code `unknown-concept` when nothing is understood and no mark is called so.
    """
    if len(named.row_ids) and not concepts.reads(text):
        return AskedWords(None, named, Understood())
    meant = concepts.embed_text(text)
    return AskedWords(meant.row, named, Understood(meant.names, meant.is_approximate))


def rank_by_words(index: Searched, asked: AskedWords, wanted: range, allowed: RowIds | None = None) -> list[Ranked]:
    """Return the marks at places `wanted` of the ranking, best first, among the `allowed` rows (None: all).

    A mark's score joins what it shows and what it is called as if either could be right by itself (noisy or). It grows
    with either, so the best of all, and of those whose names hold the same share of the words, are enough.
    """
    window = next(size for size in WINDOWS if wanted.stop <= size)
    found = {row_id: _likeness(score, 0) for row_id, score in _shown(index, asked, window, allowed)}
    for share, row_ids in asked.named.among(allowed).by_share():
        found |= {row_id: _likeness(None, share) for row_id in row_ids[:window].tolist()}
        found |= {row_id: _likeness(score, share) for row_id, score in _shown(index, asked, window, row_ids)}
    ranked = sorted(found.items(), key=lambda each: (-each[1].score, each[0]))
    return [Ranked(row_id, likeness) for row_id, likeness in ranked[wanted.start : wanted.stop]]


def _shown(index: Searched, asked: AskedWords, window: int, allowed: RowIds | None) -> Iterable[tuple[int, float]]:
    """Give marks that show what is asked for, and how far."""
    if asked.row is None:
        return ()
    queries = QueryRows(asked.row[None], np.zeros(1, np.float32))
    marks = index.portraits(index.candidates(Face.CONCEPT, queries, window, allowed))
    if marks is None:
        return ()
    known = marks.has_concept
    return zip(marks.row_ids[known].tolist(), (marks.concepts[known] @ asked.row).tolist(), strict=True)


def _likeness(concept: float | None, words: float) -> Likeness:
    shown = None if concept is None else float(np.clip(concept, 0, 1))
    return Likeness(1 - (1 - words) * (1 - (shown or 0)), None, None, None, concept=shown, words=words)
