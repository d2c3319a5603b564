"""Where a back-file's bytes come from: files, folders and archives, read as streams and never trusted."""

import gzip
import hashlib
import io
import lzma
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, Final, Never

from examkit.errors import InvalidInputError, StartError

# A stream may unpack to this much whatever its size; past it, only to so many times its packed size. Patent text packs
# to a quarter, markup to a twentieth; a bomb reaches a thousandth.
_FREE_BYTES: Final = 64 * 1024 * 1024
_MOST_TIMES_PACKED: Final = 100
_ENCRYPTED: Final = 0x1
_DAMAGE: Final = (zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError, ValueError)


class UnreadableFileError(InvalidInputError):
    """A file of a back-file, or a member of an archive, that cannot be read."""

    code = "unreadable-file"


class Kind(StrEnum):
    """How the documents stand in a file."""

    JSONL = "jsonl"
    CSV = "csv"
    TSV = "tsv"
    XML = "xml"


_KINDS: Final = {
    ".jsonl": Kind.JSONL,
    ".ndjson": Kind.JSONL,
    ".csv": Kind.CSV,
    ".tsv": Kind.TSV,
    ".xml": Kind.XML,
}


@dataclass
class Meter:
    """Counts the bytes read off the disk."""

    read_bytes: int = 0


@dataclass(frozen=True)
class Source:
    """A file or a member of an archive; `open` gives its unpacked bytes or raises UnreadableFileError."""

    name: str
    kind: Kind
    open: Callable[[], io.BufferedReader]


@dataclass(frozen=True)
class Survey:
    """What lies on the disk: `fingerprint` changes with any file's name, size or time of change."""

    files: int
    size_bytes: int
    fingerprint: str


@dataclass(frozen=True)
class Backfile:
    """A file or a folder of files; those of other kinds, and hidden ones, are passed over."""

    root: Path
    meter: Meter = field(default_factory=Meter)

    def survey(self) -> Survey:
        """Look at every file without reading it; raise StartError when there is none, or a folder cannot be read."""
        digest, files, size_bytes = hashlib.sha256(), 0, 0
        for name, path in self._files():
            status = path.lstat()
            digest.update(f"{name}\0{status.st_size}\0{status.st_mtime_ns}\n".encode(errors="surrogateescape"))
            files, size_bytes = files + 1, size_bytes + status.st_size
        if not files:
            raise StartError(f"{self.root} holds no XML, JSONL, CSV or TSV file, and no zip.")
        return Survey(files, size_bytes, digest.hexdigest())

    def sources(self) -> Iterator[Source]:
        """Yield what is to be read, always in the same order; each is opened before the next is asked for."""
        for name, path in self._files():
            if path.is_symlink():
                yield _unreadable(name, "This is a symbolic link; links are not followed.")
            elif not path.is_file():
                yield _unreadable(name, "This is no regular file.")
            elif _is_zip(path):
                yield from _members(name, path, self.meter)
            elif kind := _kind_of(path.name):
                yield Source(name, kind, partial(_open_file, path, self.meter))

    def _files(self) -> Iterator[tuple[str, Path]]:
        if not self.root.is_dir():
            return iter([(self.root.name, self.root)] if _is_wanted(self.root) else [])
        return ((path.relative_to(self.root).as_posix(), path) for path in _walk(self.root) if _is_wanted(path))


def _walk(folder: Path) -> Iterator[Path]:
    """Yield files, and links to folders, that are not hidden."""

    def stop(error: OSError) -> Never:
        raise StartError(f"{error.filename} cannot be read: {error.strerror}.")

    for place, folders, files in os.walk(folder, onerror=stop):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        links = [name for name in folders if Path(place, name).is_symlink()]
        yield from (Path(place, name) for name in sorted([*links, *files]) if not name.startswith("."))


def _is_wanted(path: Path) -> bool:
    return _is_zip(path) or _kind_of(path.name) is not None or (path.is_symlink() and path.is_dir())


def _is_zip(path: Path) -> bool:
    return path.suffix.lower() == ".zip"


def _kind_of(name: str) -> Kind | None:
    return _KINDS.get(PurePosixPath(name.lower().removesuffix(".gz")).suffix)


def _open_file(path: Path, meter: Meter) -> io.BufferedReader:
    raw = _opened(path, meter)
    if not path.name.lower().endswith(".gz"):
        return io.BufferedReader(raw)
    return io.BufferedReader(_Unpacked(gzip.GzipFile(fileobj=raw), raw.tell, raw))


def _opened(path: Path, meter: Meter) -> "_MeteredFile":
    try:
        return _MeteredFile(path, meter)
    except PermissionError:
        raise UnreadableFileError("The file may not be read: permission denied.") from None


def _members(name: str, path: Path, meter: Meter) -> Iterator[Source]:
    with ExitStack() as stack:
        try:
            file = stack.enter_context(io.BufferedReader(_opened(path, meter)))
            archive = stack.enter_context(zipfile.ZipFile(file))
            _check_size(archive, path)
        except UnreadableFileError as error:
            yield _unreadable(name, error.detail)
        except (*_DAMAGE, OSError):
            yield _unreadable(name, "The zip is damaged, or is no zip.")
        else:
            yield from _sources_in(archive, name)


def _check_size(archive: zipfile.ZipFile, path: Path) -> None:
    if _is_bomb(sum(info.file_size for info in archive.infolist()), path.stat().st_size):
        raise UnreadableFileError(f"The zip unpacks to more than {_MOST_TIMES_PACKED} times its size.")


def _sources_in(archive: zipfile.ZipFile, name: str) -> Iterator[Source]:
    for info in archive.infolist():
        kind = _kind_of(info.filename)
        if kind and not PurePosixPath(info.filename).name.startswith("."):
            yield Source(f"{name}/{info.filename}", kind, partial(_open_member, archive, info))


def _open_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> io.BufferedReader:
    if info.flag_bits & _ENCRYPTED:
        raise UnreadableFileError("The member of the zip is encrypted.")
    try:
        member = archive.open(info)
    except _DAMAGE:
        raise UnreadableFileError("The member of the zip is damaged or packed in an unknown way.") from None
    unpacked = _Unpacked(member, lambda: info.compress_size, member)
    if info.filename.lower().endswith(".gz"):
        inner = gzip.GzipFile(fileobj=io.BufferedReader(unpacked))
        unpacked = _Unpacked(inner, lambda: info.compress_size, unpacked)
    return io.BufferedReader(unpacked)


def _unreadable(name: str, detail: str) -> Source:
    def refuse() -> Never:
        raise UnreadableFileError(detail)

    return Source(name, Kind.XML, refuse)


def _is_bomb(unpacked_bytes: int, packed_bytes: int) -> bool:
    return unpacked_bytes > max(_FREE_BYTES, _MOST_TIMES_PACKED * packed_bytes)


class _MeteredFile(io.FileIO):
    """A file whose reading is counted."""

    def __init__(self, path: Path, meter: Meter) -> None:
        super().__init__(path, "rb")
        self._meter = meter

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]  # typeshed: any buffer
        count = super().readinto(buffer)
        self._meter.read_bytes += count
        return count


class _Unpacked(io.RawIOBase):
    """What a packed stream unpacks to; given up when it is damaged or grows beyond all proportion."""

    def __init__(
        self, stream: IO[bytes] | gzip.GzipFile, packed_bytes: Callable[[], int], packed: IO[bytes] | io.RawIOBase
    ) -> None:
        """Take what unpacks, a way to ask how much was packed, and what to close in the end."""
        super().__init__()
        self._packed = packed
        self._stream = stream
        self._packed_bytes = packed_bytes
        self._unpacked_bytes = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]  # typeshed: any buffer
        try:
            data = self._stream.read(len(buffer))
        except _DAMAGE:
            raise UnreadableFileError("The packed data are damaged.") from None
        self._unpacked_bytes += len(data)
        if _is_bomb(self._unpacked_bytes, self._packed_bytes()):
            raise UnreadableFileError(f"The file unpacks to more than {_MOST_TIMES_PACKED} times its size.")
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._stream.close()
        self._packed.close()
        super().close()
