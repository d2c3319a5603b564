"""Finds units that are like a segment among very many, by bits that stand for the trigrams of their skeletons."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

BYTES: Final = 64
_BITS: Final = 8 * BYTES
_WORDS: Final = BYTES // 8
_LEAST_LENGTH_RATIO: Final = 0.7
# Of units as like as 75 %, by their edit distance, hardly one shares less of its trigrams.
_LEAST_SHARED: Final = 0.4

_Signatures: TypeAlias = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Mark:
    """What is known of a unit without reading it: its number, the length of its skeleton and its signature."""

    number: int
    length: int
    signature: bytes


def signature(skeleton: str) -> bytes:
    """Return the bits of a skeleton's trigrams."""
    letters = f" {skeleton} ".lower()
    bits = 0
    for place in {zlib.crc32(letters[i : i + 3].encode()) % _BITS for i in range(len(letters) - 2)}:
        bits |= 1 << place
    return bits.to_bytes(BYTES, "little")


@dataclass(frozen=True)
class Marks:
    """The marks of many units, in order of their lengths; 78 bytes each.

    `signatures` is of shape (words, units): to count bits word by word is three times as fast as unit by unit.
    """

    numbers: NDArray[np.int64]
    lengths: NDArray[np.int32]
    counts: NDArray[np.uint16]
    signatures: _Signatures

    @classmethod
    def none(cls) -> Self:
        """Return the marks of no unit."""
        numbers, lengths, counts = np.empty(0, np.int64), np.empty(0, np.int32), np.empty(0, np.uint16)
        return cls(numbers, lengths, counts, np.empty((_WORDS, 0), np.uint64))

    def with_more(self, marks: Sequence[Mark]) -> "Marks":
        """Return these marks and more of them."""
        more = _read(b"".join(mark.signature for mark in marks))
        numbers = np.concatenate([self.numbers, np.array([mark.number for mark in marks], np.int64)])
        lengths = np.concatenate([self.lengths, np.array([mark.length for mark in marks], np.int32)])
        counts = np.concatenate([self.counts, _count(more)])
        order = np.argsort(lengths, kind="stable")
        signatures = np.concatenate([self.signatures, more], axis=1)[:, order]
        return Marks(numbers[order], lengths[order], counts[order], np.ascontiguousarray(signatures))

    def nearest(self, skeleton: str, most: int) -> list[int]:
        """Give the numbers of at most `most` units that may be like a skeleton, the likeliest first."""
        lowest, highest = len(skeleton) * _LEAST_LENGTH_RATIO, len(skeleton) / _LEAST_LENGTH_RATIO
        first, last = np.searchsorted(self.lengths, [lowest, highest], side="left")
        asked = _read(signature(skeleton))
        shared = _count(self.signatures[:, first:last] & asked)
        shares = 2 * shared / (self.counts[first:last] + _count(asked))
        likely = np.flatnonzero(shares >= _LEAST_SHARED)
        if len(likely) > most:
            likely = likely[np.argpartition(-shares[likely], most)[:most]]
        best = likely[np.argsort(-shares[likely], kind="stable")]
        return [int(number) for number in self.numbers[first:last][best]]


def _read(signatures: bytes) -> _Signatures:
    return np.frombuffer(signatures, np.dtype("<u8")).reshape(-1, _WORDS).T


def _count(signatures: _Signatures) -> NDArray[np.uint16]:
    total = np.zeros(signatures.shape[1], np.uint16)
    for word in signatures:
        total += np.bitwise_count(word)
    return total
