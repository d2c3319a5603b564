"""Draw a mark image and the marks found for it side by side, as one picture to look at or to file."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont, ImageOps

_CELL = 220
_IMAGE = 180
_LABEL_HEIGHT = 56
_COLUMNS = 5
_MARGIN = 16
_FONT_SIZE = 15
_GAP = 8


@dataclass(frozen=True)
class Panel:
    """One picture with up to two lines under it; `image` is an encoded image file."""

    image: bytes
    name: str
    note: str


def contact_sheet(panels: Sequence[Panel]) -> Image.Image:
    """Return a picture of all panels in rows of five, each image fitted on white; the first has a heavier frame."""
    rows = -(-len(panels) // _COLUMNS)
    width = _COLUMNS * _CELL + 2 * _MARGIN
    sheet = Image.new("RGB", (width, rows * (_CELL + _LABEL_HEIGHT) + 2 * _MARGIN), "white")
    for place, panel in enumerate(panels):
        row, column = divmod(place, _COLUMNS)
        corner = (_MARGIN + column * _CELL, _MARGIN + row * (_CELL + _LABEL_HEIGHT))
        _draw_panel(sheet, panel, corner, frame=3 if place == 0 else 1)
    return sheet


def _draw_panel(sheet: Image.Image, panel: Panel, corner: tuple[int, int], frame: int) -> None:
    left, top = corner
    inset = (_CELL - _IMAGE) // 2
    sheet.paste(_fitted(panel.image), (left + inset, top + inset))
    draw = ImageDraw.Draw(sheet)
    box = (left + inset // 2, top + inset // 2, left + _CELL - inset // 2, top + _CELL - inset // 2)
    draw.rectangle(box, outline="black" if frame > 1 else "#bbbbbb", width=frame)
    for line, text in enumerate((panel.name, panel.note)):
        _write(draw, text, (left + _CELL // 2, top + _CELL + line * (_FONT_SIZE + 6)))


def _fitted(encoded: bytes) -> Image.Image:
    with Image.open(io.BytesIO(encoded)) as opened:
        image = opened.convert("RGBA")
    white = Image.new("RGBA", image.size, "white")
    flat = Image.alpha_composite(white, image).convert("RGB")
    return ImageOps.pad(flat, (_IMAGE, _IMAGE), color="white")


def _write(draw: ImageDraw.ImageDraw, text: str, middle_top: tuple[int, int]) -> None:
    font = ImageFont.load_default(_FONT_SIZE)
    shortened = (f"{text[:end].rstrip()}…" for end in range(len(text) - 1, -1, -1))
    fitting = (line for line in (text, *shortened) if draw.textlength(line, font) <= _CELL - _GAP)
    draw.text(middle_top, next(fitting), fill="black", font=font, anchor="ma")
