"""What the concept encoder sees of a mark, whole and within its tile or frame: in color, and its ink dark on white."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from services.image_search.views import VIEW_SIDE, Layer, Views, ink_box, make_views

_MARGIN = 6
_WHITE = 255

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class ConceptViews:
    """`colored` is 128 x 128 x 3, cut to the ink; `inked` is 128 x 128 with full ink at 255."""

    colored: Pixels
    inked: Pixels

    def for_network(self) -> Pixels:
        """Return both as RGB: 2 x 128 x 128 x 3, the ink dark on white."""
        paper = np.repeat(_WHITE - self.inked[..., None], 3, axis=2)
        return np.stack([self.colored, paper])


def make_concept_views(pixels: Pixels) -> list[ConceptViews]:
    """See an RGB image; raise InvalidInputError with code `blank-image` when nothing stands out."""
    return concept_views_of(pixels, make_views(pixels))


def concept_views_of(pixels: Pixels, views: Views) -> list[ConceptViews]:
    """See an image whose views have been made already: the whole, then what its tile or frame holds where it has one.

    Which of the two a mark means cannot be told: an apple in a ring is an apple, hands in a ring are a clock.
    """
    return [
        ConceptViews(_cut_out(pixels, layer), drawing)
        for layer, drawing in zip(views.layers, views.drawings, strict=True)
    ]


def _cut_out(pixels: Pixels, layer: Layer) -> Pixels:
    """Cut the ink's box out of the image and fit it, ratio kept, into a view of the ground's color."""
    box = ink_box(layer.ink)
    rows, columns = slice(box.y, box.y + box.height), slice(box.x, box.x + box.width)
    is_drawn = layer.distance[rows, columns, None] > 0  # the corners of the box may lie outside the tile
    cut = np.where(is_drawn, pixels[rows, columns], layer.ground)
    scale = (VIEW_SIDE - 2 * _MARGIN) / max(box.size)
    width, height = (max(1, round(side * scale)) for side in box.size)
    resample = Image.Resampling.BOX if scale < 1 else Image.Resampling.BILINEAR
    fitted = Image.fromarray(cut).resize((width, height), resample)
    red, green, blue = (int(channel) for channel in layer.ground)
    view = Image.new("RGB", (VIEW_SIDE, VIEW_SIDE), (red, green, blue))
    view.paste(fitted, ((VIEW_SIDE - width) // 2, (VIEW_SIDE - height) // 2))
    return np.asarray(view)
