"""The titles of the classification as training text: every main group gets documents even where no patent was found."""

import csv
import gzip
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from services.classify.ipc import Level, MalformedSymbolError, Symbol

SCHEME_FILE: Final = "ipc_scheme.tsv.gz"
CPC_FILE: Final = "cpc_titles.tsv.gz"
TITLES_PER_DOCUMENT: Final = 25
_MOST_CPC_TITLES: Final = 250
_LANGUAGES: Final = ("en", "es", "fr")


@dataclass(frozen=True)
class SchemeEntry:
    """One symbol of the training edition: `dots` is its indentation (0 for a main group), titles are by language."""

    symbol: Symbol
    dots: int
    titles: Mapping[str, str]


@dataclass(frozen=True)
class PseudoPatent:
    """Titles that describe one main group, written as if they were a document."""

    main_group: Symbol
    language: str
    text: str


def read_scheme(folder: Path) -> list[SchemeEntry]:
    """Read the symbols of the newest edition in the file, in its order; left-overs of older editions are skipped."""
    rows = _rows(folder / SCHEME_FILE)
    return [
        SchemeEntry(
            Symbol.parse(row["symbol"]),
            int(row["dots"]),
            {language: row[f"title_{language}"] for language in _LANGUAGES},
        )
        for row in rows
        if not row["edition"].endswith("-only")
    ]


def pseudo_patents(folder: Path, scheme: Sequence[SchemeEntry]) -> Iterator[PseudoPatent]:
    """Yield the scheme's titles and those of the CPC (by its official concordance), some titles a document."""
    heads = {str(entry.symbol): entry.titles for entry in scheme if entry.symbol.level is Level.SUBCLASS}
    for language in _LANGUAGES:
        for main_group, titles in _by_main_group(scheme, language).items():
            head = heads[str(main_group.at(Level.SUBCLASS))][language]
            yield from (
                PseudoPatent(main_group, language, "; ".join((head, titles[0], *some))) for some in _slices(titles)
            )
    known = {entry.symbol for entry in scheme}
    for main_group, titles in _cpc_titles(folder).items():
        if main_group in known:
            yield from (PseudoPatent(main_group, "en", "; ".join(some)) for some in _slices(titles[:_MOST_CPC_TITLES]))


def _by_main_group(scheme: Sequence[SchemeEntry], language: str) -> Mapping[Symbol, list[str]]:
    titles: defaultdict[Symbol, list[str]] = defaultdict(list)
    for entry in scheme:
        if entry.symbol.main_group and entry.titles[language]:
            titles[entry.symbol.at(Level.MAIN_GROUP)].append(entry.titles[language])
    return titles


def _cpc_titles(folder: Path) -> Mapping[Symbol, list[str]]:
    titles: defaultdict[Symbol, list[str]] = defaultdict(list)
    for row in _rows(folder / CPC_FILE):
        try:
            symbol = Symbol.parse(row["ipc_concordant"])
        except MalformedSymbolError:
            continue
        if symbol.main_group:
            titles[symbol.at(Level.MAIN_GROUP)].append(row["title_en"])
    return titles


def _slices(titles: Sequence[str]) -> Iterator[Sequence[str]]:
    return (titles[start : start + TITLES_PER_DOCUMENT] for start in range(0, len(titles), TITLES_PER_DOCUMENT))


def _rows(file: Path) -> Iterator[dict[str, str]]:
    with gzip.open(file, "rt", encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines, dialect="excel-tab", quoting=csv.QUOTE_NONE)
