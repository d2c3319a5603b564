"""The wire of relevance feedback: what an examiner found relevant, as clients send and fetch it."""

from datetime import datetime
from typing import Annotated, Final, Self
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from examkit.web.wire import WireModel
from services.image_search.feedback import Judgement, StoredJudgement
from services.image_search.schemas import MarkId
from services.image_search.strategies import Strategy

MOST_LISTED: Final = 100
MOST_OFFSET: Final = 10_000_000
JSON_LINES: Final = "application/x-ndjson"

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class MarkFeedbackBody(WireModel):
    """Whether a mark that was found is relevant to the search that found it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"markId": "NZ-1234567", "hitMarkId": "NZ-7654321", "relevant": True, "strategy": "combined"},
                {"imageSha256": "0" * 64, "hitMarkId": "NZ-7654321", "relevant": False, "strategy": "shape"},
            ]
        }
    )

    mark_id: MarkId | None = Field(None, description="the mark that was searched by")
    image_sha256: Sha256 | None = Field(None, description="SHA-256, in hex, of the image that was searched by")
    hit_mark_id: MarkId = Field(description="the mark that was found")
    relevant: bool = Field(description="what the examiner says of it", strict=True)
    strategy: Strategy = Field(description="how was searched")

    @model_validator(mode="after")
    def _has_one_subject(self) -> Self:
        if (self.mark_id is None) == (self.image_sha256 is None):
            raise ValueError("give either markId or imageSha256")
        return self

    def to_judgement(self) -> Judgement:
        """Return what is to be kept."""
        return Judgement(self.mark_id, self.image_sha256, self.hit_mark_id, self.relevant, self.strategy)


class MarkFeedbackReceipt(WireModel):
    """The feedback is safe; by its id it can be removed."""

    id: UUID
    stored_at: datetime


class MarkFeedbackItem(MarkFeedbackBody):
    """Feedback as it was stored."""

    id: UUID
    stored_at: datetime

    @classmethod
    def of(cls, stored: StoredJudgement) -> Self:
        """Describe stored feedback."""
        judgement = stored.judgement
        return cls(
            id=stored.id,
            stored_at=stored.stored_at,
            mark_id=judgement.mark_id,
            image_sha256=judgement.image_sha256,
            hit_mark_id=judgement.hit_mark_id,
            relevant=judgement.relevant,
            strategy=judgement.strategy,
        )
