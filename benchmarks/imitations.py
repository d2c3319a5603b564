"""Imitate a mark in the ways of the benchmark `confusable-v1`, as far as its recipe needs no font and no masks.

Every random number comes from a hash, so that the same images are made on any machine.
"""

import colorsys
import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageOps

_SEED = "confusable-v1"
_SIDE = 256
_MARGIN = 12
_INK_BELOW = 231

Draw = Callable[[int], float]
WHITE = (255, 255, 255)


@dataclass(frozen=True)
class SourceMark:
    """A mark to be imitated: 256 x 256 pixels, RGB on white; `other` is a mark of another brand to set beside it."""

    image_id: str
    image: Image.Image
    other: Image.Image


def quick_order(image_id: str) -> str:
    """Return the key by which the recipe picks the sources of a quick run."""
    return hashlib.sha256(f"{_SEED}:quick:{image_id}".encode()).hexdigest()


def background_order(image_id: str) -> str:
    """Return the key by which the recipe picks the mark that stands beside an embedded one."""
    return hashlib.sha256(f"{_SEED}:bg:{image_id}".encode()).hexdigest()


def imitate(name: str, mark: SourceMark) -> Image.Image:
    """Apply one of the `IMITATIONS`."""

    def draw(number: int) -> float:
        digest = hashlib.sha256(f"{_SEED}:{name}:{mark.image_id}:{number}".encode()).hexdigest()
        return int(digest[:8], 16) / 2**32

    return IMITATIONS[name](mark, draw)


def _negative(mark: SourceMark, _draw: Draw) -> Image.Image:
    return ImageOps.invert(mark.image)


def _grey(mark: SourceMark, _draw: Draw) -> Image.Image:
    return mark.image.convert("L").convert("RGB")


def _mirror(mark: SourceMark, _draw: Draw) -> Image.Image:
    return ImageOps.mirror(mark.image)


def _rotate(mark: SourceMark, draw: Draw) -> Image.Image:
    angle = -15 + 30 * draw(0)
    if abs(angle) < 5:
        angle = 5.0 if draw(0) >= 0.5 else -5.0
    return _fit(mark.image.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=WHITE))


def _rotate_quarter(mark: SourceMark, draw: Draw) -> Image.Image:
    return mark.image.rotate(90 if draw(0) < 0.5 else 270)


def _stretch(mark: SourceMark, draw: Draw) -> Image.Image:
    width = round(_SIDE * (0.70 + 0.60 * draw(0)))
    return _fit(mark.image.resize((width, _SIDE), Image.Resampling.LANCZOS))


def _half_removed(mark: SourceMark, draw: Draw) -> Image.Image:
    left, top, right, bottom = _ink_box(mark.image)
    across, down = round(0.3 * (right - left)), round(0.3 * (bottom - top))
    bands = (
        (left, top, left + across, bottom),
        (right - across, top, right, bottom),
        (left, top, right, top + down),
        (left, bottom - down, right, bottom),
    )
    image = mark.image.copy()
    image.paste(WHITE, bands[int(4 * draw(0))])
    return image


def _frame(mark: SourceMark, draw: Draw) -> Image.Image:
    """Set the mark in a line, or in white on a colored plate; circle or rounded square."""
    is_circle, is_line = draw(0) < 0.5, draw(1) < 0.5
    color = _hsv(draw(2), 0.7, 0.6)
    canvas = Image.new("RGB", (_SIDE, _SIDE), WHITE)
    pen = ImageDraw.Draw(canvas)
    box = (_MARGIN, _MARGIN, _SIDE - _MARGIN, _SIDE - _MARGIN)
    fill, outline, width = (None, (0, 0, 0), 8) if is_line else (color, None, 1)
    if is_circle:
        pen.ellipse(box, fill, outline, width)
    else:
        pen.rounded_rectangle(box, 0.18 * (_SIDE - 2 * _MARGIN), fill, outline, width)
    side = round(0.62 * _SIDE)
    small = mark.image.resize((side, side), Image.Resampling.LANCZOS)
    cover = ImageOps.invert(small.convert("L"))
    canvas.paste(small if is_line else WHITE, _centered(side), cover)
    return canvas


def _embedded(mark: SourceMark, draw: Draw) -> Image.Image:
    """Set the mark small in one quarter of a label, another brand's mark in the opposite one."""
    side = round(0.45 * _SIDE)
    quarter = int(4 * draw(0))
    canvas = Image.new("RGB", (_SIDE, _SIDE), WHITE)
    for image, place in ((mark.image, quarter), (mark.other, 3 - quarter)):
        small = image.resize((side, side), Image.Resampling.LANCZOS)
        canvas.paste(small, (place % 2 * _SIDE // 2 + 6, place // 2 * _SIDE // 2 + 6))
    for top in (0, _SIDE - 10):
        canvas.paste(_hsv(draw(1), 0.5, 0.7), (0, top, _SIDE, top + 10))
    return canvas


def _hue(mark: SourceMark, draw: Draw) -> Image.Image:
    """Turn the hue of a colored mark; give a black one a color in proportion to its darkness."""
    values = np.asarray(mark.image.convert("HSV")).copy()
    ink = _ink(mark.image)
    if (values[..., 1][ink] > 40).mean() < 0.02:
        cover = ImageOps.invert(mark.image.convert("L"))
        colored = Image.new("RGB", mark.image.size, WHITE)
        colored.paste(_hsv(draw(0), 0.85, 0.75), (0, 0), cover)
        return colored
    turn = round((60 + 240 * draw(0)) * 256 / 360)
    values[..., 0] = np.where(ink, values[..., 0].astype(int) + turn, values[..., 0]).astype(np.uint8)
    return Image.fromarray(values, "HSV").convert("RGB")


IMITATIONS: dict[str, Callable[[SourceMark, Draw], Image.Image]] = {
    "hue": _hue,
    "grey": _grey,
    "negative": _negative,
    "mirror": _mirror,
    "rotate": _rotate,
    "rotate90": _rotate_quarter,
    "stretch": _stretch,
    "frame": _frame,
    "half_removed": _half_removed,
    "embedded": _embedded,
}


def _ink(image: Image.Image) -> NDArray[np.bool_]:
    return np.asarray(np.asarray(image).min(axis=2) < _INK_BELOW)


def _ink_box(image: Image.Image) -> tuple[int, int, int, int]:
    ink = _ink(image)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _fit(image: Image.Image) -> Image.Image:
    """Fit the ink to the canvas, 12 pixels from the nearer edges."""
    cut = image.crop(_ink_box(image))
    fitted = ImageOps.contain(cut, (_SIDE - 2 * _MARGIN, _SIDE - 2 * _MARGIN), Image.Resampling.LANCZOS)
    canvas = Image.new("RGB", (_SIDE, _SIDE), WHITE)
    canvas.paste(fitted, ((_SIDE - fitted.width) // 2, (_SIDE - fitted.height) // 2))
    return canvas


def _centered(side: int) -> tuple[int, int]:
    return (_SIDE - side) // 2, (_SIDE - side) // 2


def _hsv(hue: float, saturation: float, value: float) -> tuple[int, int, int]:
    red, green, blue = (round(255 * part) for part in colorsys.hsv_to_rgb(hue, saturation, value))
    return red, green, blue
