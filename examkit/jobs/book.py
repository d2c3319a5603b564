"""The book of a service's jobs: what was asked for, and how far each is.

It is a file of its own beside what was sent: what has been written to it is on the disk, and it goes with the release
(one of another form is begun anew). Every call raises one of its errors of `Kept` when the database fails it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Generic, TypeAlias, TypeVar

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    DateTime,
    Dialect,
    Float,
    Integer,
    MetaData,
    Row,
    String,
    Table,
    TypeDecorator,
    func,
    insert,
    literal,
    select,
    update,
)

from examkit.database import Kept, durable_sqlite, reading, writing
from examkit.errors import StartError
from examkit.jobs.job import JobStatus, Trouble, unknown_job

JobT = TypeVar("JobT")
JobRow: TypeAlias = Row[Any]

# What is noted of a job that nothing holds up any longer.
NO_TROUBLE: Final = {"trouble_code": None, "trouble_detail": None}


class _Moment(TypeDecorator[datetime]):
    """A time with its zone, kept as UTC without one."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


def jobs_table(schema: MetaData, *, asked: tuple[Column[Any], ...], found: tuple[Column[Any], ...]) -> Table:
    """Return the table of jobs, with columns for what was asked for and for what has come of it."""
    return Table(
        "jobs",
        schema,
        Column("number", Integer, primary_key=True),
        Column("id", String, nullable=False, unique=True),
        Column("status", String, nullable=False, index=True),
        *asked,
        Column("created_at", _Moment, nullable=False),
        Column("started_at", _Moment),
        Column("ended_at", _Moment),
        Column("progress", Float, nullable=False, default=0.0),
        *found,
        Column("starts", Integer, nullable=False, default=0),
        Column("trouble_code", String),
        Column("trouble_detail", String),
    )


def trouble_of(row: JobRow) -> Trouble | None:
    """Return what is noted of a job's trouble."""
    return None if row.trouble_code is None else Trouble(row.trouble_code, row.trouble_detail)


class JobBook(Generic[JobT]):
    """Reads and writes the jobs of a folder; safe to use from several threads of one process."""

    def __init__(self, folder: Path, kept: Kept, form: int, jobs: Table, read: Callable[[JobRow], JobT]) -> None:
        """Open the book in a folder, made where there is none; raise StartError when it cannot be used.

        `jobs` is the table of this `form`, of which `read` understands a row.
        """
        self._kept, self._jobs, self._read = kept, jobs, read
        self._unfinished = jobs.c.status.in_((JobStatus.QUEUED, JobStatus.RUNNING))
        self._engine = durable_sqlite(_prepared(folder, kept, form))
        self._reader, self._writer = reading(self._engine), writing(self._engine)
        with kept.opening(self._engine):
            jobs.metadata.create_all(self._writer)

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    def job(self, job_id: str) -> JobT:
        """Return a job; raise NotFoundError."""
        with self.reading() as connection:
            return self._read(self.row(connection, job_id))

    def unfinished(self) -> list[str]:
        """Return the ids of the jobs that are queued or running, oldest first."""
        return self.ids(self._unfinished)

    def begin(self, job_id: str) -> JobT:
        """Note that a job runs, again after a restart; return it."""
        jobs = self._jobs.c
        started = func.coalesce(jobs.started_at, literal(datetime.now(UTC), _Moment))
        self.change(job_id, status=JobStatus.RUNNING, started_at=started, starts=jobs.starts + 1)
        return self.job(job_id)

    def note_halt(self, job_id: str) -> None:
        """Note that a job did not bring the service down, but was broken off by it."""
        self.change(job_id, starts=0)

    def note_trouble(self, job_id: str, trouble: Trouble) -> None:
        """Note what holds a job up, until more of it is done."""
        self.change(job_id, **_told(trouble))

    def end(self, job_id: str, status: JobStatus, trouble: Trouble | None = None, **found: Any) -> None:
        """Note how a job ended, and what has come of it; one that has ended stays as it is."""
        if status is JobStatus.SUCCEEDED:
            found["progress"] = 1.0
        told = NO_TROUBLE if trouble is None else _told(trouble)
        self.change(job_id, status=status, ended_at=datetime.now(UTC), **told, **found)

    def enter(self, connection: Connection, job_id: str, **asked: Any) -> JobT:
        """Note a job that is to be done; return it."""
        values = {"id": job_id, "status": JobStatus.QUEUED, "created_at": datetime.now(UTC), **asked}
        connection.execute(insert(self._jobs).values(values))
        return self._read(self.row(connection, job_id))

    def change(self, job_id: str, **values: Any) -> None:
        """Change a job that has not ended."""
        with self.writing() as connection:
            connection.execute(update(self._jobs).where(self._jobs.c.id == job_id, self._unfinished).values(**values))

    def ids(self, condition: ColumnElement[bool]) -> list[str]:
        """Return the ids of the jobs of which something is true, oldest first."""
        statement = select(self._jobs.c.id).where(condition).order_by(self._jobs.c.number)
        with self.reading() as connection:
            return list(connection.execute(statement).scalars())

    def row(self, connection: Connection, job_id: str) -> JobRow:
        """Return what is noted of a job; raise NotFoundError."""
        row = connection.execute(select(self._jobs).where(self._jobs.c.id == job_id)).one_or_none()
        if row is None:
            raise unknown_job()
        return row

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a transaction that reads."""
        with self._kept.troubles_named(), self._reader.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a transaction that writes."""
        with self._kept.troubles_named(), self._writer.begin() as connection:
            yield connection


def _prepared(folder: Path, kept: Kept, form: int) -> Path:
    """Return the file of a book, where there is none yet an empty one; books of other forms are removed."""
    file = folder / f"jobs-{form}.sqlite"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for other in folder.glob("jobs-*"):
            if not other.name.startswith(file.name):
                other.unlink()
        file.touch(mode=0o600)
    except OSError as error:
        raise StartError(f"No {kept.what} can be kept in {folder}: {error.strerror}.") from None
    return file


def _told(trouble: Trouble) -> dict[str, str]:
    return {"trouble_code": trouble.code, "trouble_detail": trouble.detail}
