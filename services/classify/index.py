"""The model's memory: which terms stand where and how strongly, and the tree of symbols it can predict."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.classify.ipc import Level, Symbol
from services.classify.terms import TermVector

Floats = NDArray[np.float32]
Rows = NDArray[np.int64]

# Weights travel as one signed byte: the square root is stored, so that small weights keep their differences.
_STEPS: Final = 127
_ZERO: Final = np.int16(128)


@dataclass(frozen=True)
class SparseRows:
    """Rows of few numbers: `columns` and `values` from `starts[r]` to `starts[r + 1]` are the entries of row r."""

    starts: Rows
    columns: NDArray[np.int32]
    values: Floats
    width: int

    @property
    def lengths(self) -> Rows:
        """Return how many entries each row has."""
        return np.diff(self.starts)

    def pick(self, rows: Rows) -> tuple[Rows, NDArray[np.int32], Floats]:
        """Return the entries of some rows, one row after another: their places in `rows`, columns and values."""
        slices = [slice(*ends) for ends in zip(self.starts[rows].tolist(), self.starts[rows + 1].tolist(), strict=True)]
        owners = np.repeat(np.arange(len(rows)), self.lengths[rows])
        columns = [self.columns[each] for each in slices] or [self.columns[:0]]
        values = [self.values[each] for each in slices] or [self.values[:0]]
        return owners, np.concatenate(columns), np.concatenate(values)

    def weighed(self, rows: Rows, weights: Floats) -> Floats:
        """Return the sum of some rows, each times its weight: float32 of shape (width,)."""
        owners, columns, values = self.pick(rows)
        return np.bincount(columns, values * weights[owners], self.width).astype(np.float32)

    def between(self, first: int, last: int) -> "SparseRows":
        """Return the rows from `first` up to, not including, `last`."""
        starts = self.starts[first : last + 1]
        entries = slice(starts[0], starts[-1])
        return SparseRows(starts - starts[0], self.columns[entries], self.values[entries], self.width)

    def beside(self, other: "SparseRows") -> "SparseRows":
        """Return rows with the columns of this one, then those of another of as many rows."""
        starts = self.starts + other.starts
        mine = np.arange(len(self.columns)) + np.repeat(other.starts[:-1], self.lengths)
        others = np.arange(len(other.columns)) + np.repeat(self.starts[1:], other.lengths)
        columns = np.empty(starts[-1], np.int32)
        values = np.empty(starts[-1], np.float32)
        columns[mine], columns[others] = self.columns, other.columns + np.int32(self.width)
        values[mine], values[others] = self.values, other.values
        return SparseRows(starts, columns, values, self.width + other.width)


class TermIndex:
    """A sparse matrix, terms x columns; a column is a document, a title or what speaks for a symbol."""

    def __init__(self, rows: SparseRows) -> None:
        self.rows = rows

    @classmethod
    def of(cls, matrix: Any) -> "TermIndex":
        """Take over a sparse matrix of scipy, terms x columns."""
        matrix = matrix.tocsr().sorted_indices()
        starts, columns = np.asarray(matrix.indptr, np.int64), np.asarray(matrix.indices, np.int32)
        return cls(SparseRows(starts, columns, np.asarray(matrix.data, np.float32), int(matrix.shape[1])))

    @property
    def columns(self) -> int:
        """Return how many columns there are."""
        return self.rows.width

    def beside(self, other: "TermIndex") -> "TermIndex":
        """Return an index with the columns of this one, then those of another over the same terms."""
        return TermIndex(self.rows.beside(other.rows))

    def scores(self, vector: TermVector) -> Floats:
        """Return the dot product of a text with every column: float32 of shape (columns,)."""
        return self.rows.weighed(vector.ids, vector.weights)

    def products(self, vector: TermVector, columns: Sequence[int] | Rows) -> Floats:
        """Return what each term adds to each column's score: float32 of shape (terms of the text, columns)."""
        owners, found, values = self.rows.pick(vector.ids)
        wanted = np.asarray(columns, np.int64)
        order = np.argsort(wanted)
        places = order[np.minimum(np.searchsorted(wanted, found, sorter=order), len(wanted) - 1)]
        hits = wanted[places] == found
        products = np.zeros((len(vector.ids), len(wanted)), np.float32)
        products[owners[hits], places[hits]] = values[hits]
        return products * vector.weights[:, None]


def read_index(folder: Path, name: str, *, columns: int, scale: float) -> TermIndex:
    """Read the three files of an index: how many entries each term has, their columns, and their packed weights."""
    counts = np.load(folder / f"{name}-counts.npy")
    # One weight for each of the bytes there are.
    steps = np.arange(-_STEPS - 1, _STEPS + 1, dtype=np.float32) / _STEPS
    weights = (np.sign(steps) * steps**2 * np.float32(scale))[np.load(folder / f"{name}-weights.npy") + _ZERO]
    starts = np.concatenate(([0], np.cumsum(counts, dtype=np.int64)))
    return TermIndex(SparseRows(starts, np.load(folder / f"{name}-columns.npy").astype(np.int32), weights, columns))


def write_index(folder: Path, name: str, index: TermIndex) -> float:
    """Write an index, packed; return the scale that `read_index` needs."""
    rows = index.rows
    scale = float(np.abs(rows.values).max(initial=0)) or 1.0
    packed = np.sign(rows.values) * np.rint(np.sqrt(np.abs(rows.values) / scale) * _STEPS)
    np.save(folder / f"{name}-counts.npy", rows.lengths.astype(np.min_scalar_type(rows.lengths.max())))
    np.save(folder / f"{name}-columns.npy", rows.columns.astype(np.min_scalar_type(rows.width)))
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
