"""The wire of glossaries: what clients send and receive."""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints

from examkit.web.wire import WireModel
from services.translate.terminology.entries import MOST_ENTRIES
from services.translate.terminology.store import StoredGlossary

MOST_LISTED: Final = 200
MOST_ENTRIES_LISTED: Final = 1000
MOST_OFFSET: Final = 10_000

Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]+$")
]
Tag = Annotated[str, Field(max_length=35, description="BCP-47 tag")]


class EntryBody(WireModel):
    """A term and its translation."""

    source: str
    target: str


class GlossaryHead(WireModel):
    """What a glossary is called, and its languages."""

    name: Name
    source_language: Tag
    target_language: Tag


class GlossaryRequest(GlossaryHead):
    """A glossary as JSON."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "Mechanics",
                    "sourceLanguage": "en",
                    "targetLanguage": "pt",
                    "terms": [{"source": "housing", "target": "carcaça"}],
                }
            ]
        }
    )

    terms: list[EntryBody] = Field(min_length=1, max_length=MOST_ENTRIES)


class GlossaryBody(GlossaryHead):
    """A glossary that is kept."""

    id: UUID
    count: int = Field(description="how many terms it has")
    stored_at: datetime

    @classmethod
    def of(cls, stored: StoredGlossary) -> "GlossaryBody":
        """Describe a glossary."""
        return cls(
            id=stored.id,
            name=stored.name,
            source_language=str(stored.pair.source),
            target_language=str(stored.pair.target),
            count=stored.count,
            stored_at=stored.stored_at,
        )
