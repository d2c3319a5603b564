"""Predictions as they are written into a document, and as a dialog shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from examkit_office.texts import Texts

_LONGEST_TITLE = 160
_LONGEST_IN_ROW = 58
_MOST_TERMS = 8


@dataclass(frozen=True)
class Prediction:
    """A symbol that was proposed."""

    symbol: str
    level: str
    title: str
    score: float
    terms: tuple[str, ...] = ()

    @classmethod
    def of(cls, item: dict[str, Any]) -> Prediction:
        """Read one of an answer's predictions."""
        terms = tuple(evidence["term"] for evidence in (item.get("evidence") or [])[:_MOST_TERMS])
        return cls(item["symbol"], item["level"], item["title"], item["score"], terms)


def percent(score: float) -> str:
    """Write a probability as people read it."""
    return f"{100 * score:.0f} %"


def row(item: Prediction) -> str:
    """Write a prediction for a list in letters of one width, none wider than the list."""
    return f"{item.symbol:<15}{percent(item.score):>6}  {shortened(item.title, _LONGEST_IN_ROW)}"


def lines(chosen: list[Prediction]) -> str:
    """Write what the examiner chose, a line a symbol, the section's big letters as they are."""
    return "\n".join(f"{item.symbol}\t{shortened(item.title)}" if item.title else item.symbol for item in chosen)


def comment(chosen: list[Prediction], answer: dict[str, Any], texts: Texts) -> str:
    """Write the same for a comment, with scores and where they come from."""
    scored = (f"{item.symbol} ({percent(item.score)}) {shortened(item.title)}".rstrip() for item in chosen)
    return "\n".join([*scored, "", source_line(answer, texts)])


def source_line(answer: dict[str, Any], texts: Texts) -> str:
    """Say which model and edition an answer comes from, and who decides."""
    model = answer["model"]
    return texts("machine-made", model=f"{model['name']} {model['version']}", edition=answer["edition"])


def shortened(title: str, most: int = _LONGEST_TITLE) -> str:
    """Cut a title that would fill the page."""
    return title if len(title) <= most else title[: most - 1].rstrip() + "…"
