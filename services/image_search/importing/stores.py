"""Folders and archives as stores of files that are only ever named and read, never unpacked onto the disk.

What can be read is what was listed before, so that no name in a record or an archive reaches anything else.
"""

import bz2
import gzip
import io
import lzma
import os
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Final, Protocol

from services.image_search.importing.records import UnreadableFileError

# An archive may unpack to this much whatever its size; past it, only to so many times its packed size. Images hardly
# pack, markup packs to a twentieth; a bomb reaches a thousandth.
_FREE_BYTES: Final = 64 * 1024 * 1024
_MOST_TIMES_PACKED: Final = 100
_LARGEST_PACKED_TAR: Final = 512 * 1024 * 1024
_PIECE_BYTES: Final = 1024 * 1024
_ENCRYPTED: Final = 0x1
_DAMAGE: Final = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    RuntimeError,
    NotImplementedError,
    ValueError,
    OverflowError,
)
_UNPACKERS: Final[dict[bytes, Callable[[IO[bytes]], io.BufferedIOBase]]] = {
    b"\x1f\x8b": lambda file: gzip.GzipFile(fileobj=file),
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ\0": lzma.LZMAFile,
}
_ZIP_BEGINS: Final = (b"PK\x03\x04", b"PK\x05\x06")
_LONGEST_MAGIC: Final = 6


class Store(Protocol):
    """Files by name; names are relative, with slashes."""

    def sizes(self) -> Mapping[str, int]:
        """Return the size in bytes of every file, in order of the names or of the archive."""

    def open(self, name: str) -> IO[bytes]:
        """Open a file that was listed; raise UnreadableFileError."""

    def close(self) -> None:
        """Let go of the archive."""


class FolderStore:
    """The files below a folder, or some of them; hidden ones and links are passed over."""

    def __init__(self, root: Path, only: Collection[str] | None = None) -> None:
        self._root = root
        self._sizes = {name: path.lstat().st_size for name, path in _walk(root) if only is None or name in only}

    def sizes(self) -> Mapping[str, int]:
        """Return the size in bytes of every file."""
        return self._sizes

    def open(self, name: str) -> IO[bytes]:
        """Open a file that was listed; raise UnreadableFileError."""
        if name not in self._sizes:
            raise _not_there()
        try:
            return os.fdopen(os.open(self._root / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb")
        except OSError as error:
            raise UnreadableFileError(f"The file cannot be read: {error.strerror}.") from None

    def close(self) -> None:
        """Do nothing: no file stays open."""


class ZipStore:
    """The files in a zip."""

    def __init__(self, file: IO[bytes]) -> None:
        """Read the directory of the zip; raise UnreadableFileError for a damaged one, or one made to burst."""
        self._file = file
        with _damage_named():
            self._archive = zipfile.ZipFile(file)
            size = file.seek(0, io.SEEK_END)
        members = [info for info in self._archive.infolist() if not info.is_dir()]
        _refuse_bomb(sum(info.file_size for info in members), size)
        self._members = {name: info for info in members if (name := _safe_name(info.filename))}

    def sizes(self) -> Mapping[str, int]:
        """Return the size in bytes of every file."""
        return {name: info.file_size for name, info in self._members.items()}

    def open(self, name: str) -> IO[bytes]:
        """Open a file that was listed; raise UnreadableFileError."""
        info = self._members.get(name)
        if info is None:
            raise _not_there()
        if info.flag_bits & _ENCRYPTED:
            raise UnreadableFileError("The member of the archive is encrypted.")
        with _damage_named():
            return _Guarded.of(self._archive.open(info))

    def close(self) -> None:
        """Let go of the zip."""
        self._archive.close()
        self._file.close()


class TarStore:
    """The regular files in a tar; links, devices and the like are passed over."""

    def __init__(self, file: IO[bytes]) -> None:
        """List the members of the tar; raise UnreadableFileError for a damaged one."""
        self._file = file
        with _damage_named():
            self._archive = tarfile.open(fileobj=file, mode="r:")  # noqa: SIM115 - closed in `close`
            self._members = {
                name: member
                for member in _members(self._archive)
                if member.isreg() and (name := _safe_name(member.name))
            }

    def sizes(self) -> Mapping[str, int]:
        """Return the size in bytes of every file."""
        return {name: member.size for name, member in self._members.items()}

    def open(self, name: str) -> IO[bytes]:
        """Open a file that was listed; raise UnreadableFileError."""
        member = self._members.get(name)
        with _damage_named():
            opened = None if member is None else self._archive.extractfile(member)
        if opened is None:
            raise _not_there()
        return _Guarded.of(opened)

    def close(self) -> None:
        """Let go of the tar."""
        self._archive.close()
        self._file.close()


def open_archive(file: IO[bytes]) -> Store:
    """Open a zip, or a tar, packed or not, by what it begins with; raise UnreadableFileError for anything else.

    A packed tar can only be read from its beginning, so it is unpacked into memory, up to 512 MB.
    """
    magic = file.read(_LONGEST_MAGIC)
    file.seek(0)
    if magic.startswith(_ZIP_BEGINS):
        return ZipStore(file)
    for begin, unpacker in _UNPACKERS.items():
        if magic.startswith(begin):
            return TarStore(_unpacked(unpacker(file)))
    return TarStore(file)


def _unpacked(stream: io.BufferedIOBase) -> IO[bytes]:
    unpacked = io.BytesIO()
    with _damage_named(), stream:
        while piece := stream.read(_PIECE_BYTES):
            unpacked.write(piece)
            if unpacked.tell() > _LARGEST_PACKED_TAR:
                limit = _LARGEST_PACKED_TAR // 1024**2
                raise UnreadableFileError(f"The packed tar holds more than {limit} MB: unpack it, or make a zip.")
    unpacked.seek(0)
    return unpacked


def _walk(root: Path) -> Iterator[tuple[str, Path]]:
    for place, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = Path(place, name)
            if not name.startswith(".") and path.is_file() and not path.is_symlink():
                yield path.relative_to(root).as_posix(), path


def _members(archive: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """Give the members in order; a header that leads back to where the reading came from ends it."""
    offset = -1
    while member := archive.next():
        if member.offset <= offset:
            raise UnreadableFileError("The archive is damaged.")
        offset = member.offset
        yield member


def _safe_name(name: str) -> str | None:
    """Return a member's name as it can be looked up, None for hidden files and names that lead elsewhere."""
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or any(part.startswith(".") or part == "__MACOSX" for part in path.parts):
        return None
    return path.as_posix()


def _refuse_bomb(unpacked_bytes: int, packed_bytes: int) -> None:
    if unpacked_bytes > max(_FREE_BYTES, _MOST_TIMES_PACKED * packed_bytes):
        raise UnreadableFileError(f"The archive unpacks to more than {_MOST_TIMES_PACKED} times its size.")


def _not_there() -> UnreadableFileError:
    return UnreadableFileError("There is no file of this name.")


@contextmanager
def _damage_named() -> Iterator[None]:
    try:
        yield
    except UnreadableFileError:
        raise
    except _DAMAGE:
        raise UnreadableFileError("The archive is damaged, or is neither a zip nor a tar.") from None


class _Guarded(io.RawIOBase):
    """A member of an archive whose damage shows only while it is read."""

    def __init__(self, stream: IO[bytes]) -> None:
        super().__init__()
        self._stream = stream

    @classmethod
    def of(cls, stream: IO[bytes]) -> io.BufferedReader:
        """Guard a stream."""
        return io.BufferedReader(cls(stream))

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]  # typeshed: any buffer
        with _damage_named():
            data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._stream.close()
        super().close()
