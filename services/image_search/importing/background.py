"""Imports that clients asked for: taken in one after another while the service searches, over restarts.

An archive lies in a folder that only its owner can look into, from its arrival until its job has ended or was
cancelled; what lies there without a job is removed at the next start. A job that was cut off goes on behind the last
row that the ledger knows of.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final
from uuid import uuid4

import structlog

from examkit.errors import ExamError, InvalidInputError, NotReadyError, OverloadedError, StartError
from examkit.web.observe import failure_of
from services.image_search.importing.beside import HaltedError, Steering, TakeIn
from services.image_search.importing.jobs import JOB_PREFIX, Job, JobStatus, Trouble
from services.image_search.importing.ledger import Ledger

_MOST_UNFINISHED: Final = 8
_MOST_STARTS: Final = 5
_PAUSE_SECONDS: Final = 5.0
_RETRY_AFTER_SECONDS: Final = 60
_ARCHIVE: Final = ".archive"
_ARRIVING: Final = ".arriving"


class ImportJobs:
    """Takes archives on, carries them out in a thread of its own, and tells how far they are."""

    def __init__(self, folder: Path, take_in: TakeIn) -> None:
        """Take up the jobs of a folder; raise StartError when it cannot be used."""
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StartError(f"No imports can be kept in {folder}: {error.strerror}.") from None
        self._folder = folder
        self._take_in = take_in
        self.ledger = Ledger(folder)
        self._unfinished = self.ledger.unfinished()
        self._arriving = 0
        self._lock = threading.Lock()  # held while something is written, and while a job is cancelled
        self._news = threading.Event()
        self._stopped = threading.Event()
        self._log = structlog.get_logger("examkit.imports")
        self._remove_strays()
        self._thread = threading.Thread(target=self._run, name="imports", daemon=True)

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def close(self) -> None:
        """Break off after what is being written; the next start goes on with the rest."""
        self._stopped.set()
        self._news.set()
        if self._thread.is_alive():
            self._thread.join()
        self.ledger.close()

    @contextmanager
    def arrival(self) -> Iterator[Path]:
        """Give a file for an archive that arrives; it is removed, unless `accept` took it on.

        Raise OverloadedError when too many wait.
        """
        if len(self._unfinished) + self._arriving >= _MOST_UNFINISHED:
            raise OverloadedError(
                "Too many imports wait; cancel one, or try again later.",
                code="too-many-imports",
                retry_after_seconds=_RETRY_AFTER_SECONDS,
            )
        file = self._folder / f"{uuid4().hex}{_ARRIVING}"
        self._arriving += 1
        try:
            yield file
        finally:
            self._arriving -= 1
            file.unlink(missing_ok=True)

    def accept(self, file: Path, *, look_for_alike: bool) -> Job:
        """Take an archive on that has arrived whole and is on the disk; from then on it is not lost."""
        job_id = f"{JOB_PREFIX}{uuid4().hex}"
        archive = self._archive(job_id)
        file.replace(archive)
        try:
            _sync_folder(self._folder)
            job = self.ledger.add(job_id, look_for_alike=look_for_alike)
        except BaseException:
            archive.unlink(missing_ok=True)
            raise
        self._unfinished.append(job_id)
        self._news.set()
        return job

    def cancel(self, job_id: str) -> None:
        """End a job: from the return on it writes nothing; one that has ended stays as it is. Raise NotFoundError."""
        self.ledger.job(job_id)
        with self._lock:
            self.ledger.end(job_id, JobStatus.CANCELLED)
            self._forget(job_id)

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._news.clear()
            waiting = self._unfinished[:1]
            if not waiting:
                self._news.wait()
                continue
            try:
                self._carry_out(waiting[0])
            except NotReadyError:  # the ledger's own database
                self._stopped.wait(_PAUSE_SECONDS)

    def _carry_out(self, job_id: str) -> None:
        job = self.ledger.begin(job_id)
        self._log.info("import begins", job=job_id, rows=job.counts.rows)
        trouble = None
        try:
            self._refuse_hopeless(job)
            while not self._attempt(job_id):
                self._stopped.wait(_PAUSE_SECONDS)
        except HaltedError:
            self.ledger.note_halt(job_id)
            self._log.info("import halted", job=job_id)
            return
        except ExamError as error:
            trouble = Trouble.of(error)
        except Exception as error:  # noqa: BLE001 - the last resort: a bug must not end all imports to come
            self._log.error("import failed", job=job_id, **failure_of(error))
            trouble = Trouble("internal-error", "The import failed here.")
        self._end(job_id, trouble)

    def _refuse_hopeless(self, job: Job) -> None:
        """Raise InvalidInputError for a job that cannot be done, or would end the service over and over."""
        if not self._archive(job.id).is_file():
            raise InvalidInputError("The archive is gone from the service's folder; send it again.", code="import-lost")
        if job.starts > _MOST_STARTS:
            raise InvalidInputError(
                "The service ended several times at the same place of the archive.", code="import-broke-off"
            )

    def _attempt(self, job_id: str) -> bool:
        """Take the rest of an archive in; tell whether that was possible, which it is not while a database is away."""
        steering = Steering(self._lock, lambda: self._stopped.is_set() or job_id not in self._unfinished)
        steering.go_on()
        try:
            job = self.ledger.job(job_id)
            with closing(self._take_in(self._archive(job_id), job, steering)) as batches:
                for taken in batches:
                    self.ledger.record(job_id, taken.outcomes, taken.progress)
        except NotReadyError as error:
            with suppress(NotReadyError):
                self.ledger.note_trouble(job_id, Trouble.of(error))
            return False
        return True

    def _end(self, job_id: str, trouble: Trouble | None) -> None:
        status = JobStatus.SUCCEEDED if trouble is None else JobStatus.FAILED
        with self._lock:
            self.ledger.end(job_id, status, trouble)
            self._forget(job_id)
        self._log.info("import ended", job=job_id, status=self.ledger.job(job_id).status.value)

    def _forget(self, job_id: str) -> None:
        if job_id in self._unfinished:
            self._unfinished.remove(job_id)
        self._archive(job_id).unlink(missing_ok=True)

    def _archive(self, job_id: str) -> Path:
        return self._folder / f"{job_id}{_ARCHIVE}"

    def _remove_strays(self) -> None:
        """Remove what arrived by half, or was left by a job that has ended."""
        wanted = {self._archive(job_id) for job_id in self._unfinished}
        for file in (*self._folder.glob(f"*{_ARCHIVE}"), *self._folder.glob(f"*{_ARRIVING}")):
            if file not in wanted:
                file.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Put the names of a folder's files on the disk."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
