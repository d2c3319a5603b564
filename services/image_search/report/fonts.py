"""The fonts of a report on paper: Noto Sans for the scripts of most offices, from an installed package."""

import logging
from functools import cache
from pathlib import Path
from typing import Final

import manimgx_fonts
from fontTools.ttLib import TTFont
from fpdf import FPDF

FAMILY: Final = "noto"
MISSING: Final = "\ufffd"

_FOLDER: Final = Path(manimgx_fonts.__file__).parent
_MAIN: Final = _FOLDER / "NotoSans[wght].ttf"
_OTHERS: Final = sorted(each for each in _FOLDER.glob("Noto*.ttf") if each != _MAIN and "Italic" not in each.name)

# Below stand the scripts whose letters neither join nor turn: Latin, Greek, Cyrillic.
_FIRST_TO_SHAPE: Final = 0x0530
_PLAIN_AGAIN: Final = range(0x1E00, 0x2E80)
_MARKS_ABOVE: Final = range(0x0300, 0x0370)

# They quote what they are to draw.
for _name in ("fpdf", "fontTools"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)


def add_fonts(pdf: FPDF) -> None:
    """Make the fonts known; what the first has no glyph for is looked for in the others."""
    pdf.add_font(FAMILY, "", _MAIN)
    for file in _OTHERS:
        pdf.add_font(file.stem, "", file)
    pdf.set_fallback_fonts([file.stem for file in _OTHERS], exact_match=False)


def printable(text: str) -> str:
    """Put the sign for what is missing in the place of every sign that no font has."""
    covered = _covered()
    return "".join(sign if ord(sign) in covered else MISSING for sign in text)


def needs_shaping(text: str) -> bool:
    """Tell whether a text has letters that join, change places or run from right to left."""
    return any(
        code in _MARKS_ABOVE or (code >= _FIRST_TO_SHAPE and code not in _PLAIN_AGAIN and code != ord(MISSING))
        for code in map(ord, text)
    )


@cache
def _covered() -> frozenset[int]:
    covered: set[int] = set()
    for file in (_MAIN, *_OTHERS):
        with TTFont(file, lazy=True) as font:
            covered.update(font.getBestCmap())
    return frozenset(covered)
