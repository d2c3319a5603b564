"""The book of documents: what was asked for, and how far each is; never a word of a document, nor its name.

It is a file of its own beside the documents: what has been written to it is on the disk, and it goes with the release
(one of another form is begun anew). Every call raises TerminologyUnavailableError or TerminologyDiskFullError when the
database fails it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, TypeAlias
from uuid import UUID

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    DateTime,
    Float,
    Integer,
    MetaData,
    Row,
    String,
    Table,
    delete,
    func,
    insert,
    select,
    update,
)

from examkit.database import Kept, durable_sqlite, reading, writing
from services.translate.database import TerminologyDiskFullError, TerminologyUnavailableError
from services.translate.documents.jobs import Job, JobStatus, Order, Trouble, unknown_job
from services.translate.documents.output import Output
from services.translate.library import Resources

_FORM: Final = 2
_FILE: Final = f"jobs-{_FORM}.sqlite"
_BOOK: Final = Kept("documents", TerminologyUnavailableError, TerminologyDiskFullError)

_Row: TypeAlias = Row[Any]

_schema = MetaData()
_jobs = Table(
    "jobs",
    _schema,
    Column("number", Integer, primary_key=True),
    Column("id", String, nullable=False, unique=True),
    Column("status", String, nullable=False, index=True),
    Column("asked_source", String),
    Column("target", String, nullable=False),
    Column("output", String, nullable=False),
    Column("ending", String, nullable=False),
    Column("glossaries", JSON, nullable=False),  # their ids
    Column("patent_terms", Boolean, nullable=False),
    Column("memory", Boolean, nullable=False),
    Column("created_at", DateTime, nullable=False),
    Column("started_at", DateTime),
    Column("ended_at", DateTime, index=True),
    Column("progress", Float, nullable=False, default=0.0),
    Column("source", String),
    Column("media_type", String),
    Column("result_ending", String),
    Column("starts", Integer, nullable=False, default=0),
    Column("trouble_code", String),
    Column("trouble_detail", String),
)
_UNFINISHED: Final = _jobs.c.status.in_((JobStatus.QUEUED, JobStatus.RUNNING))


class Ledger:
    """Reads and writes the book; safe to use from several threads of one process."""

    def __init__(self, folder: Path) -> None:
        """Open the book in a folder; raise StartError when it cannot be used."""
        for other in folder.glob("jobs-*"):
            if not other.name.startswith(_FILE):
                other.unlink()
        (folder / _FILE).touch(mode=0o600)
        self._engine = durable_sqlite(folder / _FILE)
        self._reader, self._writer = reading(self._engine), writing(self._engine)
        with _BOOK.opening(self._engine):
            _schema.create_all(self._writer)

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    def add(self, job_id: str, order: Order) -> Job:
        """Note a document that is to be translated."""
        values = {
            "id": job_id,
            "status": JobStatus.QUEUED,
            "asked_source": order.source,
            "target": order.target,
            "output": order.output.value,
            "ending": order.ending,
            "glossaries": [str(own_id) for own_id in order.resources.glossaries],
            "patent_terms": order.resources.patent_terms,
            "memory": order.resources.memory,
            "created_at": _now(),
        }
        with self._writing() as connection:
            connection.execute(insert(_jobs).values(values))
            return _job(_row(connection, job_id))

    def job(self, job_id: str) -> Job:
        """Return a job; raise NotFoundError."""
        with self._reading() as connection:
            return _job(_row(connection, job_id))

    def unfinished(self) -> list[str]:
        """Return the ids of the jobs that are queued or running, oldest first."""
        return self._ids(_UNFINISHED)

    def succeeded(self) -> list[str]:
        """Return the ids of the jobs of which there is a result."""
        return self._ids(_jobs.c.status == JobStatus.SUCCEEDED)

    def begin(self, job_id: str) -> Job:
        """Note that a job runs, again after a restart; return it."""
        started = func.coalesce(_jobs.c.started_at, _now())
        self._change(job_id, status=JobStatus.RUNNING, started_at=started, starts=_jobs.c.starts + 1)
        return self.job(job_id)

    def note_halt(self, job_id: str) -> None:
        """Note that a job did not bring the service down, but was broken off by it."""
        self._change(job_id, starts=0)

    def note_trouble(self, job_id: str, trouble: Trouble) -> None:
        """Note what holds a job up, until more of it is done."""
        self._change(job_id, **_told(trouble))

    def note_progress(self, job_id: str, progress: float, source: str) -> None:
        """Note how far a job is, and the language of the document."""
        self._change(job_id, progress=progress, source=source, **_told(None))

    def succeed(self, job_id: str, media_type: str, ending: str) -> None:
        """Note that there is a result, and of what kind; a job that has ended stays as it is."""
        self._end(job_id, JobStatus.SUCCEEDED, progress=1.0, media_type=media_type, result_ending=ending, **_told(None))

    def fail(self, job_id: str, trouble: Trouble) -> None:
        """Note why there is no result; a job that has ended stays as it is."""
        self._end(job_id, JobStatus.FAILED, **_told(trouble))

    def forget(self, job_id: str) -> None:
        """Strike a job out; raise NotFoundError."""
        with self._writing() as connection:
            _row(connection, job_id)
            connection.execute(delete(_jobs).where(_jobs.c.id == job_id))

    def ended_before(self, age: timedelta) -> list[str]:
        """Return the ids of the jobs that ended so long ago."""
        return self._ids(_jobs.c.ended_at < _now() - age)

    def _ids(self, condition: Any) -> list[str]:
        with self._reading() as connection:
            return list(connection.execute(select(_jobs.c.id).where(condition).order_by(_jobs.c.number)).scalars())

    def _end(self, job_id: str, status: JobStatus, **values: Any) -> None:
        self._change(job_id, status=status, ended_at=_now(), **values)

    def _change(self, job_id: str, **values: Any) -> None:
        with self._writing() as connection:
            connection.execute(update(_jobs).where(_jobs.c.id == job_id, _UNFINISHED).values(**values))

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with _BOOK.troubles_named(), self._reader.begin() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with _BOOK.troubles_named(), self._writer.begin() as connection:
            yield connection


def _row(connection: Connection, job_id: str) -> _Row:
    row = connection.execute(select(_jobs).where(_jobs.c.id == job_id)).one_or_none()
    if row is None:
        raise unknown_job()
    return row


def _job(row: _Row) -> Job:
    return Job(
        id=row.id,
        order=_order(row),
        status=JobStatus(row.status),
        created_at=_in_utc(row.created_at),
        started_at=None if row.started_at is None else _in_utc(row.started_at),
        ended_at=None if row.ended_at is None else _in_utc(row.ended_at),
        progress=row.progress,
        source=row.source,
        media_type=row.media_type,
        result_ending=row.result_ending,
        trouble=None if row.trouble_code is None else Trouble(row.trouble_code, row.trouble_detail),
        starts=row.starts,
    )


def _order(row: _Row) -> Order:
    resources = Resources(tuple(map(UUID, row.glossaries)), row.patent_terms, row.memory)
    return Order(row.asked_source, row.target, Output(row.output), row.ending, resources)


def _told(trouble: Trouble | None) -> dict[str, str | None]:
    return {
        "trouble_code": None if trouble is None else trouble.code,
        "trouble_detail": None if trouble is None else trouble.detail,
    }


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def _in_utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)
