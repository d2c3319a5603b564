"""The parts of a mark: connected pieces of its drawing, such as a device, the word beside it, an element added."""

from dataclasses import dataclass

import mahotas
import numpy as np
from numpy.typing import NDArray

from services.image_search.image import Pixels
from services.image_search.views import Layer, Mask, Views, draw_view, ink_box, view_grid

MOST_PARTS = 4
_FULL_INK = 60  # of 255, in a view
_REACH = 4  # pixels of a view; strokes nearer than twice this are one piece
_LEAST_INK_SHARE = 0.06
_MOST_INK_SHARE = 0.94  # more than this is the mark itself
_LEAST_SIDE = 24  # pixels of a view
_LEAST_LETTERS = 3

Labels = NDArray[np.int32]


@dataclass(frozen=True)
class Part:
    """A piece of a mark: its drawing as a view, where its ink lies in the image, and what it is of the whole.

    `ink_share` is its part of the ink of the mark; `is_word` tells a row of what may be letters.
    """

    drawing: Pixels
    ink: Mask
    ink_share: float
    is_word: bool


def find_parts(views: Views) -> list[Part]:
    """Return the up to four largest pieces of the innermost view, largest first; a mark of one piece has no parts."""
    labels = _pieces(views.drawings[-1])
    sizes = np.bincount(labels[views.drawings[-1] > _FULL_INK], minlength=labels.max() + 1)
    total = sizes.sum()
    large = [int(n) for n in np.argsort(-sizes, kind="stable") if n and sizes[n] >= _LEAST_INK_SHARE * total]
    wanted = [n for n in large if sizes[n] <= _MOST_INK_SHARE * total and _is_wide(labels == n)][:MOST_PARTS]
    layer = views.layers[-1]
    placed = on_layer(labels, layer)
    return [_cut(layer, placed == n, float(sizes[n] / total)) for n in wanted if layer.ink[placed == n].any()]


def on_layer(labels: Labels, layer: Layer) -> Labels:
    """Bring labels of a view's pixels back to the pixels of the layer that it was drawn from; 0 outside its ink."""
    box = ink_box(layer.ink)
    rows, columns = view_grid(box)
    found = np.zeros(layer.ink.shape, np.int32)
    found[box.y : box.y + box.height, box.x : box.x + box.width] = labels[np.ix_(rows, columns)]
    return found


def _pieces(drawing: Pixels) -> Labels:
    """Number the pieces of a view; a pixel's number also covers the gap around it."""
    reached = mahotas.distance(drawing <= _FULL_INK) <= _REACH**2
    labels, _ = mahotas.label(reached)
    return np.asarray(labels, np.int32)


def _is_wide(piece: Mask) -> bool:
    return max(ink_box(piece).size) - 2 * _REACH >= _LEAST_SIDE


def _cut(layer: Layer, piece: Mask, ink_share: float) -> Part:
    cut = Layer(layer.ink & piece, layer.distance * piece, layer.ground)
    return Part(draw_view(cut), cut.ink, ink_share, _is_word(cut.ink))


def _is_word(ink: Mask) -> bool:
    """Tell a row of at least three pieces that are nearly as high as the row."""
    row = ink_box(ink)
    if row.width < 1.5 * row.height:
        return False
    labels, count = mahotas.label(ink)
    heights = [bottom - top for top, bottom, _, _ in mahotas.labeled.bbox(labels)[1 : count + 1]]
    return sum(bool(height >= 0.5 * row.height) for height in heights) >= _LEAST_LETTERS
