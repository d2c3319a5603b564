"""How much a caller may use: what its key says, else what the office's settings say."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Measure(StrEnum):
    """What is counted of a caller's calls."""

    REQUESTS = "requests"
    CHARACTERS = "characters"
    IMAGES = "images"


WINDOW_SECONDS: Final = {Measure.REQUESTS: 60, Measure.CHARACTERS: 86_400, Measure.IMAGES: 86_400}


@dataclass(frozen=True)
class Allowance:
    """How much of each measure in its window; None leaves it to the settings."""

    requests_per_minute: int | None = None
    characters_per_day: int | None = None
    images_per_day: int | None = None

    def of(self, measure: Measure) -> int | None:
        """Return how much of a measure is allowed."""
        return {
            Measure.REQUESTS: self.requests_per_minute,
            Measure.CHARACTERS: self.characters_per_day,
            Measure.IMAGES: self.images_per_day,
        }[measure]
