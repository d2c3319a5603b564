"""What became of each record of an import."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from services.image_search.importing.records import Place, Refusal


class Verdict(StrEnum):
    """What became of a record; what is unchanged was in the register already, image and all."""

    ADDED = "added"
    REPLACED = "replaced"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True)
class Outcome:
    """What became of one record.

    `code` and `reason` say why it was refused; `same_image` is another mark whose image is the same, byte for byte, and
    `alike` one whose image looks the same.
    """

    place: Place
    mark_id: str | None
    verdict: Verdict
    code: str | None = None
    reason: str | None = None
    same_image: str | None = None
    alike: str | None = None

    @classmethod
    def refused(cls, refusal: Refusal) -> "Outcome":
        """Tell of a record that was refused."""
        return cls(refusal.place, refusal.mark_id, Verdict.REFUSED, refusal.code, refusal.reason)


@dataclass
class Tally:
    """How many records had which outcome."""

    verdicts: Counter[Verdict] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    same_images: int = 0
    alike: int = 0

    def add(self, outcome: Outcome) -> None:
        """Count an outcome."""
        self.verdicts[outcome.verdict] += 1
        self.same_images += outcome.same_image is not None
        self.alike += outcome.alike is not None
        if outcome.code is not None:
            self.refusals[outcome.code] += 1

    def __str__(self) -> str:
        """Write it for people."""
        counts = ", ".join(f"{self.verdicts[verdict]:,} {verdict}" for verdict in Verdict)
        codes = ", ".join(f"{code} {count:,}" for code, count in self.refusals.most_common())
        return f"{counts}{f' ({codes})' if codes else ''}."
