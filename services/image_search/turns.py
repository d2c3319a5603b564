"""A drawing mirrored and in quarter turns, as far as it then looks different."""

from collections.abc import Callable

import numpy as np

from services.image_search.image import Pixels

_SAME_BELOW = 0.02  # mean difference, of full ink, under which two drawings are one

_TURNS: tuple[Callable[[Pixels], Pixels], ...] = (
    np.fliplr,
    lambda drawing: np.rot90(drawing, 1),
    lambda drawing: np.rot90(drawing, 2),
    lambda drawing: np.rot90(drawing, 3),
)


def turned(drawing: Pixels) -> list[Pixels]:
    """Return the up to four other ways a drawing may stand; those that look like an earlier one are left out."""
    found = [drawing]
    for turn in _TURNS:
        other = turn(drawing)
        if not any(_is_same(other, known) for known in found):
            found.append(other)
    return found[1:]


def _is_same(first: Pixels, second: Pixels) -> bool:
    difference = np.maximum(first, second) - np.minimum(first, second)
    return float(difference.mean()) < _SAME_BELOW * 255
