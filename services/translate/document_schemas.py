"""The wire of documents: a job, and how far it is."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints

from examkit.jobs.job import JobStatus
from examkit.web.wire import WireModel
from services.translate.documents.jobs import JOB_PREFIX, Job, Order
from services.translate.documents.output import Output
from services.translate.languages import LanguageTag
from services.translate.library import Resources
from services.translate.schemas import GlossaryId, GlossaryIds, PatentTerms, SourceTag, TargetTag, UsesMemory

JobNumber = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]


class DocumentRequest(WireModel):
    """What is wanted of a document: the fields of the form that it comes in."""

    source_language: SourceTag = None
    target_language: TargetTag
    output: Output = Output.DOCUMENT
    glossary_id: GlossaryId = None
    glossary_ids: GlossaryIds = ()
    patent_terms: PatentTerms = True
    memory: UsesMemory = True

    def order(self, ending: str) -> Order:
        """Make an order of it for a file of such a name; raise InvalidInputError (`malformed-language-tag`)."""
        source = None if self.source_language is None else str(LanguageTag.parse(self.source_language))
        target = str(LanguageTag.parse(self.target_language))
        resources = Resources.named(
            self.glossary_id, self.glossary_ids, patent_terms=self.patent_terms, memory=self.memory
        )
        return Order(source, target, self.output, ending, resources)


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
                    "glossaryIds": ["6f9619ff-8b86-4011-b42d-00cf4fc964ff"],
                    "patentTerms": True,
                    "memory": True,
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
    glossary_ids: list[UUID]
    patent_terms: bool
    memory: bool
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
            glossary_ids=list(job.order.resources.glossaries),
            patent_terms=job.order.resources.patent_terms,
            memory=job.order.resources.memory,
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
