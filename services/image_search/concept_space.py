"""The space that marks and words share: image vectors and word vectors side by side, and the taught names within it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from examkit.artifact import Artifact
from examkit.errors import ArtifactError

NAMES: Final = "name-vectors"
NOUNS: Final = "noun-vectors"
EXAMPLES: Final = "examples"
COMPOSITION: Final = "composition"
_STEPS: Final = 127

Rows = NDArray[np.float32]


@dataclass(frozen=True)
class Mix:
    """How vectors are put together: parts of a row, and how widely names near to a vector are asked.

    `image` is the part of the image vector in a row of a mark, `asked_image` in a row of words; `smoothed` is the part
    of the word vector that comes from the nearest names; `sharpness` is the slope of a name's weight by its cosine.
    """

    image: float
    asked_image: float
    smoothed: float
    sharpness: float
    names: int

    @classmethod
    def of(cls, properties: Mapping[str, Any]) -> Self:
        """Read the manifest's properties; raise ArtifactError when one is missing."""
        try:
            return cls(**properties["mix"])
        except (KeyError, TypeError):
            raise ArtifactError("The concept encoder's manifest does not say how its vectors are mixed.") from None


class ConceptSpace:
    """The taught names as vectors: of their words (names x word dims), and of their drawings (names x image dims)."""

    def __init__(self, names: Rows, examples: Rows, mix: Mix) -> None:
        self._names, self._examples, self.mix = names, examples, mix

    @property
    def dims(self) -> int:
        """Return the length of a row."""
        return int(self._examples.shape[1] + self._names.shape[1])

    def row_of_drawing(self, image: Rows, words: Rows) -> Rows:
        """Join an image vector and a word vector of a drawing to a row of unit length.

        The word vector is drawn towards the names nearest to it (ConSE; Norouzi et al., ICLR 2014): what the network
        says of a drawing is nearer to a name then.
        """
        places, weights = self.nearest(words)
        smoothed = unit(weights @ self._names[places])
        mixed = unit((1 - self.mix.smoothed) * words + self.mix.smoothed * smoothed)
        return _joined(image, mixed, self.mix.image)

    def row_of_words(self, words: Rows) -> Rows:
        """Join the vector of words to a row, with the drawings of the names nearest to it in the place of an image."""
        places, weights = self.nearest(words)
        return _joined(unit(weights @ self._examples[places]), words, self.mix.asked_image)

    def nearest(self, words: Rows) -> tuple[NDArray[np.int64], Rows]:
        """Return the names nearest to a word vector, the best first, and their weights, which add up to 1."""
        cosines = self._names @ words
        places = np.argpartition(-cosines, self.mix.names)[: self.mix.names]
        places = places[np.argsort(-cosines[places], kind="stable")]
        weights = np.exp(self.mix.sharpness * (cosines[places] - cosines[places[0]]))
        return places, np.asarray(weights / weights.sum(), np.float32)

    def likeness(self, row: Rows) -> Rows:
        """Return how much a row of a mark is like each taught name, by words and drawings alike."""
        dims = self._examples.shape[1]
        return np.asarray(self._examples @ row[:dims] + self._names @ row[dims:], np.float32)

    def words_of(self, names: Sequence[int]) -> Rows:
        """Return the vector of several names at once."""
        return unit(self._names[list(names)].sum(axis=0))


@dataclass(frozen=True)
class Composition:
    """What words mean side by side: a linear map of the vectors of two (2 word dims x word dims), learned on compounds.

    Source: E. Guevara, A Regression Model of Adjective-Noun Compositionality in Distributional Semantics, GEMS 2010.
    """

    matrix: Rows

    @classmethod
    def read(cls, artifact: Artifact) -> Self:
        """Read the matrix of an artifact."""
        return cls(np.load(artifact.file(f"{COMPOSITION}.npy"), allow_pickle=False).astype(np.float32))

    def compose(self, words: Sequence[Rows]) -> Rows:
        """Return the vector of several words, put together from left to right."""
        return reduce(lambda left, right: unit(np.concatenate([left, right]) @ self.matrix), words)


def _joined(image: Rows, words: Rows, part: float) -> Rows:
    """Put two unit vectors side by side so that inner products of rows are weighted means of cosines."""
    return np.concatenate([part**0.5 * image, (1 - part) ** 0.5 * words]).astype(np.float32)


def unit(rows: NDArray[np.floating]) -> Rows:
    """Bring vectors (the last axis) to length 1."""
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-9), np.float32)


def write_bytes(folder: Path, name: str, values: Rows) -> None:
    """Write unit vectors in signed bytes: cosines move by less than .01."""
    scales = np.maximum(np.abs(values).max(axis=1, keepdims=True) / _STEPS, 1e-12)
    np.save(folder / f"{name}.npy", np.rint(values / scales).astype(np.int8))


def load_bytes(artifact: Artifact, name: str) -> NDArray[np.int8]:
    """Load vectors as they are kept; a row's scale is lost and not needed, as its length is 1."""
    return np.asarray(np.load(artifact.file(f"{name}.npy"), allow_pickle=False), np.int8)


def read_bytes(artifact: Artifact, name: str) -> Rows:
    """Read vectors of signed bytes as unit vectors."""
    return unit(load_bytes(artifact, name).astype(np.float32))
