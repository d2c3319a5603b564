"""Describes drawings by the network through ONNX Runtime, several times as fast on a processor as torch."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from examkit.inference import open_session
from models.image_search.concept_drawings import DrawingSet
from models.image_search.concept_network import FEATURE_DIMS, Backbone, export_backbone

_AT_ONCE = 16

Halves = NDArray[np.float16]


def describe(drawings: DrawingSet, backbone: Backbone, target: Path, report: Callable[[int, int], None]) -> Halves:
    """Write the features of both views of every drawing (drawings x 2 x features) to `target`; return them mapped."""
    model = target.with_suffix(".onnx")
    export_backbone(backbone, model)
    session = open_session(model)
    count = len(drawings.drawings)
    partial = target.with_suffix(".partial")
    features = np.lib.format.open_memmap(partial, "w+", np.float16, (count, 2, FEATURE_DIMS))
    for at in range(0, count, _AT_ONCE):
        rows = slice(at, at + _AT_ONCE)
        for view, pixels in enumerate((np.array(drawings.colored[rows]), on_paper(drawings.inked[rows]))):
            (features[rows, view],) = session.run(["features"], {"views": pixels})
        report(min(count, at + _AT_ONCE), count)
    features.flush()
    partial.replace(target)
    return features


def on_paper(inked: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Draw views of ink dark on white in three channels."""
    return np.repeat(255 - np.asarray(inked)[..., None], 3, axis=3)
