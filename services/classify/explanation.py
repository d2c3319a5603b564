"""Which words of a text and which published patents carried a prediction, by what each added to its score."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.classify.calibration import Floats, StackWeights, softmax
from services.classify.index import Rows, TermIndex
from services.classify.ipc import Level
from services.classify.model import DENSE_POWER, TERMS_POWER, TermModel
from services.classify.neighbours import Nearest, Neighbour
from services.classify.places import Occurrences, Place
from services.classify.scoring import COSINE_SCALE, VOTE_FLOOR, Signals
from services.classify.terms import count_terms
from services.classify.text import PatentText
from services.classify.vocabulary import surfaces

_EVIDENCE_TERMS: Final = 10
_EVIDENCE_DOCUMENTS: Final = 5
# How many other symbols a prediction's terms are compared with, and how many subclasses stand for a section or class.
_RIVALS: Final = 5
# A term that speaks as much for the other symbols does not raise a share, so part of what it added to them is taken
# off. With half of it, taking the terms away lowers a score in 97 of 100 cases; with all of it or none, in 95.
_RIVALRY: Final = 0.5
_STRONGEST: Final = 5


@dataclass(frozen=True)
class Evidence:
    """Words of the text and their share in what spoke for a prediction and not for its rivals; all make 1.

    A pair of words that only two parts make together has no places.
    """

    term: str
    weight: float
    places: Sequence[Place] = ()


@dataclass(frozen=True)
class DocumentEvidence:
    """A published patent that spoke for a prediction, and its share in what the votes of all neighbours added."""

    document: Neighbour
    weight: float


class _Columns:
    """Entries of a sparse matrix, in rows, from which dense columns are taken, one at a time."""

    def __init__(self, rows: Rows, columns: NDArray[np.int32], values: Floats, height: int) -> None:
        order = np.argsort(columns, kind="stable")
        self._rows, self._columns, self._values = rows[order], columns[order], values[order]
        self._height = height

    def of(self, column: int) -> Floats:
        """Return float32 of shape (rows,)."""
        found = np.zeros(self._height, np.float32)
        places = slice(*np.searchsorted(self._columns, (column, column + 1)))
        found[self._rows[places]] = self._values[places]
        return found


class Explanation:
    """What each term of one text, and each published patent near it, added to the logit of a prediction.

    A level's logit is a weighted sum of features, and each feature divides among the terms: cosines and linear scores
    are sums over terms; a share of votes divides as the votes do, a neighbour's among the terms it has in common with
    the text; the probability of the level above passes on what its own terms brought. What no term brought (bias,
    document counts) is left out.
    """

    def __init__(
        self, model: TermModel, weights: StackWeights, signals: Signals, nearest: Nearest, text: PatentText
    ) -> None:
        self._model = model
        self._weights = weights
        self._signals = signals
        self._nearest = nearest
        self._text = text
        self._found: dict[tuple[Level, int], Floats] = {}

    def terms_of(self, level: Level, row: int, ranked: Sequence[tuple[int, float]]) -> list[Evidence]:
        """Return the terms that spoke most for a prediction rather than for its rivals, in the words of the text.

        `ranked` are the best rows of the level with their scores, by which what a term added to them is weighed.
        """
        parts = np.maximum(self.contributions(level, row) - _RIVALRY * self._of_rivals(level, row, ranked), 0)
        total = max(float(parts.sum()), 1e-9)
        rows = best_rows(parts, _EVIDENCE_TERMS)
        terms = [self._model.vocabulary.terms[self._signals.vector.ids[each]] for each in rows]
        words = surfaces(self._text, frozenset(terms))
        places = self._occurrences.of(set(terms))
        return [
            Evidence(words[term], round(float(parts[each]) / total, 4), places[term])
            for term, each in zip(terms, rows, strict=True)
        ]

    @cached_property
    def _occurrences(self) -> Occurrences:
        return Occurrences(self._text)

    def _of_rivals(self, level: Level, row: int, ranked: Sequence[tuple[int, float]]) -> Floats:
        rivals = [(other, score) for other, score in ranked if other != row][:_RIVALS]
        sums = np.zeros(len(self._signals.vector.ids), np.float32)
        for other, score in rivals:
            sums += score * self.contributions(level, other)
        return sums / np.float32(max(sum(score for _, score in rivals), 1e-9))

    def documents_of(self, level: Level, row: int) -> list[DocumentEvidence]:
        """Return the published patents whose votes added most to a prediction; no titles of the scheme."""
        parts = self.vote_parts(level, row)
        columns, cosines = self._voters
        documents_of = self._model.neighbours.documents_of(columns)
        found = np.unique(documents_of[documents_of >= 0])
        weights = np.array([parts[documents_of == each].sum() for each in found], np.float32)
        best = best_rows(weights, _EVIDENCE_DOCUMENTS) if len(found) else []
        nearness = [cosines[documents_of == found[each]].max() for each in best]
        documents = self._model.neighbours.similar(Nearest(found[best], np.array(nearness, np.float32)), len(best))
        total = float(parts.sum())
        return [
            DocumentEvidence(each, round(float(weights[place]) / total, 4))
            for each, place in zip(documents, best, strict=True)
        ]

    @cached_property
    def _voters(self) -> tuple[Rows, Floats]:
        """Columns and cosines of all neighbours, in the order of `vote_parts`; a document may be there twice."""
        both = [self._nearest, self._signals.dense.nearest] if self._signals.dense else [self._nearest]
        return np.concatenate([each.columns for each in both]), np.concatenate([each.cosines for each in both])

    def front_share(self, level: Level, row: int) -> float:
        """Return the share of a prediction's terms that stand elsewhere than in the description alone, by weight."""
        if not self._text.description or self._is_front.all():
            return 1.0
        parts = np.maximum(self.contributions(level, row), 0)
        return float(parts[self._is_front].sum() / max(float(parts.sum()), 1e-9))

    @cached_property
    def _is_front(self) -> NDArray[np.bool_]:
        ids = self._model.vocabulary.vector(count_terms(self._text.front)).ids
        return np.isin(self._signals.vector.ids, ids)

    def contributions(self, level: Level, row: int) -> Floats:
        """Return what each term of the text (in the order of its vector) added to a symbol's logit."""
        place = (level, row)
        if place not in self._found:
            self._found[place] = self._contributions(level, row)
        return self._found[place]

    def _contributions(self, level: Level, row: int) -> Floats:
        match level:
            case Level.SUBGROUP:
                return self._of_group(row)
            case Level.MAIN_GROUP:
                return self._of_main_group(row)
            case Level.SUBCLASS:
                return self._of_subclass(row)
            case _:
                parts = [
                    share * self.contributions(Level.SUBCLASS, each)
                    for each, share in self._strongest_subclasses(level, row)
                ]
                return np.asarray(np.sum(parts, axis=0))

    def _strongest_subclasses(self, level: Level, row: int) -> list[tuple[int, float]]:
        """Return the likeliest subclasses of a section or class with their shares in it."""
        tree = self._model.tree
        above = tree.class_of if level is Level.CLASS else tree.section_of[tree.class_of]
        shares = softmax(np.where(above == row, self._subclass_logits, np.float32(-np.inf)))
        return [(each, float(shares[each])) for each in best_rows(shares, _STRONGEST)]

    @cached_property
    def _subclass_logits(self) -> Floats:
        logits: Floats = self._model.scorer.subclass_features(self._signals) @ self._weights.subclass
        return logits

    def _of_subclass(self, row: int) -> Floats:
        centroid, votes, linear = self._weights.subclass[:3]
        main_group = self._model.scorer.best_main_group(self._signals, row)
        return np.asarray(
            centroid * COSINE_SCALE * self._centroids.of(main_group)
            + votes * self._votes(Level.SUBCLASS, row)
            + linear * self._linear.of(row)
        )

    def _of_main_group(self, row: int) -> Floats:
        above, centroid, votes, titles = self._weights.main_group[:4]
        return np.asarray(
            above * self.contributions(Level.SUBCLASS, int(self._model.tree.subclass_of[row]))
            + centroid * COSINE_SCALE * self._centroids.of(row)
            + votes * self._votes(Level.MAIN_GROUP, row)
            + titles * COSINE_SCALE * self._memory.of(self._model.neighbours.first_title + row)
        )

    def _of_group(self, row: int) -> Floats:
        above, votes, paths, own = self._weights.subgroup[:4]
        titles = self._model.scorer.group_titles
        path = np.sum([self._group_titles.of(each) for each in titles.path_of(row)], axis=0)
        return np.asarray(
            above * self.contributions(Level.MAIN_GROUP, int(self._model.tree.main_group_of[row]))
            + votes * self._votes(Level.SUBGROUP, row)
            + paths * COSINE_SCALE * path / titles.path_lengths[row]
            + own * COSINE_SCALE * self._group_titles.of(row)
        )

    def _votes(self, level: Level, row: int) -> Floats:
        """Divide what the votes of a level added among the terms.

        A cosine is a sum over common terms, so a neighbour's vote (cosine x cosine) divides among them in proportion.
        """
        shares = self._neighbour_products @ (self._labels[level].of(row) * self._nearest.cosines)
        return np.asarray(shares * (self._gain(level, row) / max(float(shares.sum()), 1e-9)), np.float32)

    def vote_parts(self, level: Level, row: int) -> Floats:
        """Return what the vote of each neighbour added to a symbol's logit: those by terms, then those by meaning."""
        match level:
            case Level.SUBGROUP:
                upper = self.vote_parts(Level.MAIN_GROUP, int(self._model.tree.main_group_of[row]))
                return np.asarray(self._weights.subgroup[0] * upper + self._ballots(level, row, (1, 5)))
            case Level.MAIN_GROUP:
                upper = self.vote_parts(Level.SUBCLASS, int(self._model.tree.subclass_of[row]))
                return np.asarray(self._weights.main_group[0] * upper + self._ballots(level, row, (2, 6)))
            case Level.SUBCLASS:
                return self._ballots(level, row, (1, 5))
            case _:
                parts = [
                    share * self.vote_parts(Level.SUBCLASS, each)
                    for each, share in self._strongest_subclasses(level, row)
                ]
                return np.asarray(np.sum(parts, axis=0))

    def _ballots(self, level: Level, row: int, columns: tuple[int, int]) -> Floats:
        """Divide what the votes of a level added among the neighbours, in proportion to their votes.

        `columns` tells where the level's weights have the neighbours by terms and those by meaning.
        """
        weights = {
            Level.SUBCLASS: self._weights.subclass,
            Level.MAIN_GROUP: self._weights.main_group,
            Level.SUBGROUP: self._weights.subgroup,
        }[level]
        votes = self._labels[level].of(row) * self._nearest.cosines**TERMS_POWER
        parts = [votes * (weights[columns[0]] * self._gain(level, row) / max(float(votes.sum()), 1e-9))]
        if dense := self._signals.dense:
            votes = self._dense_labels[level].of(row) * dense.nearest.cosines**DENSE_POWER
            gain = _gain(dense.votes(level)[row])
            parts.append(votes * (weights[columns[1]] * gain / max(float(votes.sum()), 1e-9)))
        return np.concatenate(parts)

    @cached_property
    def _labels(self) -> Mapping[Level, _Columns]:
        return self._labels_of(self._nearest)

    @cached_property
    def _dense_labels(self) -> Mapping[Level, _Columns]:
        return self._labels_of(self._signals.dense.nearest) if self._signals.dense else {}

    def _labels_of(self, nearest: Nearest) -> Mapping[Level, _Columns]:
        """Tell, for each symbol of a level, which neighbours have it: 1 or 0, in the order of nearness."""
        labels = self._model.neighbours.labels
        return {level: _Columns(*rows.pick(nearest.columns), len(nearest.columns)) for level, rows in labels.items()}

    @cached_property
    def _neighbour_products(self) -> Floats:
        return self._model.neighbours.index.products(self._signals.vector, self._nearest.columns)

    @cached_property
    def _centroids(self) -> _Columns:
        return self._products(self._model.centroids)

    @cached_property
    def _linear(self) -> _Columns:
        return self._products(self._model.linear)

    @cached_property
    def _memory(self) -> _Columns:
        return self._products(self._model.neighbours.index)

    @cached_property
    def _group_titles(self) -> _Columns:
        return self._products(self._model.scorer.group_titles.index)

    def _products(self, index: TermIndex) -> _Columns:
        """Cut out of an index what each term of the text adds to the score of each column."""
        vector = self._signals.vector
        terms, columns, values = index.rows.pick(vector.ids)
        return _Columns(terms, columns, values * vector.weights[terms], len(vector.ids))

    def _gain(self, level: Level, row: int) -> float:
        return _gain(self._signals.votes(level)[row])


def _gain(share: float) -> float:
    """Return what a share of votes adds beyond no votes at all."""
    return float(np.log(share + VOTE_FLOOR) - np.log(VOTE_FLOOR))


def best_rows(values: NDArray[np.floating[Any]], count: int) -> list[int]:
    """Return the rows of the highest values above 0, best first; equals in the scheme's order."""
    count = min(count, len(values))
    rows = np.sort(np.argpartition(-values, count - 1)[:count])
    rows = rows[np.argsort(-values[rows], kind="stable")]
    return [int(row) for row in rows if values[row] > 0]
