"""One more system to compare with: the neighbours of a text by a small encoder alone, never taught about patents."""

import hashlib
import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from benchmarks.classify_answers import PROCESSES
from benchmarks.classify_baselines import Labels, Rankings
from benchmarks.classify_stages import Tick
from examkit.artifact import MANIFEST_NAME, sha256_of
from services.classify.encoder import Encoder
from services.classify.text import PatentText

_NEIGHBOURS: Final = 40
_CLAIM_LETTERS: Final = 800
_CHUNK: Final = 100
_BLOCK: Final = 500

Floats = NDArray[np.float32]


def read_of(text: PatentText) -> str:
    """Return what the encoder is shown: title and abstract, or the beginning of the claims where there is none."""
    return f"{text.title}. {text.abstract or text.claims[:_CLAIM_LETTERS]}".strip(". ")


def encode(encoder: Path, texts: Sequence[PatentText], tick: Tick) -> Floats:
    """Return the vectors (texts, dimensions) of texts.

    They take minutes and depend on encoder and texts alone, so they are kept beside the installed artifacts.
    """
    shown = [read_of(text) for text in texts]
    file = encoder.parent.parent / "benchmarks" / f"vectors-{_key(encoder, shown)}.npy"
    if not file.is_file():
        file.parent.mkdir(exist_ok=True)
        np.save(file, _encoded(encoder, shown, tick).astype(np.float16))
    vectors: Floats = np.load(file).astype(np.float32)
    return vectors


def _key(encoder: Path, shown: Sequence[str]) -> str:
    parts = "\0".join((sha256_of(encoder / MANIFEST_NAME), *shown))
    return hashlib.sha256(parts.encode(errors="replace")).hexdigest()[:16]


def neighbour_rankings(labels: Labels, known: Floats, asked: Floats) -> Rankings:
    """Rank symbols for texts `asked` (texts, dimensions) by the votes of the 40 nearest of `known`.

    `labels` are those of `known` (patents, dimensions); a vote is the cosine to the fourth power, after the mean of the
    patents was taken off all vectors.
    """
    mean = known.mean(axis=0)
    known, asked = _unit(known - mean), _unit(asked - mean)
    starts = range(0, len(asked), _BLOCK)
    votes = (_votes(labels, asked[start : start + _BLOCK] @ known.T) for start in starts)
    return [ranked for block in votes for ranked in labels.best(block)]


def _votes(labels: Labels, cosines: Floats) -> Floats:
    count = min(_NEIGHBOURS, cosines.shape[1])
    nearest = np.argpartition(-cosines, count - 1, axis=1)[:, :count]
    weights = np.maximum(np.take_along_axis(cosines, nearest, 1), 0) ** 4
    starts = np.arange(0, nearest.size + 1, count)
    votes = sparse.csr_matrix((weights.ravel(), nearest.ravel(), starts), shape=cosines.shape)
    found: Floats = (votes @ labels.matrix).toarray()
    return found


def _encoded(encoder: Path, shown: Sequence[str], tick: Tick) -> Floats:
    chunks = [shown[start : start + _CHUNK] for start in range(0, len(shown), _CHUNK)]
    with ProcessPoolExecutor(PROCESSES, multiprocessing.get_context("spawn")) as pool:
        return np.concatenate(list(_ticked(pool.map(partial(_encode_chunk, encoder), chunks), tick)))


def _ticked(chunks: Iterator[Floats], tick: Tick) -> Iterator[Floats]:
    for chunk in chunks:
        tick(len(chunk))
        yield chunk


def _encode_chunk(encoder: Path, shown: Sequence[str]) -> Floats:
    return _opened(encoder).encode_all(shown)


@cache
def _opened(encoder: Path) -> Encoder:
    return Encoder.open(encoder)


def _unit(vectors: Floats) -> Floats:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9))
