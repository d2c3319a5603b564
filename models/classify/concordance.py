"""Builds the `ipc-concordance` artifact from lists that WIPO publishes, or from a table that an office keeps.

Read are, each as it is or in a zip, of as many editions as there are:

- `ipc_concordancelist_20260101.xml`: `concordance[@from-symbol]`, each with any number of `concordance-to[@to-symbol]`,
  below a root whose `to-version` dates them ("IPC Revision Concordance List Master File Specification");
- `20260101_inventory_of_IPC_ever_used_symbols.csv`: symbol; date it came into force; date it was deleted, or "-";
- any other `.csv` or `.tsv`: from, to and, where it is known, the edition that moved it. "To" is left empty where there
  is no successor; a first line without a symbol is a heading.
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from xml.parsers import expat

from examkit.errors import ArtifactError
from models.classify.masterfiles import BoundedStream, edition_in, named_streams, parse_safely, symbol_in
from services.classify.concordance import (
    LIFETIMES_FILE,
    LIFETIMES_HEADING,
    TRANSFERS_FILE,
    TRANSFERS_HEADING,
    Transfer,
)
from services.classify.ipc import Lifetime

UNDATED: Final = "undated"
# Python's own; set anew, for it holds for a whole process.
_LONGEST_CELL: Final = 131_072
_INVENTORY_NAME: Final = re.compile(r"\d{8}_inventory_of_ipc_ever_used_symbols\.csv", re.IGNORECASE)
_NEVER: Final = "-"

Report = Callable[[int, int], None]


@dataclass
class _Tables:
    """What has been read so far; sets, since lists of several editions overlap."""

    transfers: set[Transfer] = field(default_factory=set)
    lifetimes: dict[str, Lifetime] = field(default_factory=dict)
    inventory: str = ""


def build_from_lists(sources: Sequence[Path], target: Path, report: Report) -> Mapping[str, Any]:
    """Write the artifact's files from concordance lists, inventories and tables; return the manifest's properties.

    Raise ArtifactError for files that are none of these, damaged, or hold what is no symbol.
    """
    tables = _Tables()
    for number, source in enumerate(sources, 1):
        _read(source, tables)
        report(number, len(sources))
    transfers = sorted((each.source, each.target, each.edition) for each in tables.transfers)
    lifetimes = sorted((symbol, each.since, each.until or "") for symbol, each in tables.lifetimes.items())
    _write(target / TRANSFERS_FILE, [TRANSFERS_HEADING, *transfers])
    _write(target / LIFETIMES_FILE, [LIFETIMES_HEADING, *lifetimes])
    edition = max(tables.inventory, *(edition for *_, edition in transfers), "")
    counts = {"transfers": len(transfers), "symbols": len(lifetimes)}
    return {"edition": edition or UNDATED, "inventory": tables.inventory, **counts}


def _write(file: Path, rows: Iterable[Sequence[str]]) -> None:
    file.write_text("".join("\t".join(row) + "\n" for row in rows), "utf-8")


def _read(source: Path, tables: _Tables) -> None:
    found = False
    with ExitStack() as stack:
        for name, stream in named_streams(source, stack):
            reader = _reader_for(name.lower())
            if reader:
                found = True
                reader(name, stream, tables)
    if not found:
        raise ArtifactError(f"{source.name} holds no concordance list, no inventory of symbols and no table.")


def _reader_for(name: str) -> Callable[[str, BoundedStream, _Tables], None] | None:
    if name.endswith(".xml"):
        return _read_list
    if _INVENTORY_NAME.fullmatch(name):
        return _read_inventory
    return _read_table if name.endswith((".csv", ".tsv")) else None


def _read_list(name: str, stream: BoundedStream, tables: _Tables) -> None:
    reader = _ListReader()
    parse_safely(name, stream, reader.parser)
    if not reader.pairs:
        raise ArtifactError(f"{name} is no IPC concordance list.")
    edition = edition_in(name, reader.edition)
    # Lists also name headings and notes, which are no symbols.
    pairs = ((symbol_in(source), target and symbol_in(target)) for source, target in reader.pairs)
    tables.transfers |= {
        Transfer(str(source), str(target), edition) for source, target in pairs if source and target is not None
    }


class _ListReader:
    """Collects pairs of symbols as they are written; a deletion without a successor has an empty second one."""

    def __init__(self) -> None:
        self.edition = ""
        self.pairs: list[tuple[str, str]] = []
        self.parser = expat.ParserCreate(namespace_separator="}")
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self._source = ""
        self._has_target = False

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        self.edition = self.edition or attributes.get("to-version", "")
        match name.rpartition("}")[2]:
            case "concordance":
                self._source, self._has_target = attributes.get("from-symbol", ""), False
            case "concordance-to":
                self.pairs.append((self._source, attributes.get("to-symbol", "")))
                self._has_target = True

    def _end(self, name: str) -> None:
        if name.rpartition("}")[2] == "concordance" and not self._has_target:
            self.pairs.append((self._source, ""))


def _read_inventory(name: str, stream: BoundedStream, tables: _Tables) -> None:
    tables.inventory = max(tables.inventory, edition_in(name, name[:8]))
    for number, row in _rows(name, stream, ";"):
        if len(row) != 3:
            raise ArtifactError(f"{name}, line {number}: a symbol and two dates belong here.")
        since, until = edition_in(name, row[1]), row[2].strip()
        lifetime = Lifetime(since, None if until == _NEVER else edition_in(name, until))
        symbol = symbol_in(row[0])
        known = tables.lifetimes.get(str(symbol))
        # Inventories of several editions differ in this: only the newer one knows of the latest deletions.
        if symbol and (known is None or known.until is None):
            tables.lifetimes[str(symbol)] = lifetime


def _read_table(name: str, stream: BoundedStream, tables: _Tables) -> None:
    for number, row in _rows(name, stream):
        source, target, edition = (*(cell.strip() for cell in row), "", "")[:3]
        symbols = symbol_in(source), target and symbol_in(target)
        if None not in symbols and len(row) in (2, 3):
            dated = edition and edition_in(name, edition)
            tables.transfers.add(Transfer(str(symbols[0]), str(symbols[1]), dated))
        elif number > 1:
            raise ArtifactError(f"{name}, line {number}: from, to and perhaps an edition belong here.")


def _rows(name: str, stream: BoundedStream, delimiter: str = "") -> Iterator[tuple[int, Sequence[str]]]:
    """Yield the lines that hold something, with their numbers, cut where most of the separators stand."""
    lines = stream.text().splitlines()
    best = delimiter or max("\t;,", key=lambda sign: sum(sign in line for line in lines))
    csv.field_size_limit(_LONGEST_CELL)
    rows: Iterable[Sequence[str]] = csv.reader(lines, delimiter=best)
    try:
        yield from ((number, row) for number, row in enumerate(rows, 1) if any(row))
    except csv.Error:
        raise ArtifactError(f"{name} is no table.") from None
