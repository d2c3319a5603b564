"""The wire of the look-up: what clients read of the classification."""

from typing import Final

from pydantic import Field

from services.classify.ipc import Level
from services.classify.schemas import PlaceBody

MOST_FOUND: Final = 100
MOST_OFFSET: Final = 100_000


class IpcEntryBody(PlaceBody):
    """An entry of the classification."""

    level: Level
    edition: str


class IpcPlaceBody(IpcEntryBody):
    """An entry of the classification with its surroundings; `dots` is its indentation below the main group."""

    dots: int
    parent: PlaceBody | None
    ancestors: list[PlaceBody] = Field(description="from the section down")
    children: list[PlaceBody]
