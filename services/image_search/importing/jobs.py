"""What is known of an import that was asked for over the network: how far it is, and how it ended."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from examkit.jobs.job import JobStatus, Trouble
from services.image_search.importing.outcomes import Verdict

JOB_PREFIX: Final = "marks-"


@dataclass(frozen=True)
class Counts:
    """How many rows had which outcome; `same_images` and `alike` are among the rows that were not refused."""

    verdicts: dict[Verdict, int] = field(default_factory=dict)
    same_images: int = 0
    alike: int = 0

    @property
    def rows(self) -> int:
        """Return how many rows are dealt with."""
        return sum(self.verdicts.values())


@dataclass(frozen=True)
class Job:
    """An import; times are in UTC, `progress` is from 0 to 1, `starts` counts those since the last row was done."""

    id: str
    status: JobStatus
    look_for_alike: bool
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    progress: float
    counts: Counts
    trouble: Trouble | None
    starts: int
