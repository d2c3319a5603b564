"""ORB (Rublee et al., ICCV 2011) in small: oriented FAST corners, binary patches, cross-checked matches.

As in the data's own baseline: 160 pixels, 100 points, matches under a Hamming distance of 48 of 256 bits, divided by
the geometric mean of the point counts. The compared pixels are drawn at random (BRIEF), not learned as in the original.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

SIDE: Final = 160
POINTS: Final = 100
BITS: Final = 256
_FARTHEST: Final = 48
_THRESHOLD: Final = 20
_ARC: Final = 9
_REACH: Final = 15  # of a patch, from its middle
_MARGIN: Final = 22  # a patch's corner, turned
_SEED: Final = 20261122
# The circle of 16 pixels around a corner, in order (Rosten and Drummond, ECCV 2006).
_CIRCLE: Final = (
    *((-3, 0), (-3, 1), (-2, 2), (-1, 3), (0, 3), (1, 3), (2, 2), (3, 1)),
    *((3, 0), (3, -1), (2, -2), (1, -3), (0, -3), (-1, -3), (-2, -2), (-3, -1)),
)

Grey = NDArray[np.floating]
Points = NDArray[np.int64]  # n x 2, row and column
Signs = NDArray[np.float32]  # n x 256 of +-1


def describe_points(image: Image.Image) -> Signs:
    """Return up to 100 described points of an image; one without corners has none."""
    small = image.convert("L").resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    grey = np.pad(np.asarray(small, np.float32), _MARGIN, mode="edge")
    smooth = np.pad(np.asarray(small.filter(ImageFilter.GaussianBlur(2)), np.float32), _MARGIN, mode="edge")
    points = _strongest(grey, _corners(grey))
    return _patches(smooth, points, _angles(grey, points))


def likeness(query: Signs, mark: Signs) -> float:
    """Return the number of points that match one another best, over the geometric mean of the point counts."""
    if not len(query) or not len(mark):
        return 0.0
    distances = (BITS - query @ mark.T) / 2
    there, back = distances.argmin(axis=1), distances.argmin(axis=0)
    numbers = np.arange(len(query))
    is_match = (back[there] == numbers) & (distances[numbers, there] < _FARTHEST)
    return float(is_match.sum() / np.sqrt(len(query) * len(mark)))


def _corners(grey: Grey) -> Points:
    """Return pixels with an arc of nine neighbours on the circle all lighter or all darker (FAST-9)."""
    circle = np.stack([np.roll(grey, (-down, -across), axis=(0, 1)) for down, across in _CIRCLE])
    is_corner = np.zeros(grey.shape, bool)
    for side in (circle > grey + _THRESHOLD, circle < grey - _THRESHOLD):
        twice = np.concatenate([side, side[: _ARC - 1]])
        for start in range(len(_CIRCLE)):
            is_corner |= twice[start : start + _ARC].all(axis=0)
    inside = np.zeros_like(is_corner)
    inside[_MARGIN:-_MARGIN, _MARGIN:-_MARGIN] = True
    return np.asarray(np.argwhere(is_corner & inside))


def _strongest(grey: Grey, points: Points) -> Points:
    """Return the hundred corners with the greatest Harris measure that are the greatest of their 3 x 3 pixels."""
    down, across = (np.asarray(part) for part in np.gradient(grey))
    squared, crossed, other = (_blurred(part) for part in (down * down, down * across, across * across))
    measure = squared * other - crossed * crossed - 0.04 * (squared + other) ** 2
    neighbours = [np.roll(measure, (y, x), axis=(0, 1)) for y in (-1, 0, 1) for x in (-1, 0, 1)]
    is_peak = measure >= np.max(neighbours, axis=0)
    peaks = points[is_peak[tuple(points.T)]]
    return np.asarray(peaks[np.argsort(-measure[tuple(peaks.T)], kind="stable")[:POINTS]])


def _blurred(values: Grey) -> Grey:
    """Average over 5 x 5 pixels."""
    return np.asarray(np.mean([np.roll(values, (y, x), (0, 1)) for y in range(-2, 3) for x in range(-2, 3)], axis=0))


def _angles(grey: Grey, points: Points) -> NDArray[np.float64]:
    """Return the direction from each point to the middle of the darkness of its round patch."""
    steps = np.arange(-_REACH, _REACH + 1)
    down, across = np.meshgrid(steps, steps, indexing="ij")
    is_round = down**2 + across**2 <= _REACH**2
    offsets = np.stack([down[is_round], across[is_round]], axis=1)
    places = points[:, None, :] + offsets
    weights = 255 - grey[places[..., 0], places[..., 1]]
    return np.asarray(np.arctan2(weights @ offsets[:, 0], weights @ offsets[:, 1]))


def _patches(smooth: Grey, points: Points, angles: NDArray[np.float64]) -> Signs:
    """Compare 256 pairs of pixels of each patch, turned by its angle."""
    drawn = np.random.default_rng(_SEED).normal(scale=_REACH / 2.5, size=(2, BITS, 2))
    pairs = drawn.clip(-_REACH, _REACH)
    cosine, sine = np.cos(angles)[:, None], np.sin(angles)[:, None]
    values = []
    for first in pairs:
        down = points[:, :1] + np.rint(sine * first[:, 1] + cosine * first[:, 0]).astype(np.int64)
        across = points[:, 1:] + np.rint(cosine * first[:, 1] - sine * first[:, 0]).astype(np.int64)
        values.append(smooth[down, across])
    return np.where(values[0] < values[1], 1, -1).astype(np.float32)
