"""The published patents most like a text, and what their symbols say about it."""

import gzip
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Final, Self

import numpy as np

from services.classify.index import Floats, LabelTree, Rows, SparseRows, TermIndex, cut
from services.classify.ipc import Level, Symbol

NEAREST: Final = 40
# Products are taken of so many terms at a time, which bounds the memory of a start.
_TERMS_AT_ONCE: Final = 1 << 13


@dataclass(frozen=True)
class Neighbour:
    """A published patent like the text; `score` is the cosine of their terms, in [0, 1]."""

    document_id: str
    title: str
    symbols: tuple[Symbol, ...]
    score: float


@dataclass(frozen=True)
class Nearest:
    """The columns of the most similar documents, translations and titles, best first, with their cosines."""

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
    """An index of documents, then of translations of some, then one column of title words for each main group.

    `translations` holds the document each translation is of.
    """

    def __init__(self, index: TermIndex, catalogue: Catalogue, translations: Rows, tree: LabelTree) -> None:
        self.index = index
        self.documents = len(catalogue)
        self.first_title = self.documents + len(translations)
        self._document_of = np.concatenate((np.arange(self.documents), translations))
        self._catalogue = catalogue
        symbols = [symbols for _, symbols, _ in catalogue.rows()]
        symbols += [symbols[document] for document in translations]
        carried = _Carried.of(symbols)
        titles = {
            Level.SUBCLASS: tree.subclass_of,
            Level.MAIN_GROUP: np.arange(len(tree.main_groups)),
            Level.SUBGROUP: np.full(len(tree.main_groups), -1),
        }
        self.labels = {level: carried.labels(rows, tree, level) for level, rows in titles.items()}

    def centroids(self, title_weights: Floats) -> TermIndex:
        """Return the mean direction of each main group's documents, in columns of length 1.

        A document of several main groups counts less for each (1 / sqrt of how many); `title_weights`, of shape
        (main groups,), says how much the titles of each count.
        """
        labels = self.labels[Level.MAIN_GROUP]
        groups = np.maximum(1, labels.lengths[: self.first_title])
        weights = np.concatenate((1 / np.sqrt(groups), title_weights)).astype(np.float32)
        sums = _product(self.index.rows, labels, weights)
        lengths = np.sqrt(np.bincount(sums.columns, sums.values**2, sums.width))
        return TermIndex(replace(sums, values=(sums.values / lengths[sums.columns]).astype(np.float32)))

    def counts(self, level: Level) -> Rows:
        """Return how many documents carry each symbol of a level."""
        labels = self.labels[level]
        return np.bincount(labels.columns[: labels.starts[self.documents]], minlength=labels.width)

    def nearest(self, scores: Floats) -> Nearest:
        """Choose the best columns from the cosines of all; those without a common term are left out."""
        count = min(NEAREST, len(scores))
        columns = np.argpartition(-scores, count - 1)[:count]
        columns = columns[np.argsort(-scores[columns], kind="stable")]
        columns = columns[scores[columns] > 0]
        return Nearest(columns, scores[columns])

    def votes(self, nearest: Nearest, level: Level, power: int) -> Floats:
        """Return each symbol's share of the votes at a level; a neighbour weighs by a power of its cosine."""
        votes = self.labels[level].weighed(nearest.columns, nearest.cosines**power)
        return votes / np.float32(max(float(votes.sum()), 1e-9))

    def documents_of(self, columns: Rows) -> Rows:
        """Return the document that each column stands for, itself or its translation; -1 for titles of the scheme."""
        found = np.full(len(columns), -1)
        is_document = columns < self.first_title
        found[is_document] = self._document_of[columns[is_document]]
        return found

    def similar(self, nearest: Nearest, count: int) -> list[Neighbour]:
        """Return the nearest documents, best first, each once; titles of the scheme are no documents."""
        cosines: dict[int, float] = {}
        for document, cosine in zip(self.documents_of(nearest.columns).tolist(), nearest.cosines.tolist(), strict=True):
            if document >= 0:
                cosines.setdefault(document, cosine)
        return [self._neighbour(document, cosine) for document, cosine in islice(cosines.items(), count)]

    def _neighbour(self, document: int, cosine: float) -> Neighbour:
        document_id, symbols, title = self._catalogue.row(document)
        return Neighbour(document_id, title, tuple(map(Symbol.parse, symbols)), min(1.0, round(cosine, 4)))


@dataclass(frozen=True)
class _Carried:
    """Which text carries which symbol, by numbers in pairs; `distinct` are the symbols, `count` is how many texts."""

    distinct: Sequence[str]
    owners: Rows
    numbers: Rows
    count: int

    @classmethod
    def of(cls, symbols: Sequence[Sequence[str]]) -> Self:
        """Number the symbols of every text: the same ones come again and again."""
        known: dict[str, int] = {}
        numbers = [known.setdefault(text, len(known)) for some in symbols for text in some]
        owners = np.repeat(np.arange(len(symbols)), list(map(len, symbols)))
        return cls(list(known), owners, np.array(numbers, np.int64), len(symbols))

    def labels(self, titles: Rows, tree: LabelTree, level: Level) -> SparseRows:
        """Build the labels of a level, a row of ones for each text and then each title; -1 is no label."""
        rows = tree.rows[level]
        found = np.array([rows.get(cut(text, level), -1) for text in self.distinct], np.int64)[self.numbers]
        # A document with two subgroups of one main group has that main group once.
        pairs = np.unique((self.owners * len(rows) + found)[found >= 0])
        lengths = np.bincount(pairs // len(rows), minlength=self.count)
        columns = np.concatenate((pairs % len(rows), titles[titles >= 0])).astype(np.int32)
        starts = np.concatenate(([0], np.cumsum(np.concatenate((lengths, titles >= 0)))))
        return SparseRows(starts, columns, np.ones(len(columns), np.float32), len(rows))


def _product(terms: SparseRows, labels: SparseRows, weights: Floats) -> SparseRows:
    """Return the product of terms x documents and documents x symbols, every document times its weight."""
    steps = range(0, len(terms.lengths), _TERMS_AT_ONCE)
    parts = [_product_of(terms.between(start, start + _TERMS_AT_ONCE), labels, weights) for start in steps]
    starts = np.concatenate(([0], np.cumsum(np.concatenate([part.lengths for part in parts]))))
    columns, values = (np.concatenate([getattr(part, name) for part in parts]) for name in ("columns", "values"))
    return SparseRows(starts, columns, values, labels.width)


def _product_of(terms: SparseRows, labels: SparseRows, weights: Floats) -> SparseRows:
    spread = labels.lengths[terms.columns]
    entries = np.repeat(np.arange(len(terms.columns)), spread)
    within = np.arange(len(entries)) - np.repeat(np.cumsum(spread) - spread, spread)
    symbols = labels.columns[labels.starts[terms.columns[entries]] + within]
    owners = np.repeat(np.arange(len(terms.lengths)), terms.lengths)[entries]
    keys, places = np.unique(owners * labels.width + symbols, return_inverse=True)
    values = np.bincount(places, (terms.values * weights[terms.columns])[entries])
    counts = np.bincount(keys // labels.width, minlength=len(terms.lengths))
    starts = np.concatenate(([0], np.cumsum(counts)))
    return SparseRows(starts, (keys % labels.width).astype(np.int32), values.astype(np.float32), labels.width)
