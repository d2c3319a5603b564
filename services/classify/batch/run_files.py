"""The files of a run, so kept that a run killed at any moment goes on without a duplicate or a gap.

Every second the note says how far the run has come, and only after the results it speaks of have reached the disk.
Whatever stands behind that in the files is cut off when the run is resumed, and done again.
"""

import fcntl
import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from examkit.errors import StartError
from services.classify.batch.notes import Note, Progress, RunKey, read_note, write_note
from services.classify.batch.pieces import Refusal
from services.classify.batch.results import Format, refused_header, refused_line
from services.classify.batch.workers import Batch, Outcome

_SECONDS_BETWEEN_NOTES: Final = 1.0


@dataclass(frozen=True)
class RunPaths:
    """The files of a run: the results, beside them the refused documents and the note."""

    results: Path

    @property
    def refused(self) -> Path:
        """Return where the refused documents are listed."""
        return self.results.with_name(f"{self.results.name}.errors.csv")

    @property
    def note(self) -> Path:
        """Return where it is noted what the run is and how far it has come."""
        return self.results.with_name(f"{self.results.name}.run.json")

    @property
    def way_out(self) -> str:
        """Say what an operator can do who does not want to go on with the run."""
        names = ", ".join(path.name for path in (self.results, self.refused, self.note))
        return f"Choose another --out, or delete {names} to start anew."


class RunFiles:
    """Results and the list of refused documents while they are written; see `open_run`."""

    def __init__(self, files: tuple[int, int], note: Path, key: RunKey, progress: Progress) -> None:
        """Take open files as long as `progress` says."""
        self.progress = progress
        self._results, self._refused = files
        self._note = note
        self._key = key
        self._began = self._noted = time.monotonic()
        self._seconds_before = progress.seconds

    def begin(self, format: Format) -> None:
        """Write what stands before the first result."""
        results, refused = format.header(), refused_header()
        _write(self._results, results, 0)
        _write(self._refused, refused, 0)
        self.progress = replace(self.progress, result_bytes=len(results), refused_bytes=len(refused))

    def append(self, batch: Batch, format: Format) -> None:
        """Write the outcomes of a batch; the progress changes at once, so that an interruption leaves it true."""
        before = self.progress
        outcomes = list(_numbered(batch.outcomes, before.file, before.position))
        results = b"".join(map(format.line, outcomes))
        refused = b"".join(map(refused_line, outcomes))
        _write(self._results, results, before.result_bytes)
        _write(self._refused, refused, before.refused_bytes)
        self.progress = Progress(
            pieces=before.pieces + batch.pieces,
            result_bytes=before.result_bytes + len(results),
            refused_bytes=before.refused_bytes + len(refused),
            documents=before.documents + len(outcomes),
            refused=_counted(before, outcomes),
            file=outcomes[-1].file,
            position=outcomes[-1].position or 0,
            seconds=self._seconds_before + time.monotonic() - self._began,
        )
        if time.monotonic() - self._noted > _SECONDS_BETWEEN_NOTES:
            self.write_note()

    def write_note(self) -> None:
        """Have on the disk what was written, then how far it goes."""
        os.fsync(self._results)
        os.fsync(self._refused)
        write_note(self._note, Note(self._key, self.progress))
        self._noted = time.monotonic()


@contextmanager
def open_run(out: Path, key: RunKey, format: Format) -> Iterator[RunFiles]:
    """Begin a run, or go on where its note says, and leave a note at the end whatever happens.

    Raise StartError when the files are those of another run, are in use, or cannot be written.
    """
    paths = RunPaths(out)
    with ExitStack() as stack:
        results = _open(paths.results, stack)
        _lock(results, paths)
        progress = _progress(paths, key, os.fstat(results).st_size)
        refused = _open(paths.refused, stack)
        for file, size in ((results, progress.result_bytes), (refused, progress.refused_bytes)):
            _cut_off(file, size, paths)
        files = RunFiles((results, refused), paths.note, key, progress)
        stack.callback(files.write_note)
        if not progress.pieces:
            # Before any result, so that what is found at `out` later is known to be this run's.
            files.write_note()
            files.begin(format)
        yield files


def _open(path: Path, stack: ExitStack) -> int:
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise StartError(f"{path} cannot be written: {error.strerror}.") from None
    stack.callback(os.close, file)
    return file


def _lock(results: int, paths: RunPaths) -> None:
    # The lock is the process's, not the open file's: workers that outlive a killed parent for a moment do not hold it.
    try:
        fcntl.lockf(results, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise StartError(f"Another run is writing {paths.results}.") from None


def _progress(paths: RunPaths, key: RunKey, size: int) -> Progress:
    note = read_note(paths.note)
    if note is None and size:
        raise StartError(f"{paths.results} exists, but no note beside it says of which run. {paths.way_out}")
    if note is None or not note.progress.pieces:
        return Progress()
    if differences := note.key.differences(key):
        raise StartError(f"{paths.results} belongs to another run: {differences}. {paths.way_out}")
    return note.progress


def _cut_off(file: int, size: int, paths: RunPaths) -> None:
    if os.fstat(file).st_size < size:
        raise StartError(f"A file of the run is shorter than it was. {paths.way_out}")
    os.ftruncate(file, size)


def _numbered(outcomes: Iterable[Outcome], file: str, position: int) -> Iterator[Outcome]:
    """Number the documents of XML files, going on after the last one written, and name those without an id."""
    for outcome in outcomes:
        position = outcome.position or (position + 1 if outcome.file == file else 1)
        file = outcome.file
        yield replace(outcome, position=position, document_id=outcome.document_id or f"{file}#{position}")


def _counted(before: Progress, outcomes: Iterable[Outcome]) -> dict[str, int]:
    counts = Counter(before.refused)
    counts.update(outcome.result.code for outcome in outcomes if isinstance(outcome.result, Refusal))
    return dict(sorted(counts.items()))


def _write(file: int, data: bytes, place: int) -> None:
    rest = memoryview(data)
    while rest:
        written = os.pwrite(file, rest, place)
        rest, place = rest[written:], place + written
