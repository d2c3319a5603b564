"""Changes drawings as other hands would: mirrored, turned, stretched, scaled, thinner, thicker, filled, recolored."""

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from torch.nn.functional import affine_grid, avg_pool2d, grid_sample, max_pool2d

from models.image_search.concept_drawings import DrawingSet

_WHITE = 255.0


def augment(drawings: DrawingSet, rows: NDArray[np.int64], random: Generator) -> torch.Tensor:
    """Return n images as the network takes them (n x 3 x 128 x 128): half of them the ink, half the colored view."""
    images = [
        _changed_ink(drawings.inked[row], random)
        if random.random() < 0.5
        else _recolored(drawings.colored[row], random)
        for row in rows
    ]
    moved = _moved(torch.stack(images), random)
    blurred = torch.from_numpy(random.random(len(rows)) < 0.15)[:, None, None, None]
    smooth = avg_pool2d(moved, 3, stride=1, padding=1, count_include_pad=False)
    return (torch.where(blurred, smooth, moved) - 127) / 128


def _changed_ink(view: NDArray[np.uint8], random: Generator) -> torch.Tensor:
    """Change how ink is put down, and return it dark on white."""
    ink = torch.from_numpy(view.astype(np.float32))[None, None]
    chance = random.random()
    if chance < 0.12:
        ink = max_pool2d(ink, 3, 1, 1) + max_pool2d(-ink, 3, 1, 1)  # the outline: thicker less thinner
    elif chance < 0.24:
        ink = max_pool2d(ink, 3, 1, 1)
    elif chance < 0.32:
        ink = -max_pool2d(-ink, 3, 1, 1)
    elif chance < 0.40:
        ink = _silhouette(ink)
    if random.random() < 0.2:
        ink = 255 * (ink.clamp(0, 255) / 255) ** random.uniform(0.5, 1.8)
    return (_WHITE - ink.clamp(0, 255))[0].expand(3, -1, -1)


def _silhouette(ink: torch.Tensor) -> torch.Tensor:
    """Fill between the first and last ink of each row and column."""
    solid = (ink > 64).float()
    along = [solid.cummax(dim).values * solid.flip(dim).cummax(dim).values.flip(dim) for dim in (2, 3)]
    return torch.maximum(ink, 255 * along[0] * along[1])


def _recolored(view: NDArray[np.uint8], random: Generator) -> torch.Tensor:
    image = torch.from_numpy(np.array(view, np.float32)).permute(2, 0, 1)
    chance = random.random()
    if chance < 0.2:
        return image[torch.from_numpy(random.permutation(3))]
    if chance < 0.3:
        return image.mean(dim=0, keepdim=True).expand(3, -1, -1)
    return _WHITE - image if chance < 0.4 else image


def _moved(images: torch.Tensor, random: Generator) -> torch.Tensor:
    """Mirror, turn, stretch, scale and shift; what comes in from outside has the color of each image's corner."""
    count = len(images)
    angle = np.radians(random.uniform(-18, 18, count)) * (random.random(count) < 0.5)
    stretch = np.exp(random.uniform(-0.25, 0.25, count) * (random.random(count) < 0.4))
    scale = 1 / random.uniform(0.72, 1.08, count)
    mirror = np.where(random.random(count) < 0.5, -1, 1)
    shift = random.uniform(-0.08, 0.08, (count, 2))
    cosine, sine = np.cos(angle), np.sin(angle)
    rows = [
        [mirror * scale * stretch * cosine, -scale * stretch * sine, shift[:, 0]],
        [mirror * scale / stretch * sine, scale / stretch * cosine, shift[:, 1]],
    ]
    matrices = torch.from_numpy(np.array(rows, np.float32).transpose(2, 0, 1))
    corner = images[:, :, :1, :1]
    grid = affine_grid(matrices, list(images.shape), align_corners=False)
    return grid_sample(images - corner, grid, align_corners=False) + corner
