"""The canvas that imitations are drawn on: 256 x 256 pixels, RGB on white, and what of it is ink."""

import colorsys
import math

import mahotas
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

SIDE = 256
MARGIN = 12
WHITE = (255, 255, 255)
BLACK = (0, 0, 0)
_INK_BELOW = 231
_PLATE_COVER = 0.6
_PLATE_DISTANCE = 48

Color = tuple[int, int, int]
Box = tuple[int, int, int, int]  # left, top, right, bottom
Mask = NDArray[np.bool_]


def empty() -> Image.Image:
    """Return a white canvas."""
    return Image.new("RGB", (SIDE, SIDE), WHITE)


def rounded(value: float) -> int:
    """Round half up, as the recipe asks; Python rounds halves to even numbers."""
    return math.floor(value + 0.5)


def scaled(image: Image.Image, factor: float) -> Image.Image:
    """Return a square image with sides of `factor` of the canvas."""
    side = rounded(factor * SIDE)
    return image.resize((side, side), Image.Resampling.LANCZOS)


def ink_of(image: Image.Image) -> Mask:
    """Return the pixels whose smallest channel is under 231."""
    return np.asarray(np.asarray(image).min(axis=2) < _INK_BELOW)


def ink_box(image: Image.Image) -> Box:
    """Return the smallest box around the ink; the whole canvas where there is none."""
    top, bottom, left, right = (int(edge) for edge in mahotas.bbox(ink_of(image)))
    return (left, top, right, bottom) if right > left else (0, 0, *image.size)


def fit(image: Image.Image) -> Image.Image:
    """Fit the ink to the canvas, 12 pixels from the nearer edges."""
    room = (SIDE - 2 * MARGIN, SIDE - 2 * MARGIN)
    fitted = ImageOps.contain(image.crop(ink_box(image)), room, Image.Resampling.LANCZOS)
    canvas = empty()
    canvas.paste(fitted, ((SIDE - fitted.width) // 2, (SIDE - fitted.height) // 2))
    return canvas


def hsv(hue: float, saturation: float, value: float) -> Color:
    """Return a color; all parts from 0 to 1."""
    red, green, blue = (rounded(255 * part) for part in colorsys.hsv_to_rgb(hue % 1, saturation, value))
    return red, green, blue


def commonest_color(image: Image.Image) -> Color:
    """Return the ink's commonest color, black where there is no ink."""
    colors, counts = np.unique(np.asarray(image)[ink_of(image)], axis=0, return_counts=True)
    if not len(colors):
        return BLACK
    red, green, blue = colors[counts.argmax()].tolist()
    return red, green, blue


def drawing_of(image: Image.Image) -> Mask:
    """Return the ink without its plate: where ink covers over 60 % of its box, what stands on its commonest color."""
    ink = ink_of(image)
    left, top, right, bottom = ink_box(image)
    if ink[top:bottom, left:right].mean() <= _PLATE_COVER:
        return ink
    distance = np.abs(np.asarray(image, np.int16) - commonest_color(image)).max(axis=2)
    inside: Mask = np.asarray(mahotas.close_holes(ink))
    drawing = inside & (distance > _PLATE_DISTANCE)
    return drawing if drawing.any() else ink


def black_on_white(mask: Mask) -> Image.Image:
    """Draw a mask."""
    return Image.fromarray(np.where(mask, 0, 255).astype(np.uint8)).convert("RGB")
