"""What a report says, in its language already, whatever it is written on."""

from dataclasses import dataclass, field

from services.image_search.image import Box
from services.image_search.preview import Preview
from services.image_search.report.wording import Wording


@dataclass(frozen=True)
class Line:
    """One fact: what it is, and its value."""

    label: str
    value: str


@dataclass(frozen=True)
class Picture:
    """A small picture; `box`, in its own pixels, is the part that was searched by."""

    preview: Preview = field(repr=False)
    box: Box | None = None


@dataclass(frozen=True)
class ReportedHit:
    """A mark found; `verdict` is what the examiner said of it, None for nothing."""

    rank: int
    name: str
    mark_id: str
    picture: Picture | None
    lines: tuple[Line, ...]
    score: str
    scores: tuple[Line, ...]
    verdict: bool | None


@dataclass(frozen=True)
class Report:
    """A search, and what it found; `colors` are those searched by, as `#rrggbb`."""

    wording: Wording
    office: str
    reference: str
    date: str
    picture: Picture | None
    colors: tuple[str, ...]
    lines: tuple[Line, ...]
    hits: tuple[ReportedHit, ...]

    def judgement(self, hit: ReportedHit) -> str:
        """Say what the examiner said of a hit."""
        return self.wording({True: "relevant", False: "irrelevant", None: "open"}[hit.verdict])
