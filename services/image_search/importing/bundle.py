"""What an office hands over: files of records, and the images that they name, in one folder or archive."""

import io
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import IO, Final, Self

from examkit.artifact import MANIFEST_NAME, open_artifact
from examkit.errors import StartError, TooLargeError
from services.image_search.image import MAX_IMAGE_BYTES
from services.image_search.importing.records import MarkWithoutImageError
from services.image_search.importing.stores import FolderStore, Store, open_archive

FORMAT: Final = "mark-register"
FORMAT_VERSION: Final = 1


class Kind(StrEnum):
    """How the records stand in a file."""

    XML = "xml"
    JSONL = "jsonl"
    CSV = "csv"


_KINDS: Final = {
    ".xml": Kind.XML,
    ".jsonl": Kind.JSONL,
    ".ndjson": Kind.JSONL,
    ".csv": Kind.CSV,
    ".tsv": Kind.CSV,
}
_IMAGE_SUFFIXES: Final = frozenset({".png", ".jpg", ".jpeg", ".jfif", ".gif", ".tif", ".tiff", ".webp", ".bmp"})


@dataclass
class Meter:
    """Counts what has been read of the files of records."""

    read_bytes: int = 0


class Bundle:
    """A store with its records and images told apart by their names."""

    def __init__(self, store: Store, only: str | None = None) -> None:
        """Take a store; with `only`, no other file of it is one of records."""
        self._store = store
        self._sizes = store.sizes()
        self.meter = Meter()
        self.record_files = [name for name in self._sizes if kind_of(name) and only in (None, name)]
        self._images = _by_name(name for name in self._sizes if not kind_of(name))

    @property
    def size_bytes(self) -> int:
        """Return the size of all files of records."""
        return sum(self._sizes[name] for name in self.record_files)

    def open(self, name: str) -> io.BufferedReader:
        """Open a file of records, what is read of it counted; raise UnreadableFileError."""
        return io.BufferedReader(_Metered(self._store.open(name), self.meter))

    def image(self, names: Sequence[str]) -> bytes:
        """Return the image of the first of these names that there is, with or without suffix, in any case.

        Raise MarkWithoutImageError, UnreadableFileError or TooLargeError.
        """
        found = next((self._images[key] for name in names if (key := _key(name)) in self._images), None)
        if found is None:
            raise MarkWithoutImageError("There is no image to this mark." if names else "The record names no image.")
        with self._store.open(found) as file:
            data = file.read(MAX_IMAGE_BYTES + 1)
        if len(data) > MAX_IMAGE_BYTES:
            raise TooLargeError(f"An image may have at most {MAX_IMAGE_BYTES // 1024**2} MB.", code="image-too-large")
        return data

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._store.close()


def open_bundle(source: Path) -> Bundle:
    """Open what an operator names: a folder, an archive, a file of records with images beside it, a register artifact.

    Raise StartError when it is none of these, UnreadableFileError for an archive that cannot be read, ArtifactError for
    an artifact that was altered.
    """
    if (source / MANIFEST_NAME).is_file():
        artifact = open_artifact(source, format=FORMAT, format_version=FORMAT_VERSION)
        return Bundle(FolderStore(source, artifact.manifest.files))
    if source.is_dir():
        return Bundle(FolderStore(source))
    if not source.is_file():
        raise StartError(f"{source} is neither a file nor a folder.")
    if kind_of(source.name):
        return Bundle(FolderStore(source.parent), source.name)
    with ExitStack() as on_failure:
        store = open_archive(on_failure.enter_context(source.open("rb")))
        on_failure.pop_all()
    return Bundle(store)


def kind_of(name: str) -> Kind | None:
    """Tell how records stand in a file of this name, None where it is none of records."""
    return _KINDS.get(PurePosixPath(name).suffix.lower())


def _by_name(names: Iterable[str]) -> dict[str, str]:
    """Map each way an image may be called to its name: in full, and without its suffix where that tells enough."""
    listed = list(names)
    without_suffix = {
        _key(str(PurePosixPath(name).with_suffix(""))): name
        for name in reversed(listed)
        if PurePosixPath(name).suffix.lower() in _IMAGE_SUFFIXES
    }
    return without_suffix | {_key(name): name for name in listed}


def _key(name: str) -> str:
    """Return a name without regard to case, Windows' slashes and a slash in front."""
    return PurePosixPath(name.replace("\\", "/").lstrip("/")).as_posix().casefold()


class _Metered(io.RawIOBase):
    """A file whose reading is counted."""

    def __init__(self, file: IO[bytes], meter: Meter) -> None:
        super().__init__()
        self._file = file
        self._meter = meter

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]  # typeshed: any buffer
        data = self._file.read(len(buffer))
        self._meter.read_bytes += len(data)
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._file.close()
        super().close()
