"""The wire of imports: a job, how far it is, and what became of each row."""

from datetime import datetime
from typing import Annotated, Final, Literal, Self

from pydantic import ConfigDict, Field, StringConstraints

from examkit.jobs.job import JobStatus
from examkit.web.wire import ModelInfo, WireModel
from services.image_search.importing.jobs import JOB_PREFIX, Counts, Job
from services.image_search.importing.outcomes import Outcome, Verdict

MOST_LISTED: Final = 500
MOST_OFFSET: Final = 10_000_000
JSON_LINES: Final = "application/x-ndjson"

JobNumber = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]


class ImportCounts(WireModel):
    """How many rows had which outcome so far; the last two are among those that were not refused."""

    added: int
    replaced: int
    unchanged: int
    refused: int
    same_image: int = Field(description="rows whose image another mark has too, byte for byte")
    looks_like: int = Field(description="rows whose image looks the same as another mark's")

    @classmethod
    def of(cls, counts: Counts) -> Self:
        """Describe counts."""
        return cls(**counts.verdicts, same_image=counts.same_images, looks_like=counts.alike)


class JobTrouble(WireModel):
    """Why a job failed, or, while it runs, what holds it up; `code` is one of the problems' codes."""

    code: str
    detail: str


class ImportJob(WireModel):
    """An import of marks; poll it until its status is none of `queued` and `running`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "marks-0b8a3f4c5d6e4f708192a3b4c5d6e7f8",
                    "kind": "marks-import",
                    "status": "running",
                    "progress": 0.42,
                    "createdAt": "2026-11-23T02:00:00Z",
                    "startedAt": "2026-11-23T02:00:01Z",
                    "counts": {
                        "added": 800,
                        "replaced": 3,
                        "unchanged": 20,
                        "refused": 2,
                        "sameImage": 1,
                        "looksLike": 0,
                    },
                    "resultUrl": "/api/v1/jobs/marks-0b8a3f4c5d6e4f708192a3b4c5d6e7f8/results",
                }
            ]
        }
    )

    id: str
    kind: Literal["marks-import"] = "marks-import"
    status: JobStatus
    progress: float = Field(ge=0, le=1)
    created_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    counts: ImportCounts
    problem: JobTrouble | None = None
    result_url: str = Field(description="what became of each row so far")

    @classmethod
    def of(cls, job: Job) -> Self:
        """Describe a job."""
        return cls(
            id=job.id,
            status=job.status,
            progress=round(job.progress, 4),
            created_at=job.created_at,
            started_at=job.started_at,
            ended_at=job.ended_at,
            counts=ImportCounts.of(job.counts),
            problem=None if job.trouble is None else JobTrouble(code=job.trouble.code, detail=job.trouble.detail),
            result_url=f"{job_url(job.id)}/results",
        )


class ImportOutcome(WireModel):
    """What became of one row; `file`, `number` and `unit` say where it stands in the archive."""

    file: str
    number: int
    unit: str = Field(description="what `number` counts: `line` or `record`")
    mark_id: str | None = None
    outcome: Verdict
    code: str | None = Field(None, description="why it was refused: one of the problems' codes")
    reason: str | None = None
    same_image_as: str | None = Field(None, description="another mark with this image, byte for byte")
    looks_like: str | None = Field(None, description="another mark whose image looks the same")

    @classmethod
    def of(cls, outcome: Outcome) -> Self:
        """Describe an outcome."""
        return cls(
            file=outcome.place.file,
            number=outcome.place.number,
            unit=outcome.place.unit,
            mark_id=outcome.mark_id,
            outcome=outcome.verdict,
            code=outcome.code,
            reason=outcome.reason,
            same_image_as=outcome.same_image,
            looks_like=outcome.alike,
        )


class Reembedding(WireModel):
    """Marks that another version of the model described, and are described anew while the service works."""

    total: int = Field(description="how many there were when the service started")
    done: int = Field(description="how many of them are dealt with; the others are found by no search yet")


class RegisterStatus(WireModel):
    """How the register stands."""

    count: int = Field(description="how many marks are registered")
    model: ModelInfo
    reembedding: Reembedding


def job_url(job_id: str) -> str:
    """Return the path of a job."""
    return f"/api/v1/jobs/{job_id}"


def job_id_of(number: str) -> str:
    """Return the id of which a path names the number."""
    return f"{JOB_PREFIX}{number}"
