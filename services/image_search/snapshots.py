"""The snapshots below a data folder: a cache that any process may read, one makes, and anybody may throw away."""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final
from uuid import uuid4

import structlog

from services.image_search.portraits import Portraits
from services.image_search.snapshot import Snapshot, UnusableSnapshotError
from services.image_search.snapshot_writing import Making, SnapshotWriter

_POINTER: Final = "current"
_UNFINISHED: Final = "unfinished-"
_ATTEMPTS: Final = 3  # the one that is pointed to may be replaced before it is opened


class Snapshots:
    """The folder `index`; a file in it names the snapshot in use."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / "index"

    def current_name(self) -> str | None:
        """Return the name of the snapshot in use, None where there is none."""
        try:
            return (self._folder / _POINTER).read_text()
        except FileNotFoundError:
            return None

    def current(self, signature: str) -> Snapshot | None:
        """Open the snapshot in use; None where there is none of this signature that can be used."""
        for _ in range(_ATTEMPTS):
            name = self.current_name()
            if name is None or not name.startswith(_prefix(signature)):
                return None
            try:
                return Snapshot(self._folder / name)
            except FileNotFoundError:
                continue
            except (UnusableSnapshotError, OSError, RuntimeError, ValueError) as error:
                structlog.get_logger("examkit.marks").warning("index on disk is damaged", error=type(error).__name__)
                return None
        return None

    def make(self, making: Making, sample: Portraits, batches: Callable[[], Iterable[Portraits]]) -> Snapshot:
        """Write a snapshot and put it in the place of the one in use, all at once."""
        unfinished = self._folder / f"{_UNFINISHED}{uuid4().hex}"
        unfinished.mkdir(parents=True)
        try:
            writer = SnapshotWriter(unfinished, making, sample)
            writer.write(batches())
            writer.finish()
            name = f"{_prefix(making.signature)}{making.change}-{uuid4().hex[:8]}"
            unfinished.rename(self._folder / name)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
        self._point_to(name)
        return Snapshot(self._folder / name)

    def tidy(self) -> None:
        """Remove all but the snapshot in use; what a process has mapped stays readable to it."""
        kept = self.current_name()
        for path in self._folder.glob("*/"):
            if path.name != kept:
                shutil.rmtree(path, ignore_errors=True)

    def _point_to(self, name: str) -> None:
        new = self._folder / f"{_POINTER}.new"
        with new.open("w") as file:
            file.write(name)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._folder / _POINTER)


def _prefix(signature: str) -> str:
    return hashlib.sha256(signature.encode()).hexdigest()[:8] + "-"
