"""The symbols of training texts as sparse matrices over the label tree."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from scipy import sparse

from services.classify.index import LabelTree
from services.classify.ipc import Level, Symbol


def labels_of(symbols: Sequence[Sequence[Symbol]], tree: LabelTree, level: Level) -> Any:
    """Return a CSR matrix, texts x symbols of a level, of ones; symbols that stop above the level are left out."""
    pairs = list(_pairs(symbols, tree, level))
    rows, columns = zip(*pairs, strict=True)
    shape = (len(symbols), len(tree.at(level)))
    return sparse.csr_matrix((np.ones(len(pairs), np.float32), (rows, columns)), shape=shape)


def _pairs(symbols: Sequence[Sequence[Symbol]], tree: LabelTree, level: Level) -> Iterator[tuple[int, int]]:
    known = tree.rows[level]
    for row, some in enumerate(symbols):
        texts = {str(symbol.at(level)) for symbol in some if symbol.level.depth >= level.depth}
        yield from ((row, known[text]) for text in sorted(texts) if text in known)
