"""The book of documents: what was asked for, and how far each is; never a word of a document, nor its name.

It is a file of its own beside the documents: what has been written to it is on the disk, and it goes with the release
(one of another form is begun anew). Every call raises TerminologyUnavailableError or TerminologyDiskFullError when the
database fails it.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlalchemy import JSON, Boolean, Column, Index, MetaData, String, delete

from examkit.database import Kept
from examkit.jobs.book import NO_TROUBLE, JobBook, JobRow, jobs_table, trouble_of
from examkit.jobs.job import JobStatus
from services.translate.database import TerminologyDiskFullError, TerminologyUnavailableError
from services.translate.documents.jobs import Job, Order
from services.translate.documents.output import Output
from services.translate.library import Resources

_FORM: Final = 2
_BOOK: Final = Kept("documents", TerminologyUnavailableError, TerminologyDiskFullError)

_jobs = jobs_table(
    MetaData(),
    asked=(
        Column("asked_source", String),
        Column("target", String, nullable=False),
        Column("output", String, nullable=False),
        Column("ending", String, nullable=False),
        Column("glossaries", JSON, nullable=False),  # their ids
        Column("patent_terms", Boolean, nullable=False),
        Column("memory", Boolean, nullable=False),
    ),
    found=(
        Column("source", String),
        Column("media_type", String),
        Column("result_ending", String),
    ),
)
Index("ix_jobs_ended_at", _jobs.c.ended_at)


class Ledger(JobBook[Job]):
    """The book of documents."""

    def __init__(self, folder: Path) -> None:
        """Open the book in a folder; raise StartError when it cannot be used."""
        super().__init__(folder, _BOOK, _FORM, _jobs, _job)

    def add(self, job_id: str, order: Order) -> Job:
        """Note a document that is to be translated."""
        asked = {
            "asked_source": order.source,
            "target": order.target,
            "output": order.output.value,
            "ending": order.ending,
            "glossaries": [str(own_id) for own_id in order.resources.glossaries],
            "patent_terms": order.resources.patent_terms,
            "memory": order.resources.memory,
        }
        with self.writing() as connection:
            return self.enter(connection, job_id, **asked)

    def succeeded(self) -> list[str]:
        """Return the ids of the jobs of which there is a result."""
        return self.ids(_jobs.c.status == JobStatus.SUCCEEDED)

    def note_progress(self, job_id: str, progress: float, source: str) -> None:
        """Note how far a job is, and the language of the document."""
        self.change(job_id, progress=progress, source=source, **NO_TROUBLE)

    def succeed(self, job_id: str, media_type: str, ending: str) -> None:
        """Note that there is a result, and of what kind; a job that has ended stays as it is."""
        self.end(job_id, JobStatus.SUCCEEDED, media_type=media_type, result_ending=ending)

    def forget(self, job_id: str) -> None:
        """Strike a job out; raise NotFoundError."""
        with self.writing() as connection:
            self.row(connection, job_id)
            connection.execute(delete(_jobs).where(_jobs.c.id == job_id))

    def ended_before(self, age: timedelta) -> list[str]:
        """Return the ids of the jobs that ended so long ago."""
        return self.ids(_jobs.c.ended_at < datetime.now(UTC) - age)


def _job(row: JobRow) -> Job:
    return Job(
        id=row.id,
        order=_order(row),
        status=JobStatus(row.status),
        created_at=row.created_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        progress=row.progress,
        source=row.source,
        media_type=row.media_type,
        result_ending=row.result_ending,
        trouble=trouble_of(row),
        starts=row.starts,
    )


def _order(row: JobRow) -> Order:
    resources = Resources(tuple(map(UUID, row.glossaries)), row.patent_terms, row.memory)
    return Order(row.asked_source, row.target, Output(row.output), row.ending, resources)
