"""WIPO's IPC master files: the scheme as XML and the title lists, plain or in a zip, any edition and language.

What is read here comes from outside: entities are refused, nothing is fetched, sizes are bounded.
Format: "IPC master files", namespace http://www.wipo.int/classifications/ipc/masterfiles.
"""

import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final
from xml.parsers import expat

from examkit.errors import ArtifactError
from services.classify.ipc import MalformedEditionError, MalformedSymbolError, Symbol, edition_of

_SCHEME_NAME: Final = re.compile(r"(?:(?P<language>[A-Z]{2})_)?ipc_scheme_(?P<edition>\d{8})\.xml", re.IGNORECASE)
_LIST_NAME: Final = re.compile(
    r"(?P<language>[A-Z]{2})_ipc_section_[A-H]_title_list_(?P<edition>\d{8})\.txt", re.IGNORECASE
)
# Subsection titles, guidance headings, notes and indexes share the element but are no places of the classification.
_NO_PLACES: Final = frozenset("tgni")
_PADDED: Final = re.compile(r"\b[A-H]\d{2}[A-Z]\d{10}\b")
_SYMBOL: Final = re.compile(r"\b[A-H]\d{2}(?:[A-Z](?:\d{10}|\s?\d+/\d+)?)?\b")
_SPACE_BEFORE_SIGN: Final = re.compile(r" (?=[;,.])")
_MOST_BYTES: Final = 1 << 30
_BLOCK_BYTES: Final = 1 << 20


@dataclass(frozen=True)
class MasterEntry:
    """One place of the scheme; `dots` is its indentation (0 down to the main group), None where a list tells none."""

    symbol: Symbol
    dots: int | None
    title: str


@dataclass(frozen=True)
class MasterFile:
    """The places of one file in its order; `edition` is written 2026.01, `language` as a lower-case code."""

    edition: str
    language: str
    entries: list[MasterEntry]


def read_master_files(source: Path) -> Iterator[MasterFile]:
    """Read an XML file, a title list or a zip of them; raise ArtifactError when it holds neither or is damaged."""
    found = False
    with ExitStack() as stack:
        for name, stream in named_streams(source, stack):
            reader = _reader_for(name)
            if reader:
                found = True
                yield reader(name, stream)
    if not found:
        raise ArtifactError(f"{source.name} holds no IPC scheme XML and no IPC title list.")


def without_references(title: str) -> str:
    """Drop bracketed references, which point away from what is named; write the symbols that stay readably."""
    kept = "".join(part for part in _bracketed(title) if not (part.startswith("(") and _SYMBOL.search(part)))
    readable = _PADDED.sub(lambda match: str(Symbol.parse(match.group())), kept)
    return _SPACE_BEFORE_SIGN.sub("", " ".join(readable.split()))


def _bracketed(title: str) -> Iterator[str]:
    """Yield a title in parts: outermost brackets with what is in them, and the text between them."""
    start, depth = 0, 0
    for place, sign in enumerate(title):
        if sign == "(":
            if depth == 0:
                yield title[start:place]
                start = place
            depth += 1
        elif sign == ")" and depth:
            depth -= 1
            if depth == 0:
                yield title[start : place + 1]
                start = place + 1
    yield title[start:]


class BoundedStream:
    """A stream that refuses to be read past a size, whatever a zip's directory says."""

    def __init__(self, stream: IO[bytes], name: str) -> None:
        self._stream = stream
        self._name = name
        self._left = _MOST_BYTES

    def blocks(self) -> Iterator[bytes]:
        """Yield the content; raise ArtifactError when it is larger than a master file can be, or damaged."""
        try:
            while block := self._stream.read(_BLOCK_BYTES):
                self._left -= len(block)
                if self._left < 0:
                    raise ArtifactError(f"{self._name} unpacks to more than {_MOST_BYTES >> 20} MiB.")
                yield block
        except (zipfile.BadZipFile, EOFError, ValueError):
            raise ArtifactError(f"{self._name} is damaged.") from None

    def text(self) -> str:
        """Return the whole content; raise ArtifactError as `blocks` does, and when it is not UTF-8."""
        try:
            return b"".join(self.blocks()).decode("utf-8-sig")
        except UnicodeDecodeError:
            raise ArtifactError(f"{self._name} is not UTF-8 text.") from None


def named_streams(source: Path, stack: ExitStack) -> Iterator[tuple[str, BoundedStream]]:
    """Yield a file, or the files in a zip, by name; they are open as long as the stack is."""
    if not zipfile.is_zipfile(source):
        yield source.name, BoundedStream(stack.enter_context(source.open("rb")), source.name)
        return
    archive = stack.enter_context(zipfile.ZipFile(source))
    for info in sorted(archive.infolist(), key=lambda info: info.filename):
        name = Path(info.filename).name
        yield name, BoundedStream(stack.enter_context(archive.open(info)), name)


def _reader_for(name: str) -> Callable[[str, BoundedStream], MasterFile] | None:
    if _SCHEME_NAME.fullmatch(name):
        return _read_scheme
    return _read_title_list if _LIST_NAME.fullmatch(name) else None


def edition_in(name: str, date: str) -> str:
    """Write the date of an edition as 2026.01; raise ArtifactError when the file says none."""
    try:
        return edition_of(date)
    except MalformedEditionError:
        raise ArtifactError(f"{name} does not tell its edition: {date[:20]!r} is none.") from None


def _read_title_list(name: str, source: BoundedStream) -> MasterFile:
    match = _LIST_NAME.fullmatch(name)
    assert match
    entries: dict[Symbol, MasterEntry] = {}
    for entry in titled_entries(source.text().splitlines()):
        # A heading before a main group carries that group's symbol; the later line is the group's own.
        entries.pop(entry.symbol, None)
        entries[entry.symbol] = entry
    return MasterFile(edition_in(name, match["edition"]), match["language"].lower(), list(entries.values()))


def titled_entries(lines: list[str]) -> Iterator[MasterEntry]:
    """Read lines of padded symbol, tab and title; a line without a tab continues the title before it."""
    symbol, title = "", ""
    for line in [*lines, "\t"]:
        head, tab, tail = line.partition("\t")
        if not tab:
            title = f"{title} {head}"
            continue
        if symbol:
            yield _titled_entry(symbol, title)
        symbol, title = head.strip(), tail


def _titled_entry(symbol: str, title: str) -> MasterEntry:
    try:
        place = Symbol.parse(symbol)
    except MalformedSymbolError:
        raise ArtifactError(f"A title list names {symbol[:20]!r}, which is no IPC symbol.") from None
    is_subgroup = place.main_group and place.subgroup != "00"
    return MasterEntry(place, None if is_subgroup else 0, without_references(title))


def _read_scheme(name: str, source: BoundedStream) -> MasterFile:
    match = _SCHEME_NAME.fullmatch(name)
    assert match
    reader = _SchemeReader()
    parse_safely(name, source, reader.parser)
    language = reader.language or match["language"] or ""
    if not reader.entries or not language:
        raise ArtifactError(f"{name} holds no IPC scheme entries, or does not tell their language.")
    return MasterFile(edition_in(name, reader.edition or match["edition"]), language.lower(), reader.entries)


def parse_safely(name: str, source: BoundedStream, parser: expat.XMLParserType) -> None:
    """Walk an XML document; raise ArtifactError when it is not well-formed or declares entities."""
    parser.EntityDeclHandler = _refuse_entity
    try:
        for block in source.blocks():
            parser.Parse(block, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise ArtifactError(f"{name} is not well-formed XML (line {error.lineno}).") from None


def _refuse_entity(*_declaration: object) -> None:
    raise ArtifactError("The XML declares entities, which no IPC master file does.")


class _SchemeReader:
    """Collects the places while expat walks the document; titles end where their `ipcEntry` begins another."""

    def __init__(self) -> None:
        self.entries: list[MasterEntry] = []
        self.edition = ""
        self.language = ""
        self.parser = expat.ParserCreate(namespace_separator="}")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self._groups = 0
        self._open: list[tuple[Symbol | None, int]] = []
        self._path: list[str] = []
        self._parts: list[str] = []

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        local = name.rpartition("}")[2]
        self._path.append(local)
        if local == "ipcEntry":
            self._start_entry(attributes)
        elif local == "titlePart":
            self._parts.append("")
        elif local in ("sref", "mref") and self._is_title:
            self._parts[-1] += _written(attributes.get("ref", "")) + _range_end(attributes.get("endRef", ""))
        elif len(self._path) == 1:
            self.edition = attributes.get("edition", "")
            self.language = attributes.get("lang", "")

    def _start_entry(self, attributes: Mapping[str, str]) -> None:
        self.language = self.language or attributes.get("lang", "")
        symbol = None if attributes.get("kind", "") in _NO_PLACES else symbol_in(attributes.get("symbol", ""))
        dots = self._groups
        if symbol and symbol.main_group:
            self._groups += 1
        if symbol:
            self.entries.append(MasterEntry(symbol, dots, ""))
        self._open.append((symbol, len(self.entries) - 1))
        self._parts = []

    def _end(self, _name: str) -> None:
        local = self._path.pop()
        if local == "title":
            self._end_title()
        elif local == "ipcEntry":
            symbol, _ = self._open.pop()
            self._groups -= bool(symbol and symbol.main_group)

    def _end_title(self) -> None:
        title = "; ".join(filter(None, (" ".join(part.split()) for part in self._parts)))
        symbol, row = self._open[-1] if self._open else (None, -1)
        if symbol and title and not self.entries[row].title:
            self.entries[row] = MasterEntry(symbol, self.entries[row].dots, title)
        self._parts = []

    def _characters(self, text: str) -> None:
        if self._is_title:
            self._parts[-1] += text

    @property
    def _is_title(self) -> bool:
        return bool(self._parts) and "text" in self._path[-3:] and "entryReference" not in self._path[-3:]


def symbol_in(text: str) -> Symbol | None:
    """Read a symbol; None for what is none."""
    try:
        return Symbol.parse(text)
    except MalformedSymbolError:
        return None


def _written(reference: str) -> str:
    return f" {symbol_in(reference) or reference}"


def _range_end(reference: str) -> str:
    return f" to{_written(reference)}" if reference else ""
