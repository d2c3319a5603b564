"""What is known of a document that is to be translated: what was asked for, how far it is, and how it ended."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from examkit.jobs.job import JobStatus, Trouble
from services.translate.documents.output import Output
from services.translate.library import Resources

JOB_PREFIX: Final = "translate-"


@dataclass(frozen=True)
class Order:
    """What a client asked for: tags of languages, of which the source may be left to be detected.

    `ending` is that of the file's name, all that is kept of it.
    """

    source: str | None
    target: str
    output: Output
    ending: str
    resources: Resources = field(default_factory=Resources)


@dataclass(frozen=True)
class Job:
    """A document; times are in UTC, `progress` is from 0 to 1; `media_type` and `result_ending` are the result's."""

    id: str
    order: Order
    status: JobStatus
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    progress: float
    source: str | None
    media_type: str | None
    result_ending: str | None
    trouble: Trouble | None
    starts: int
