"""From features to probabilities: the weights of each kind of text, the softmax over symbols, and calibration."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

# In the single precision that shares come in: double takes six times as long over all groups and
# moves no score by a millionth.
_SMALLEST: Final = np.float32(1e-30)
_LARGEST: Final = np.float32(1 - 1e-7)
# Its exponential is still finite in single precision.
_LEAST_LIKELY: Final = np.float32(80)


class TextKind(StrEnum):
    """What sort of text is classified; each has weights of its own."""

    ENGLISH = "english"
    ENGLISH_SHORT = "english-short"
    CJK = "cjk"
    OTHER = "other"
    OTHER_SHORT = "other-short"


@dataclass(frozen=True)
class Calibration:
    """Beta calibration (Kull, Silva Filho and Flach, 2017): logit = a ln p - b ln(1 - p) + c, with a, b >= 0."""

    a: float
    b: float
    c: float

    def __call__(self, shares: Floats) -> Floats:
        """Turn shares of the softmax into the probability that an office assigns the symbol."""
        p = np.clip(shares, _SMALLEST, _LARGEST)
        logits = self.a * np.log(p) - self.b * np.log(1 - p) + self.c
        return np.asarray(1 / (1 + np.exp(np.minimum(-logits, _LEAST_LIKELY))), np.float32)


@dataclass(frozen=True)
class StackWeights:
    """The fitted numbers of one kind of text.

    `subclass`, `main_group` and `subgroup` weigh the feature columns that `strategies` describes;
    `calibrations` holds one calibration for each of the five levels, by its name on the wire.
    """

    subclass: Floats
    main_group: Floats
    subgroup: Floats
    calibrations: Mapping[str, Calibration]


def softmax(logits: Floats) -> Floats:
    """Return the shares of logits of shape (n,); minus infinity gives 0, and all of it gives zeros."""
    best = logits.max(initial=-np.inf)
    if not np.isfinite(best):
        return np.zeros_like(logits)
    exponentials = np.exp(logits - best)
    shares: Floats = exponentials / exponentials.sum()
    return shares


def log_share(shares: Floats, floor: float) -> Floats:
    """Return ln(share + floor): a share of nothing is a weak sign, not an impossible one."""
    logarithms: Floats = np.log(shares + np.float32(floor))
    return logarithms
