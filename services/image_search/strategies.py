"""What likeness means in a search: the strategies, and how they are weighed against one another."""

from dataclasses import dataclass
from enum import StrEnum

from examkit.errors import InvalidInputError


class Strategy(StrEnum):
    """What likeness means in a search."""

    SHAPE = "shape"
    COLOR = "color"
    COMPOSITION = "composition"
    CONCEPT = "concept"
    COMBINED = "combined"


@dataclass(frozen=True)
class Weights:
    """How much each likeness counts in a score; they add up to one."""

    shape: float = 0
    color: float = 0
    composition: float = 0
    concept: float = 0


_OWN = {
    Strategy.SHAPE: Weights(shape=1),
    Strategy.COLOR: Weights(color=0.6, shape=0.4),  # many marks share their colors; the drawing orders these
    Strategy.COMPOSITION: Weights(composition=1),
    Strategy.CONCEPT: Weights(concept=1),
}
_IN_COLOR = Weights(shape=0.85, color=0.15)  # color helps among colored marks; measured in the card of the embedder
_IN_BLACK = Weights(shape=1)


def share_out(wanted: Weights) -> Weights:
    """Scale weights, none negative, to add up to one; raise InvalidInputError when all are zero."""
    total = wanted.shape + wanted.color + wanted.composition + wanted.concept
    if total <= 0:
        raise InvalidInputError("At least one weight must be greater than zero.", code="no-weight")
    return Weights(wanted.shape / total, wanted.color / total, wanted.composition / total, wanted.concept / total)


def weights_of(strategy: Strategy, *, is_colored: bool) -> Weights:
    """Return a strategy's own weights; color says nothing of a query that is drawn in black, white and grey."""
    return _OWN.get(strategy, _IN_COLOR if is_colored else _IN_BLACK)
