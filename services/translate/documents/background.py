"""Documents that clients sent: translated one after another while the service answers others, over restarts.

Documents and results lie in a folder that only its owner can look into, until they are removed by their owner or a
day after their job ended; what lies there without a job is removed at the next start. A job that was cut off is begun
again.
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Final
from uuid import uuid4

import structlog

from examkit.errors import ExamError, InvalidInputError, NotFoundError, NotReadyError, OverloadedError, StartError
from examkit.web.observe import failure_of
from services.translate.documents.jobs import JOB_PREFIX, Job, JobStatus, Order, Trouble
from services.translate.documents.ledger import Ledger
from services.translate.documents.output import Result

_MOST_UNFINISHED: Final = 16
_MOST_STARTS: Final = 3
_KEPT: Final = timedelta(hours=24)
_SWEEP_SECONDS: Final = 300.0
_PAUSE_SECONDS: Final = 5.0
_RETRY_AFTER_SECONDS: Final = 60
_NICENESS: Final = 10
_DOCUMENT: Final = ".document"
_RESULT: Final = ".result"
_ARRIVING: Final = ".arriving"

Report = Callable[[float, str], None]
Work = Callable[[bytes, Order, Report], Result]


class _HaltedError(Exception):
    """A job is not to be gone on with: it was cancelled, or the service ends."""


class DocumentJobs:
    """Takes documents on, has them translated in a thread of its own, and tells how far they are."""

    def __init__(self, folder: Path, work: Work) -> None:
        """Take up the jobs of a folder; raise StartError when it cannot be used."""
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StartError(f"No documents can be kept in {folder}: {error.strerror}.") from None
        self._folder = folder
        self._work = work
        self._ledger = Ledger(folder)
        self._unfinished = self._ledger.unfinished()
        self._arriving = 0
        self._lock = threading.Lock()  # held while a job ends or is removed
        self._news = threading.Event()
        self._stopped = threading.Event()
        self._log = structlog.get_logger("examkit.documents")
        self._remove_strays()
        self._thread = threading.Thread(target=self._run, name="documents", daemon=True)

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def close(self) -> None:
        """Break off after what is being translated; the next start begins the document again."""
        self._stopped.set()
        self._news.set()
        if self._thread.is_alive():
            self._thread.join()
        self._ledger.close()

    @contextmanager
    def arrival(self) -> Iterator[Path]:
        """Give a file for a document that arrives; it is removed, unless `accept` took it on.

        Raise OverloadedError when too many wait.
        """
        if len(self._unfinished) + self._arriving >= _MOST_UNFINISHED:
            raise OverloadedError(
                "Too many documents wait; cancel one, or try again later.",
                code="too-many-documents",
                retry_after_seconds=_RETRY_AFTER_SECONDS,
            )
        file = self._folder / f"{uuid4().hex}{_ARRIVING}"
        self._arriving += 1
        try:
            yield file
        finally:
            self._arriving -= 1
            file.unlink(missing_ok=True)

    def accept(self, file: Path, order: Order) -> Job:
        """Take a document on that has arrived whole and is on the disk; from then on it is not lost."""
        job_id = f"{JOB_PREFIX}{uuid4().hex}"
        document = self._file(job_id, _DOCUMENT)
        file.replace(document)
        try:
            _sync(self._folder)
            job = self._ledger.add(job_id, order)
        except BaseException:
            document.unlink(missing_ok=True)
            raise
        self._unfinished.append(job_id)
        self._news.set()
        return job

    def job(self, job_id: str) -> Job:
        """Return a job; raise NotFoundError."""
        return self._ledger.job(job_id)

    def result(self, job_id: str) -> tuple[Job, bytes]:
        """Return a job and its result.

        Raise NotFoundError (`unknown-job`, or `no-result` while there is none).
        """
        job = self._ledger.job(job_id)
        if job.status is JobStatus.SUCCEEDED:
            with suppress(FileNotFoundError):
                return job, self._file(job_id, _RESULT).read_bytes()
        raise NotFoundError("The job has no result: it is not done, or it failed.", code="no-result")

    def remove(self, job_id: str) -> None:
        """End a job, and remove everything of it; raise NotFoundError."""
        with self._lock:
            self._ledger.forget(job_id)
            self._forget(job_id)
            self._file(job_id, _RESULT).unlink(missing_ok=True)

    def _run(self) -> None:
        with suppress(OSError):  # this thread alone
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
        while not self._stopped.is_set():
            self._news.clear()
            try:
                self._sweep()
                waiting = self._unfinished[:1]
                if waiting:
                    self._carry_out(waiting[0])
                else:
                    self._news.wait(_SWEEP_SECONDS)
            except NotReadyError:  # the ledger's own database
                self._stopped.wait(_PAUSE_SECONDS)

    def _sweep(self) -> None:
        """Remove what nobody fetched in time."""
        for job_id in self._ledger.ended_before(_KEPT):
            with suppress(NotFoundError):
                self.remove(job_id)

    def _carry_out(self, job_id: str) -> None:
        job = self._ledger.begin(job_id)
        self._log.info("document begins", job=job_id)
        try:
            result = self._result(job)
        except _HaltedError:
            self._ledger.note_halt(job_id)
            self._log.info("document halted", job=job_id)
            return
        except ExamError as error:
            self._end(job_id, Trouble.of(error))
        except Exception as error:  # noqa: BLE001 - the last resort: a bug must not end all documents to come
            self._log.error("document failed", job=job_id, **failure_of(error))
            self._end(job_id, Trouble("internal-error", "The translation failed here."))
        else:
            self._keep(job_id, result)

    def _result(self, job: Job) -> Result:
        """Translate a document; wait where an engine or the ledger cannot be reached for a while."""
        if job.starts > _MOST_STARTS:
            raise InvalidInputError("The service ended several times at this document.", code="document-broke-off")
        while True:
            self._go_on(job.id)
            try:
                document = self._file(job.id, _DOCUMENT).read_bytes()
                return self._work(document, job.order, lambda done, source: self._note(job.id, done, source))
            except FileNotFoundError:
                self._go_on(job.id)
                raise InvalidInputError(
                    "The document is gone from the service's folder.", code="document-lost"
                ) from None
            except NotReadyError as error:
                with suppress(NotReadyError):
                    self._ledger.note_trouble(job.id, Trouble.of(error))
                self._stopped.wait(_PAUSE_SECONDS)

    def _note(self, job_id: str, done: float, source: str) -> None:
        self._go_on(job_id)
        self._ledger.note_progress(job_id, done, source)

    def _go_on(self, job_id: str) -> None:
        if self._stopped.is_set() or job_id not in self._unfinished:
            raise _HaltedError

    def _keep(self, job_id: str, result: Result) -> None:
        """Put a result onto the disk, unless its job was removed."""
        arriving = self._folder / f"{uuid4().hex}{_ARRIVING}"
        try:
            _write(arriving, result.content)
            with self._lock:
                if job_id not in self._unfinished:
                    return
                arriving.replace(self._file(job_id, _RESULT))
                _sync(self._folder)
                self._ledger.succeed(job_id, result.media_type, result.ending)
                self._forget(job_id)
        except OSError:
            self._end(job_id, Trouble("documents-disk-full", "The translation could not be written to the disk."))
        finally:
            arriving.unlink(missing_ok=True)
        self._log.info("document ended", job=job_id, status="succeeded")

    def _end(self, job_id: str, trouble: Trouble) -> None:
        with self._lock:
            self._ledger.fail(job_id, trouble)
            self._forget(job_id)
        self._log.info("document ended", job=job_id, status="failed", code=trouble.code)

    def _forget(self, job_id: str) -> None:
        if job_id in self._unfinished:
            self._unfinished.remove(job_id)
        self._file(job_id, _DOCUMENT).unlink(missing_ok=True)

    def _file(self, job_id: str, kind: str) -> Path:
        return self._folder / f"{job_id}{kind}"

    def _remove_strays(self) -> None:
        """Remove what arrived by half, or was left by a job that has ended."""
        wanted = {self._file(job_id, _DOCUMENT) for job_id in self._unfinished}
        wanted |= {self._file(job_id, _RESULT) for job_id in self._ledger.succeeded()}
        for kind in (_DOCUMENT, _RESULT, _ARRIVING):
            for file in self._folder.glob(f"*{kind}"):
                if file not in wanted:
                    file.unlink(missing_ok=True)


def _write(file: Path, content: bytes) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _sync(folder: Path) -> None:
    """Put the names of a folder's files on the disk."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
