"""The mark embedder: an image becomes one row of numbers per view, its shape and its color side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from examkit.artifact import Artifact, open_artifact
from examkit.inference import open_session
from services.image_search.descriptors import COLOR_DIMS, describe_color, describe_gradients
from services.image_search.image import MarkImage
from services.image_search.views import make_views

FORMAT = "mark-embedder"
FORMAT_VERSION = 1

Vectors = NDArray[np.float16]
Rows = NDArray[np.float32]


@dataclass(frozen=True)
class Projection:
    """Learned linear steps; after each, rows are brought to unit length."""

    steps: tuple[tuple[Rows, Rows], ...]  # (mean, matrix)

    def apply(self, rows: Rows) -> Rows:
        """Project n rows."""
        for mean, matrix in self.steps:
            rows = _unit_rows((rows - mean) @ matrix)
        return rows


class FeatureNetwork:
    """The convolutional network of the artifact: views in, features out."""

    def __init__(self, model: Path) -> None:
        self._session = open_session(model)

    def describe(self, views: NDArray[np.uint8]) -> Rows:
        """Describe n views (n x 128 x 128, ink at 255) by one row of features each."""
        (features,) = self._session.run(["features"], {"views": views})
        return np.asarray(features, dtype=np.float32)


class MarkEmbedder:
    """Describes marks by vectors whose inner product is their likeness.

    A row is `shape_dims` values of the drawing, then `color_dims` of its colors, each part of unit length. The drawing
    is described twice, by gradient histograms and by the network, weighted so that the parts' inner products add up.
    """

    def __init__(self, folder: Path) -> None:
        artifact = open_artifact(folder, format=FORMAT, format_version=FORMAT_VERSION)
        self.name = artifact.manifest.name
        self.version = artifact.manifest.version
        self.shape_dims = int(artifact.manifest.properties["shape_dims"])
        self.color_dims = COLOR_DIMS
        self._gradient_share = float(artifact.manifest.properties["gradient_share"])
        self._network = FeatureNetwork(artifact.file("network.onnx"))
        self._gradients = _read_projection(artifact, "gradients")
        self._features = _read_projection(artifact, "features")

    @property
    def dims(self) -> int:
        """Return the length of a row."""
        return self.shape_dims + self.color_dims

    def embed(self, image: MarkImage) -> Vectors:
        """Describe a mark by one row, or two where a tile or frame can be peeled off; blank images are refused."""
        views = make_views(image.pixels)
        shape = self.describe_shapes(views.drawings)
        color = np.tile(describe_color(image.pixels, views.ink), (len(shape), 1))
        return np.hstack([shape, color]).astype(np.float16)

    def describe_shapes(self, drawings: Sequence[NDArray[np.uint8]]) -> Rows:
        """Describe n drawings (128 x 128, ink at 255) by one row of shape each."""
        if not drawings:
            return np.empty((0, self.shape_dims), np.float32)
        gradients = self._gradients.apply(np.stack([describe_gradients(drawing) for drawing in drawings]))
        features = self._features.apply(self._network.describe(np.stack(drawings)))
        return np.hstack([self._gradient_share**0.5 * gradients, (1 - self._gradient_share) ** 0.5 * features])


def _read_projection(artifact: Artifact, name: str) -> Projection:
    """Read the steps `<name>-<n>-mean.npy` and `<name>-<n>-matrix.npy` that the manifest counts."""
    count = int(artifact.manifest.properties[f"{name}_steps"])
    return Projection(
        tuple(
            (_read(artifact, f"{name}-{n}-mean.npy"), _read(artifact, f"{name}-{n}-matrix.npy")) for n in range(count)
        )
    )


def _unit_rows(rows: NDArray[np.floating]) -> Rows:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9), np.float32)


def _read(artifact: Artifact, name: str) -> Rows:
    return np.asarray(np.load(artifact.file(name), allow_pickle=False), np.float32)
