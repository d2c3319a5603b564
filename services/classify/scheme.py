"""The classification scheme an office has installed: symbols, titles, indentation, and search in the titles."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from examkit.artifact import open_artifact
from examkit.errors import ArtifactError
from services.classify.ipc import MalformedSymbolError, Symbol
from services.classify.terms import fold, is_cjk, words_of

FORMAT: Final = "ipc-scheme"
FORMAT_VERSION: Final = 1
SYMBOLS_FILE: Final = "symbols.tsv"
DEFAULT_LANGUAGE: Final = "en"


def titles_file(language: str) -> str:
    """Name the file with the titles in a language: line n is the title of the symbol in line n of `symbols.tsv`."""
    return f"titles-{language}.txt"


@dataclass(frozen=True)
class SchemeEntry:
    """One symbol with its title; `dots` is the indentation that the scheme prints before a subgroup."""

    symbol: Symbol
    title: str
    dots: int


@dataclass(frozen=True)
class SearchResult:
    """One page of entries found, and how many there are in all."""

    entries: Sequence[SchemeEntry]
    count: int


class _Titles:
    """The titles of one language; `folded` is the same text, line by line, as searches see it."""

    def __init__(self, text: str) -> None:
        self.lines: Final = text.split("\n")
        self._folded: Final = fold(text)
        self._ends: Final = np.fromiter(_places(self._folded, "\n"), np.int64)

    def rows_with(self, word: str) -> set[int]:
        """Return the rows in whose title a word begins with `word` (folded); CJK text matches anywhere."""
        places = [place for place in _places(self._folded, word) if self._begins_word(place, word)]
        return set(np.searchsorted(self._ends, places).tolist())

    def _begins_word(self, place: int, word: str) -> bool:
        return place == 0 or not self._folded[place - 1].isalnum() or is_cjk(word)


def _places(text: str, part: str) -> Iterator[int]:
    place = text.find(part)
    while place >= 0:
        yield place
        place = text.find(part, place + 1)


class Scheme:
    """One edition of the IPC in memory; rows are in the scheme's own order, parents before their children."""

    def __init__(
        self,
        edition: str,
        symbols: Sequence[str],
        dots: NDArray[np.uint8],
        parents: NDArray[np.int32],
        titles: Mapping[str, str],
    ) -> None:
        """Take the columns of `symbols.tsv` and, by language, the titles, one a line.

        Raise ValueError when there are more titles than symbols, or fewer.
        """
        self.edition = edition
        self.languages = tuple(titles)
        self._symbols = symbols
        self._dots = dots
        self._parents = parents
        self._titles = {language: _Titles(text) for language, text in titles.items()}
        if any(len(each.lines) != len(symbols) for each in self._titles.values()):
            raise ValueError("The titles do not fit the list of symbols.")
        self._rows = {text: row for row, text in enumerate(symbols)}
        self._language = DEFAULT_LANGUAGE if DEFAULT_LANGUAGE in titles else self.languages[0]

    @classmethod
    def open(cls, path: Path) -> Self:
        """Read an `ipc-scheme` artifact; raise ArtifactError when it cannot be used."""
        artifact = open_artifact(path, format=FORMAT, format_version=FORMAT_VERSION)
        properties = artifact.manifest.properties
        lines = artifact.file(SYMBOLS_FILE).read_text("utf-8").splitlines()
        titles = {name: artifact.file(titles_file(name)).read_text("utf-8") for name in properties["languages"]}
        try:
            symbols, dots, parents = zip(*(line.split("\t") for line in lines), strict=True)
            return cls(properties["edition"], symbols, np.array(dots, np.uint8), np.array(parents, np.int32), titles)
        except ValueError:
            raise ArtifactError(f"{path}: the list of symbols cannot be read, or the titles do not fit it.") from None

    def __contains__(self, symbol: Symbol) -> bool:
        return str(symbol) in self._rows

    def knows(self, symbols: Sequence[str]) -> NDArray[np.bool_]:
        """Tell for each symbol in canonical form whether this edition has it."""
        return np.fromiter((text in self._rows for text in symbols), bool)

    def title(self, symbol: Symbol, language: str = DEFAULT_LANGUAGE) -> str:
        """Return the title in a language, else in the default one; empty when the scheme has no such symbol."""
        row = self._rows.get(str(symbol))
        return "" if row is None else self._titles_in(language).lines[row]

    def entry(self, symbol: Symbol, language: str = DEFAULT_LANGUAGE) -> SchemeEntry | None:
        """Return the entry of a symbol, or None when the scheme has no such symbol."""
        row = self._rows.get(str(symbol))
        return None if row is None else self._entry(row, language)

    def parent(self, symbol: Symbol, language: str = DEFAULT_LANGUAGE) -> SchemeEntry | None:
        """Return the entry directly above; None for a section or an unknown symbol."""
        above = self.ancestors(symbol, language)
        return above[-1] if above else None

    def children(self, symbol: Symbol, language: str = DEFAULT_LANGUAGE) -> list[SchemeEntry]:
        """Return the entries directly below, in the scheme's order."""
        row = self._rows.get(str(symbol))
        rows = [] if row is None else np.flatnonzero(self._parents == row).tolist()
        return [self._entry(child, language) for child in rows]

    def ancestors(self, symbol: Symbol, language: str = DEFAULT_LANGUAGE) -> list[SchemeEntry]:
        """Return the entries above, from the section down; empty for a section or an unknown symbol."""
        row = self._rows.get(str(symbol))
        rows: list[int] = []
        while row is not None and self._parents[row] >= 0:
            row = int(self._parents[row])
            rows.append(row)
        return [self._entry(each, language) for each in reversed(rows)]

    def search(self, query: str, *, limit: int, offset: int = 0, language: str = DEFAULT_LANGUAGE) -> SearchResult:
        """Find the titles that hold every word of a query, words begun counting as found; or the symbol it names.

        Case and accents do not matter. Broader symbols come first, then the scheme's order decides.
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

    def _rows_of_words(self, query: str, titles: _Titles) -> list[int]:
        words = sorted(set(words_of(query)), key=len, reverse=True)
        if not words:
            return []
        rows = set.intersection(*(titles.rows_with(word) for word in words))
        return sorted(rows, key=lambda row: (min(len(self._symbols[row]), 5), row))

    def _titles_in(self, language: str) -> _Titles:
        return self._titles.get(language) or self._titles[self._language]

    def _entry(self, row: int, language: str) -> SchemeEntry:
        title = self._titles_in(language).lines[row]
        return SchemeEntry(Symbol.parse(self._symbols[row]), title, int(self._dots[row]))
