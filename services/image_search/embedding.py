"""The mark embedder: drawings and colors become short rows of numbers whose inner product is their likeness."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from examkit.artifact import Artifact, open_artifact
from examkit.inference import open_session
from services.image_search.descriptors import Vector, describe_gradients

FORMAT = "mark-embedder"
FORMAT_VERSION = 2

Rows = NDArray[np.float32]
Drawings = Sequence[NDArray[np.uint8]]  # each 128 x 128, ink at 255


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
    """Describes marks by rows whose inner product is their likeness: `shape_dims` of a drawing, `color_dims` of colors.

    A drawing is described twice, by gradient histograms and by the network. One learned matrix weighs the two and keeps
    of them together what tells most, another does so for colors.
    """

    def __init__(self, folder: Path) -> None:
        artifact = open_artifact(folder, format=FORMAT, format_version=FORMAT_VERSION)
        self.name = artifact.manifest.name
        self.version = artifact.manifest.version
        self._network = FeatureNetwork(artifact.file("network.onnx"))
        self._gradients = _read_projection(artifact, "gradients")
        self._features = _read_projection(artifact, "features")
        self._shape = _read(artifact, "shape-matrix.npy")
        self._color = _read(artifact, "color-matrix.npy")
        self.shape_dims = self._shape.shape[1]
        self.color_dims = self._color.shape[1]

    def describe_shapes(self, drawings: Drawings) -> Rows:
        """Describe n drawings by one row of unit length each."""
        if not drawings:
            return np.empty((0, self.shape_dims), np.float32)
        both = np.hstack([self.describe_gradients(drawings), self.describe_features(drawings)])
        return _unit_rows(both @ self._shape)

    def describe_gradients(self, drawings: Drawings) -> Rows:
        """Return what the gradients say of n drawings: rows of unit length that `describe_shapes` is made of."""
        return self._gradients.apply(np.stack([describe_gradients(drawing) for drawing in drawings]))

    def describe_features(self, drawings: Drawings) -> Rows:
        """Return what the network says of n drawings: rows of unit length that `describe_shapes` is made of."""
        return self._features.apply(self._network.describe(np.stack(drawings)))

    def shorten_colors(self, colors: Vector) -> Vector:
        """Bring the colors of a mark, as `describe_colors` tells them, to one row of unit length."""
        (row,) = _unit_rows(colors[None] @ self._color)
        return np.asarray(row)

    def shorten_palette(self, asked: Vector) -> Vector:
        """Bring what `ask_for_palette` returned to a row, whose product with a mark's is the likeness of palettes."""
        return np.asarray(asked @ self._color, np.float32)


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
