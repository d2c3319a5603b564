"""The published patents most like a text, and what their symbols say about it."""

import gzip
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from scipy import sparse

from services.classify.index import Floats, LabelTree, Rows, TermIndex, cut
from services.classify.ipc import Level, Symbol
from services.classify.terms import TermVector

NEAREST: Final = 40


@dataclass(frozen=True)
class Neighbour:
    """A published patent like the text; `score` is the cosine of their terms, in [0, 1]."""

    document_id: str
    title: str
    symbols: tuple[Symbol, ...]
    score: float


@dataclass(frozen=True)
class Nearest:
    """The columns of the most similar documents and titles, best first, with their cosines."""

    columns: Rows
    cosines: Floats


class Catalogue:
    """Number, symbols and title of each document in the index, as one block of text that is cut when asked."""

    def __init__(self, text: bytes) -> None:
        self._text = text
        newlines = np.flatnonzero(np.frombuffer(text, np.uint8) == ord("\n"))
        self._starts = np.concatenate(([0], newlines + 1))
        self._ends = np.concatenate((newlines, [len(text)]))

    @classmethod
    def read(cls, file: Path) -> "Catalogue":
        """Read lines of number, tab, symbols parted by semicolons, tab and title; gzip."""
        return cls(gzip.decompress(file.read_bytes()))

    def __len__(self) -> int:
        return len(self._ends)

    def row(self, number: int) -> tuple[str, list[str], str]:
        """Return number, symbols and title of one document."""
        line = self._text[self._starts[number] : self._ends[number]].decode()
        document_id, symbols, title = line.split("\t")
        return document_id, symbols.split(";"), title

    def rows(self) -> Iterator[tuple[str, list[str], str]]:
        """Yield every document in order."""
        return (self.row(number) for number in range(len(self)))


class Neighbours:
    """An index of documents, followed by one column of title words for each main group, and the labels of both."""

    def __init__(self, index: TermIndex, catalogue: Catalogue, tree: LabelTree) -> None:
        self.index = index
        self.documents = len(catalogue)
        self._catalogue = catalogue
        symbols = [symbols for _, symbols, _ in catalogue.rows()]
        titles = {
            Level.SUBCLASS: tree.subclass_of,
            Level.MAIN_GROUP: np.arange(len(tree.main_groups)),
            Level.SUBGROUP: np.full(len(tree.main_groups), -1),
        }
        self.labels = {level: _labels(symbols, rows, tree, level) for level, rows in titles.items()}

    def centroids(self, title_weights: Floats) -> TermIndex:
        """Return the mean direction of each main group's documents, in columns of length 1.

        A document of several main groups counts less for each (1 / sqrt of how many); `title_weights`, of shape
        (main groups,), says how much the titles of each count.
        """
        labels = self.labels[Level.MAIN_GROUP]
        groups = np.maximum(1, np.diff(labels.indptr)[: self.documents])
        weights = np.concatenate((1 / np.sqrt(groups), title_weights))
        sums = (self.index.matrix @ sparse.diags_array(weights) @ labels).tocsr()
        lengths = np.sqrt(np.asarray(sums.multiply(sums).sum(axis=0)).ravel())
        return TermIndex(sums @ sparse.diags_array(1 / np.maximum(lengths, 1e-9)))

    def nearest(self, scores: Floats) -> Nearest:
        """Choose the best columns from the cosines of all; those without a common term are left out."""
        count = min(NEAREST, len(scores))
        columns = np.argpartition(-scores, count - 1)[:count]
        columns = columns[np.argsort(-scores[columns], kind="stable")]
        columns = columns[scores[columns] > 0]
        return Nearest(columns, scores[columns])

    def votes(self, nearest: Nearest, level: Level) -> Floats:
        """Return each symbol's share of the votes at a level; a neighbour weighs by the square of its cosine."""
        votes: Floats = self.labels[level][nearest.columns].T @ nearest.cosines**2
        return votes / np.float32(max(float(votes.sum()), 1e-9))

    def vote_products(self, vector: TermVector, nearest: Nearest, level: Level, row: int) -> Floats:
        """Return how much of one symbol's votes each term of the text brought; sums to 1, or to 0 without a vote.

        A cosine is a sum over common terms, so a neighbour's vote (cosine x cosine) divides among them in proportion.
        """
        labels: Floats = self.labels[level][nearest.columns][:, [row]].toarray()[:, 0]
        products = self.index.products(vector, nearest.columns)
        shares = products @ (labels * nearest.cosines)
        return np.asarray(shares / max(float(shares.sum()), 1e-9), np.float32)

    def similar(self, nearest: Nearest, count: int) -> list[Neighbour]:
        """Return the nearest documents, best first; titles of the scheme are no documents."""
        pairs = zip(nearest.columns.tolist(), nearest.cosines.tolist(), strict=True)
        documents = [(column, cosine) for column, cosine in pairs if column < self.documents]
        return [self._neighbour(column, cosine) for column, cosine in documents[:count]]

    def _neighbour(self, column: int, cosine: float) -> Neighbour:
        document_id, symbols, title = self._catalogue.row(column)
        return Neighbour(document_id, title, tuple(map(Symbol.parse, symbols)), min(1.0, round(cosine, 4)))


def _labels(symbols: Sequence[Sequence[str]], titles: Rows, tree: LabelTree, level: Level) -> Any:
    """Build the label matrix of a level, a row for each document and then each title; -1 is no label."""
    rows = tree.rows[level]
    found = np.fromiter((rows.get(cut(text, level), -1) for texts in symbols for text in texts), np.int64)
    owners = np.repeat(np.arange(len(symbols)), [len(texts) for texts in symbols])
    labels = np.concatenate((found, titles))
    owners = np.concatenate((owners, np.arange(len(titles)) + len(symbols)))[labels >= 0]
    shape = (len(symbols) + len(titles), len(rows))
    ones = np.ones(len(owners), np.float32)
    matrix = sparse.csr_matrix((ones, (owners, labels[labels >= 0])), shape=shape)
    matrix.data[:] = 1  # a document with two subgroups of one main group has that main group once
    return matrix
