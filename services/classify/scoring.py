"""How the symbols of each level are scored: features from centroids, neighbours, linear weights and titles, weighed.

The levels hang together as in the scheme: sections and classes sum their subclasses, main groups and subgroups take
the probability of what lies above them as a feature. Columns of the features, in order:

subclass     best centroid of its main groups x 10, ln(share of votes + .002), linear score, ln(1 + documents)
main group   ln P(subclass), centroid x 10, ln(share of votes + .002), title words x 10, ln(1 + documents)
subgroup     ln P(main group), ln(share of votes + .002), path of titles x 10, own title x 10, ln(1 + documents)

Where the text has an embedding, more columns follow:

subclass     ln P of the embedding's head, ln(share of its neighbours' votes + .002)
main group   ln P of the embedding's head, ln(share of its neighbours' votes + .002), learned match with the title
subgroup     ln(share of its neighbours' votes + .002), learned match with the title
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.classify.calibration import StackWeights, log_share, softmax
from services.classify.dense import DenseMemory
from services.classify.index import Floats, LabelTree, TermIndex
from services.classify.ipc import Level
from services.classify.neighbours import Nearest
from services.classify.terms import TermVector

VOTE_FLOOR: Final = 0.002
SHARE_FLOOR: Final = 1e-6
# A cosine lies in [0, 1]; ten times that is of the size of the logarithms beside it.
COSINE_SCALE: Final = 10


# Shares of votes at one of the three levels that documents are labelled at, counted when a level first asks for them.
Votes = Callable[[Level], Floats]


@dataclass(frozen=True)
class DenseSignals:
    """What a text's embedding found: its nearest documents, and what they and the encoder's memory say of symbols.

    The broader levels need only some of it, so each part is computed when it is first asked for.
    """

    embedding: Floats
    memory: DenseMemory
    nearest: Nearest
    votes: Votes

    @cached_property
    def subclass_logs(self) -> Floats:
        """Return ln P of every subclass by the head: float32 of shape (subclasses,)."""
        return self.memory.subclass_head.log_shares(self.embedding)

    @cached_property
    def main_group_logs(self) -> Floats:
        """Return ln P of every main group by the head: float32 of shape (main groups,)."""
        return self.memory.main_group_head.log_shares(self.embedding)

    @cached_property
    def titles(self) -> Floats:
        """Return how well each group's title fits: float32 of shape (groups,), 0 where no titles were taught."""
        matcher = self.memory.matcher
        return matcher.scores(self.embedding) if matcher else np.zeros_like(self.votes(Level.SUBGROUP))


@dataclass(frozen=True)
class Signals:
    """What a text found: cosines with centroids and titles, linear scores, and shares of the neighbours' votes."""

    vector: TermVector
    centroids: Floats
    titles: Floats
    linear: Floats
    votes: Votes
    dense: DenseSignals | None = None


@dataclass(frozen=True)
class Allowed:
    """Which rows of the label tree may be predicted: those that the installed edition has."""

    subclasses: NDArray[np.bool_]
    main_groups: NDArray[np.bool_]
    groups: NDArray[np.bool_]


@dataclass(frozen=True)
class Counts:
    """How many training documents carry each symbol, by row of its level."""

    subclasses: Floats
    main_groups: Floats
    groups: Floats


class GroupTitles:
    """The title words of every group; a title only says what it adds to those above it, so paths are scored too."""

    def __init__(self, index: TermIndex, path_lengths: Floats, tree: LabelTree) -> None:
        self.index = index
        self.path_lengths = path_lengths
        self._tree = tree
        self._levels = [np.flatnonzero(tree.dots == dots) for dots in range(1, int(tree.dots.max(initial=0)) + 1)]

    def own(self, vector: TermVector) -> Floats:
        """Return the cosine of the text with each group's own title."""
        return self.index.scores(vector)

    def paths(self, own: Floats) -> Floats:
        """Return the cosine with the sum of the titles from the main group down, from the cosines of the titles."""
        sums = own.copy()
        for rows in self._levels:
            sums[rows] += sums[self._tree.parents[rows]]
        return sums / self.path_lengths

    def path_of(self, row: int) -> list[int]:
        """Return the rows from a group up to its main group."""
        path = [row]
        while (parent := int(self._tree.parents[path[-1]])) >= 0:
            path.append(parent)
        return path


class Scorer:
    """Turns signals into shares of probability over the symbols of a level."""

    def __init__(self, tree: LabelTree, counts: Counts, group_titles: GroupTitles) -> None:
        self._tree = tree
        self._counts = counts
        self.group_titles = group_titles
        self._main_group_rows = np.flatnonzero(tree.dots == 0)

    def shares(self, signals: Signals, weights: StackWeights, level: Level, allowed: Allowed) -> Floats:
        """Return each symbol's share at a level; rows as in the label tree, 0 for what is not allowed."""
        subclasses = _masked(self.subclass_features(signals) @ weights.subclass, allowed.subclasses)
        if level.depth <= Level.SUBCLASS.depth:
            return self._rolled_up(subclasses, level)
        main_groups = _masked(self.main_group_features(signals, subclasses) @ weights.main_group, allowed.main_groups)
        if level is Level.MAIN_GROUP:
            return main_groups
        return _masked(self.subgroup_features(signals, main_groups) @ weights.subgroup, allowed.groups)

    def subclass_features(self, signals: Signals) -> Floats:
        """Return float32 of shape (subclasses, 4), or 6 with an embedding."""
        best = np.zeros(len(self._tree.subclasses), np.float32)
        np.maximum.at(best, self._tree.subclass_of, signals.centroids)
        votes = log_share(signals.votes(Level.SUBCLASS), VOTE_FLOOR)
        columns = [best * COSINE_SCALE, votes, signals.linear, self._counts.subclasses]
        if dense := signals.dense:
            columns += [dense.subclass_logs, log_share(dense.votes(Level.SUBCLASS), VOTE_FLOOR)]
        return np.stack(columns).T

    def main_group_features(self, signals: Signals, subclass_shares: Floats) -> Floats:
        """Return float32 of shape (main groups, 5), or 8 with an embedding."""
        columns = [
            log_share(subclass_shares, SHARE_FLOOR)[self._tree.subclass_of],
            signals.centroids * COSINE_SCALE,
            log_share(signals.votes(Level.MAIN_GROUP), VOTE_FLOOR),
            signals.titles * COSINE_SCALE,
            self._counts.main_groups,
        ]
        if dense := signals.dense:
            matches = dense.titles[self._main_group_rows]
            columns += [dense.main_group_logs, log_share(dense.votes(Level.MAIN_GROUP), VOTE_FLOOR), matches]
        return np.stack(columns).T

    def subgroup_features(self, signals: Signals, main_group_shares: Floats) -> Floats:
        """Return float32 of shape (groups, 5), or 7 with an embedding."""
        own = self.group_titles.own(signals.vector)
        columns = [
            log_share(main_group_shares, SHARE_FLOOR)[self._tree.main_group_of],
            log_share(signals.votes(Level.SUBGROUP), VOTE_FLOOR),
            self.group_titles.paths(own) * COSINE_SCALE,
            own * COSINE_SCALE,
            self._counts.groups,
        ]
        if dense := signals.dense:
            columns += [log_share(dense.votes(Level.SUBGROUP), VOTE_FLOOR), dense.titles]
        return np.stack(columns).T

    def best_main_group(self, signals: Signals, subclass: int) -> int:
        """Return the row of the main group whose centroid speaks for a subclass."""
        rows = np.flatnonzero(self._tree.subclass_of == subclass)
        return int(rows[np.argmax(signals.centroids[rows])])

    def _rolled_up(self, subclasses: Floats, level: Level) -> Floats:
        shares = subclasses
        for finer, above in ((Level.SUBCLASS, self._tree.class_of), (Level.CLASS, self._tree.section_of)):
            if level.depth < finer.depth:
                shares = np.bincount(above, shares).astype(np.float32)
        return shares


def _masked(logits: Floats, allowed: NDArray[np.bool_]) -> Floats:
    return softmax(np.where(allowed, logits, np.float32(-np.inf)))
