"""The book of imports: what was asked for, how far each is, and what became of every row.

It is a file of its own beside the archives: what has been written to it is on the disk, and it goes with the release
(one of another form is begun anew). Every call raises RegisterUnavailableError or RegisterDiskFullError when the
database fails it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, TypeAlias

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Row,
    Select,
    String,
    Table,
    delete,
    func,
    insert,
    select,
    update,
)

from examkit.database import Kept, durable_sqlite, reading, writing
from services.image_search.database import RegisterDiskFullError, RegisterUnavailableError
from services.image_search.importing.jobs import Counts, Job, JobStatus, Trouble, unknown_job
from services.image_search.importing.outcomes import Outcome, Tally, Verdict
from services.image_search.importing.records import Place

_FORM: Final = 1
_FILE: Final = f"jobs-{_FORM}.sqlite"
_BOOK: Final = Kept("imports", RegisterUnavailableError, RegisterDiskFullError)
_BATCH: Final = 500
_KEPT: Final = timedelta(days=30)

_Row: TypeAlias = Row[Any]

_schema = MetaData()
_jobs = Table(
    "jobs",
    _schema,
    Column("number", Integer, primary_key=True),
    Column("id", String, nullable=False, unique=True),
    Column("status", String, nullable=False, index=True),
    Column("look_for_alike", Boolean, nullable=False),
    Column("created_at", DateTime, nullable=False),
    Column("started_at", DateTime),
    Column("ended_at", DateTime),
    Column("progress", Float, nullable=False, default=0.0),
    *(Column(verdict, Integer, nullable=False, default=0) for verdict in Verdict),
    Column("same_images", Integer, nullable=False, default=0),
    Column("alike", Integer, nullable=False, default=0),
    Column("starts", Integer, nullable=False, default=0),
    Column("trouble_code", String),
    Column("trouble_detail", String),
)
_outcomes = Table(
    "outcomes",
    _schema,
    Column("job", ForeignKey("jobs.number", ondelete="CASCADE"), primary_key=True),
    Column("row", Integer, primary_key=True),
    Column("file", String, nullable=False),
    Column("number", Integer, nullable=False),
    Column("unit", String, nullable=False),
    Column("mark_id", String),
    Column("verdict", String, nullable=False),
    Column("code", String),
    Column("reason", String),
    Column("same_image", String),
    Column("alike", String),
    Index("outcomes_by_verdict", "job", "verdict", "row"),
    sqlite_with_rowid=False,
)
_UNFINISHED: Final = _jobs.c.status.in_((JobStatus.QUEUED, JobStatus.RUNNING))


class Ledger:
    """Reads and writes the book; safe to use from several threads of one process."""

    def __init__(self, folder: Path) -> None:
        """Open the book in a folder; raise StartError when it cannot be used."""
        for other in folder.glob("jobs-*"):
            if not other.name.startswith(_FILE):
                other.unlink()
        self._engine = durable_sqlite(folder / _FILE)
        self._reader, self._writer = reading(self._engine), writing(self._engine)
        with _BOOK.opening(self._engine):
            _schema.create_all(self._writer)

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    def add(self, job_id: str, *, look_for_alike: bool) -> Job:
        """Note a job that is to be done, and forget those that ended long ago."""
        now = _now()
        values = {"id": job_id, "status": JobStatus.QUEUED, "look_for_alike": look_for_alike, "created_at": now}
        with self._writing() as connection:
            connection.execute(delete(_jobs).where(_jobs.c.ended_at < now - _KEPT))
            connection.execute(insert(_jobs).values(values))
            return _job(_row(connection, job_id))

    def job(self, job_id: str) -> Job:
        """Return a job; raise NotFoundError."""
        with self._reading() as connection:
            return _job(_row(connection, job_id))

    def unfinished(self) -> list[str]:
        """Return the ids of the jobs that are queued or running, oldest first."""
        with self._reading() as connection:
            return list(connection.execute(select(_jobs.c.id).where(_UNFINISHED).order_by(_jobs.c.number)).scalars())

    def begin(self, job_id: str) -> Job:
        """Note that a job runs, again after a restart; return it."""
        started = func.coalesce(_jobs.c.started_at, _now())
        self._change(job_id, status=JobStatus.RUNNING, started_at=started, starts=_jobs.c.starts + 1)
        return self.job(job_id)

    def note_halt(self, job_id: str) -> None:
        """Note that a job did not bring the service down, but was broken off by it."""
        self._change(job_id, starts=0)

    def end(self, job_id: str, status: JobStatus, trouble: Trouble | None = None) -> None:
        """Note how a job ended; one that has ended stays as it is."""
        done = {"progress": 1.0} if status is JobStatus.SUCCEEDED else {}
        self._change(job_id, status=status, ended_at=_now(), **_told(trouble), **done)

    def note_trouble(self, job_id: str, trouble: Trouble) -> None:
        """Note what holds a job up, until the next row is done."""
        self._change(job_id, **_told(trouble))

    def record(self, job_id: str, outcomes: Sequence[Outcome], progress: float) -> None:
        """Add the outcomes of further rows, and how far the job is by them."""
        tally = Tally()
        for outcome in outcomes:
            tally.add(outcome)
        with self._writing() as connection:
            job = _row(connection, job_id)
            first = _counts(job).rows
            connection.execute(
                insert(_outcomes), [_values(job.number, row, outcome) for row, outcome in enumerate(outcomes, first)]
            )
            further = {**{str(verdict): tally.verdicts[verdict] for verdict in Verdict}, **_twins(tally)}
            values: dict[str, Any] = {name: _jobs.c[name] + number for name, number in further.items()}
            values |= {"progress": progress, "starts": 0, **_told(None)}
            connection.execute(update(_jobs).where(_jobs.c.number == job.number).values(values))

    def page(self, job_id: str, verdict: Verdict | None, *, limit: int, offset: int) -> tuple[list[Outcome], int]:
        """Return one page of a job's outcomes, of one verdict or all, in order, and how many there are.

        Raise NotFoundError.
        """
        with self._reading() as connection:
            job = _row(connection, job_id)
            counts = _counts(job)
            rows = _select_outcomes(job.number, verdict).limit(limit).offset(offset)
            found = [_outcome(row) for row in connection.execute(rows)]
        return found, counts.rows if verdict is None else counts.verdicts[verdict]

    def everything(self, job_id: str, verdict: Verdict | None) -> Iterator[Outcome]:
        """Give a job's outcomes, of one verdict or all, in order; raise NotFoundError at once."""
        with self._reading() as connection:
            number = _row(connection, job_id).number
        return self._from(_select_outcomes(number, verdict))

    def _from(self, statement: Select[Any]) -> Iterator[Outcome]:
        """Read on batch by batch, so that nothing is held open for a slow reader."""
        last = -1
        while rows := self._batch(statement.where(_outcomes.c.row > last).limit(_BATCH)):
            last = rows[-1].row
            yield from map(_outcome, rows)

    def _batch(self, statement: Select[Any]) -> Sequence[_Row]:
        with self._reading() as connection:
            return connection.execute(statement).all()

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


def _select_outcomes(job: int, verdict: Verdict | None) -> Select[Any]:
    wanted = [_outcomes.c.job == job] + ([] if verdict is None else [_outcomes.c.verdict == verdict])
    return select(_outcomes).where(*wanted).order_by(_outcomes.c.row)


def _row(connection: Connection, job_id: str) -> _Row:
    row = connection.execute(select(_jobs).where(_jobs.c.id == job_id)).one_or_none()
    if row is None:
        raise unknown_job()
    return row


def _job(row: _Row) -> Job:
    return Job(
        id=row.id,
        status=JobStatus(row.status),
        look_for_alike=row.look_for_alike,
        created_at=_in_utc(row.created_at),
        started_at=None if row.started_at is None else _in_utc(row.started_at),
        ended_at=None if row.ended_at is None else _in_utc(row.ended_at),
        progress=row.progress,
        counts=_counts(row),
        trouble=None if row.trouble_code is None else Trouble(row.trouble_code, row.trouble_detail),
        starts=row.starts,
    )


def _counts(row: _Row) -> Counts:
    return Counts({verdict: row._mapping[verdict] for verdict in Verdict}, row.same_images, row.alike)


def _twins(tally: Tally) -> dict[str, int]:
    return {"same_images": tally.same_images, "alike": tally.alike}


def _values(job: int, row: int, outcome: Outcome) -> dict[str, Any]:
    return {
        "job": job,
        "row": row,
        "file": outcome.place.file,
        "number": outcome.place.number,
        "unit": outcome.place.unit,
        "mark_id": outcome.mark_id,
        "verdict": outcome.verdict.value,
        "code": outcome.code,
        "reason": outcome.reason,
        "same_image": outcome.same_image,
        "alike": outcome.alike,
    }


def _outcome(row: _Row) -> Outcome:
    place = Place(row.file, row.number, row.unit)
    verdict = Verdict(row.verdict)
    return Outcome(place, row.mark_id, verdict, row.code, row.reason, row.same_image, row.alike)


def _told(trouble: Trouble | None) -> dict[str, str | None]:
    return {
        "trouble_code": None if trouble is None else trouble.code,
        "trouble_detail": None if trouble is None else trouble.detail,
    }


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def _in_utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)
