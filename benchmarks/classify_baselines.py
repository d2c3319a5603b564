"""The systems to compare with, trained in the same run on the same patents and titles: omikuji, a linear classifier."""

import multiprocessing
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import omikuji
from numpy.typing import NDArray
from scipy import sparse

from benchmarks.classify_answers import PROCESSES, RANKS
from benchmarks.classify_documents import known_labels
from models.classify.corpus import LabelledPatent
from models.classify.linear import train_linear
from models.classify.space import fit_vocabulary, rows_of
from models.classify.titles import pseudo_patents, read_scheme
from services.classify.ipc import Level, Symbol
from services.classify.scheme import Scheme
from services.classify.terms import count_terms
from services.classify.text import PatentText
from services.classify.vocabulary import Vocabulary

LEVELS: Final = (Level.SUBCLASS, Level.MAIN_GROUP)
_SEED: Final = 20261122
_TITLE_WEIGHT: Final = 0.2
_BLOCK: Final = 250
_DENSE_ENOUGH: Final = 0.05

Floats = NDArray[np.float32]
Rankings = Sequence[Sequence[Symbol]]


@dataclass(frozen=True)
class Labels:
    """Which of the symbols each text has: CSR, texts x symbols."""

    symbols: Sequence[Symbol]
    matrix: Any

    @classmethod
    def of(cls, labelled: Sequence[frozenset[Symbol]]) -> "Labels":
        """Number the symbols in order."""
        symbols = sorted(frozenset().union(*labelled))
        numbers = {symbol: number for number, symbol in enumerate(symbols)}
        columns = [numbers[symbol] for each in labelled for symbol in sorted(each)]
        ends = np.cumsum([0, *map(len, labelled)])
        ones = np.ones(len(columns), np.float32)
        return cls(symbols, sparse.csr_matrix((ones, columns, ends), shape=(len(labelled), len(symbols))))

    def of_texts(self, texts: Sequence[int]) -> "Labels":
        """Return the labels of some of the texts."""
        return Labels(self.symbols, self.matrix[texts])

    def best(self, scores: Floats) -> list[list[Symbol]]:
        """Return for each row of scores (texts, symbols) the symbols with the highest ones, best first."""
        places = np.argsort(-scores, axis=1, kind="stable")[:, :RANKS]
        return [[self.symbols[place] for place in row] for row in places]


@dataclass(frozen=True)
class Lessons:
    """What the baselines learn from, as rows of weighed terms: patents first, then titles of the classification."""

    patents: int
    terms: Any
    labels: Mapping[Level, Labels]
    vocabulary: Vocabulary

    @classmethod
    def read(cls, data: Path, patents: Sequence[LabelledPatent], scheme: Scheme) -> "Lessons":
        """Count the terms of everything, and label it with symbols of the installed edition."""
        titles = [each for each in pseudo_patents(data, read_scheme(data)) if each.main_group in scheme]
        counted = [count_terms(patent.text.readable) for patent in patents]
        counted_titles = [count_terms(title.text) for title in titles]
        vocabulary = fit_vocabulary(counted, counted_titles)
        terms = sparse.vstack((rows_of(vocabulary, counted), rows_of(vocabulary, counted_titles))).tocsr()
        labels = {
            level: Labels.of(
                [known_labels(patent, level, scheme) for patent in patents]
                + [frozenset({title.main_group.at(level)}) for title in titles]
            )
            for level in LEVELS
        }
        return cls(len(patents), terms, labels, vocabulary)

    def rows_of(self, texts: Sequence[PatentText]) -> Any:
        """Return other texts in the same space: CSR, texts x terms."""
        return rows_of(self.vocabulary, [count_terms(text.readable) for text in texts])


def nearest_cosines(lessons: Lessons, asked: Any) -> Floats:
    """Return the cosine of each text's terms (texts, terms) with those of the patent most like it, shape (texts,)."""
    patents = lessons.terms[: lessons.patents].T.tocsr()
    blocks = (asked[start : start + _BLOCK] @ patents for start in range(0, asked.shape[0], _BLOCK))
    return np.concatenate([block.max(axis=1).toarray()[:, 0] for block in blocks])


def linear_rankings(lessons: Lessons, asked: Any) -> Rankings:
    """Rank the subclasses of texts (texts, terms) with one logistic classifier for each (titles count .2)."""
    labels = lessons.labels[Level.SUBCLASS]
    importance = np.full(lessons.terms.shape[0], _TITLE_WEIGHT, np.float32)
    importance[: lessons.patents] = 1
    learned = train_linear(lessons.terms, labels.matrix, importance, seed=_SEED, report=lambda _: None)
    return labels.best((asked @ learned.weights).toarray() + learned.bias)


def omikuji_rankings(lessons: Lessons, asked: Any, level: Level) -> Rankings:
    """Rank the symbols of a level for texts (texts, terms) with three trees in the manner of Parabel.

    Prabhu, Kag, Harsola, Agrawal and Varma, "Parabel: partitioned label trees", 2018; omikuji's defaults are of it.
    """
    labels = lessons.labels[level]
    # In a process of its own, for omikuji prints its progress and cannot be told not to.
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), initializer=_silence) as pool:
        found = pool.submit(_omikuji, lessons.terms, labels.matrix, asked).result()
    return [[labels.symbols[label] for label in ranked] for ranked in found]


def _silence() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(nowhere, stream.fileno())


def _omikuji(terms: Any, labels: Any, asked: Any) -> list[list[int]]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "lessons.txt"
        with file.open("w") as stream:
            stream.writelines(_lines(terms, labels))
        model = omikuji.Model.train_on_data(str(file), n_threads=PROCESSES)
    model.densify_weights(_DENSE_ENOUGH, n_threads=PROCESSES)
    model.init_prediction_thread_pool(1)
    rankings = (model.predict(_pairs(asked, row), top_k=RANKS) for row in range(asked.shape[0]))
    return [[label for label, _ in ranking] for ranking in rankings]


def _lines(terms: Any, labels: Any) -> Iterator[str]:
    """Write what omikuji reads: a line of sizes, then a line a text; it takes none without terms or labels."""
    rows = np.flatnonzero(np.diff(labels.indptr) * np.diff(terms.indptr)).tolist()
    yield f"{len(rows)} {terms.shape[1]} {labels.shape[1]}\n"
    for row in rows:
        wanted = labels.indices[labels.indptr[row] : labels.indptr[row + 1]]
        weights = " ".join(f"{term}:{weight:.5f}" for term, weight in _pairs(terms, row))
        yield f"{','.join(map(str, wanted))} {weights}\n"


def _pairs(rows: Any, row: int) -> list[tuple[int, float]]:
    start, end = rows.indptr[row], rows.indptr[row + 1]
    return list(zip(rows.indices[start:end].tolist(), rows.data[start:end].tolist(), strict=True))
