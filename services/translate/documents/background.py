"""Documents that clients sent: translated one after another while the service answers others, over restarts.

Documents and results lie in a folder that only its owner can look into, until they are removed by their owner or a
day after their job ended. A job that was cut off is begun again.
"""

import os
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final

import structlog

from examkit.errors import InvalidInputError, NotFoundError, OverloadedError
from examkit.files import put_on_disk, write_private_file
from examkit.jobs.job import JobStatus, Trouble
from examkit.jobs.queue import JobKind, JobQueue
from examkit.jobs.rounds import Rounds
from services.translate.documents.jobs import JOB_PREFIX, Job, Order
from services.translate.documents.ledger import Ledger
from services.translate.documents.output import Result

_MOST_STARTS: Final = 3
_KEPT: Final = timedelta(hours=24)
_NICENESS: Final = 10
_RESULT: Final = ".result"

Report = Callable[[float, str], None]
Work = Callable[[bytes, Order, Report], Result]


class TooManyDocumentsError(OverloadedError):
    """So many documents wait that no more are taken."""

    code = "too-many-documents"


_DOCUMENTS: Final = JobKind(
    name="document",
    work="translation",
    id_prefix=JOB_PREFIX,
    file_ending=".document",
    most=16,
    too_many_error=TooManyDocumentsError,
)


class DocumentJobs:
    """Takes documents on, has them translated in their turn, and tells how far they are."""

    def __init__(self, folder: Path, work: Work) -> None:
        """Take up the jobs of a folder; raise StartError when it cannot be used."""
        self._folder = folder
        self._work = work
        self._ledger = Ledger(folder)
        self._queue = JobQueue(_DOCUMENTS, folder, self._ledger, self._carry_out, self._sweep)
        self._queue.remove_strays(_RESULT, self._ledger.succeeded())
        self._log = structlog.get_logger("examkit.documents")

    def start(self, rounds: Rounds) -> None:
        """Begin to work, in turn with others."""
        self._queue.start(rounds)

    def close(self) -> None:
        """Break off after what is being translated; the next start begins the document again."""
        self._queue.close()

    def arrival(self) -> AbstractContextManager[Path]:
        """Give a file for a document that arrives; it is removed, unless `accept` took it on.

        Raise OverloadedError when too many wait.
        """
        return self._queue.arrival()

    def accept(self, file: Path, order: Order) -> Job:
        """Take a document on that has arrived whole and is on the disk; from then on it is not lost."""
        return self._queue.accept(file, partial(self._ledger.add, order=order))

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
                return job, self._result_file(job_id).read_bytes()
        raise NotFoundError("The job has no result: it is not done, or it failed.", code="no-result")

    def remove(self, job_id: str) -> None:
        """End a job, and remove everything of it; raise NotFoundError."""
        with self._queue.lock:
            self._ledger.forget(job_id)
            self._queue.forget(job_id)
            self._result_file(job_id).unlink(missing_ok=True)

    def _sweep(self) -> None:
        """Remove what nobody fetched in time."""
        for job_id in self._ledger.ended_before(_KEPT):
            with suppress(NotFoundError):
                self.remove(job_id)

    def _carry_out(self, job: Job) -> None:
        self._log.info("document begins", job=job.id)
        with suppress(OSError):  # this thread alone
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
        if job.starts > _MOST_STARTS:
            raise InvalidInputError("The service ended several times at this document.", code="document-broke-off")
        self._keep(job.id, self._translate(job))

    def _translate(self, job: Job) -> Result:
        try:
            return self._work(self._queue.file(job.id).read_bytes(), job.order, partial(self._note, job.id))
        except FileNotFoundError:
            self._queue.go_on(job.id)
            raise InvalidInputError("The document is gone from the service's folder.", code="document-lost") from None

    def _note(self, job_id: str, done: float, source: str) -> None:
        self._queue.go_on(job_id)
        self._ledger.note_progress(job_id, done, source)

    def _keep(self, job_id: str, result: Result) -> None:
        """Put a result onto the disk, unless its job was removed."""
        try:
            with self._queue.passing_file() as file:
                write_private_file(file, result.content)
                self._succeed(job_id, result, file)
        except OSError:
            trouble = Trouble("documents-disk-full", "The translation could not be written to the disk.")
            self._queue.fail(job_id, trouble)

    def _succeed(self, job_id: str, result: Result, file: Path) -> None:
        with self._queue.lock:
            if not self._queue.is_waited_for(job_id):
                return
            file.replace(self._result_file(job_id))
            put_on_disk(self._folder)
            self._ledger.succeed(job_id, result.media_type, result.ending)
            self._queue.forget(job_id)
        self._log.info("document ended", job=job_id, status="succeeded")

    def _result_file(self, job_id: str) -> Path:
        return self._folder / f"{job_id}{_RESULT}"
