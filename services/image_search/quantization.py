"""Numbers in one byte each, by a scale of their own for every dimension."""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from services.image_search.portrait import Rows

Codes = NDArray[np.uint8]

_STEPS: Final = 255
_MARGIN: Final = 0.05  # of the range that a sample has, at each end; what is outside is taken as the end


@dataclass(frozen=True)
class Scale:
    """What the code 0 stands for in each dimension, and how much one step is."""

    low: Rows
    step: Rows

    @classmethod
    def fitted(cls, sample: Rows) -> Self:
        """Fit a scale to a sample of n rows, each of unit length; without any it reaches from -1 to 1."""
        known = sample if len(sample) else np.array([[-1], [1]], np.float32).repeat(sample.shape[1], axis=1)
        low, high = known.min(axis=0), known.max(axis=0)
        margin = _MARGIN * (high - low)
        return cls(low - margin, (high - low + 2 * margin) / _STEPS)

    def encode(self, rows: Rows) -> Codes:
        """Return n rows as codes."""
        steps = np.divide(rows - self.low, self.step, out=np.zeros_like(rows), where=self.step > 0)
        return np.asarray(np.rint(steps).clip(0, _STEPS), np.uint8)

    def decode(self, codes: Codes) -> Rows:
        """Return what codes stand for."""
        rows = codes.astype(np.float32)
        rows *= self.step
        rows += self.low
        return rows
