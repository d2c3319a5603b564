"""Imitate a mark in the sixteen ways of the benchmark `confusable-v1`.

Every random number comes from a hash, so that the same images are made on any machine. Where the recipe leaves a
choice: turning is by bicubic sampling, the word's height is its font's size, the steps of "heavy" draw as if alone.
"""

import hashlib
import io
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import mahotas
import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps

from benchmarks.imitation_canvas import (
    BLACK,
    MARGIN,
    SIDE,
    WHITE,
    Color,
    black_on_white,
    commonest_color,
    drawing_of,
    empty,
    fit,
    hsv,
    ink_box,
    ink_of,
    rounded,
    scaled,
)

_SEED: Final = "confusable-v1"
_LETTERS: Final = ("BCDFGLMNPRST", "AEIOU")
_FONT: Final = "DejaVuSans-Bold.ttf"
_SCAN_SIDE: Final = 96

Draw = Callable[[int], float]


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
    """Apply one of the `IMITATIONS`; raise OSError when the machine lacks the font DejaVu Sans Bold."""

    def draw(number: int) -> float:
        digest = hashlib.sha256(f"{_SEED}:{name}:{mark.image_id}:{number}".encode()).hexdigest()
        return int(digest[:8], 16) / 2**32

    return IMITATIONS[name](mark, draw)


def _hue(mark: SourceMark, draw: Draw) -> Image.Image:
    """Turn the hue of a colored mark; give a black one a color in proportion to its darkness."""
    values = np.asarray(mark.image.convert("HSV")).copy()
    ink = ink_of(mark.image)
    if not ink.any() or (values[..., 1][ink] > 40).mean() < 0.02:
        colored = empty()
        colored.paste(hsv(draw(0), 0.85, 0.75), (0, 0), ImageOps.invert(mark.image.convert("L")))
        return colored
    turn = rounded((60 + 240 * draw(0)) * 256 / 360)
    values[..., 0] = np.where(ink, values[..., 0].astype(int) + turn, values[..., 0]).astype(np.uint8)
    return Image.fromarray(values, "HSV").convert("RGB")


def _grey(mark: SourceMark, _draw: Draw) -> Image.Image:
    return mark.image.convert("L").convert("RGB")


def _negative(mark: SourceMark, _draw: Draw) -> Image.Image:
    return ImageOps.invert(mark.image)


def _mirror(mark: SourceMark, _draw: Draw) -> Image.Image:
    return ImageOps.mirror(mark.image)


def _rotate(mark: SourceMark, draw: Draw) -> Image.Image:
    angle = -15 + 30 * draw(0)
    if abs(angle) < 5:
        angle = math.copysign(5.0, draw(0) - 0.5)
    return fit(mark.image.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=WHITE))


def _rotate_quarter(mark: SourceMark, draw: Draw) -> Image.Image:
    return mark.image.rotate(90 if draw(0) < 0.5 else 270)


def _stretch(mark: SourceMark, draw: Draw) -> Image.Image:
    width = rounded(SIDE * (0.70 + 0.60 * draw(0)))
    return fit(mark.image.resize((width, SIDE), Image.Resampling.LANCZOS))


def _add_element(mark: SourceMark, draw: Draw) -> Image.Image:
    """Set a disc, square, triangle, star or ring at a corner of the ink."""
    image = mark.image.copy()
    half = (0.20 + 0.20 * draw(1)) * SIDE / 2
    left, top, right, bottom = ink_box(image)
    center = ((left, top), (right, top), (left, bottom), (right, bottom))[int(4 * draw(2))]
    _draw_element(ImageDraw.Draw(image), int(5 * draw(0)), center, half, commonest_color(mark.image))
    return image


def _draw_element(pen: ImageDraw.ImageDraw, kind: int, center: tuple[int, int], half: float, color: Color) -> None:
    x, y = center
    box = (x - half, y - half, x + half, y + half)
    match kind:
        case 0:
            pen.ellipse(box, color)
        case 1:
            pen.rectangle(box, color)
        case 2:
            pen.polygon(((x, y - half), (x + half, y + half), (x - half, y + half)), color)
        case 3:
            pen.polygon(_star(x, y, half), color)
        case _:
            pen.ellipse(box, None, color, max(1, rounded(half / 3)))


def _star(x: float, y: float, radius: float) -> list[tuple[float, float]]:
    """Return the ten corners of a five-point star, its inner ones where its straight sides cross."""
    inner = radius * math.sin(math.pi / 10) / math.sin(3 * math.pi / 10)
    turns = [math.pi * corner / 5 for corner in range(10)]
    reaches = [inner if corner % 2 else radius for corner in range(10)]
    return [(x + r * math.sin(turn), y - r * math.cos(turn)) for r, turn in zip(reaches, turns, strict=True)]


def _frame(mark: SourceMark, draw: Draw) -> Image.Image:
    """Set the mark in a line, or in white on a colored plate; circle or rounded square."""
    is_circle, is_line = draw(0) < 0.5, draw(1) < 0.5
    canvas = empty()
    pen = ImageDraw.Draw(canvas)
    box = (MARGIN, MARGIN, SIDE - MARGIN, SIDE - MARGIN)
    fill, outline, width = (None, BLACK, 8) if is_line else (hsv(draw(2), 0.7, 0.6), None, 1)
    if is_circle:
        pen.ellipse(box, fill, outline, width)
    else:
        pen.rounded_rectangle(box, 0.18 * (SIDE - 2 * MARGIN), fill, outline, width)
    small = scaled(mark.image, 0.62)
    place = ((SIDE - small.width) // 2, (SIDE - small.height) // 2)
    canvas.paste(small if is_line else WHITE, place, ImageOps.invert(small.convert("L")))
    return canvas


def _add_word(mark: SourceMark, draw: Draw) -> Image.Image:
    """Set the mark at the top and a made-up word under it."""
    word = "".join(_LETTERS[i % 2][int(len(_LETTERS[i % 2]) * draw(i))] for i in range(6))
    canvas = empty()
    small = scaled(mark.image, 0.68)
    canvas.paste(small, ((SIDE - small.width) // 2, 0))
    font = ImageFont.truetype(_FONT, rounded(0.18 * SIDE))
    ImageDraw.Draw(canvas).text((SIDE / 2, (SIDE + small.height) / 2), word, BLACK, font, anchor="mm")
    return canvas


def _outline(mark: SourceMark, _draw: Draw) -> Image.Image:
    disc = mahotas.disk(3)
    mask = drawing_of(mark.image)
    return black_on_white(mahotas.dilate(mask, disc) & ~mahotas.erode(mask, disc))


def _fill(mark: SourceMark, _draw: Draw) -> Image.Image:
    return black_on_white(mahotas.close_holes(mahotas.close(ink_of(mark.image), mahotas.disk(2))))


def _half_removed(mark: SourceMark, draw: Draw) -> Image.Image:
    left, top, right, bottom = ink_box(mark.image)
    across, down = rounded(0.3 * (right - left)), rounded(0.3 * (bottom - top))
    bands = (
        (left, top, left + across, bottom),
        (right - across, top, right, bottom),
        (left, top, right, top + down),
        (left, bottom - down, right, bottom),
    )
    image = mark.image.copy()
    image.paste(WHITE, bands[int(4 * draw(0))])
    return image


def _embedded(mark: SourceMark, draw: Draw) -> Image.Image:
    """Set the mark small in one quarter of a label, another brand's mark in the opposite one."""
    quarter = int(4 * draw(0))
    canvas = empty()
    for image, place in ((mark.image, quarter), (mark.other, 3 - quarter)):
        small = scaled(image, 0.45)
        gap = (SIDE // 2 - small.width) // 2
        canvas.paste(small, (place % 2 * SIDE // 2 + gap, place // 2 * SIDE // 2 + gap))
    for top in (0, SIDE - 10):
        canvas.paste(hsv(draw(1), 0.5, 0.7), (0, top, SIDE, top + 10))
    return canvas


def _scan(mark: SourceMark, draw: Draw) -> Image.Image:
    """Turn a little, lose detail and contrast, add grain, store as a poor JPEG."""
    turned = mark.image.rotate(-2 + 4 * draw(0), Image.Resampling.BICUBIC, fillcolor=WHITE)
    small = turned.resize((_SCAN_SIDE, _SCAN_SIDE), Image.Resampling.BILINEAR)
    coarse = small.resize((SIDE, SIDE), Image.Resampling.BILINEAR).filter(ImageFilter.GaussianBlur(0.8))
    draws = np.array([draw(100 + number) for number in range(SIDE * SIDE // 16)])
    grain = 24 * (np.repeat(draws, 16).reshape(SIDE, SIDE, 1) - 0.5)
    values = np.floor(np.asarray(coarse) * 0.92 + 12 + grain + 0.5).clip(0, 255)
    stream = io.BytesIO()
    Image.fromarray(values.astype(np.uint8)).save(stream, "JPEG", quality=25 + int(20 * draw(1)), subsampling="4:2:0")
    return Image.open(stream).convert("RGB")


def _heavy(mark: SourceMark, _draw: Draw) -> Image.Image:
    for name in ("hue", "rotate", "add_element", "scan"):
        mark = replace(mark, image=imitate(name, mark))
    return mark.image


IMITATIONS: Final[Mapping[str, Callable[[SourceMark, Draw], Image.Image]]] = {
    "hue": _hue,
    "grey": _grey,
    "negative": _negative,
    "mirror": _mirror,
    "rotate": _rotate,
    "rotate90": _rotate_quarter,
    "stretch": _stretch,
    "add_element": _add_element,
    "frame": _frame,
    "word_added": _add_word,
    "outline": _outline,
    "fill": _fill,
    "half_removed": _half_removed,
    "embedded": _embedded,
    "scan": _scan,
    "heavy": _heavy,
}
