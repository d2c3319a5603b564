"""Descriptors that need no trained weights: gradient histograms of a view, and the colors of a mark's ink."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_SIDE = 64
_CELL = 8
_CELLS = _SIDE // _CELL
_BINS = 9
_CLIP = 0.3
GRADIENT_DIMS = (_CELLS - 1) ** 2 * 4 * _BINS

_LIGHTNESS_BINS, _AXIS_BINS = 5, 9  # odd, so that one bin's middle is neutral
_AXIS_LIMIT = 100.0
COLOR_DIMS = _LIGHTNESS_BINS * _AXIS_BINS * _AXIS_BINS
_LAYOUT_CELLS = 3
_LAYOUT_LIGHTNESS_BINS, _LAYOUT_AXIS_BINS = 3, 5
LAYOUT_DIMS = _LAYOUT_CELLS**2 * _LAYOUT_LIGHTNESS_BINS * _LAYOUT_AXIS_BINS**2
_MOST_SAMPLES = 1024
_COLORED_SHARE = 0.05  # off the neutral axis; black and grey drawings stay under 0.01

_XYZ_OF_RGB = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]],
    np.float32,
)

Vector = NDArray[np.float32]
Pixels = NDArray[np.uint8]
Mask = NDArray[np.bool_]


def _cell_weights() -> Vector:
    """Return 8 x 64 triangular weights, so that an edge near a cell's border counts in both cells."""
    centers = _CELL * np.arange(_CELLS)[:, None] + (_CELL - 1) / 2
    return np.maximum(0, 1 - np.abs(np.arange(_SIDE)[None, :] - centers) / _CELL).astype(np.float32)


_WEIGHTS = _cell_weights()


def describe_gradients(view: Pixels) -> Vector:
    """Describe a 128 x 128 view by 1,764 values of unit length.

    Histograms of oriented gradients (Dalal and Triggs, CVPR 2005): 64 pixels, 9 unsigned orientations shared linearly,
    8 x 8 cells with triangular weights, 2 x 2 blocks, each of unit length, cut at 0.3 and brought to unit length again.
    """
    small = view.reshape(_SIDE, 2, _SIDE, 2).mean(axis=(1, 3), dtype=np.float32)
    padded = np.pad(small, 1, mode="edge")
    horizontal = padded[1:-1, 2:] - padded[1:-1, :-2]
    vertical = padded[2:, 1:-1] - padded[:-2, 1:-1]
    cells = np.asarray(_WEIGHTS @ _orientation_maps(horizontal, vertical) @ _WEIGHTS.T, np.float32)
    return _unit(_blocks(cells).reshape(-1))


def _orientation_maps(horizontal: Vector, vertical: Vector) -> Vector:
    """Share each pixel's gradient between the two nearest of 9 orientations: 9 x 64 x 64."""
    strength = np.hypot(horizontal, vertical)
    position = (np.arctan2(vertical, horizontal) % np.pi) * (_BINS / np.pi) - 0.5
    lower = np.floor(position)
    share = position - lower
    maps = np.zeros((_BINS, _SIDE, _SIDE), np.float32)
    rows, columns = np.indices((_SIDE, _SIDE))
    first = lower.astype(np.intp) % _BINS
    maps[first, rows, columns] = strength * (1 - share)
    maps[(first + 1) % _BINS, rows, columns] += strength * share
    return maps


def _blocks(cells: Vector) -> Vector:
    """Join 2 x 2 neighbouring cells and even out their contrast: 7 x 7 blocks of 36 values."""
    joined = np.concatenate(
        [cells[:, :-1, :-1], cells[:, :-1, 1:], cells[:, 1:, :-1], cells[:, 1:, 1:]], axis=0
    ).transpose(1, 2, 0)
    floor = 1e-3 * 255
    cut = np.minimum(joined / (np.linalg.norm(joined, axis=2, keepdims=True) + floor), _CLIP)
    return np.asarray(cut / (np.linalg.norm(cut, axis=2, keepdims=True) + 1e-6), dtype=np.float32)


def describe_color(pixels: Pixels, ink: Mask) -> Vector:
    """Describe the colors of the inked pixels by values of unit length (CIELAB histogram, square roots)."""
    return _color_histogram(_to_lab(_sample(pixels, ink)))


def describe_color_layout(pixels: Pixels, ink: Mask) -> Vector:
    """Describe which colors lie where on the ink, by values of unit length.

    A coarse CIELAB histogram for each of 3 x 3 cells of the ink's box, square roots: two marks are alike where the same
    color lies in the same place.
    """
    rows, columns = np.nonzero(ink)
    every = slice(None, None, _sampling(len(rows)))
    places = [_place(rows)[every], _place(columns)[every]]
    bins = _color_positions(_to_lab(pixels[ink][every]), _LAYOUT_LIGHTNESS_BINS, _LAYOUT_AXIS_BINS)
    sizes = (_LAYOUT_CELLS, _LAYOUT_CELLS, _LAYOUT_LIGHTNESS_BINS, _LAYOUT_AXIS_BINS, _LAYOUT_AXIS_BINS)
    return _soft_histogram(np.column_stack([*places, bins]), sizes)


def describe_palette(colors: Sequence[tuple[int, int, int]]) -> Vector:
    """Describe RGB colors, taken in equal parts, in the space of `describe_color`."""
    return _color_histogram(_to_lab(np.array(colors, dtype=np.uint8)))


def is_colored(color: Vector) -> bool:
    """Tell from a color description whether a mark is in color at all, rather than in black, white and grey."""
    shares = (color**2).reshape(_LIGHTNESS_BINS, _AXIS_BINS, _AXIS_BINS)
    neutral = shares[:, _AXIS_BINS // 2, _AXIS_BINS // 2].sum()
    return float(shares.sum() - neutral) > _COLORED_SHARE


def _sample(pixels: Pixels, ink: Mask) -> Pixels:
    """Return up to about 1,000 evenly spaced inked pixels, whose colors stand for all."""
    inked = pixels[ink]
    return inked[:: _sampling(len(inked))]


def _sampling(count: int) -> int:
    return 1 + count // _MOST_SAMPLES


def _place(coordinates: NDArray[np.intp]) -> Vector:
    """Return where pixels lie along a side of their box, in cells; 0 is the middle of the first."""
    first = coordinates.min()
    share = (coordinates - first + 0.5) / (coordinates.max() - first + 1)
    return np.asarray((share * _LAYOUT_CELLS - 0.5).clip(0, _LAYOUT_CELLS - 1), np.float32)


def _to_lab(colors: Pixels) -> Vector:
    """Convert n x 3 sRGB values to CIELAB under D65, lightness 0 to 100 (CIE 15; IEC 61966-2-1)."""
    scaled = colors.astype(np.float32) / 255
    linear = np.where(scaled <= 0.04045, scaled / 12.92, ((scaled + 0.055) / 1.055) ** 2.4)
    relative = linear @ _XYZ_OF_RGB.T / _XYZ_OF_RGB.sum(axis=1)
    x, y, z = np.where(relative > 216 / 24389, np.cbrt(relative), relative * (24389 / 27 / 116) + 16 / 116).T
    return np.column_stack([116 * y - 16, 500 * (x - y), 200 * (y - z)]).astype(np.float32)


def _color_histogram(lab: Vector) -> Vector:
    bins = _color_positions(lab, _LIGHTNESS_BINS, _AXIS_BINS)
    return _soft_histogram(bins, (_LIGHTNESS_BINS, _AXIS_BINS, _AXIS_BINS))


def _color_positions(lab: Vector, lightness_bins: int, axis_bins: int) -> Vector:
    """Return where n colors lie among the bins of the three axes."""
    lightness = lab[:, :1] / 100 * (lightness_bins - 1)
    axes = (lab[:, 1:] / _AXIS_LIMIT).clip(-1, 1) * (axis_bins // 2) + axis_bins // 2
    return np.hstack([lightness, axes])


def _soft_histogram(positions: Vector, sizes: tuple[int, ...]) -> Vector:
    """Spread each of n positions over its nearest bins along every axis, then take square roots and unit length."""
    spread = [(np.zeros(len(positions), np.intp), np.ones(len(positions)))]
    for along, size in zip(positions.T, sizes, strict=True):
        lower = np.minimum(np.floor(along), size - 2).astype(np.intp)
        share = along - lower
        both = ((lower, 1 - share), (lower + 1, share))
        spread = [(size * bins + further, weight * part) for bins, weight in spread for further, part in both]
    bins, weights = (np.concatenate(side) for side in zip(*spread, strict=True))
    return _unit(np.sqrt(np.bincount(bins, weights, int(np.prod(sizes)))).astype(np.float32))


def _unit(vector: Vector) -> Vector:
    """Scale to unit length; a zero vector stays zero."""
    length = float(np.linalg.norm(vector))
    return vector if length == 0 else np.asarray(vector / length, dtype=np.float32)
