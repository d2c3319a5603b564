"""What writes and draws on the pages of a PDF, one line at a time, in every script that a font is there for."""

import io
from dataclasses import dataclass
from typing import Final

from fpdf import FPDF
from fpdf.enums import MethodReturnValue, TextMode

from services.image_search.report.contents import Picture
from services.image_search.report.fonts import FAMILY, add_fonts, needs_shaping, printable

Color = tuple[int, int, int]
INK: Final[Color] = (28, 30, 34)
GREY: Final[Color] = (96, 100, 108)
ACCENT: Final[Color] = (24, 86, 140)
_RULE: Final[Color] = (205, 208, 214)

_POINTS_TO_MM: Final = 0.3528
_LEADING: Final = 1.32
_THICKNESS: Final = 1 / 150  # of the outline of thick letters, in mm a point


@dataclass(frozen=True)
class Style:
    """How a text looks: size in points, color, and whether it is thick."""

    size: float
    color: Color = INK
    is_thick: bool = False

    @property
    def height(self) -> float:
        """Return the height of a line in mm."""
        return self.size * _POINTS_TO_MM * _LEADING


class Pen(FPDF):
    """Pages of A4 on which the caller chooses every place; all measures are in mm."""

    def __init__(self) -> None:
        super().__init__(format="A4")
        self.misses_signs = False
        add_fonts(self)
        self.set_font(FAMILY)
        self.c_margin = 0
        self.set_auto_page_break(False)

    def break_text(self, text: str, style: Style, width: float, most: int | None = None) -> list[str]:
        """Break a text into lines of a width, at most so many; signs that no font has are replaced."""
        shown = printable(text)
        self.misses_signs = self.misses_signs or shown != text
        self.set_text_shaping(needs_shaping(shown))
        self.set_font_size(style.size)
        lines = self.multi_cell(width, style.height, shown, align="L", dry_run=True, output=MethodReturnValue.LINES)
        assert isinstance(lines, list)
        return lines if most is None or len(lines) <= most else [*lines[: most - 1], "…"]

    def put_line(self, text: str, style: Style, x: float, y: float) -> None:
        """Write one line from a place to the right."""
        self._put(text, style, x, y)

    def put_line_before(self, text: str, style: Style, x: float, y: float) -> None:
        """Write one line that ends at a place."""
        width = min(x, 80)
        self._put(text, style, x - width, y, width, "R")

    def put_lines(self, lines: list[str], style: Style, x: float, y: float) -> float:
        """Write lines one below the other; return where the next would stand."""
        for line in lines:
            self._put(line, style, x, y)
            y += style.height
        return y

    def put_rule(self, x: float, y: float, width: float) -> None:
        """Draw a thin line across."""
        self.set_draw_color(*_RULE)
        self.set_line_width(0.2)
        self.line(x, y, x + width, y)

    def put_picture(self, picture: Picture | None, x: float, y: float, side: float) -> None:
        """Draw a picture in the middle of a square, or the square alone; the part searched by is framed."""
        if picture is not None:
            drawn = picture.preview
            inner = side - 2
            scale = min(inner / drawn.width, inner / drawn.height)
            left, top = x + (side - scale * drawn.width) / 2, y + (side - scale * drawn.height) / 2
            self.image(io.BytesIO(drawn.data), left, top, scale * drawn.width, scale * drawn.height)
            if picture.box is not None:
                box = picture.box
                self.set_draw_color(*ACCENT)
                self.set_line_width(0.6)
                self.rect(left + scale * box.x, top + scale * box.y, scale * box.width, scale * box.height)
        self.set_draw_color(*_RULE)
        self.set_line_width(0.2)
        self.rect(x, y, side, side)

    def put_color(self, color: str, x: float, y: float, side: float) -> None:
        """Fill a square with a color, `#rrggbb`."""
        self.set_draw_color(*_RULE)
        self.set_line_width(0.2)
        self.set_fill_color(*bytes.fromhex(color[1:]))
        self.rect(x, y, side, side, "DF")

    def _put(self, text: str, style: Style, x: float, y: float, width: float | None = None, align: str = "L") -> None:
        if not text:
            return
        self.set_text_shaping(needs_shaping(text))
        self.set_font_size(style.size)
        self.set_text_color(*style.color)
        self.set_draw_color(*style.color)
        self.set_line_width(style.size * _THICKNESS)
        self.text_mode = TextMode.FILL_STROKE if style.is_thick else TextMode.FILL
        self.set_xy(x, y)
        self.cell(width, style.height, text, align=align)
