"""Portraits of made-up numbers, for tests of what is computed from them."""

import numpy as np

from services.image_search.portrait import PLACE, Portrait, Role

Place = tuple[Role, int, int, int, int, float]
WHOLE: Place = (Role.WHOLE, 0, 0, 100, 100, 1.0)


def make_portrait(shape, color=(1, 0), places=None, concept=None):
    """Make a portrait; without places the first row is the whole, the others are parts of equal size."""
    rows = np.array(shape, np.float32)
    parts = [(Role.DEVICE, 50 * n, 0, 50, 50, 1 / (len(rows) - 1)) for n in range(len(rows) - 1)]
    shown = None if concept is None else np.array(concept, np.float32)
    return Portrait(rows, np.array(color, np.float32), np.array(places or [WHOLE, *parts], PLACE), shown)
