"""What is kept of a segment with an approved translation, and in which form segments are compared.

Two segments are the same when they differ in white space and in the case of their first letter only. What is left of
a segment when each number or sign of it becomes `#` is its skeleton: of two with one skeleton the translation of one
can be adapted to the other.
"""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from services.translate.languages import LanguagePair

LONGEST: Final = 10_000  # characters of a source or a target
NUMBER: Final = re.compile(r"\d+(?:[.,]\d+)*(?:[A-Za-z](?![^\W\d_]))?['′″]*")
# What XML cannot hold, nor PostgreSQL all of it.
UNSTORABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Unit:
    """A segment and its translation."""

    pair: LanguagePair
    source: str
    target: str

    @property
    def is_usable(self) -> bool:
        """Tell whether both sides hold something, not too much, and no character that cannot be stored."""
        return all(
            side.strip() and len(side) <= LONGEST and not UNSTORABLE.search(side) for side in (self.source, self.target)
        )


@dataclass(frozen=True)
class StoredUnit:
    """A unit with its id and the time (UTC) of its last change."""

    id: UUID
    stored_at: datetime
    unit: Unit


def compared(text: str) -> str:
    """Give the form in which a segment equals another one."""
    joined = " ".join(unicodedata.normalize("NFC", text).split())
    return joined[:1].lower() + joined[1:]


def skeleton(text: str) -> str:
    """Give the compared form with `#` for each number or sign with digits."""
    return NUMBER.sub("#", compared(text))


def digest(text: str) -> str:
    """Return the SHA-256 of a compared form or a skeleton, by which it is found."""
    return hashlib.sha256(text.encode()).hexdigest()
