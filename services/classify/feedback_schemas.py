"""The wire of feedback: what an examiner decided, as clients send and fetch it."""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from pydantic import ConfigDict, Field

from examkit.web.wire import WireModel
from services.classify.schemas import MOST_ASSIGNED, MOST_PREDICTIONS, DocumentId, LanguageTag, PatentBody, SymbolText

MOST_LISTED: Final = 100
MOST_OFFSET: Final = 10_000_000
JSON_LINES: Final = "application/x-ndjson"

Assigned = Annotated[list[SymbolText], Field(min_length=1, max_length=MOST_ASSIGNED)]


class ShownBody(WireModel):
    """A symbol that was shown to the examiner, with its score."""

    symbol: SymbolText = Field(examples=["A46B 9/04"])
    score: float = Field(ge=0, le=1)


class FeedbackBody(PatentBody):
    """A document, what was proposed for it, and the symbols that the examiner assigned."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "documentId": "XX2026-000123",
                    "title": "Toothbrush with replaceable bristle head",
                    "predicted": [{"symbol": "A46B 9/04", "score": 0.71}, {"symbol": "A46B 9/02", "score": 0.12}],
                    "assigned": ["A46B 9/04"],
                }
            ]
        }
    )

    document_id: DocumentId | None = Field(None, description="a later decision about the same document supersedes")
    language: LanguageTag | None = Field(None, description="BCP 47 tag of the text, where it is known")
    predicted: list[ShownBody] = Field(max_length=MOST_PREDICTIONS, description="what was shown, best first")
    assigned: Assigned = Field(description="the decision, the most important symbol first", examples=[["A46B 9/04"]])


class FeedbackReceipt(WireModel):
    """The feedback is safe; by its id it can be removed."""

    id: UUID
    stored_at: datetime


class FeedbackItem(FeedbackBody):
    """Feedback as it was stored; symbols in canonical form, the assigned ones of `edition`."""

    id: UUID
    stored_at: datetime
    edition: str = Field(description="edition of the classification that was installed", examples=["2020.01"])
