"""What the concept encoder is taught: which drawings, the names they answer to, and how names are related."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from models.image_search.concept_drawings import Drawing
from models.image_search.concepts import is_apart, is_for_tuning, tags_of
from models.image_search.icon_sets import Role
from models.image_search.wordnet import WordNet

_OWN_SHARE = 0.65
_TAG_SHARE = 0.15
_KIN_TEMPERATURE = 0.06

Rows = NDArray[np.float32]


class Purpose(StrEnum):
    """Why a training is done, and so what is left out of it."""

    TUNING = "tuning"  # to choose settings: without the tenth of the concepts that choices are made on
    FIGURES = "figures"  # what the figures are of: without the unseen sets
    RELEASE = "release"  # what ships: with the unseen sets

    def teaches(self, drawing: Drawing) -> bool:
        """Tell whether a drawing is trained on; never one of a concept that is kept apart."""
        if drawing.is_apart or is_apart(drawing.concept):
            return False
        if self is Purpose.RELEASE:
            return drawing.role.is_trained or drawing.role is Role.UNSEEN
        return drawing.role.is_trained and not (self is Purpose.TUNING and is_for_tuning(drawing.concept))


@dataclass(frozen=True)
class Lessons:
    """`rows` are the drawings that teach, `labels` each one's name; `tags` lists, for a name, further names of it."""

    rows: NDArray[np.int64]
    labels: NDArray[np.int64]
    names: tuple[str, ...]
    tags: Mapping[int, tuple[int, ...]]

    @classmethod
    def of(cls, drawings: Sequence[Drawing], purpose: Purpose, words: Mapping[str, Iterable[str]]) -> Self:
        """Collect what teaches; `words` gives keywords of names, of which those that are names become tags."""
        rows = [row for row, drawing in enumerate(drawings) if purpose.teaches(drawing)]
        names = tuple(sorted({drawings[row].concept for row in rows}))
        place = {name: at for at, name in enumerate(names)}
        found: dict[int, set[int]] = {}
        for row in rows:
            label = place[drawings[row].concept]
            others = {place[tag] for tag in drawings[row].tags if tag in place} - {label}
            found.setdefault(label, set()).update(others)
        for name, keywords in words.items():
            if name in place:
                found[place[name]].update({place[word] for word in keywords if word in place} - {place[name]})
        labels = np.array([place[drawings[row].concept] for row in rows])
        return cls(np.array(rows), labels, names, {label: tuple(sorted(tags)) for label, tags in found.items()})

    @cached_property
    def by_label(self) -> Sequence[NDArray[np.int64]]:
        """Return, for each name, the positions of its drawings in `rows`."""
        order = np.argsort(self.labels, kind="stable")
        return np.split(order, np.flatnonzero(np.diff(self.labels[order])) + 1)

    def targets(self, vectors: Rows) -> Rows:
        """Return what share of each name a drawing of a name should be given: names x names, rows adding up to 1.

        Most to its own, some to its tags, the rest by likeness of the names' `vectors`, so that cat and kitten are not
        pushed apart.
        """
        likeness = np.exp((vectors @ vectors.T - 1) / _KIN_TEMPERATURE)
        np.fill_diagonal(likeness, 0)
        likeness /= likeness.sum(axis=1, keepdims=True)
        shares = np.zeros(likeness.shape, np.float32)
        for label, tags in self.tags.items():
            shares[label, list(tags)] = _TAG_SHARE / max(len(tags), 1)
        own = np.full(len(self.names), _OWN_SHARE)
        shares[np.diag_indices_from(shares)] = own
        return np.asarray(shares + (1 - shares.sum(axis=1, keepdims=True)) * likeness, np.float32)


def keywords_of(keywords: Mapping[str, Sequence[str]], wordnet: WordNet) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Read names and keywords of emoji as names of drawings are read; what is kept apart is left out."""
    for name, words in keywords.items():
        for concept in tags_of([name], wordnet):
            yield concept, tuple(sorted(set(tags_of(words, wordnet))))


def batches(lessons: Lessons, concepts: int, steps: int, seed: int) -> Iterator[NDArray[np.int64]]:
    """Yield positions of drawings in `rows`, concepts x 2 a step: two drawings of each of some names.

    Of seven in ten names there are two drawings or more; the others come with their one drawing twice.
    """
    random = np.random.default_rng(seed)
    counts = np.array([len(rows) for rows in lessons.by_label])
    several, single = np.flatnonzero(counts > 1), np.flatnonzero(counts == 1)
    of_several = min(len(several), round(0.7 * concepts) if len(single) else concepts)
    for _ in range(steps):
        chosen = np.concatenate(
            [
                random.choice(several, of_several, replace=False),
                random.choice(single, concepts - of_several, replace=False),
            ]
        )
        pairs = [random.choice(lessons.by_label[label], 2, replace=counts[label] < 2) for label in chosen]
        yield np.stack(pairs)
