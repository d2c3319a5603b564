"""What an examiner decided about one document, as it is kept."""

import hashlib
from dataclasses import astuple, dataclass
from datetime import datetime
from uuid import UUID

from services.classify.ipc import Symbol
from services.classify.text import PatentText


@dataclass(frozen=True)
class ShownSymbol:
    """A symbol that was shown to the examiner, and the score beside it."""

    symbol: Symbol
    score: float


@dataclass(frozen=True)
class Decision:
    """A text, what was proposed for it and what the examiner assigned; the assigned symbols are of `edition`."""

    document_id: str | None
    language: str | None
    text: PatentText
    edition: str
    predicted: tuple[ShownSymbol, ...]
    assigned: tuple[Symbol, ...]

    @property
    def subject(self) -> str:
        """Tell what is decided about: a hash of the document's id, or of its text where it has none."""
        return subject_of(self.document_id) if self.document_id is not None else _hash(("text", *astuple(self.text)))


@dataclass(frozen=True)
class StoredDecision:
    """A decision with its id and the time (UTC) from which it was safe."""

    id: UUID
    stored_at: datetime
    decision: Decision


def subject_of(document_id: str) -> str:
    """Return the subject of the decisions about a document that has an id."""
    return _hash(("id", document_id))


def _hash(parts: tuple[str, ...]) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
