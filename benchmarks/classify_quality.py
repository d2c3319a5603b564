"""How often answers are right, whether their scores can be trusted, and how they compare with other systems."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.classify_answers import RANKS, Answer, Answers
from benchmarks.classify_documents import ALL_COMPLETE, COMPLETE, PYGRAMS, Documents
from benchmarks.classify_statistics import (
    Estimate,
    calibration_floor,
    calibration_of,
    f1_of,
    mean_of,
    threshold_for,
)
from services.classify.ipc import Level, Symbol

PRECISION: Final = 0.9
TRUST_GROUPS: Final = (COMPLETE, PYGRAMS, ALL_COMPLETE)
_COUNTED_RANKS: Final = (1, 3, 5)
_LEAST_DOCUMENTS: Final = 20

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Accuracy:
    """Shares, in percent, of documents with a right symbol among the first 1, 3 and 5; refused ones count as misses."""

    documents: int
    top1: Estimate
    top3: Estimate
    top5: Estimate


@dataclass(frozen=True)
class Difference:
    """By how many points a system is better than another on the same documents, negative where it is worse."""

    top1: Estimate
    top3: Estimate
    top5: Estimate


@dataclass(frozen=True)
class Share:
    """A mean over documents, in percent."""

    documents: int
    percent: Estimate


@dataclass(frozen=True)
class Trust:
    """Whether the first score is a probability, and how many documents can be accepted unseen.

    `floor` is the calibration error that perfect scores would show by chance. `threshold` was chosen on the documents
    kept apart for such choices, so that 90 % are right from there on; `coverage` and `precision`, in percent, are what
    it accepts here, and how many of those are right (None where it accepts nothing).
    """

    documents: int
    calibration_error: Estimate
    floor: float
    threshold: float
    coverage: Estimate
    precision: Estimate | None


@dataclass(frozen=True)
class Judged:
    """A system's answers at one level: `has_labels` tells which documents count, `is_right` is (documents, 5)."""

    has_labels: Mask
    is_right: Mask

    @classmethod
    def of(cls, rankings: Sequence[Sequence[Symbol]], labels: Sequence[frozenset[Symbol]]) -> "Judged":
        """Compare the symbols proposed for each document, best first, with the right ones."""
        is_right = np.zeros((len(labels), RANKS), bool)
        for row, (symbols, right) in enumerate(zip(rankings, labels, strict=True)):
            is_right[row, : len(symbols)] = [symbol in right for symbol in symbols[:RANKS]]
        return cls(np.array([bool(right) for right in labels], bool), is_right)

    def hits(self, rank: int) -> Mask:
        """Tell for each document whether one of the first symbols is right."""
        return np.asarray(self.is_right[:, :rank].any(axis=1))


def judge_answers(answers: Answers, documents: Documents) -> dict[Level, Judged]:
    """Compare answers at every level with what is right."""
    return {
        level: Judged.of([each.symbols for each in found], documents.labels[level]) for level, found in answers.items()
    }


def accuracy_of(judged: Judged, group: Mask) -> Accuracy:
    """Return the shares of hits among a group's documents."""
    counted = group & judged.has_labels
    shares = [_percent(judged.hits(rank)[counted]) for rank in _COUNTED_RANKS]
    return Accuracy(int(counted.sum()), *shares)


def accuracies(judged: Judged, groups: Mapping[str, Mask]) -> dict[str, Accuracy]:
    """Return the shares of hits by group; groups of less than 20 documents are left out."""
    found = {name: accuracy_of(judged, group) for name, group in groups.items()}
    return {name: each for name, each in found.items() if each.documents >= _LEAST_DOCUMENTS}


def share_of(mask: Mask, group: Mask) -> Share:
    """Return how many of a group's documents a mask has."""
    return Share(int(group.sum()), _percent(mask[group]))


def difference_of(ours: Judged, theirs: Judged, group: Mask) -> Difference:
    """Return how far the first system is ahead of the second, by paired bootstrap."""
    counted = group & ours.has_labels
    gains = [ours.hits(rank)[counted].astype(float) - theirs.hits(rank)[counted] for rank in _COUNTED_RANKS]
    return Difference(*(_percent(gain) for gain in gains))


def trust_of(answers: Sequence[Answer], judged: Judged, group: Mask, threshold: float) -> Trust:
    """Judge the first scores of a group's documents; refused ones are not accepted, and have no score to judge."""
    scores, hits = _first(answers, judged, group)
    accepted, answered = scores >= threshold, scores > 0
    return Trust(
        len(scores),
        calibration_of(scores[answered], hits[answered]).times(1, 4),
        round(calibration_floor(scores[answered]), 4),
        round(threshold, 4),
        _percent(accepted),
        _percent(hits[accepted]) if accepted.any() else None,
    )


def chosen_threshold(answers: Sequence[Answer], judged: Judged, group: Mask) -> float:
    """Choose the lowest score from which on 90 % of a group's documents are right."""
    return threshold_for(*_first(answers, judged, group), PRECISION)


def set_f1(answers: Sequence[Answer], labels: Sequence[frozenset[Symbol]], group: Mask) -> Share:
    """Return the mean F1 of the sets suggested for a group's documents against all their symbols."""
    pairs = zip(answers, labels, group, strict=True)
    scores = [f1_of(answer.suggested, right) for answer, right, is_in in pairs if is_in and right]
    return Share(len(scores), _percent(np.array(scores)))


def first_listed(answers: Sequence[Answer], documents: Documents, level: Level) -> dict[str, Share]:
    """Return, by source, how often the best symbol is the one that the document lists first."""
    found: dict[str, list[bool]] = {}
    for row, each in enumerate(answers):
        if (first := documents.first_listed(level, row)) is not None:
            source = documents.patents[row].source
            found.setdefault(source, []).append(first in each.symbols[:1])
    return {
        source: Share(len(hits), _percent(np.array(hits)))
        for source, hits in sorted(found.items())
        if len(hits) >= _LEAST_DOCUMENTS
    }


def refusals(answers: Sequence[Answer]) -> dict[str, int]:
    """Count the documents refused, by code."""
    return dict(Counter(each.refusal for each in answers if each.refusal))


def _first(answers: Sequence[Answer], judged: Judged, group: Mask) -> tuple[NDArray[np.float64], Mask]:
    counted = group & judged.has_labels
    scores = np.array([each.score for each in answers])
    return scores[counted], judged.is_right[counted, 0]


def _percent(values: NDArray[np.float64] | Mask) -> Estimate:
    return mean_of(values).times(100, 1)
