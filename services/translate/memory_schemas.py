"""The wire of the translation memory: approved segments as clients send, list and fetch them."""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field

from examkit.web.wire import WireModel
from services.translate.memory.units import LONGEST, UNSTORABLE

MOST_SEGMENTS: Final = 1_000
MOST_LISTED: Final = 200
MOST_OFFSET: Final = 1_000_000
MOST_IMPORTED_BYTES: Final = 25 * 1024 * 1024
LONGEST_TAG: Final = 35


def _storable(text: str) -> str:
    if not text.strip():
        raise ValueError("is blank")
    if UNSTORABLE.search(text):
        raise ValueError("holds a control character")
    return text


SegmentText = Annotated[str, Field(min_length=1, max_length=LONGEST), AfterValidator(_storable)]
Tag = Annotated[str, Field(max_length=LONGEST_TAG, description="BCP-47 tag")]


class ApprovedSegment(WireModel):
    """A segment, or a whole line, and its approved translation."""

    source: SegmentText
    target: SegmentText


class MemoryBody(WireModel):
    """Approved translations from one language into another."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "sourceLanguage": "en",
                    "targetLanguage": "pt",
                    "segments": [{"source": "A fastening device (10).", "target": "Dispositivo de fixação (10)."}],
                }
            ]
        }
    )

    source_language: Tag
    target_language: Tag
    segments: list[ApprovedSegment] = Field(min_length=1, max_length=MOST_SEGMENTS)


class MemoryReceipt(WireModel):
    """What became of the units sent: from this answer on they are used."""

    stored: int = Field(description="new ones")
    replaced: int = Field(description="sources that had another translation before")
    unchanged: int = Field(description="those that were there already")
    skipped: int = Field(description="of a TMX: blank, too long, or with a control character")


class MemoryUnit(WireModel):
    """A unit of the memory as it was stored."""

    id: UUID
    stored_at: datetime
    source_language: str
    target_language: str
    source: str
    target: str


class RemovedUnits(WireModel):
    """How many units were removed."""

    removed: int
