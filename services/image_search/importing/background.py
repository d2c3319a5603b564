"""Imports that clients asked for: taken in one after another while the service searches, over restarts.

An archive lies in a folder that only its owner can look into, from its arrival until its job has ended or was
cancelled. A job that was cut off goes on behind the last row that the ledger knows of.
"""

from contextlib import AbstractContextManager, closing
from functools import partial
from pathlib import Path
from typing import Final

import structlog

from examkit.errors import InvalidInputError, OverloadedError
from examkit.jobs.job import JobStatus
from examkit.jobs.queue import JobKind, JobQueue
from examkit.jobs.rounds import Rounds
from services.image_search.importing.beside import Steering, TakeIn
from services.image_search.importing.jobs import JOB_PREFIX, Job
from services.image_search.importing.ledger import Ledger

_MOST_STARTS: Final = 5


class TooManyImportsError(OverloadedError):
    """So many archives wait that no more are taken."""

    code = "too-many-imports"


_IMPORTS: Final = JobKind(
    name="import",
    work="import",
    id_prefix=JOB_PREFIX,
    file_ending=".archive",
    most=8,
    too_many_error=TooManyImportsError,
)


class ImportJobs:
    """Takes archives on, carries them out in their turn, and tells how far they are."""

    def __init__(self, folder: Path, take_in: TakeIn) -> None:
        """Take up the jobs of a folder; raise StartError when it cannot be used."""
        self._take_in = take_in
        self.ledger = Ledger(folder)
        self._queue = JobQueue(_IMPORTS, folder, self.ledger, self._carry_out)
        self._log = structlog.get_logger("examkit.imports")

    def start(self, rounds: Rounds) -> None:
        """Begin to work, in turn with others."""
        self._queue.start(rounds)

    def close(self) -> None:
        """Break off after what is being written; the next start goes on with the rest."""
        self._queue.close()

    def arrival(self) -> AbstractContextManager[Path]:
        """Give a file for an archive that arrives; it is removed, unless `accept` took it on.

        Raise OverloadedError when too many wait.
        """
        return self._queue.arrival()

    def accept(self, file: Path, *, look_for_alike: bool) -> Job:
        """Take an archive on that has arrived whole and is on the disk; from then on it is not lost."""
        return self._queue.accept(file, partial(self.ledger.add, look_for_alike=look_for_alike))

    def cancel(self, job_id: str) -> None:
        """End a job: from the return on it writes nothing; one that has ended stays as it is. Raise NotFoundError."""
        self.ledger.job(job_id)
        self._queue.end(job_id, JobStatus.CANCELLED)

    def _carry_out(self, job: Job) -> None:
        self._log.info("import begins", job=job.id, rows=job.counts.rows)
        self._refuse_hopeless(job)
        self._take_rest_in(job)
        self._queue.end(job.id, JobStatus.SUCCEEDED)
        self._log.info("import ended", job=job.id, status=self.ledger.job(job.id).status.value)

    def _refuse_hopeless(self, job: Job) -> None:
        """Raise InvalidInputError for a job that cannot be done, or would end the service over and over."""
        if not self._queue.file(job.id).is_file():
            raise InvalidInputError("The archive is gone from the service's folder; send it again.", code="import-lost")
        if job.starts > _MOST_STARTS:
            raise InvalidInputError(
                "The service ended several times at the same place of the archive.", code="import-broke-off"
            )

    def _take_rest_in(self, job: Job) -> None:
        steering = Steering(self._queue.lock, partial(self._queue.is_halted, job.id))
        with closing(self._take_in(self._queue.file(job.id), job, steering)) as batches:
            for taken in batches:
                self.ledger.record(job.id, taken.outcomes, taken.progress)
