"""What the mark embedder is compared with: perceptual hash, plain gradients, ORB points and an untaught network."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.retrieval import Vectors
from examkit.inference import open_session
from services.image_search.descriptors import describe_gradients

Rows = NDArray[np.float32]
Pixels = NDArray[np.uint8]
NETWORK: Final = "efficientnet-lite0.onnx"
NETWORK_SIDE: Final = 224
_AT_ONCE: Final = 32


def stack(rows: Iterable[NDArray[np.floating]]) -> Vectors:
    """Put the rows of many images together."""
    each = list(rows)
    owners = np.repeat(np.arange(len(each)), [len(part) for part in each])
    return Vectors(np.concatenate(each).astype(np.float32), owners)


def hash_image(image: Image.Image) -> Rows:
    """Return 64 values of +-1/8: the signs of the lowest frequencies of a 32 x 32 image about their median (pHash)."""
    grey = np.asarray(image.convert("L").resize((32, 32), Image.Resampling.LANCZOS), np.float32)
    steps = np.arange(32)
    cosines = np.cos(np.pi * steps[:8, None] * (2 * steps[None, :] + 1) / 64)
    frequencies = (cosines @ grey @ cosines.T).ravel()
    return (np.where(frequencies > np.median(frequencies), 1, -1) / 8).astype(np.float32)


def plain_gradients(image: Image.Image) -> Rows:
    """Return gradient histograms of the image as it is, nothing taken away (HOG)."""
    return describe_gradients(255 - np.asarray(image.convert("L").resize((128, 128), Image.Resampling.LANCZOS)))


def untaught_features(network: Path, images: Sequence[Image.Image]) -> Rows:
    """Return a row for each image by EfficientNet-Lite0 as ImageNet left it."""
    session = open_session(network)
    rows = []
    for at in range(0, len(images), _AT_ONCE):
        batch = [
            image.resize((NETWORK_SIDE, NETWORK_SIDE), Image.Resampling.BILINEAR)
            for image in images[at : at + _AT_ONCE]
        ]
        (features,) = session.run(["features"], {"images": np.stack([np.asarray(image) for image in batch])})
        rows.append(features)
    return np.concatenate(rows)
