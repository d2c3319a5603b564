"""Export the image network of the mark embedder to ONNX, tuned or as ImageNet left it."""

import warnings
from pathlib import Path

import numpy as np
import torch

from models.image_search.network import PooledBlocks
from services.image_search.embedding import FeatureNetwork
from services.image_search.views import VIEW_SIDE

_TOLERANCE = 1e-4


def export_network(network: PooledBlocks, target: Path) -> None:
    """Write the network as ONNX, and refuse it when ONNX Runtime does not agree with torch."""
    views = np.random.default_rng(0).integers(0, 256, (3, VIEW_SIDE, VIEW_SIDE), np.uint8)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter warns of its own internals
        torch.onnx.export(
            network,
            (torch.from_numpy(views[:2]),),
            target,
            input_names=["views"],
            output_names=["features"],
            dynamic_axes={"views": {0: "views"}, "features": {0: "views"}},
            opset_version=17,
            dynamo=False,
        )
    with torch.no_grad():
        expected = network(torch.from_numpy(views)).numpy()
    difference = np.abs(FeatureNetwork(target).describe(views) - expected).max()
    if difference > _TOLERANCE:
        raise ValueError(f"The exported network differs from the original by {difference}.")
