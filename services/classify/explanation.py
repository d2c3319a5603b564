"""Which words of a text and which published patents carried a prediction, by what each added to its score."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.classify.calibration import Floats, StackWeights
from services.classify.ipc import Level
from services.classify.model import TermModel
from services.classify.neighbours import Nearest, Neighbour
from services.classify.scoring import COSINE_SCALE, VOTE_FLOOR, Signals
from services.classify.terms import count_terms
from services.classify.text import PatentText, surfaces

_EVIDENCE_TERMS: Final = 10
_EVIDENCE_DOCUMENTS: Final = 5


@dataclass(frozen=True)
class Evidence:
    """Words of the text and their share in what spoke for a prediction; all terms together make 1."""

    term: str
    weight: float


@dataclass(frozen=True)
class DocumentEvidence:
    """A published patent that spoke for a prediction, and its share in what the votes of all neighbours added."""

    document: Neighbour
    weight: float


class Explanation:
    """What each term of one text added to the logit of a prediction, level by level.

    A level's logit is a weighted sum of features, and each feature divides among the terms: cosines and linear scores
    are sums over terms; a share of votes divides as the votes do (`vote_products`); the probability of the level above
    passes on what its own terms brought. What no term brought (bias, document counts) is left out.
    """

    def __init__(
        self, model: TermModel, weights: StackWeights, signals: Signals, nearest: Nearest, text: PatentText
    ) -> None:
        self._model = model
        self._weights = weights
        self._signals = signals
        self._nearest = nearest
        self._text = text

    def terms_of(self, level: Level, row: int) -> list[Evidence]:
        """Return the strongest terms for a prediction, in the words of the text."""
        parts = self.contributions(level, row)
        total = float(parts.sum())
        if total <= 0:
            return []
        vector = self._signals.vector
        rows = [each for each in best_rows(parts, _EVIDENCE_TERMS) if parts[each] > 0]
        terms = [self._model.vocabulary.terms[vector.ids[each]] for each in rows]
        words = surfaces(self._text, frozenset(terms))
        return [
            Evidence(words[term], round(float(parts[each]) / total, 4)) for term, each in zip(terms, rows, strict=True)
        ]

    def documents_of(self, level: Level, row: int) -> list[DocumentEvidence]:
        """Return the published patents whose votes added most to a prediction; no titles of the scheme."""
        parts = self.vote_parts(level, row)
        total = float(parts.sum())
        documents = np.where(self._nearest.columns < self._model.neighbours.documents, parts, 0)
        rows = best_rows(documents, _EVIDENCE_DOCUMENTS)
        chosen = Nearest(self._nearest.columns[rows], self._nearest.cosines[rows])
        found = self._model.neighbours.similar(chosen, len(rows))
        return [
            DocumentEvidence(each, round(float(parts[row]) / total, 4)) for each, row in zip(found, rows, strict=True)
        ]

    def front_share(self, level: Level, row: int) -> float:
        """Return the share of a prediction's terms that stand elsewhere than in the description alone, by weight."""
        if self._is_front.all():
            return 1.0
        parts = np.maximum(self.contributions(level, row), 0)
        return float(parts[self._is_front].sum() / max(float(parts.sum()), 1e-9))

    @cached_property
    def _is_front(self) -> NDArray[np.bool_]:
        ids = self._model.vocabulary.vector(count_terms(self._text.front)).ids
        return np.isin(self._signals.vector.ids, ids)

    def contributions(self, level: Level, row: int) -> Floats:
        """Return what each term of the text (in the order of its vector) added to a symbol's logit."""
        match level:
            case Level.SUBGROUP:
                return self._of_group(row)
            case Level.MAIN_GROUP:
                return self._of_main_group(row)
            case _:
                return self._of_subclass(self._strongest_subclass(level, row))

    def _strongest_subclass(self, level: Level, row: int) -> int:
        tree = self._model.tree
        if level is Level.SUBCLASS:
            return row
        above = tree.class_of if level is Level.CLASS else tree.section_of[tree.class_of]
        logits = self._model.scorer.subclass_features(self._signals) @ self._weights.subclass
        return int(np.argmax(np.where(above == row, logits, -np.inf)))

    def _of_subclass(self, row: int) -> Floats:
        centroid, votes, linear, _ = self._weights.subclass
        main_group = self._model.scorer.best_main_group(self._signals, row)
        vector = self._signals.vector
        return np.asarray(
            centroid * COSINE_SCALE * self._model.centroids.products(vector, [main_group])[:, 0]
            + votes * self._votes(Level.SUBCLASS, row)
            + linear * self._model.linear.products(vector, [row])[:, 0]
        )

    def _of_main_group(self, row: int) -> Floats:
        above, centroid, votes, titles, _ = self._weights.main_group
        vector = self._signals.vector
        title_column = self._model.neighbours.documents + row
        return np.asarray(
            above * self._of_subclass(int(self._model.tree.subclass_of[row]))
            + centroid * COSINE_SCALE * self._model.centroids.products(vector, [row])[:, 0]
            + votes * self._votes(Level.MAIN_GROUP, row)
            + titles * COSINE_SCALE * self._model.neighbours.index.products(vector, [title_column])[:, 0]
        )

    def _of_group(self, row: int) -> Floats:
        above, votes, paths, own, _ = self._weights.subgroup
        titles = self._model.scorer.group_titles
        products = titles.index.products(self._signals.vector, titles.path_of(row))
        return np.asarray(
            above * self._of_main_group(int(self._model.tree.main_group_of[row]))
            + votes * self._votes(Level.SUBGROUP, row)
            + paths * COSINE_SCALE * products.sum(1) / titles.path_lengths[row]
            + own * COSINE_SCALE * products[:, 0]
        )

    def _votes(self, level: Level, row: int) -> Floats:
        shares_of_terms = self._model.neighbours.vote_products(self._signals.vector, self._nearest, level, row)
        return np.asarray(shares_of_terms * self._gain(level, row))

    def vote_parts(self, level: Level, row: int) -> Floats:
        """Return what the vote of each neighbour (in the order of nearness) added to a symbol's logit."""
        match level:
            case Level.SUBGROUP:
                above, votes, *_ = self._weights.subgroup
                main_group = int(self._model.tree.main_group_of[row])
                return np.asarray(
                    above * self.vote_parts(Level.MAIN_GROUP, main_group) + votes * self._ballot(level, row)
                )
            case Level.MAIN_GROUP:
                above, _, votes, *_ = self._weights.main_group
                subclass = int(self._model.tree.subclass_of[row])
                return np.asarray(above * self.vote_parts(Level.SUBCLASS, subclass) + votes * self._ballot(level, row))
            case _:
                subclass = self._strongest_subclass(level, row)
                return np.asarray(self._weights.subclass[1] * self._ballot(Level.SUBCLASS, subclass))

    def _ballot(self, level: Level, row: int) -> Floats:
        """Divide what the votes of a level added among the neighbours; a neighbour votes with its cosine squared."""
        labels: Floats = self._model.neighbours.labels[level][self._nearest.columns][:, [row]].toarray()[:, 0]
        votes = labels * self._nearest.cosines**2
        return np.asarray(votes * (self._gain(level, row) / max(float(votes.sum()), 1e-9)))

    def _gain(self, level: Level, row: int) -> float:
        shares = {
            Level.SUBCLASS: self._signals.subclass_votes,
            Level.MAIN_GROUP: self._signals.main_group_votes,
            Level.SUBGROUP: self._signals.group_votes,
        }
        return float(np.log(shares[level][row] + VOTE_FLOOR) - np.log(VOTE_FLOOR))


def best_rows(values: NDArray[np.floating[Any]], count: int) -> list[int]:
    """Return the rows of the highest values above 0, best first; equals in the scheme's order."""
    count = min(count, len(values))
    rows = np.sort(np.argpartition(-values, count - 1)[:count])
    rows = rows[np.argsort(-values[rows], kind="stable")]
    return [int(row) for row in rows if values[row] > 0]
