"""Fits what the classifier keeps of an encoder: principal directions, linear heads and the documents' vectors."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from services.classify.dense import DenseMemory, LinearHead, Projection
from services.classify.index import Floats, Rows

KEPT_DIRECTIONS: Final = 192
_EPOCHS: Final = 8
_BATCH: Final = 256
_RATE: Final = 2e-3
_DECAY: Final = 0.01
_DROPPED: Final = 0.1

Report = Callable[[str], None]


@dataclass(frozen=True)
class TaughtVectors:
    """Embeddings (texts, dim), label shares of both levels (CSR, texts x symbols), and a weight for each text.

    The first `len(rows)` are documents of the catalogue, those in `rows`; titles of the scheme and translations follow.
    """

    embeddings: Floats
    subclasses: Any
    main_groups: Any
    weights: Floats
    rows: Rows


def fit_memory(taught: TaughtVectors, *, seed: int, report: Report) -> DenseMemory:
    """Fit heads on all texts and keep the documents; the same seed gives the same memory."""
    documents = taught.embeddings[: len(taught.rows)]
    projection = fit_projection(documents, KEPT_DIRECTIONS, seed=seed)
    heads = [
        fit_head(taught.embeddings, labels, taught.weights, seed=seed, report=report)
        for labels in (taught.subclasses, taught.main_groups)
    ]
    return DenseMemory(heads[0], heads[1], projection, projection(documents), taught.rows)


def fit_projection(embeddings: Floats, kept: int, *, seed: int) -> Projection:
    """Find the directions of greatest variance of embeddings of shape (n, dim), and turn them at random.

    Turned, all numbers of a vector are of one size, and half a byte each loses little.
    """
    mean = embeddings.mean(axis=0)
    centred = embeddings - mean
    _, directions = np.linalg.eigh(centred.T @ centred)
    widest = directions[:, ::-1][:, :kept]
    turned = widest @ rotation(widest.shape[1], seed)
    return Projection(mean.astype(np.float32), turned.astype(np.float32))


def rotation(size: int, seed: int) -> Floats:
    """Return a random orthogonal matrix (size, size)."""
    numbers = np.random.default_rng(seed).standard_normal((size, size))
    return np.asarray(np.linalg.qr(numbers)[0], np.float32)


class Adam:
    """Adam with decoupled weight decay (Loshchilov and Hutter, 2019) for one array."""

    def __init__(self, values: Floats, decay: float) -> None:
        self.values = values
        self._decay = decay
        self._mean = np.zeros_like(values)
        self._square = np.zeros_like(values)
        self._steps = 0

    def step(self, gradient: Floats, rate: float) -> None:
        """Move the values against a gradient."""
        self._steps += 1
        self._mean += 0.1 * (gradient - self._mean)
        self._square += 0.001 * (gradient * gradient - self._square)
        mean = self._mean / (1 - 0.9**self._steps)
        square = self._square / (1 - 0.999**self._steps)
        self.values -= rate * (mean / (np.sqrt(square) + 1e-8) + self._decay * self.values)


def fit_head(embeddings: Floats, labels: Any, weights: Floats, *, seed: int, report: Report) -> LinearHead:
    """Fit a softmax layer on standardised embeddings, the labels of a text sharing its probability.

    Texts without a label at this level are left out.
    """
    labelled = np.flatnonzero(np.diff(labels.indptr))
    mean, spread = embeddings.mean(axis=0), embeddings.std(axis=0) + 1e-6
    inputs = ((embeddings - mean) / spread).astype(np.float32)
    matrix = Adam(np.zeros((embeddings.shape[1], labels.shape[1]), np.float32), _DECAY)
    bias = Adam(np.zeros(labels.shape[1], np.float32), 0.0)
    random = np.random.default_rng(seed)
    steps = _EPOCHS * (len(labelled) // _BATCH + 1)
    step = 0
    for epoch in range(_EPOCHS):
        losses = []
        for chosen in _batches(labelled, random):
            kept = random.random((len(chosen), inputs.shape[1]), np.float32) >= _DROPPED
            batch = inputs[chosen] * kept / np.float32(1 - _DROPPED)
            gradients, loss = _gradients(batch, _shares(labels[chosen]), weights[chosen], matrix.values, bias.values)
            rate = _RATE * _one_cycle(step / steps)
            matrix.step(gradients[0], rate)
            bias.step(gradients[1], rate)
            losses.append(loss)
            step += 1
        report(f"head of {labels.shape[1]} symbols: epoch {epoch + 1} of {_EPOCHS}, loss {np.mean(losses):.3f}")
    folded = matrix.values / spread[:, None]
    return LinearHead(folded.astype(np.float32), (bias.values - mean @ folded).astype(np.float32))


def _batches(rows: Rows, random: np.random.Generator) -> Sequence[Rows]:
    order = random.permutation(rows)
    return np.array_split(order, len(order) // _BATCH + 1)


def _gradients(
    batch: Floats, shares: Floats, weights: Floats, matrix: Floats, bias: Floats
) -> tuple[tuple[Floats, Floats], float]:
    logits = batch @ matrix + bias
    logits -= logits.max(axis=1, keepdims=True)
    found = np.exp(logits)
    sums = found.sum(axis=1, keepdims=True)
    loss = float((weights * (np.log(sums[:, 0]) - (shares * logits).sum(axis=1))).mean())
    errors = (found / sums - shares) * (weights / len(batch))[:, None]
    return (batch.T @ errors, errors.sum(axis=0)), loss


def _shares(labels: Any) -> Floats:
    dense: Floats = labels.toarray()
    return np.asarray(dense / dense.sum(axis=1, keepdims=True), np.float32)


def _one_cycle(done: float) -> float:
    return float(min(done / 0.3, 1.0) if done < 0.3 else 0.5 * (1 + np.cos(np.pi * (done - 0.3) / 0.7)))
