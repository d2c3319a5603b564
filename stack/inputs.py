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


class PatentClaims(BaseModel):
    """Published claims, word for word."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: str
    title: str
    claims: tuple[str, ...]


MARK_IMAGE = _EXAMPLES / "mark.png"


def read_abstract() -> PatentAbstract:
    """Read the abstract that the demo classifies."""
    return PatentAbstract.model_validate_json((_EXAMPLES / "abstract.json").read_bytes())


def read_claims() -> PatentClaims:
    """Read the claims that the demo translates."""
    return PatentClaims.model_validate_json((_EXAMPLES / "claims.json").read_bytes())
