"""What of a mark image is ink: the ground taken away, the mark cut out, and a tile or frame around it peeled off.

After this step dark on light and light on dark, any color, any margin and any plate look the same, so that the
descriptors see the drawing only. The bounds are in pixels of an image whose longer side has 256; they were tuned on
pairs of real marks drawn by different hands (see the card of the mark embedder).
"""

from dataclasses import dataclass

import mahotas
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from examkit.errors import InvalidInputError
from services.image_search.image import Box, Pixels

VIEW_SIDE = 128
_VIEW_MARGIN = 6
_BORDER = 3
_INK_DISTANCE = 28
_PLATE_DISTANCE = 48
_PLATE_SIDE = 60
_MAX_PEELS = 2
_CLOSING = mahotas.disk(3)
_EIGHT_NEIGHBOURS = np.ones((3, 3), bool)

Mask = NDArray[np.bool_]
Distances = NDArray[np.uint8]  # 0..255, from the ground color


@dataclass(frozen=True)
class Layer:
    """Ink on a ground: its mask, every pixel's distance from that ground, and the ground's color.

    What lies outside the ground, where it is a plate, is at distance 0.
    """

    ink: Mask
    distance: Distances
    ground: Pixels


@dataclass(frozen=True)
class Views:
    """The normalised drawings of one mark, each 128 x 128 with full ink at 255, and where its ink lies.

    `whole` is the mark as it stands; `peeled` is what remains without its tile or frame, None when it has none.
    `ink` marks the mark's pixels in the image itself. `layers` are what the views were drawn from.
    """

    whole: Pixels
    peeled: Pixels | None
    ink: Mask
    layers: tuple[Layer, ...]

    @property
    def drawings(self) -> list[Pixels]:
        """Return the one or two views."""
        return [self.whole] if self.peeled is None else [self.whole, self.peeled]


def make_views(pixels: Pixels) -> Views:
    """Find the mark in an RGB image; raise InvalidInputError with code `blank-image` when nothing stands out."""
    ground = _ground_color(pixels)
    distance = _distance_from(pixels, ground)
    ink = _opened(distance > _INK_DISTANCE)
    if not ink.any():
        raise InvalidInputError("The image shows nothing but its background.", code="blank-image")
    layer = Layer(ink, distance, ground)
    peeled = _peel_all(pixels, layer)
    if peeled is None:
        return Views(draw_view(layer), None, ink, (layer,))
    return Views(draw_view(layer), draw_view(peeled), ink, (layer, peeled))


def _ground_color(pixels: Pixels) -> Pixels:
    """Return the median of the commonest of 16 x 16 x 16 colors along the border."""
    edges = (pixels[:_BORDER], pixels[-_BORDER:], pixels[:, :_BORDER], pixels[:, -_BORDER:])
    border = np.concatenate([edge.reshape(-1, 3) for edge in edges])
    levels = (border >> 4).astype(np.int32) @ np.array([256, 16, 1])
    return _median_color(border[levels == np.bincount(levels).argmax()])


def _median_color(colors: Pixels) -> Pixels:
    return np.asarray(np.round(np.median(colors, axis=0)), np.uint8)


def _distance_from(pixels: Pixels, color: Pixels) -> Distances:
    """Return the greatest difference over the three channels."""
    difference = np.maximum(pixels, color) - np.minimum(pixels, color)
    greatest = np.maximum(np.maximum(difference[..., 0], difference[..., 1]), difference[..., 2])
    return np.asarray(greatest, np.uint8)


def _opened(mask: Mask) -> Mask:
    """Keep what 2 x 2 squares cover; keep the mask as it is where nothing would be left (a drawing in hair lines)."""
    squares = mask[:-1, :-1] & mask[1:, :-1] & mask[:-1, 1:] & mask[1:, 1:]
    padded = np.pad(squares, 1)
    opened: Mask = padded[:-1, :-1] | padded[1:, :-1] | padded[:-1, 1:] | padded[1:, 1:]
    return opened if squares.any() else mask


def _peel_all(pixels: Pixels, layer: Layer) -> Layer | None:
    """Peel up to two plates: a line frame needs two, one for the line and one for the ground within."""
    innermost = None
    for _ in range(_MAX_PEELS):
        peeled = _peel(pixels, innermost or layer)
        if peeled is None:
            break
        innermost = peeled
    return innermost


def _peel(pixels: Pixels, layer: Layer) -> Layer | None:
    """Return what stands on the plate that the layer's outline forms, or None when it forms none."""
    plate = _plate(layer.ink)
    if plate is None:
        return None
    depth = np.sqrt(mahotas.distance(plate))
    rim = pixels[(depth > 3.5) & (depth <= 8)]
    color = _median_color(rim)
    if (_distance_from(rim[None], color) <= _PLATE_DISTANCE).mean() < 0.72:
        return None
    distance: Distances = _distance_from(pixels, color) * (depth > 4.5)
    left = _opened(distance > _PLATE_DISTANCE)
    return Layer(left, distance, color) if _is_mark(left, plate) else None


def _plate(ink: Mask) -> Mask | None:
    """Return the filled outline of the ink where it is one compact, convex piece of at least 60 pixels each way."""
    if min(ink_box(ink).size) < _PLATE_SIDE:
        return None
    filled = _filled_outline(ink)
    plate = _largest_piece(filled)
    return plate if plate.sum() >= 0.9 * filled.sum() and _is_plate_shaped(plate) else None


def _largest_piece(filled: Mask) -> Mask:
    """Return the largest piece, found at half the size: pieces of a closed mask do not lie that near to one another."""
    height, width = filled.shape
    even = np.pad(filled, ((0, height % 2), (0, width % 2)))
    halved = even[::2, ::2] | even[1::2, ::2] | even[::2, 1::2] | even[1::2, 1::2]
    labels, _ = mahotas.label(halved, _EIGHT_NEIGHBOURS)
    largest = 1 + int(np.bincount(labels.ravel())[1:].argmax())
    doubled = (labels == largest).repeat(2, axis=0).repeat(2, axis=1)
    piece: Mask = filled & doubled[:height, :width]
    return piece


def _filled_outline(ink: Mask) -> Mask:
    """Close gaps of up to 6 pixels and fill what is then enclosed."""
    margin = 1 + len(_CLOSING) // 2
    closed = mahotas.close(np.pad(ink, margin), _CLOSING)
    outside, _ = mahotas.label(~closed)
    filled: Mask = outside != outside[0, 0]
    return filled[margin:-margin, margin:-margin]


def _is_plate_shaped(piece: Mask) -> bool:
    box = ink_box(piece)
    area = float(piece.sum())
    is_compact = min(box.size) >= _PLATE_SIDE and area >= 0.70 * box.width * box.height
    return is_compact and area >= 0.955 * _hull_area(piece)


def _hull_area(piece: Mask) -> float:
    """Count the pixels of the convex hull, from its corners by Pick's theorem."""
    rows = np.flatnonzero(piece.any(axis=1))
    ends = np.zeros_like(piece)
    ends[rows, piece[rows].argmax(axis=1)] = True
    ends[rows, piece.shape[1] - 1 - piece[rows, ::-1].argmax(axis=1)] = True
    corners = np.array(mahotas.polygon.convexhull(ends))
    steps = np.roll(corners, -1, axis=0) - corners
    area = abs(float((corners[:, 0] * steps[:, 1] - corners[:, 1] * steps[:, 0]).sum())) / 2
    on_border = float(np.gcd(steps[:, 0], steps[:, 1]).sum())
    return area + on_border / 2 + 1


def _is_mark(left: Mask, plate: Mask) -> bool:
    """Tell whether what a peel left is a drawing: neither a sliver nor the plate itself."""
    share = left.sum() / plate.sum()
    return bool(0.02 <= share <= 0.97) and min(ink_box(left).size) >= 12


def ink_box(mask: Mask) -> Box:
    """Return the smallest box around a mask; an empty one has no size."""
    top, bottom, left, right = (int(edge) for edge in mahotas.bbox(mask))
    return Box(left, top, right - left, bottom - top)


def _percentile(values: Distances, percent: float) -> float:
    """Return the smallest value that `percent` of the values do not exceed."""
    below = np.cumsum(np.bincount(values, minlength=256))
    return float(np.searchsorted(below, percent / 100 * below[-1]))


def draw_view(layer: Layer) -> Pixels:
    """Cut the ink's box out of the distance map, stretch it to full ink and fit it, ratio kept, into the view."""
    box = ink_box(layer.ink)
    strength = max(30.0, _percentile(layer.distance[layer.ink], 85))
    levels = (np.arange(256) * (255 / strength)).clip(0, 255).round().astype(np.uint8)
    cut = levels[layer.distance[box.y : box.y + box.height, box.x : box.x + box.width]]
    place = _place_in_view(box)
    resample = Image.Resampling.BOX if max(place.size) < max(box.size) else Image.Resampling.BILINEAR
    view = np.zeros((VIEW_SIDE, VIEW_SIDE), np.uint8)
    view[place.y : place.y + place.height, place.x : place.x + place.width] = np.asarray(
        Image.fromarray(cut).resize(place.size, resample)
    )
    return view


def view_grid(box: Box) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return, for each row and each column of an ink box, the row and the column of the view where it is drawn."""
    place = _place_in_view(box)
    rows = place.y + np.arange(box.height) * place.height // box.height
    columns = place.x + np.arange(box.width) * place.width // box.width
    return rows, columns


def _place_in_view(box: Box) -> Box:
    """Fit an ink box, ratio kept, into the middle of a view."""
    scale = (VIEW_SIDE - 2 * _VIEW_MARGIN) / max(box.size)
    width, height = (max(1, round(side * scale)) for side in box.size)
    return Box((VIEW_SIDE - width) // 2, (VIEW_SIDE - height) // 2, width, height)
