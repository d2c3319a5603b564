"""The model's memory: which terms stand where and how strongly, and the tree of symbols it can predict."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from services.classify.ipc import Level, Symbol
from services.classify.terms import TermVector

Floats = NDArray[np.float32]
Rows = NDArray[np.int64]

# Weights travel as one signed byte: the square root is stored, so that small weights keep their differences.
_STEPS: Final = 127


class TermIndex:
    """A sparse matrix, terms x columns (float32); a column is a document, a title or what speaks for a symbol."""

    def __init__(self, matrix: Any) -> None:
        self.matrix = sparse.csr_matrix(matrix, dtype=np.float32)

    @property
    def columns(self) -> int:
        """Return how many columns there are."""
        return int(self.matrix.shape[1])

    def beside(self, other: "TermIndex") -> "TermIndex":
        """Return an index with the columns of this one, then those of another over the same terms."""
        return TermIndex(sparse.hstack((self.matrix, other.matrix), format="csr"))

    def scores(self, vector: TermVector) -> Floats:
        """Return the dot product of a text with every column: float32 of shape (columns,)."""
        found: Floats = self.matrix[vector.ids].T @ vector.weights
        return found

    def products(self, vector: TermVector, columns: Sequence[int] | Rows) -> Floats:
        """Return what each term adds to each column's score: float32 of shape (terms of the text, columns)."""
        weights: Floats = self.matrix[vector.ids][:, columns].toarray()
        return weights * vector.weights[:, None]


def read_index(folder: Path, name: str, *, columns: int, scale: float) -> TermIndex:
    """Read the three files of an index: how many entries each term has, their columns, and their packed weights."""
    counts = np.load(folder / f"{name}-counts.npy", mmap_mode="r")
    rows = np.load(folder / f"{name}-columns.npy", mmap_mode="r")
    packed = np.load(folder / f"{name}-weights.npy", mmap_mode="r").astype(np.float32) / _STEPS
    weights = np.sign(packed) * packed**2 * np.float32(scale)
    starts = np.concatenate(([0], np.cumsum(counts, dtype=np.int32)))
    return TermIndex(sparse.csr_matrix((weights, rows.astype(np.int32), starts), shape=(len(counts), columns)))


def write_index(folder: Path, name: str, index: TermIndex) -> float:
    """Write an index, packed; return the scale that `read_index` needs."""
    matrix = index.matrix.sorted_indices()
    scale = float(np.abs(matrix.data).max())
    packed = np.sign(matrix.data) * np.rint(np.sqrt(np.abs(matrix.data) / scale) * _STEPS)
    counts = np.diff(matrix.indptr)
    np.save(folder / f"{name}-counts.npy", counts.astype(np.min_scalar_type(counts.max())))
    np.save(folder / f"{name}-columns.npy", matrix.indices.astype(np.min_scalar_type(index.columns)))
    np.save(folder / f"{name}-weights.npy", packed.astype(np.int8))
    return scale


@dataclass(frozen=True)
class LabelTree:
    """The symbols a model can predict, in canonical form, numbered by level in the order of its training scheme.

    `groups` are main groups and subgroups together; `parents` gives the row of the group directly above a subgroup,
    -1 for a main group; `dots` its indentation. `*_of` map the rows of one level to those of the level above, `rows`
    maps symbols to their rows, by level.
    """

    sections: Sequence[str]
    classes: Sequence[str]
    subclasses: Sequence[str]
    main_groups: Sequence[str]
    groups: Sequence[str]
    section_of: Rows
    class_of: Rows
    subclass_of: Rows
    main_group_of: Rows
    parents: Rows
    dots: Rows
    rows: Mapping[Level, Mapping[str, int]]

    @classmethod
    def of(cls, groups: Sequence[str], dots: Sequence[int]) -> "LabelTree":
        """Build the tree from its groups, each main group directly before its subgroups."""
        main_groups, main_group_of = _rolled_up(groups, Level.MAIN_GROUP)
        subclasses, subclass_of = _rolled_up(main_groups, Level.SUBCLASS)
        classes, class_of = _rolled_up(subclasses, Level.CLASS)
        sections, section_of = _rolled_up(classes, Level.SECTION)
        lists = (sections, classes, subclasses, main_groups, groups)
        rows = {level: _numbered(symbols) for level, symbols in zip(Level, lists, strict=True)}
        parents = _parents(dots)
        indentation = np.array(dots, np.int64)
        return cls(*lists, section_of, class_of, subclass_of, main_group_of, parents, indentation, rows)

    def at(self, level: Level) -> Sequence[str]:
        """Return the symbols a prediction at a level chooses from; whole symbols for the subgroup level."""
        return (self.sections, self.classes, self.subclasses, self.main_groups, self.groups)[level.depth]

    def below(self, start: Symbol, level: Level) -> NDArray[np.bool_]:
        """Tell which rows of a level lie in the subtree of a section, class, subclass or main group."""
        prefix = str(start).removesuffix("00")
        return np.fromiter((text.startswith(prefix) for text in self.rows[level]), bool)


def cut(text: str, level: Level) -> str:
    """Cut a symbol in canonical form to a level at or above its own; quicker than parsing it."""
    match level:
        case Level.SUBGROUP:
            return text
        case Level.MAIN_GROUP:
            return text.partition("/")[0] + "/00"
        case _:
            return text[: (1, 3, 4)[level.depth]]


def read_label_tree(file: Path) -> LabelTree:
    """Read lines of symbol, tab and dots."""
    groups, dots = zip(*(line.split("\t") for line in file.read_text("utf-8").splitlines()), strict=True)
    return LabelTree.of(groups, list(map(int, dots)))


def _numbered(symbols: Sequence[str]) -> Mapping[str, int]:
    return {text: row for row, text in enumerate(symbols)}


def _rolled_up(symbols: Sequence[str], level: Level) -> tuple[list[str], Rows]:
    above = [cut(text, level) for text in symbols]
    found = _numbered(list(dict.fromkeys(above)))
    return list(found), np.array([found[text] for text in above], np.int64)


def _parents(dots: Sequence[int]) -> Rows:
    parents = np.full(len(dots), -1, np.int64)
    path: list[int] = []
    for row, depth in enumerate(dots):
        path = path[:depth]
        if depth:
            parents[row] = path[-1]
        path.append(row)
    return parents
