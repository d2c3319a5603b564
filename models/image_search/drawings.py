"""The views of the marks that may be trained on, with the brand of each."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from models.image_search.logos import Logo, LogoSet
from services.image_search.colors import describe_colors
from services.image_search.descriptors import Vector
from services.image_search.image import decode_image
from services.image_search.views import make_views

Pixels = NDArray[np.uint8]
Vectors = NDArray[np.float32]
Pair = tuple[int, int]


@dataclass(frozen=True)
class Drawing:
    """One image of a mark: its one or two views, each 128 x 128 with ink at 255."""

    image_id: str
    brand: str
    views: tuple[Pixels, ...]


def read_drawings(logos: LogoSet) -> list[Drawing]:
    """Read the images of the logo benchmark that may be trained on, in the order of the archive."""
    return [draw(image_id, logos.logos[image_id].brand, data) for image_id, data in _images(logos, "Reading logos")]


def read_colors(logos: LogoSet) -> Vectors:
    """Describe the colors of the same images where they are in color, a row each."""
    images = _images(logos, "Reading colors")
    return np.stack([_colors(data) for image_id, data in images if logos.logos[image_id].is_colored])


def draw(image_id: str, brand: str, data: bytes) -> Drawing:
    """Make the views of one image; raise InvalidInputError where it is blank or cannot be read."""
    return Drawing(image_id, brand, tuple(make_views(decode_image(data).pixels).drawings))


def related(logos: LogoSet, drawings: Sequence[Drawing]) -> Mapping[Pair, str]:
    """Return each two drawings of one mark by different hands, as places in `drawings`, and how near they are."""
    places = {drawing.image_id: place for place, drawing in enumerate(drawings)}
    return {
        (places[query], places[other.image_id]): other.level
        for query, others in logos.relevant.items()
        for other in others
        if query < other.image_id and query in places and other.image_id in places
    }


def view_pairs(drawings: Sequence[Drawing], pairs: Iterable[Pair]) -> list[list[Pair]]:
    """Return, for each pair of drawings, all pairings of their views, as places in the row of all views."""
    starts = first_views(drawings).tolist()
    views = [range(first, end) for first, end in pairwise(starts)]
    return [list(product(views[one], views[two])) for one, two in pairs]


def first_views(drawings: Sequence[Drawing]) -> NDArray[np.int64]:
    """Return where each drawing's views begin when all views are put in one row, and at last how many there are."""
    return np.concatenate([[0], np.cumsum([len(drawing.views) for drawing in drawings])])


def _images(logos: LogoSet, doing: str) -> Iterator[tuple[str, bytes]]:
    """Give the images that may be trained on, in the order of the archive."""
    every = track(logos.images(), doing, total=len(logos.logos))
    return ((image_id, data) for image_id, data in every if _may_train(logos.logos[image_id]))


def _colors(data: bytes) -> Vector:
    pixels = decode_image(data).pixels
    return describe_colors(pixels, make_views(pixels).ink)


def _may_train(logo: Logo) -> bool:
    return logo.may_train and not logo.is_validation
