"""Jobs that wait for their turn while a service answers, each with a file that was sent for it.

The files lie in a folder that only its owner can look into, from their arrival until their job has ended; what lies
there without a job is removed at the next start. A job that was cut off is begun again.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Generic
from uuid import uuid4

import structlog

from examkit.errors import ExamError, NotReadyError, OverloadedError
from examkit.files import put_on_disk
from examkit.jobs.book import JobBook, JobT
from examkit.jobs.job import HaltedError, JobStatus, Trouble
from examkit.jobs.rounds import Rounds
from examkit.web.observe import failure_of

_RETRY_AFTER_SECONDS: Final = 60
_ARRIVING: Final = ".arriving"


@dataclass(frozen=True)
class JobKind:
    """What sort of jobs wait: their `name` (`import`), what their ids begin with, what their files end with.

    `work` is what a bug makes fail, `most` how many may be unfinished before there are too many.
    """

    name: str
    work: str
    id_prefix: str
    file_ending: str
    most: int
    too_many_error: type[OverloadedError]


class JobQueue(Generic[JobT]):
    """Takes files on, and has their jobs carried out one after another, in the rounds that it takes part in."""

    def __init__(
        self,
        kind: JobKind,
        folder: Path,
        book: JobBook[JobT],
        carry_out: Callable[[JobT], None],
        sweep: Callable[[], None] | None = None,
    ) -> None:
        """Take up the jobs of a book that have not ended.

        `carry_out` ends the job that it is given. What it raises ends the job as failed; but HaltedError leaves it to
        the next start, and after a NotReadyError it is begun again as soon as its turn comes. `sweep` is called before
        each job, and every few minutes while there is none.
        """
        self.lock = threading.Lock()  # held while a job ends
        self._kind = kind
        self._folder = folder
        self._book = book
        self._carry_out = carry_out
        self._sweep = sweep or (lambda: None)
        self._unfinished = book.unfinished()
        self._arriving = 0
        self._rounds: Rounds | None = None
        self._turn = threading.Lock()  # held while a job is carried out
        self._stopped = threading.Event()
        self._log = structlog.get_logger(f"examkit.{kind.name}s")
        self.remove_strays(kind.file_ending, self._unfinished)
        self.remove_strays(_ARRIVING, ())

    def start(self, rounds: Rounds) -> None:
        """Begin to take part in rounds."""
        self._rounds = rounds
        rounds.add(self)

    def close(self) -> None:
        """Halt the job that is carried out, and let go of the book; the next start goes on with the rest."""
        self._stopped.set()
        if self._rounds is not None:
            self._rounds.remove(self)
        with self._turn:
            self._book.close()

    @contextmanager
    def arrival(self) -> Iterator[Path]:
        """Give a file for what arrives; it is removed, unless `accept` took it on.

        Raise OverloadedError when too many wait.
        """
        if len(self._unfinished) + self._arriving >= self._kind.most:
            raise self._kind.too_many_error(
                f"Too many {self._kind.name}s wait; cancel one, or try again later.",
                retry_after_seconds=_RETRY_AFTER_SECONDS,
            )
        self._arriving += 1
        try:
            with self.passing_file() as file:
                yield file
        finally:
            self._arriving -= 1

    @contextmanager
    def passing_file(self) -> Iterator[Path]:
        """Give the path of a file that is removed in the end, unless it was renamed."""
        file = self._folder / f"{uuid4().hex}{_ARRIVING}"
        try:
            yield file
        finally:
            file.unlink(missing_ok=True)

    def accept(self, file: Path, enter: Callable[[str], JobT]) -> JobT:
        """Take on what has arrived whole and is on the disk, and enter a job of that id in the book.

        From then on it is not lost.
        """
        job_id = f"{self._kind.id_prefix}{uuid4().hex}"
        kept = self.file(job_id)
        file.replace(kept)
        try:
            put_on_disk(self._folder)
            job = enter(job_id)
        except BaseException:
            kept.unlink(missing_ok=True)
            raise
        self._unfinished.append(job_id)
        if self._rounds is not None:
            self._rounds.wake()
        return job

    def file(self, job_id: str) -> Path:
        """Return where what was sent for a job lies."""
        return self._folder / f"{job_id}{self._kind.file_ending}"

    def remove_strays(self, ending: str, job_ids: Iterable[str]) -> None:
        """Remove the files with an ending that are not of these jobs."""
        wanted = {f"{job_id}{ending}" for job_id in job_ids}
        for file in self._folder.glob(f"*{ending}"):
            if file.name not in wanted:
                file.unlink(missing_ok=True)

    def is_waited_for(self, job_id: str) -> bool:
        """Tell whether a job has not ended yet."""
        return job_id in self._unfinished

    def is_halted(self, job_id: str) -> bool:
        """Tell whether a job is not to be gone on with: it has ended, or the service ends."""
        return self._stopped.is_set() or not self.is_waited_for(job_id)

    def go_on(self, job_id: str) -> None:
        """Raise HaltedError where a job is not to be gone on with."""
        if self.is_halted(job_id):
            raise HaltedError

    def end(self, job_id: str, status: JobStatus, trouble: Trouble | None = None) -> None:
        """End a job, and remove what was sent for it; one that has ended stays as it is."""
        with self.lock:
            self._book.end(job_id, status, trouble)
            self.forget(job_id)

    def fail(self, job_id: str, trouble: Trouble) -> None:
        """End a job that cannot be done."""
        self.end(job_id, JobStatus.FAILED, trouble)
        self._log.info(f"{self._kind.name} ended", job=job_id, status="failed", code=trouble.code)

    def forget(self, job_id: str) -> None:
        """Remove what was sent for a job that has ended; the lock is held."""
        if job_id in self._unfinished:
            self._unfinished.remove(job_id)
        self.file(job_id).unlink(missing_ok=True)

    def take_turn(self) -> bool:
        """Carry out the first job that waits, and tell whether there was one.

        Raise NotReadyError when it has to be begun again later.
        """
        with self._turn:
            if self._stopped.is_set():
                return False
            self._sweep()
            waiting = self._unfinished[:1]
            for job_id in waiting:
                self._attend_to(job_id)
            return bool(waiting)

    def _attend_to(self, job_id: str) -> None:
        job = self._book.begin(job_id)
        try:
            self.go_on(job_id)
            self._carry_out(job)
        except HaltedError:
            self._book.note_halt(job_id)
            self._log.info(f"{self._kind.name} halted", job=job_id)
        except NotReadyError as error:
            with suppress(NotReadyError):  # it may be the book that is away
                self._book.note_trouble(job_id, Trouble.of(error))
                self._book.note_halt(job_id)
            raise
        except ExamError as error:
            self.fail(job_id, Trouble.of(error))
        except Exception as error:  # noqa: BLE001 - the last resort: a bug must not end all jobs to come
            self._log.error(f"{self._kind.name} failed", job=job_id, **failure_of(error))
            self.fail(job_id, Trouble("internal-error", f"The {self._kind.work} failed here."))
