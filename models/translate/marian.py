"""Reads what a Marian student consists of: the binary model file and the binary lexical shortlist.

Both layouts are Marian's own (`src/common/binary.cpp` and `src/data/shortlist.h` of marian-dev), little endian.
"""

import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from examkit.errors import ArtifactError

_CONFIGURATION = "special:model.yml"
_MODEL_VERSION = 1
_FLOAT32 = 0x404
_INTGEMM8 = 0x4101
_SHARED = "Wemb"
_OUTPUT = "decoder_ff_logit_out_W"


T = TypeVar("T")


@dataclass(frozen=True)
class Int8Matrix:
    """A matrix in 8 bits: `values` has shape (rows, columns) and each weight is value / multiplier."""

    values: NDArray[np.int8]
    multiplier: float


@dataclass(frozen=True)
class StudentSizes:
    """The sizes of a student network, as its own configuration tells them."""

    dimension: int
    heads: int
    encoder_layers: int
    decoder_layers: int

    @property
    def width(self) -> int:
        """Give the width of a head."""
        return self.dimension // self.heads


@dataclass(frozen=True)
class MarianModel:
    """A student as read: 8-bit matrices and float arrays by parameter name.

    `NAME_QuantMultA` among the arrays is the factor by which the input of the matrix NAME is to be multiplied before it
    is rounded to 8 bits; for an output layer that is tied to the embedding NAME is `none`. Both languages share one
    embedding, `Wemb`, or each has its own.
    """

    sizes: StudentSizes
    matrices: Mapping[str, Int8Matrix]
    arrays: Mapping[str, NDArray[np.float32]]

    @property
    def source_embedding(self) -> Int8Matrix:
        """Give the embedding of the source's pieces (pieces, dimension)."""
        return self.matrices["encoder_Wemb" if self.has_two_embeddings else _SHARED]

    @property
    def target_embedding(self) -> Int8Matrix:
        """Give the embedding of the target's pieces (pieces, dimension)."""
        return self.matrices["decoder_Wemb" if self.has_two_embeddings else _SHARED]

    @property
    def output(self) -> Int8Matrix:
        """Give the output layer (pieces, dimension): the target's embedding, where it is tied to that."""
        if not self.has_own_output:
            return self.target_embedding
        own = self.matrices[_OUTPUT]
        return Int8Matrix(np.ascontiguousarray(own.values.T), own.multiplier)

    @property
    def has_two_embeddings(self) -> bool:
        """Tell whether each language has its own embedding."""
        return _SHARED not in self.matrices

    @property
    def has_own_output(self) -> bool:
        """Tell whether the output layer is not tied to the target's embedding."""
        return _OUTPUT in self.matrices

    @property
    def output_input(self) -> str:
        """Name the matrix whose multiplier the input of the output layer has."""
        return _OUTPUT if f"{_OUTPUT}_QuantMultA" in self.arrays else "none"


@dataclass(frozen=True)
class Shortlist:
    """Which target pieces a source piece allows.

    Pieces 0 to `first` - 1 are always allowed; source piece i allows `entries[offsets[i]:offsets[i + 1]]` besides.
    """

    first: int
    offsets: NDArray[np.uint32]
    entries: NDArray[np.uint32]


@dataclass(frozen=True)
class _Item:
    name: str
    type: int
    shape: tuple[int, ...]
    data: bytes


def read_model(path: Path) -> MarianModel:
    """Read a Marian binary of version 1; raise ArtifactError when it is none or no student that this project knows."""
    items = {item.name: item for item in _read(path, _items)}
    if _CONFIGURATION not in items:
        raise ArtifactError(f"{path.name} carries no configuration of its network.")
    sizes = _sizes(items.pop(_CONFIGURATION).data, path.name)
    # The embedding is no matrix that anything is multiplied by: its activation multiplier has no meaning.
    matrices = {
        item.name: _matrix(item)
        for item in items.values()
        if item.type == _INTGEMM8 and not item.name.endswith("_QuantMultA")
    }
    arrays = {item.name: _array(item) for item in items.values() if item.type == _FLOAT32}
    return MarianModel(sizes, matrices, arrays)


def read_shortlist(path: Path) -> Shortlist:
    """Read a binary lexical shortlist; raise ArtifactError when the file is shorter than it says."""
    return _read(path, _shortlist)


def _read(path: Path, parse: Callable[[bytes], T]) -> T:
    try:
        return parse(path.read_bytes())
    except (struct.error, ValueError, UnicodeDecodeError):
        raise ArtifactError(f"{path.name} is not the Marian file that it should be.") from None


def _items(data: bytes) -> list[_Item]:
    version, count = struct.unpack_from("<QQ", data)
    if version != _MODEL_VERSION:
        raise ValueError(version)
    return list(_walk(data, count))


def _walk(data: bytes, count: int) -> Iterator[_Item]:
    """Read headers, names, shapes and padding, which precede all data blocks."""
    headers = [struct.unpack_from("<4Q", data, 16 + 32 * index) for index in range(count)]
    position = 16 + 32 * count
    names, shapes = [], []
    for length, *_ in headers:
        names.append(data[position : position + length - 1].decode())
        position += length
    for _, _, dimensions, _ in headers:
        shapes.append(struct.unpack_from(f"<{dimensions}i", data, position))
        position += 4 * dimensions
    (padding,) = struct.unpack_from("<Q", data, position)
    position += 8 + padding
    for (_, type_, _, length), name, shape in zip(headers, names, shapes, strict=True):
        yield _Item(name, type_, shape, data[position : position + length])
        position += length


def _matrix(item: _Item) -> Int8Matrix:
    rows, columns = item.shape
    values = np.frombuffer(item.data, np.int8, rows * columns)
    multiplier = float(np.frombuffer(item.data, "<f4", 1, rows * columns)[0])
    # Every 8-bit matrix but an embedding is kept transposed, ready for Marian's own multiplication.
    shaped = values.reshape(rows, columns) if item.name.endswith(_SHARED) else values.reshape(columns, rows).T
    return Int8Matrix(np.ascontiguousarray(shaped), multiplier)


def _array(item: _Item) -> NDArray[np.float32]:
    return np.frombuffer(item.data, "<f4", int(np.prod(item.shape))).reshape(item.shape)


def _sizes(configuration: bytes, name: str) -> StudentSizes:
    values = _flat_yaml(configuration)
    expected = {
        "type": "transformer",
        "dec-cell": "ssru",
        "transformer-decoder-autoreg": "rnn",
        "transformer-ffn-activation": "relu",
        "transformer-postprocess": "dan",
        "transformer-preprocess": '""',
    }
    for key, value in expected.items():
        if values.get(key) != value:
            raise ArtifactError(f"{name} is no student of the kind known here: its {key} is {values.get(key)}.")
    return StudentSizes(
        dimension=int(values["dim-emb"]),
        heads=int(values["transformer-heads"]),
        encoder_layers=int(values["enc-depth"]),
        decoder_layers=int(values["dec-depth"]),
    )


def _flat_yaml(configuration: bytes) -> dict[str, str]:
    """Read `key: value` lines; nothing that is wanted here is a list."""
    lines = configuration.rstrip(b"\0").decode().splitlines()
    pairs = (line.partition(":") for line in lines if not line.startswith(" "))
    return {key: value.strip() for key, _, value in pairs}


def _shortlist(data: bytes) -> Shortlist:
    _, _, first, _, offset_count, entry_count = struct.unpack_from("<6Q", data)
    offsets = np.frombuffer(data, "<u8", offset_count, 48)
    entries = np.frombuffer(data, "<u4", entry_count, 48 + 8 * offset_count)
    return Shortlist(first, offsets.astype(np.uint32), entries)
