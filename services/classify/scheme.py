"""The classification scheme an office has installed: symbols, titles, indentation, search, and what it lacks."""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Protocol, Self

import numpy as np
import snowballstemmer
from numpy.typing import NDArray

from examkit.artifact import open_artifact
from examkit.errors import ArtifactError, ErrorDetail, ExamError
from services.classify.ipc import Lifetime, MalformedSymbolError, Standing, Symbol
from services.classify.terms import fold

FORMAT: Final = "ipc-scheme"
FORMAT_VERSION: Final = 1
SYMBOLS_FILE: Final = "symbols.tsv"
DEFAULT_LANGUAGE: Final = "en"

Mask = NDArray[np.bool_]
Rows = NDArray[np.int64]

_STEMMERS: Final = dict(
    re.findall(
        r"(\w+):(\w+)",
        """
    ar:arabic ca:catalan cs:czech da:danish de:german el:greek en:english es:spanish et:estonian eu:basque fi:finnish
    fr:french hi:hindi hu:hungarian hy:armenian id:indonesian it:italian lt:lithuanian nb:norwegian ne:nepali nl:dutch
    no:norwegian pl:polish pt:portuguese ro:romanian ru:russian sr:serbian sv:swedish ta:tamil tr:turkish
    """,
    )
)
# Characters from here on are written without spaces between words, or (Korean) with endings joined to them.
_CJK: Final = "\u3040-\U0010ffff"
_WORD: Final = re.compile(rf"[^\W_{_CJK}]+|\n")
_CJK_RUN: Final = re.compile(rf"(?:(?=[{_CJK}])[^\W_])+")
# Words of this many titles say nothing beside others: articles, conjunctions, prepositions. Short ones sooner.
_COMMON: Final = 6000
_SHORT_LETTERS: Final = 3
_COMMON_SHORT: Final = 1000
_SUBCLASS_DEPTH: Final = 2
_MOST_NAMED: Final = 20


def titles_file(language: str) -> str:
    """Name the file with the titles in a language: line n is the title of the symbol in line n of `symbols.tsv`."""
    return f"titles-{language}.txt"


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


class _WordIndex:
    """Which words stand in which titles of a language; a title is a row.

    `_words` are folded and sorted; word n stands in the rows `_rows[_starts[n]:_starts[n + 1]]`. CJK text is not cut
    into words but searched as it is.
    """

    def __init__(self, text: str, language: str) -> None:
        self._algorithm = _STEMMERS.get(language)
        self._size = text.count("\n") + 1
        numbers: dict[str, int] = {"\n": 0}
        tokens = np.array(
            [numbers.setdefault(token, len(numbers)) for token in _WORD.findall(_lowered(text))], np.int32
        )
        forms = list(numbers)[1:]
        folded = [fold(form) for form in forms]
        self._words = sorted(set(folded))
        places = {word: place for place, word in enumerate(self._words)}
        place_of = np.array([-1, *(places[word] for word in folded)], np.int32)
        self._rows, self._starts = _inverted(place_of[tokens], len(self._words))
        self._accented = _grouped((word, form) for word, form in zip(folded, forms, strict=True) if word != form)
        self._families: dict[str, Mapping[str, Sequence[int]]] = {}
        self._cjk_text = fold(text) if _CJK_RUN.search(text) else ""
        self._cjk_ends = np.fromiter(_places(self._cjk_text, "\n"), np.int64)

    def find(self, query: str) -> list[tuple[Mask, Mask]]:
        """Return for each word that matters the rows that have it, and the rows where it is at least begun."""
        words = dict.fromkeys(_WORD.findall(_lowered(query).replace("\n", " ")))
        telling = [word for word in words if not self._is_common(fold(word))]
        runs = dict.fromkeys(_CJK_RUN.findall(fold(query)))
        found = [(self._mask(self._rows_of_run(run)),) * 2 for run in runs]
        return found + [self._masks(word) for word in telling or ([] if runs else words)]

    def _masks(self, word: str) -> tuple[Mask, Mask]:
        folded = fold(word)
        low, high = self._begun(folded)
        begun = self._mask(self._rows[self._starts[low] : self._starts[high]])
        family = self._family(folded[:2])
        # Who types no accents means the words that have them, whose stems are others.
        stems = self._stems(folded, (word, *self._accented.get(folded, ())))
        kin = {place for stem in stems for place in family.get(stem, ())}
        whole = self._mask(np.concatenate([self._of(place) for place in kin])) if kin else np.zeros(self._size, bool)
        return whole, whole | begun

    def _is_common(self, word: str) -> bool:
        place = bisect_left(self._words, word)
        is_known = place < len(self._words) and self._words[place] == word
        return is_known and len(self._of(place)) > (_COMMON_SHORT if len(word) <= _SHORT_LETTERS else _COMMON)

    def _begun(self, beginning: str) -> tuple[int, int]:
        return bisect_left(self._words, beginning), bisect_left(self._words, f"{beginning}\U0010ffff")

    def _of(self, place: int) -> Rows:
        rows: Rows = self._rows[self._starts[place] : self._starts[place + 1]]
        return rows

    def _family(self, beginning: str) -> Mapping[str, Sequence[int]]:
        """Return the words of a beginning by their stems; stemming changes endings, so kin share a beginning.

        Stemmed when first asked for: all words of a language would take a second.
        """
        if beginning not in self._families:
            low, high = self._begun(beginning)
            pairs = ((place, self._words[place]) for place in range(low, high))
            stems = ((s, place) for place, word in pairs for s in self._stems(word, self._accented.get(word, ())))
            self._families[beginning] = _grouped(stems)
        return self._families[beginning]

    def _stems(self, folded: str, forms: Iterable[str]) -> set[str]:
        """Stem a word as it is written, for endings with accents, and folded, for those who type none."""
        if self._algorithm is None:
            return {folded}
        # A stemmer keeps the word it works on, so threads must not share one.
        stemmer = snowballstemmer.stemmer(self._algorithm)
        return {fold(stemmer.stemWord(form)) for form in (folded, *forms)}

    def _rows_of_run(self, run: str) -> Rows:
        return np.searchsorted(self._cjk_ends, list(_places(self._cjk_text, run)))

    def _mask(self, rows: NDArray[Any]) -> Mask:
        mask = np.zeros(self._size, bool)
        mask[rows] = True
        return mask


def _lowered(text: str) -> str:
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).lower()


def _inverted(places: NDArray[np.int32], words: int) -> tuple[Rows, Rows]:
    """Turn the word of each token, -1 ending a row, into the rows of each word and where they start."""
    is_end = places < 0
    rows = np.cumsum(is_end)[~is_end]
    kept = places[~is_end]
    starts = np.concatenate(([0], np.cumsum(np.bincount(kept, minlength=words))))
    return rows[np.argsort(kept, kind="stable")].astype(np.int32), starts


def _grouped(pairs: Iterable[tuple[str, Any]]) -> dict[str, list[Any]]:
    groups: dict[str, list[Any]] = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    return groups


def _places(text: str, part: str) -> Iterator[int]:
    place = text.find(part)
    while place >= 0:
        yield place
        place = text.find(part, place + 1)


class _Titles:
    """The titles of one language, kept as one text: a list of them would take three times the memory.

    `lengths` are in bytes.
    """

    def __init__(self, text: str, language: str) -> None:
        self._text = text.encode()
        self._language = language
        ends = np.flatnonzero(np.frombuffer(self._text, np.uint8) == ord("\n"))
        self._starts = np.concatenate(([0], ends + 1)).astype(np.int32)
        self.lengths = np.concatenate((ends, [len(self._text)])).astype(np.int32) - self._starts

    def __getitem__(self, row: int) -> str:
        start = self._starts[row]
        return self._text[start : start + self.lengths[row]].decode()

    @cached_property
    def words(self) -> _WordIndex:
        """Return the index of the words, made when somebody first searches this language."""
        return _WordIndex(self._text.decode(), self._language)


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
        """Take the columns of `symbols.tsv`, by language the titles, one a line, and a concordance where there is one.

        Raise ValueError when there are more titles than symbols, or fewer.
        """
        self.edition = edition
        self._symbols = symbols
        self._dots = dots
        self._parents = parents
        self._history = history
        self._titles = {language: _Titles(text, language) for language, text in titles.items()}
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
        lines = artifact.file(SYMBOLS_FILE).read_text("utf-8").splitlines()
        titles = {name: artifact.file(titles_file(name)).read_text("utf-8") for name in properties["languages"]}
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
        row = self._rows.get(str(symbol))
        rows: list[int] = []
        while row is not None and self._parents[row] >= 0:
            row = int(self._parents[row])
            rows.append(row)
        return [self._entry(each, language) for each in reversed(rows)]

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

    def _rows_of_words(self, query: str, titles: _Titles) -> list[int]:
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

    def _titles_in(self, language: str) -> _Titles:
        tag = language.lower()
        return self._titles.get(tag) or self._titles.get(tag.partition("-")[0]) or self._default_titles

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
