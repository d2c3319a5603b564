"""The weights of a BERT encoder, whatever file they come from, and how they are read from a Hugging Face folder."""

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from examkit.errors import ArtifactError

BLOCK: Final = 32
_HALF: Final = 8
_KINDS: Final = {"F32": "<f4", "F16": "<f2"}

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class WordTable:
    """Token vectors in 4 bits: in a block of BLOCK numbers, each is (code - 8) times the scale of the block.

    `codes` is (tokens, width), from 0 to 15; `scales` is (tokens, width / BLOCK). The form is Q4_0 of llama.cpp.
    """

    codes: NDArray[np.uint8]
    scales: NDArray[np.float16]

    @classmethod
    def of(cls, values: Floats) -> Self:
        """Round token vectors (tokens, width): the number furthest from zero of each block keeps its value."""
        blocks = values.reshape(len(values), -1, BLOCK)
        furthest = np.take_along_axis(blocks, np.abs(blocks).argmax(axis=2, keepdims=True), axis=2)
        scales = (furthest / -_HALF).astype(np.float16)
        divisors = np.where(scales, scales, 1).astype(np.float32)
        codes = np.clip(np.rint(blocks / divisors) + _HALF, 0, 2 * _HALF - 1).astype(np.uint8)
        return cls(codes.reshape(values.shape), scales[:, :, 0])

    def rows(self, kept: NDArray[np.integer[Any]]) -> Self:
        """Keep some of the tokens, in the order given."""
        return type(self)(self.codes[kept], self.scales[kept])


@dataclass(frozen=True)
class Linear:
    """A matrix (inputs, outputs) and what is added after it (outputs)."""

    weight: Floats
    bias: Floats


@dataclass(frozen=True)
class Norm:
    """What a layer normalization multiplies by and adds, each of the width."""

    scale: Floats
    bias: Floats


@dataclass(frozen=True)
class Layer:
    """One transformer layer, normalized after each half; `attention` gives queries, keys and values side by side."""

    attention: Linear
    attention_output: Linear
    attention_norm: Norm
    wide: Linear
    narrow: Linear
    norm: Norm


@dataclass(frozen=True)
class Bert:
    """A whole encoder; `positions` (positions, width) holds what the first token type adds as well."""

    words: WordTable
    positions: Floats
    norm: Norm
    layers: tuple[Layer, ...]
    heads: int
    epsilon: float

    @property
    def width(self) -> int:
        """Return the length of a token's vector."""
        return int(self.positions.shape[1])


def read_bert(folder: Path) -> Bert:
    """Read `config.json` and `model.safetensors`; raise ArtifactError when they hold another kind of network."""
    try:
        config: Mapping[str, Any] = json.loads((folder / "config.json").read_bytes())
        tensors = read_safetensors(folder / "model.safetensors")
    except FileNotFoundError as error:
        raise ArtifactError(f"{folder} holds no encoder: {Path(error.filename).name} is missing.") from None
    if (config.get("model_type"), config.get("hidden_act")) != ("bert", "gelu"):
        raise ArtifactError(f"{folder} holds no BERT with GELU.")
    words = WordTable.of(_named(tensors, "embeddings.word_embeddings.weight"))
    return assemble(tensors, words, heads=config["num_attention_heads"], epsilon=config["layer_norm_eps"])


def read_safetensors(file: Path) -> Mapping[str, Floats]:
    """Read every floating-point tensor of a safetensors file by its name; raise ArtifactError on a broken file."""
    data = file.read_bytes()
    try:
        (length,) = struct.unpack_from("<Q", data)
        header: Mapping[str, Any] = json.loads(data[8 : 8 + length])
        described = {name: entry for name, entry in header.items() if entry.get("dtype") in _KINDS}
        return {name: _tensor(data, 8 + length, entry) for name, entry in described.items()}
    except (struct.error, ValueError, KeyError, AttributeError):
        raise ArtifactError(f"{file.name} cannot be read.") from None


def _tensor(data: bytes, start: int, entry: Mapping[str, Any]) -> Floats:
    begin, end = entry["data_offsets"]
    values = np.frombuffer(data[start + begin : start + end], _KINDS[entry["dtype"]])
    return values.reshape(entry["shape"]).astype(np.float32)


def assemble(tensors: Mapping[str, Floats], words: WordTable, *, heads: int, epsilon: float) -> Bert:
    """Put tensors with the names of Hugging Face in their places; raise ArtifactError naming one that is missing."""
    positions = _named(tensors, "embeddings.position_embeddings.weight")
    types = _named(tensors, "embeddings.token_type_embeddings.weight")
    count = sum(name.endswith(".attention.self.query.weight") for name in tensors)
    layers = tuple(_layer(tensors, f"encoder.layer.{number}") for number in range(count))
    return Bert(words, positions + types[0], _norm(tensors, "embeddings.LayerNorm"), layers, heads, epsilon)


def _layer(tensors: Mapping[str, Floats], name: str) -> Layer:
    parts = [_linear(tensors, f"{name}.attention.self.{part}") for part in ("query", "key", "value")]
    attention = Linear(
        np.concatenate([part.weight for part in parts], axis=1), np.concatenate([part.bias for part in parts])
    )
    return Layer(
        attention,
        _linear(tensors, f"{name}.attention.output.dense"),
        _norm(tensors, f"{name}.attention.output.LayerNorm"),
        _linear(tensors, f"{name}.intermediate.dense"),
        _linear(tensors, f"{name}.output.dense"),
        _norm(tensors, f"{name}.output.LayerNorm"),
    )


def _linear(tensors: Mapping[str, Floats], name: str) -> Linear:
    return Linear(_named(tensors, f"{name}.weight").T, _named(tensors, f"{name}.bias"))


def _norm(tensors: Mapping[str, Floats], name: str) -> Norm:
    return Norm(_named(tensors, f"{name}.weight"), _named(tensors, f"{name}.bias"))


def _named(tensors: Mapping[str, Floats], name: str) -> Floats:
    if name not in tensors:
        raise ArtifactError(f"The encoder lacks the part {name}: it is of another kind.")
    return tensors[name]
