"""The colors of a mark in one row of numbers: how much there is of each, and where on the ink it lies."""

from collections.abc import Sequence

import numpy as np

from services.image_search.descriptors import (
    COLOR_DIMS,
    LAYOUT_DIMS,
    Mask,
    Pixels,
    Vector,
    describe_color,
    describe_color_layout,
    describe_palette,
    is_colored,
)

COLORS_DIMS = COLOR_DIMS + LAYOUT_DIMS
_LAYOUT_SHARE = 0.5
_PALETTE_FACTOR, _LAYOUT_FACTOR = (1 - _LAYOUT_SHARE) ** 0.5, _LAYOUT_SHARE**0.5


def describe_colors(pixels: Pixels, ink: Mask) -> Vector:
    """Describe the inked pixels by values of unit length: the palette, then its layout."""
    return np.hstack(
        [_PALETTE_FACTOR * describe_color(pixels, ink), _LAYOUT_FACTOR * describe_color_layout(pixels, ink)]
    ).astype(np.float32)


def ask_for_palette(colors: Sequence[tuple[int, int, int]]) -> Vector:
    """Return what has with a mark's colors the likeness of the palettes, wherever the colors lie on the mark."""
    palette = describe_palette(colors) / _PALETTE_FACTOR
    return np.hstack([palette, np.zeros(LAYOUT_DIMS)]).astype(np.float32)


def is_in_color(colors: Vector) -> bool:
    """Tell whether a mark is in color at all, rather than in black, white and grey."""
    return is_colored(colors[:COLOR_DIMS] / _PALETTE_FACTOR)
