"""The real inputs of the demo: published patent texts, and a mark image drawn for it."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict

_EXAMPLES = Path(__file__).resolve().parent / "examples"


class PatentAbstract(BaseModel):
    """A published abstract, word for word."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: str
    title: str
    abstract: str


class PatentClaim(BaseModel):
    """A published claim, word for word: its preamble and each of its steps."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: str
    title: str
    claim: int
    parts: tuple[str, ...]


MARK_IMAGE = _EXAMPLES / "mark.png"


def read_abstract() -> PatentAbstract:
    """Read the abstract that the demo classifies."""
    return PatentAbstract.model_validate_json((_EXAMPLES / "abstract.json").read_bytes())


def read_claim() -> PatentClaim:
    """Read the claim that the demo translates."""
    return PatentClaim.model_validate_json((_EXAMPLES / "claim.json").read_bytes())
