"""The book of imports: what was asked for, how far each is, and what became of every row.

It is a file of its own beside the archives: what has been written to it is on the disk, and it goes with the release
(one of another form is begun anew). Every call raises RegisterUnavailableError or RegisterDiskFullError when the
database fails it.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    delete,
    insert,
    select,
    update,
)

from examkit.database import Kept
from examkit.jobs.book import NO_TROUBLE, JobBook, JobRow, jobs_table, trouble_of
from examkit.jobs.job import JobStatus
from services.image_search.database import RegisterDiskFullError, RegisterUnavailableError
from services.image_search.importing.jobs import Counts, Job
from services.image_search.importing.outcomes import Outcome, Tally, Verdict
from services.image_search.importing.records import Place

_FORM: Final = 1
_BOOK: Final = Kept("imports", RegisterUnavailableError, RegisterDiskFullError)
_BATCH: Final = 500
_KEPT: Final = timedelta(days=30)

_schema = MetaData()
_jobs = jobs_table(
    _schema,
    asked=(Column("look_for_alike", Boolean, nullable=False),),
    found=(
        *(Column(verdict, Integer, nullable=False, default=0) for verdict in Verdict),
        Column("same_images", Integer, nullable=False, default=0),
        Column("alike", Integer, nullable=False, default=0),
    ),
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


class Ledger(JobBook[Job]):
    """The book of imports and of what became of every row."""

    def __init__(self, folder: Path) -> None:
        """Open the book in a folder; raise StartError when it cannot be used."""
        super().__init__(folder, _BOOK, _FORM, _jobs, _job)

    def add(self, job_id: str, *, look_for_alike: bool) -> Job:
        """Note a job that is to be done, and forget those that ended long ago."""
        with self.writing() as connection:
            connection.execute(delete(_jobs).where(_jobs.c.ended_at < datetime.now(UTC) - _KEPT))
            return self.enter(connection, job_id, look_for_alike=look_for_alike)

    def record(self, job_id: str, outcomes: Sequence[Outcome], progress: float) -> None:
        """Add the outcomes of further rows, and how far the job is by them."""
        tally = Tally()
        for outcome in outcomes:
            tally.add(outcome)
        with self.writing() as connection:
            job = self.row(connection, job_id)
            first = _counts(job).rows
            connection.execute(
                insert(_outcomes), [_values(job.number, row, outcome) for row, outcome in enumerate(outcomes, first)]
            )
            further = {**{str(verdict): tally.verdicts[verdict] for verdict in Verdict}, **_twins(tally)}
            values: dict[str, Any] = {name: _jobs.c[name] + number for name, number in further.items()}
            values |= {"progress": progress, "starts": 0, **NO_TROUBLE}
            connection.execute(update(_jobs).where(_jobs.c.number == job.number).values(values))

    def page(self, job_id: str, verdict: Verdict | None, *, limit: int, offset: int) -> tuple[list[Outcome], int]:
        """Return one page of a job's outcomes, of one verdict or all, in order, and how many there are.

        Raise NotFoundError.
        """
        with self.reading() as connection:
            job = self.row(connection, job_id)
            counts = _counts(job)
            rows = _select_outcomes(job.number, verdict).limit(limit).offset(offset)
            found = [_outcome(row) for row in connection.execute(rows)]
        return found, counts.rows if verdict is None else counts.verdicts[verdict]

    def everything(self, job_id: str, verdict: Verdict | None) -> Iterator[Outcome]:
        """Give a job's outcomes, of one verdict or all, in order; raise NotFoundError at once."""
        with self.reading() as connection:
            number = self.row(connection, job_id).number
        return self._from(_select_outcomes(number, verdict))

    def _from(self, statement: Select[Any]) -> Iterator[Outcome]:
        """Read on batch by batch, so that nothing is held open for a slow reader."""
        last = -1
        while rows := self._batch(statement.where(_outcomes.c.row > last).limit(_BATCH)):
            last = rows[-1].row
            yield from map(_outcome, rows)

    def _batch(self, statement: Select[Any]) -> Sequence[JobRow]:
        with self.reading() as connection:
            return connection.execute(statement).all()


def _select_outcomes(job: int, verdict: Verdict | None) -> Select[Any]:
    wanted = [_outcomes.c.job == job] + ([] if verdict is None else [_outcomes.c.verdict == verdict])
    return select(_outcomes).where(*wanted).order_by(_outcomes.c.row)


def _job(row: JobRow) -> Job:
    return Job(
        id=row.id,
        status=JobStatus(row.status),
        look_for_alike=row.look_for_alike,
        created_at=row.created_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        progress=row.progress,
        counts=_counts(row),
        trouble=trouble_of(row),
        starts=row.starts,
    )


def _counts(row: JobRow) -> Counts:
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


def _outcome(row: JobRow) -> Outcome:
    place = Place(row.file, row.number, row.unit)
    verdict = Verdict(row.verdict)
    return Outcome(place, row.mark_id, verdict, row.code, row.reason, row.same_image, row.alike)
