"""What a text's embedding says: the nearest documents by meaning, and linear heads over subclasses and main groups."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from services.classify.index import Floats, Rows
from services.classify.text import PatentText, clean

NEAREST: Final = 40
_READ_LETTERS: Final = 5000
_STEPS: Final = 127
_ROW_STEPS: Final = 7


@dataclass(frozen=True)
class LinearHead:
    """A linear layer from an embedding to the symbols of one level; `weights` has shape (dimensions, symbols)."""

    weights: Floats
    bias: Floats

    def log_shares(self, embedding: Floats) -> Floats:
        """Return ln P of every symbol by the softmax of the head: float32 of shape (symbols,)."""
        logits = embedding @ self.weights + self.bias
        best = logits.max()
        return np.asarray(logits - best - np.log(np.exp(logits - best).sum()), np.float32)


@dataclass(frozen=True)
class Projection:
    """Principal directions of the training embeddings: what neighbours are compared in; `directions` (dim, kept)."""

    mean: Floats
    directions: Floats

    def __call__(self, embeddings: Floats) -> Floats:
        """Return embeddings of shape (..., dim) centred, turned and brought to length 1: (..., kept)."""
        turned = (embeddings - self.mean) @ self.directions
        return np.asarray(turned / np.maximum(np.linalg.norm(turned, axis=-1, keepdims=True), 1e-9), np.float32)


@dataclass(frozen=True)
class TitleMatcher:
    """Two learned maps that bring a document near to the titles it carries; that of the titles is already applied.

    `directions` has shape (dim, kept), `offset` (kept,), `titles` (groups, kept).
    """

    directions: Floats
    offset: Floats
    titles: Floats

    def scores(self, embedding: Floats) -> Floats:
        """Return how well the title of each group fits a text: float32 of shape (groups,), of the size of logits."""
        return np.asarray(self.titles @ (embedding @ self.directions + self.offset), np.float32)


@dataclass(frozen=True)
class DenseMemory:
    """What one encoder's embeddings taught: heads, and the training documents as unit vectors (documents, kept).

    `rows` tells which document of the catalogue each vector stands for; `matcher` is None where an encoder was not
    taught the titles of groups.
    """

    subclass_head: LinearHead
    main_group_head: LinearHead
    projection: Projection
    documents: Floats
    rows: Rows
    matcher: TitleMatcher | None = None

    @classmethod
    def read(cls, folder: Path, name: str) -> Self:
        """Read the files of an encoder's memory."""

        def load(part: str) -> NDArray[np.float32]:
            return np.asarray(np.load(folder / f"{name}-{part}.npy"), np.float32)

        documents = _unpacked_rows(folder, f"{name}-documents")
        has_titles = (folder / f"{name}-titles.npy").exists()
        return cls(
            LinearHead(_unpacked(folder, f"{name}-subclass-head"), load("subclass-bias")),
            LinearHead(_unpacked(folder, f"{name}-main-group-head"), load("main-group-bias")),
            Projection(load("mean"), load("directions")),
            documents,
            np.load(folder / f"{name}-rows.npy").astype(np.int64),
            TitleMatcher(load("title-directions"), load("title-offset"), _unpacked_rows(folder, f"{name}-titles"))
            if has_titles
            else None,
        )

    def write(self, folder: Path, name: str) -> None:
        """Write the files that `read` reads: heads in bytes, vectors in half bytes, the rest in half precision."""
        for part, head in (("subclass", self.subclass_head), ("main-group", self.main_group_head)):
            _pack(folder, f"{name}-{part}-head", head.weights)
            np.save(folder / f"{name}-{part}-bias.npy", head.bias.astype(np.float32))
        np.save(folder / f"{name}-mean.npy", self.projection.mean.astype(np.float32))
        np.save(folder / f"{name}-directions.npy", self.projection.directions.astype(np.float16))
        _pack_rows(folder, f"{name}-documents", self.documents)
        np.save(folder / f"{name}-rows.npy", self.rows.astype(np.int32))
        if self.matcher:
            np.save(folder / f"{name}-title-directions.npy", self.matcher.directions.astype(np.float16))
            np.save(folder / f"{name}-title-offset.npy", self.matcher.offset.astype(np.float32))
            _pack_rows(folder, f"{name}-titles", self.matcher.titles)

    def nearest(self, embedding: Floats) -> tuple[Rows, Floats]:
        """Return the catalogue rows of the most similar documents, best first, and their cosines above 0."""
        cosines = self.documents @ self.projection(embedding)
        count = min(NEAREST, len(cosines))
        best = np.argpartition(-cosines, count - 1)[:count]
        best = best[np.argsort(-cosines[best], kind="stable")]
        best = best[cosines[best] > 0]
        return self.rows[best], cosines[best]


def meaning_of(text: PatentText) -> str:
    """Return what an encoder reads of a document, the telling parts first: its network ends after some words."""
    parts = (text.title, text.abstract, text.claims, text.text, text.description)
    return ". ".join(clean(part.strip()[:_READ_LETTERS]) for part in parts if part.strip())


def _pack(folder: Path, name: str, values: Floats) -> None:
    """Write signed bytes, and the scale that each column is multiplied by."""
    scales = np.maximum(np.abs(values).max(axis=0) / _STEPS, 1e-12)
    np.save(folder / f"{name}.npy", np.rint(values / scales).astype(np.int8))
    np.save(folder / f"{name}-scales.npy", scales.astype(np.float32))


def _unpacked(folder: Path, name: str) -> Floats:
    packed = np.load(folder / f"{name}.npy").astype(np.float32)
    packed *= np.load(folder / f"{name}-scales.npy")
    return np.asarray(packed)


def _pack_rows(folder: Path, name: str, values: Floats) -> None:
    """Write half a byte a number, two in each byte, and the scale that each row is multiplied by."""
    scales = np.maximum(np.abs(values).max(axis=1, keepdims=True) / _ROW_STEPS, 1e-12)
    halves = (np.rint(values / scales) + _ROW_STEPS).astype(np.uint8)
    np.save(folder / f"{name}.npy", halves[:, ::2] << 4 | halves[:, 1::2])
    np.save(folder / f"{name}-scales.npy", scales[:, 0].astype(np.float16))


def _unpacked_rows(folder: Path, name: str) -> Floats:
    packed = np.load(folder / f"{name}.npy")
    values = np.empty((len(packed), 2 * packed.shape[1]), np.float32)
    values[:, ::2], values[:, 1::2] = packed >> 4, packed & 15
    values -= _ROW_STEPS
    values *= np.load(folder / f"{name}-scales.npy").astype(np.float32)[:, None]
    return values
