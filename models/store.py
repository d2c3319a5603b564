"""Where artifacts lie once installed: a link per name, switched in one step, so that a reader never meets half of one.

ARTIFACTS/ipc-scheme -> .store/ipc-scheme-2020.01-1a2b3c4d5e6f     what a service opens
ARTIFACTS/.store/.partial-…                                        work in hand; swept away when nobody holds the lock
ARTIFACTS/.store/downloads/                                        kept until an install succeeds, to be continued
ARTIFACTS/.store/lock                                              held by the one install that may write
"""

import fcntl
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from examkit.artifact import MANIFEST_NAME, Manifest, sha256_of
from examkit.errors import ArtifactError
from examkit.files import put_on_disk

_PARTIAL = ".partial-"
_BROUGHT = "-brought"


@dataclass(frozen=True)
class Installed:
    """What a name points at; `is_brought` when an office brought it, so that an install of the default set keeps it."""

    name: str
    folder: Path
    is_brought: bool


class Store:
    """The installed artifacts of one folder; writing needs the lock."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._store = root / ".store"
        self.downloads = self._store / "downloads"

    def find(self, name: str) -> Installed | None:
        """Return what is installed under a name, unread and unverified; None when there is nothing."""
        link = self.root / name
        if not link.exists():
            return None
        return Installed(name, link, is_brought=not link.is_symlink() or link.readlink().name.endswith(_BROUGHT))

    def names(self) -> list[str]:
        """Return every installed name, sorted."""
        if not self.root.is_dir():
            return []
        return sorted(entry.name for entry in self.root.iterdir() if entry.is_dir() and not entry.name.startswith("."))

    @contextmanager
    def locked(self, say: Callable[[str], None]) -> Iterator[None]:
        """Hold the folder for writing, saying one sentence when another install has it; sweep before and after."""
        self._store.mkdir(parents=True, exist_ok=True)
        with (self._store / "lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say(f"Another install is writing to {self.root}; waiting for it to finish.")
                fcntl.flock(lock, fcntl.LOCK_EX)
            self.downloads.mkdir(exist_ok=True)
            self._sweep()
            try:
                yield
            finally:
                self._sweep()

    def workspace(self) -> Path:
        """Make a new empty folder for work in hand; it never outlives the lock."""
        folder = self._store / f"{_PARTIAL}{secrets.token_hex(8)}"
        folder.mkdir()
        return folder

    def publish(self, staged: Path, manifest: Manifest, *, is_brought: bool) -> None:
        """Make a complete folder what its name points at, in one step that a loss of power cannot split."""
        link = self.root / manifest.name
        if link.is_dir() and not link.is_symlink():
            raise ArtifactError(f"{link} was not put there by an install; move it away first.")
        _flush_tree(staged)
        folder = self._free_name(staged, manifest, _BROUGHT if is_brought else "")
        staged.rename(folder)
        put_on_disk(self._store)
        self._switch(link, folder)

    def drop_downloads(self) -> None:
        """Forget the downloads, once everything made of them is installed."""
        shutil.rmtree(self.downloads)

    def _free_name(self, staged: Path, manifest: Manifest, mark: str) -> Path:
        """Name a folder after its content; a damaged folder of the same content may still hold the plain name."""
        stem = f"{manifest.name}-{manifest.version}-{sha256_of(staged / MANIFEST_NAME)[:12]}"
        names = (stem + (f".{number}" if number else "") + mark for number in count())
        return next(self._store / name for name in names if not (self._store / name).exists())

    def _switch(self, link: Path, folder: Path) -> None:
        fresh = self._store / f"{_PARTIAL}{secrets.token_hex(8)}"
        fresh.symlink_to(folder.relative_to(self.root))
        fresh.replace(link)
        put_on_disk(self.root)

    def _sweep(self) -> None:
        """Remove every folder of the store that no name points at: work broken off, and versions replaced."""
        kept = {link.resolve() for link in self.root.iterdir() if link.is_symlink()} | {self.downloads.resolve()}
        for entry in self._store.iterdir():
            if entry.is_symlink():
                entry.unlink()
            elif entry.is_dir() and entry.resolve() not in kept:
                shutil.rmtree(entry)


def _flush_tree(folder: Path) -> None:
    for path in folder.rglob("*"):
        put_on_disk(path)
    put_on_disk(folder)
