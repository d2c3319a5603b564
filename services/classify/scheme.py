"""The classification scheme an office has installed: symbols, titles, indentation, search, and what it lacks."""

import gzip
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from examkit.artifact import open_artifact
from examkit.errors import ArtifactError, ErrorDetail, ExamError
from services.classify.ipc import Lifetime, MalformedSymbolError, Standing, Symbol
from services.classify.titles import Mask, Titles

FORMAT: Final = "ipc-scheme"
FORMAT_VERSION: Final = 2
SYMBOLS_FILE: Final = "symbols.tsv.gz"
DEFAULT_LANGUAGE: Final = "en"

_SUBCLASS_DEPTH: Final = 2
_MOST_NAMED: Final = 20


def titles_file(language: str) -> str:
    """Name the file with the titles in a language: line n is the title of the symbol in line n of SYMBOLS_FILE."""
    return f"titles-{language}.txt.gz"


def packed(lines: Iterable[str]) -> bytes:
    """Return the content of a file of lines; the same lines give the same bytes."""
    return gzip.compress("\n".join(lines).encode(), mtime=0)


def unpacked(file: Path) -> str:
    """Return the lines of a packed file; raise ArtifactError when it is damaged."""
    try:
        return gzip.decompress(file.read_bytes()).decode()
    except (OSError, EOFError, zlib.error, UnicodeDecodeError):
        raise ArtifactError(f"{file} is damaged.") from None


@dataclass(frozen=True)
class SchemeEntry:
    """One symbol with its title; `dots` is its printed indentation, `child_count` how many stand directly below."""

    symbol: Symbol
    title: str
    dots: int
    child_count: int


@dataclass(frozen=True)
class SearchResult:
    """One page of entries found, and how many there are in all."""

    entries: Sequence[SchemeEntry]
    count: int


@dataclass(frozen=True)
class Validity:
    """What is known of a symbol in one edition; successors and predecessors are of the installed edition."""

    standing: Standing
    lifetime: Lifetime | None
    successors: Sequence[SchemeEntry]
    predecessors: Sequence[SchemeEntry]


class History(Protocol):
    """What a scheme asks of a concordance: symbols of other editions, and where their matter went or came from."""

    def knows(self, symbol: Symbol) -> bool:
        """Tell whether any edition is known to have, or to have had, the symbol."""

    def standing(self, symbol: Symbol, edition: str) -> Standing:
        """Tell whether an edition has the symbol."""

    def lifetime(self, symbol: Symbol) -> Lifetime | None:
        """Return in which editions the symbol is; None where that is not recorded."""

    def successors(self, symbol: Symbol, is_wanted: Callable[[Symbol], bool]) -> Sequence[Symbol]:
        """Follow the symbol's transfers forward, each until a wanted symbol is met."""

    def predecessors(self, symbol: Symbol, is_wanted: Callable[[Symbol], bool]) -> Sequence[Symbol]:
        """Follow the transfers into the symbol backward, each until a wanted symbol is met."""


class Scheme:
    """One edition of the IPC in memory; rows are in the scheme's own order, parents before their children."""

    def __init__(
        self,
        edition: str,
        symbols: Sequence[str],
        dots: NDArray[np.uint8],
        parents: NDArray[np.int32],
        titles: Mapping[str, str],
        history: History | None = None,
    ) -> None:
        """Take the columns of SYMBOLS_FILE, by language the titles, one a line, and a concordance where there is one.

        Raise ValueError when there are more titles than symbols, or fewer.
        """
        self.edition = edition
        self._symbols = symbols
        self._dots = dots
        self._parents = parents
        self._history = history
        self._titles = {language: Titles(text, language) for language, text in titles.items()}
        if not titles or any(len(each.lengths) != len(symbols) for each in self._titles.values()):
            raise ValueError("The titles do not fit the list of symbols.")
        self._default_titles = self._titles.get(DEFAULT_LANGUAGE) or next(iter(self._titles.values()))
        self._rows = {text: row for row, text in enumerate(symbols)}
        self._child_counts = np.bincount(parents[parents >= 0], minlength=len(symbols)).astype(np.int32)
        self._depths = _depths(parents.tolist())
        self._by_depth = [np.flatnonzero(self._depths == depth) for depth in range(int(self._depths.max()) + 1)]

    @classmethod
    def open(cls, path: Path, history: History | None = None) -> Self:
        """Read an `ipc-scheme` artifact; raise ArtifactError when it cannot be used."""
        artifact = open_artifact(path, format=FORMAT, format_version=FORMAT_VERSION)
        properties = artifact.manifest.properties
        lines = unpacked(artifact.file(SYMBOLS_FILE)).splitlines()
        titles = {name: unpacked(artifact.file(titles_file(name))) for name in properties["languages"]}
        try:
            symbols, dots, parents = zip(*(line.split("\t") for line in lines), strict=True)
            columns = symbols, np.array(dots, np.uint8), np.array(parents, np.int32)
            return cls(properties["edition"], *columns, titles, history)
        except ValueError:
            raise ArtifactError(f"{path}: the list of symbols cannot be read, or the titles do not fit it.") from None

    def __contains__(self, symbol: Symbol) -> bool:
        return str(symbol) in self._rows

    def knows(self, symbols: Sequence[str]) -> NDArray[np.bool_]:
        """Tell for each symbol in canonical form whether this edition has it."""
        return np.fromiter((text in self._rows for text in symbols), bool)

    def check(self, symbol: Symbol, target: str, error: type[ExamError]) -> None:
        """Raise an error about `target` (a JSON pointer) when this edition lacks a symbol.

        Its code is `symbol-of-another-edition`, and it names what the symbol's matter is under, where a concordance
        knows the symbol; else `unknown-symbol`.
        """
        if symbol in self:
            return
        if not (self._history and self._history.knows(symbol)):
            raise error(f"The {self.edition} edition has no such symbol.", code="unknown-symbol", target=target)
        found = self.validity(symbol, self.edition)
        named = [*found.successors, *found.predecessors][:_MOST_NAMED]
        raise error(
            f"The {self.edition} edition has no such symbol, but another has; `details` name what is known to match.",
            code="symbol-of-another-edition",
            details=[ErrorDetail(target, f"{entry.symbol}: {entry.title}") for entry in named],
            target=target,
        )

    def validity(self, symbol: Symbol, edition: str, language: str = DEFAULT_LANGUAGE) -> Validity:
        """Say whether an edition has a symbol, and where the symbol's matter stands in this edition."""
        history = self._history
        standing = history.standing(symbol, edition) if history else Standing.UNKNOWN
        if edition == self.edition:
            standing = Standing.VALID if symbol in self else Standing.INVALID
        lifetime = history.lifetime(symbol) if history else None
        successors = history.successors(symbol, self.__contains__) if history else ()
        predecessors = history.predecessors(symbol, self.__contains__) if history and symbol not in self else ()
        return Validity(standing, lifetime, *(self._entries(each, language) for each in (successors, predecessors)))

    def title(self, symbol: Symbol, language: str = DEFAULT_LANGUAGE) -> str:
        """Return the title in a language, else in the default one; empty when the scheme has no such symbol."""
        row = self._rows.get(str(symbol))
        return "" if row is None else self._titles_in(language)[row]

    def entry(self, symbol: Symbol, language: str = DEFAULT_LANGUAGE) -> SchemeEntry | None:
        """Return the entry of a symbol, or None when the scheme has no such symbol."""
        row = self._rows.get(str(symbol))
        return None if row is None else self._entry(row, language)

    def children(self, symbol: Symbol | None, language: str = DEFAULT_LANGUAGE) -> list[SchemeEntry]:
        """Return the entries directly below, in the scheme's order; the sections for None."""
        row = -1 if symbol is None else self._rows.get(str(symbol))
        rows = [] if row is None else np.flatnonzero(self._parents == row).tolist()
        return [self._entry(child, language) for child in rows]

    def ancestors(self, symbol: Symbol, language: str = DEFAULT_LANGUAGE) -> list[SchemeEntry]:
        """Return the entries above, from the section down; empty for a section or an unknown symbol."""
        return [self._entry(row, language) for row in reversed(self._rows_above(symbol))]

    def symbols_above(self, symbol: Symbol) -> list[str]:
        """Return the symbols above, from the nearest up to the section; much quicker than their entries."""
        return [self._symbols[row] for row in self._rows_above(symbol)]

    def search(self, query: str, *, limit: int, offset: int = 0, language: str = DEFAULT_LANGUAGE) -> SearchResult:
        """Find the entries whose titles hold every word of a query, in any inflection or begun; or the symbol it names.

        Case and accents do not matter. First come titles that hold all words, then those where some are only begun,
        then those that hold some while the titles above them, up to the subclass, hold the others; among each, broader
        entries before narrower ones, short titles before long ones, and then the scheme's order.
        """
        rows = self._rows_of_symbol(query) or self._rows_of_words(query, self._titles_in(language))
        page = rows[offset : offset + limit]
        return SearchResult([self._entry(row, language) for row in page], len(rows))

    def _rows_of_symbol(self, query: str) -> list[int]:
        try:
            row = self._rows.get(str(Symbol.parse(query)))
        except MalformedSymbolError:
            return []
        return [] if row is None else [row]

    def _rows_of_words(self, query: str, titles: Titles) -> list[int]:
        found = titles.words.find(query)
        if not found:
            return []
        masks = np.array(found).transpose(1, 0, 2)  # whole and begun x words x rows
        with_path = self._with_those_above(masks).all(1) & masks.any(1)
        tiers = np.concatenate((masks.all(1), with_path))
        rows = np.flatnonzero(tiers.any(0))
        ranks = rows, titles.lengths[rows], self._depths[rows], tiers.argmax(0)[rows]
        best: list[int] = rows[np.lexsort(ranks)].tolist()
        return best

    def _with_those_above(self, masks: Mask) -> Mask:
        """Spread what is found, by row in the last axis, to all below; titles above subclasses are too broad to."""
        spread = masks.copy()
        for rows in self._by_depth[_SUBCLASS_DEPTH + 1 :]:
            spread[..., rows] |= spread[..., self._parents[rows]]
        return spread

    def _titles_in(self, language: str) -> Titles:
        tag = language.lower()
        return self._titles.get(tag) or self._titles.get(tag.partition("-")[0]) or self._default_titles

    def _rows_above(self, symbol: Symbol) -> list[int]:
        row = self._rows.get(str(symbol))
        rows: list[int] = []
        while row is not None and self._parents[row] >= 0:
            row = int(self._parents[row])
            rows.append(row)
        return rows

    def _entries(self, symbols: Iterable[Symbol], language: str) -> list[SchemeEntry]:
        return [self._entry(self._rows[str(symbol)], language) for symbol in symbols]

    def _entry(self, row: int, language: str) -> SchemeEntry:
        title = self._titles_in(language)[row]
        return SchemeEntry(Symbol.parse(self._symbols[row]), title, int(self._dots[row]), int(self._child_counts[row]))


def _depths(parents: Sequence[int]) -> NDArray[np.uint8]:
    """Return how many entries stand above each row; raise ValueError for a row before its parent."""
    depths: list[int] = []
    for row, parent in enumerate(parents):
        if parent >= row:
            raise ValueError("An entry stands before its parent.")
        depths.append(depths[parent] + 1 if parent >= 0 else 0)
    return np.array(depths, np.uint8)
