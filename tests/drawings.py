"""Small mark images, drawn where they are needed instead of kept as files."""

import io
from typing import Any

from PIL import Image, ImageDraw, ImageFont

SIDE = 200


def draw_mark(shape: str, ink: Any = "black", ground: Any = "white", mode: str = "RGB") -> Image.Image:
    """Draw one of a few simple marks: "disc", "cross", "triangle", "stairs"."""
    image = Image.new(mode, (SIDE, SIDE), ground)
    pen = ImageDraw.Draw(image)
    if shape == "disc":
        pen.ellipse((60, 40, 140, 160), ink)
    elif shape == "cross":
        pen.rectangle((85, 30, 115, 170), ink)
        pen.rectangle((30, 85, 170, 115), ink)
    elif shape == "triangle":
        pen.polygon(((100, 30), (170, 165), (30, 165)), ink)
    else:
        for step in range(4):
            pen.rectangle((30 + 35 * step, 135 - 35 * step, 60 + 35 * step, 165), ink)
    return image


def encode(image: Image.Image, format: str = "PNG", **options: Any) -> bytes:
    """Return an image as file content."""
    stream = io.BytesIO()
    image.save(stream, format, **options)
    return stream.getvalue()


def draw_word(word: str) -> Image.Image:
    """Draw a mark that is a word alone."""
    image = Image.new("RGB", (80 + 40 * len(word), 120), "white")
    ImageDraw.Draw(image).text((40, 30), word, "black", ImageFont.load_default(56))
    return image
