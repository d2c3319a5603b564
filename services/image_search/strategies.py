"""How a search weighs shape against color: the strategies, and the query rows that carry them out."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from examkit.errors import InvalidInputError
from services.image_search.descriptors import is_colored

Rows = NDArray[np.float32]

_COLOR_SHARE = 0.15  # helps among colored marks and costs the others nothing; measured in the card of the embedder


class Strategy(StrEnum):
    """What likeness means in a search."""

    SHAPE = "shape"
    COLOR = "color"
    COMBINED = "combined"


@dataclass(frozen=True)
class Weights:
    """The parts of shape and color in a score; they add up to one."""

    shape: float
    color: float


@dataclass(frozen=True)
class Likeness:
    """A mark's score for a query: overall, and for each part that the query has."""

    score: float
    shape: float | None
    color: float | None


_ONE_PART = {Strategy.SHAPE: Weights(1, 0), Strategy.COLOR: Weights(0, 1)}


def share_out(shape: float, color: float) -> Weights:
    """Scale two parts, neither negative, to add up to one; raise InvalidInputError when both are zero."""
    total = shape + color
    if total <= 0:
        raise InvalidInputError("At least one weight must be greater than zero.", code="no-weight")
    return Weights(shape / total, color / total)


@dataclass(frozen=True)
class MarkQuery:
    """What a search compares with: one row a view, shape and color side by side, and the strategy to weigh them by.

    `shape_dims` tells where in a row the color begins. `mix` overrides the weights of the combined strategy.
    """

    rows: Rows
    shape_dims: int
    strategy: Strategy
    mix: Weights | None = None

    @property
    def weights(self) -> Weights:
        """Weigh shape and color; color says nothing of a query that is drawn in black, white and grey."""
        if self.strategy in _ONE_PART:
            return _ONE_PART[self.strategy]
        if self.mix is not None:
            return self.mix
        share = _COLOR_SHARE if is_colored(self.rows[0, self.shape_dims :]) else 0.0
        return Weights(1 - share, share)

    def weighted_rows(self) -> Rows:
        """Return the rows whose inner products with a mark's rows are the scores."""
        factors = np.full(self.rows.shape[1], self.weights.color, np.float32)
        factors[: self.shape_dims] = self.weights.shape
        return np.ascontiguousarray(self.rows * factors)

    def likeness(self, mark: Rows) -> Likeness:
        """Score one mark's rows as a whole and by each part, at the best pairing of views; scores are cut to 0..1."""
        shape = self.rows[:, : self.shape_dims] @ mark[:, : self.shape_dims].T
        color = self.rows[:, self.shape_dims :] @ mark[:, self.shape_dims :].T
        whole = self.weights.shape * shape + self.weights.color * color
        has_shape = bool(self.rows[:, : self.shape_dims].any())
        return Likeness(_best(whole), _best(shape) if has_shape else None, _best(color))


def _best(scores: Rows) -> float:
    return float(np.clip(scores.max(), 0, 1))
