"""Drawings put into frames and tiles, as marks often are: what is found by them when they are seen within it."""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from services.image_search.concept_views import ConceptViews
from services.image_search.image import WORKING_SIDE_PIXELS
from services.image_search.views import VIEW_SIDE

_PLACE: Final = ((WORKING_SIDE_PIXELS - VIEW_SIDE) // 2,) * 2
_RING: Final = (12, 12, 243, 243)
_SQUARE: Final = (24, 24, 231, 231)
_ROUNDING: Final = 28
_TILE_COLOR: Final = (30, 70, 120)

Pixels = NDArray[np.uint8]


def _in_a_ring(drawing: ConceptViews) -> Pixels:
    paper = _paper()
    ImageDraw.Draw(paper).ellipse(_RING, outline="black", width=8)
    return _with(paper, drawing)


def _in_a_square(drawing: ConceptViews) -> Pixels:
    paper = _paper()
    ImageDraw.Draw(paper).rounded_rectangle(_SQUARE, _ROUNDING, outline="black", width=7)
    return _with(paper, drawing)


def _light_on_a_tile(drawing: ConceptViews) -> Pixels:
    paper = _paper()
    ImageDraw.Draw(paper).rounded_rectangle(_SQUARE, _ROUNDING, fill=_TILE_COLOR)
    paper.paste("white", _PLACE, Image.fromarray(drawing.inked))
    return np.asarray(paper)


FRAMES: Final[Mapping[str, Callable[[ConceptViews], Pixels]]] = {
    "in a ring": _in_a_ring,
    "in a rounded square": _in_a_square,
    "light on a dark tile": _light_on_a_tile,
}


def _paper() -> Image.Image:
    return Image.new("RGB", (WORKING_SIDE_PIXELS, WORKING_SIDE_PIXELS), "white")


def _with(paper: Image.Image, drawing: ConceptViews) -> Pixels:
    paper.paste(Image.fromarray(drawing.colored), _PLACE)
    return np.asarray(paper)
