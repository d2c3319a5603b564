"""The wire of documents: a job, and how far it is."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, StringConstraints

from examkit.web.wire import WireModel
from services.translate.documents.jobs import JOB_PREFIX, Job, JobStatus
from services.translate.documents.output import Output

JobNumber = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]


class DocumentTrouble(WireModel):
    """Why a job failed, or, while it runs, what holds it up; `code` is one of the problems' codes."""

    code: str
    detail: str


class DocumentJob(WireModel):
    """A document that is translated; poll it until its status is none of `queued` and `running`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "translate-0b8a3f4c5d6e4f708192a3b4c5d6e7f8",
                    "kind": "translate-document",
                    "status": "running",
                    "progress": 0.42,
                    "sourceLanguage": "en",
                    "targetLanguage": "pt",
                    "output": "document",
                    "createdAt": "2026-11-23T02:00:00Z",
                    "startedAt": "2026-11-23T02:00:01Z",
                }
            ]
        }
    )

    id: str
    kind: Literal["translate-document"] = "translate-document"
    status: JobStatus
    progress: float = Field(ge=0, le=1)
    source_language: str | None = Field(None, description="as asked, or as found in the document")
    target_language: str
    output: Output
    created_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    problem: DocumentTrouble | None = None
    result_url: str | None = Field(None, description="the file, once there is one; it is kept for 24 hours")

    @classmethod
    def of(cls, job: Job) -> Self:
        """Describe a job."""
        return cls(
            id=job.id,
            status=job.status,
            progress=round(job.progress, 4),
            source_language=job.source or job.order.source,
            target_language=job.order.target,
            output=job.order.output,
            created_at=job.created_at,
            started_at=job.started_at,
            ended_at=job.ended_at,
            problem=None if job.trouble is None else DocumentTrouble(code=job.trouble.code, detail=job.trouble.detail),
            result_url=f"{job_url(job.id)}/result" if job.status is JobStatus.SUCCEEDED else None,
        )


def job_url(job_id: str) -> str:
    """Return the path of a job."""
    return f"/api/v1/jobs/{job_id}"


def job_id_of(number: str) -> str:
    """Return the id of which a path names the number."""
    return f"{JOB_PREFIX}{number}"
