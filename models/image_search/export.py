"""Export the image networks to ONNX: the mark embedder's, and the untaught one that the benchmark compares with."""

import warnings
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from examkit.inference import open_session
from models.image_search.network import PooledBlocks, Untaught
from services.image_search.views import VIEW_SIDE

_TOLERANCE = 1e-4
_UNTAUGHT_SIDE = 224


def export_network(network: PooledBlocks, target: Path) -> None:
    """Write the network as ONNX; raise ValueError when ONNX Runtime does not agree with torch."""
    _export(network, "views", _noise(3, VIEW_SIDE, VIEW_SIDE), target)


def export_untaught(target: Path) -> None:
    """Write EfficientNet-Lite0 as ImageNet left it; raise ValueError when ONNX Runtime does not agree with torch."""
    _export(Untaught().eval(), "images", _noise(3, _UNTAUGHT_SIDE, _UNTAUGHT_SIDE, 3), target)


def _noise(*shape: int) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, shape, np.uint8)


def _export(network: torch.nn.Module, name: str, sample: NDArray[np.uint8], target: Path) -> None:
    """Export for any number of rows, and compare on as many as the exporter has not seen."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter warns of its own internals
        torch.onnx.export(
            network,
            (torch.from_numpy(sample[:2]),),
            target,
            input_names=[name],
            output_names=["features"],
            dynamic_axes={name: {0: "rows"}, "features": {0: "rows"}},
            opset_version=17,
            dynamo=False,
        )
    with torch.no_grad():
        expected = network(torch.from_numpy(sample)).numpy()
    (found,) = open_session(target).run(["features"], {name: sample})
    difference = np.abs(found - expected).max()
    if difference > _TOLERANCE:
        raise ValueError(f"The exported network differs from the original by {difference}.")
