"""How a mark looks, in numbers: a row for each of its views and parts, with the place where each lies in the image."""

from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from services.image_search.colors import describe_colors
from services.image_search.embedding import MarkEmbedder
from services.image_search.image import Box, MarkImage, Pixels
from services.image_search.parts import find_parts
from services.image_search.views import Views, ink_box, make_views

VERSION = 3  # of what `to_vectors` writes
MOST_VIEWS = 2

Rows = NDArray[np.float32]
Vector = NDArray[np.float32]
Vectors = NDArray[np.float16]
Places = NDArray[np.void]  # of PLACE, one a row

PLACE = np.dtype(
    [("role", "u1"), ("x", "<i4"), ("y", "<i4"), ("width", "<i4"), ("height", "<i4"), ("ink_share", "<f4")]
)


class Role(IntEnum):
    """What a row describes."""

    WHOLE = 0
    PEELED = 1  # the mark without its tile or frame
    DEVICE = 2  # a part that is no word
    WORD = 3


@dataclass(frozen=True)
class Portrait:
    """A mark's rows: the whole first, then what is left without a tile or frame, then parts, largest first.

    `shape` is n x shape_dims, `color` the whole's color_dims, each of unit length; `places` says where each row's
    subject lies, in pixels of the upright image. A palette has a color alone: no row of shape, and no place.
    `concept` is what the whole shows, a row of unit length, None where no concept encoder has described it.
    """

    shape: Rows
    color: Vector
    places: Places
    concept: Vector | None = None

    @cached_property
    def views(self) -> int:
        """Return how many of the rows show the whole mark."""
        return count_views(self.places)

    def box(self, row: int) -> Box:
        """Return where a row's subject lies."""
        place = self.places[row]
        return Box(*(int(place[name]) for name in ("x", "y", "width", "height")))

    def to_vectors(self) -> Vectors:
        """Return one array for the register, of all but the concept.

        The bytes of a place are kept as numbers, exact in half precision too.
        """
        rows = len(self.places)
        places = self.places.view(np.uint8).reshape(rows, -1)
        return np.hstack([self.shape, np.tile(self.color, (rows, 1)), places]).astype(np.float16)

    @classmethod
    def from_vectors(cls, vectors: Vectors, shape_dims: int, concept: Vectors | None = None) -> Self:
        """Read what `to_vectors` returned, and the row (1 x concept dims) of what the mark shows."""
        shape, color, places = np.split(vectors, [shape_dims, vectors.shape[1] - PLACE.itemsize], axis=1)
        read = np.ascontiguousarray(places.astype(np.uint8)).view(PLACE)[:, 0]
        shown = None if concept is None else concept[0].astype(np.float32)
        return cls(shape.astype(np.float32), color[0].astype(np.float32), read, shown)


@dataclass(frozen=True)
class Sketch:
    """What of an image is to be described: the drawings of its views and parts, where each lies, and its colors.

    `colors` are as `describe_colors` tells them, not shortened yet. `views` are what all of it was taken from.
    """

    drawings: list[Pixels]
    colors: Vector
    places: Places
    views: Views


def sketch(image: MarkImage) -> Sketch:
    """Find the views and the parts of a mark; raise InvalidInputError with code `blank-image` when nothing is drawn."""
    views = make_views(image.pixels)
    parts = find_parts(views)
    roles = [Role.WHOLE, Role.PEELED][: len(views.layers)] + [Role.WORD if p.is_word else Role.DEVICE for p in parts]
    inks = [*(layer.ink for layer in views.layers), *(part.ink for part in parts)]
    shares = [1.0] * len(views.layers) + [part.ink_share for part in parts]
    boxes = [image.on_image(ink_box(ink)) for ink in inks]
    drawings = [*views.drawings, *(part.drawing for part in parts)]
    return Sketch(drawings, describe_colors(image.pixels, views.ink), _places(roles, boxes, shares), views)


def portray(embedder: MarkEmbedder, drawn: Sketch) -> Portrait:
    """Describe how a mark looks, with its parts."""
    return Portrait(embedder.describe_shapes(drawn.drawings), embedder.shorten_colors(drawn.colors), drawn.places)


def count_views(places: Places) -> int:
    """Return how many of the rows show the whole mark."""
    return int((places["role"] <= Role.PEELED).sum())


def _places(roles: list[Role], boxes: list[Box], shares: list[float]) -> Places:
    rows = [
        (role, box.x, box.y, box.width, box.height, share)
        for role, box, share in zip(roles, boxes, shares, strict=True)
    ]
    return np.array(rows, PLACE)
