"""Learns what two words mean side by side, from compounds whose meaning a sentence encoder tells."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

_RIDGE = 0.3

Rows = NDArray[np.float32]


def fit_composition(compounds: Sequence[str], encode: Callable[[Sequence[str]], Rows]) -> Rows:
    """Return the matrix (2 dims x dims) that turns the vectors of two words into that of their compound.

    Ridge regression over compounds of two words; `encode` gives unit vectors of texts (texts x dims).
    """
    pairs = [compound.split() for compound in compounds]
    words = sorted({word for pair in pairs for word in pair})
    place = {word: at for at, word in enumerate(words)}
    vectors = encode(words)
    sides = np.hstack([vectors[[place[pair[side]] for pair in pairs]] for side in (0, 1)]).astype(np.float64)
    target = encode(compounds).astype(np.float64)
    gram = sides.T @ sides + _RIDGE * np.eye(sides.shape[1])
    return np.asarray(np.linalg.solve(gram, sides.T @ target), np.float32)
