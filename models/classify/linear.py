"""One linear classifier for each subclass, over terms: logistic loss, row-wise Adagrad, in plain numpy."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float32]

_INPUT_SCALE: Final = 8
_EPOCHS: Final = 3
_BATCH: Final = 512
_RATE: Final = 0.4
_DROPPED_TERMS: Final = 0.4
# Most labels are absent from most texts: the classifiers begin by saying no.
_FIRST_BIAS: Final = -6
_SMALLEST_WEIGHT: Final = 0.1


@dataclass(frozen=True)
class LinearWeights:
    """`weights` is a CSR matrix, terms x labels, small entries dropped; `bias` has shape (labels,)."""

    weights: Any
    bias: Floats


class _Trainer:
    """The state of one training run; steps shrink for a term as its squared gradients add up (Duchi et al., 2011)."""

    def __init__(self, terms: int, labels: int) -> None:
        self.weights = np.zeros((terms, labels), np.float32)
        self.bias = np.full(labels, _FIRST_BIAS, np.float32)
        self._squares = np.full(terms, 1e-3, np.float32)
        self._bias_squares = np.full(labels, 1e-3, np.float32)

    def step(self, texts: Any, labels: Floats, importance: Floats, rate: float) -> None:
        """Learn from one batch: texts x terms (CSR), texts x labels, and a weight for each text."""
        terms, places = np.unique(texts.indices, return_inverse=True)
        batch = sparse.csr_matrix((texts.data, places, texts.indptr), shape=(texts.shape[0], len(terms)))
        weights = self.weights[terms]
        errors = (_sigmoid(batch @ weights + self.bias) - labels) * importance[:, None]
        gradients = batch.T @ errors
        self._squares[terms] += (gradients * gradients).sum(axis=1)
        self.weights[terms] = weights - rate * gradients / np.sqrt(self._squares[terms])[:, None]
        bias_gradients = errors.sum(axis=0)
        self._bias_squares += bias_gradients**2
        self.bias -= rate * bias_gradients / np.sqrt(self._bias_squares)


def train_linear(
    texts: Any, labels: Any, importance: Floats, *, seed: int, report: Callable[[str], None]
) -> LinearWeights:
    """Train on texts x terms and texts x labels (both CSR), each text with its importance; same seed, same weights."""
    trainer = _Trainer(texts.shape[1], labels.shape[1])
    random = np.random.default_rng(seed)
    scaled = (texts * _INPUT_SCALE).astype(np.float32).tocsr()
    starts = range(0, max(1, texts.shape[0] - _BATCH + 1), _BATCH)
    for epoch in range(_EPOCHS):
        order = random.permutation(texts.shape[0])
        for number, start in enumerate(starts):
            chosen = np.sort(order[start : start + _BATCH])
            rate = _RATE * (1 - (epoch * len(starts) + number) / (_EPOCHS * len(starts)))
            trainer.step(_dropped(scaled[chosen], random), labels[chosen].toarray(), importance[chosen], rate)
        report(f"linear weights: epoch {epoch + 1} of {_EPOCHS}")
    kept = np.where(np.abs(trainer.weights) > _SMALLEST_WEIGHT, trainer.weights * _INPUT_SCALE, np.float32(0))
    return LinearWeights(sparse.csr_matrix(kept), trainer.bias)


def _dropped(texts: Any, random: np.random.Generator) -> Any:
    kept = random.random(texts.nnz) >= _DROPPED_TERMS
    texts.data = (texts.data * kept / (1 - _DROPPED_TERMS)).astype(np.float32)
    return texts


def _sigmoid(logits: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(logits, -30, 30))), np.float32)
