"""What the concept encoder sees of a mark: its drawing in color on its ground, and its ink alone, dark on white."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from services.image_search.views import VIEW_SIDE, Views, make_views

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


def make_concept_views(pixels: Pixels) -> ConceptViews:
    """See an RGB image; raise InvalidInputError with code `blank-image` when nothing stands out."""
    return concept_views_of(pixels, make_views(pixels))


def concept_views_of(pixels: Pixels, views: Views) -> ConceptViews:
    """See an image whose views have been made already."""
    return ConceptViews(_cut_out(pixels, views.ink), views.whole)


def _cut_out(pixels: Pixels, ink: NDArray[np.bool_]) -> Pixels:
    """Cut the ink's box out of the image and fit it, ratio kept, into a view of the ground's color."""
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    cut = pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    room = VIEW_SIDE - 2 * _MARGIN
    scale = room / max(cut.shape[:2])
    height, width = (max(1, round(side * scale)) for side in cut.shape[:2])
    resample = Image.Resampling.BOX if scale < 1 else Image.Resampling.BILINEAR
    fitted = Image.fromarray(np.ascontiguousarray(cut)).resize((width, height), resample)
    view = Image.new("RGB", (VIEW_SIDE, VIEW_SIDE), _ground(pixels, ink))
    view.paste(fitted, ((VIEW_SIDE - width) // 2, (VIEW_SIDE - height) // 2))
    return np.asarray(view)


def _ground(pixels: Pixels, ink: NDArray[np.bool_]) -> tuple[int, int, int]:
    """Return the median color of what is not ink; white where all is ink."""
    ground = pixels[~ink]
    if not len(ground):
        return (_WHITE, _WHITE, _WHITE)
    red, green, blue = (int(channel) for channel in np.median(ground, axis=0))
    return red, green, blue
