"""Which symbols an examiner would assign together: how many of a ranking, in which role, and how deep."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from services.classify.ipc import Level, Symbol

AUTO: Final = "auto"
AskedLevel = Level | Literal["auto"]

# How many symbols of a ranking are looked at, and how many are suggested at most.
MOST_CONSIDERED: Final = 20
MOST_SUGGESTED: Final = 10
_DEEP_ENOUGH: Final = 0.5
_LEAST_SCORE: Final = 0.1
_LEAST_FRONT_SHARE: Final = 0.5
_LEAST_OF_BEST: Final = 0.5


class Role(StrEnum):
    """What a symbol says about a document, in the words of the Guide to the IPC."""

    INVENTIVE = "inventive"
    ADDITIONAL = "additional"


@dataclass(frozen=True)
class SuggestedSymbol:
    """A symbol of the suggested set with its role and the probability that an office assigns it."""

    symbol: Symbol
    role: Role
    score: float


def is_deep_enough(best_score: float) -> bool:
    """Tell whether the best symbol of a level is more likely right than not."""
    return best_score >= _DEEP_ENOUGH


def best_count(scores: Sequence[float]) -> int:
    """Return how many of the best symbols to suggest, from their probabilities in descending order.

    The set of k symbols with the highest expected F1 is the k likeliest ones where labels are taken as independent
    (Lewis, 1995; Ye, Chai, Lee and Chieu, "Optimizing F-measures: a tale of two approaches", 2012): for every k, the
    number of right symbols inside and outside the set follow Poisson binomial distributions, and E[F1] is the sum
    over both of P(inside) P(outside) 2 inside / (k + inside + outside). Nothing is suggested below a least score.
    """
    if not scores or scores[0] < _LEAST_SCORE:
        return 0
    expected = [_expected_f1(scores, count) for count in range(1, min(MOST_SUGGESTED, len(scores)) + 1)]
    return 1 + int(np.argmax(expected))


def _expected_f1(scores: Sequence[float], count: int) -> float:
    inside, outside = _count_shares(scores[:count]), _count_shares(scores[count:])
    hits, missed = np.ogrid[: len(inside), : len(outside)]
    return float(inside @ (2 * hits / (count + hits + missed)) @ outside)


def _count_shares(scores: Sequence[float]) -> NDArray[np.float64]:
    """Return the probability of 0, 1, ... right symbols among some: a Poisson binomial distribution."""
    shares = np.ones(1)
    for score in scores:
        shares = np.convolve(shares, (1 - score, score))
    return shares


def without_relatives(
    ranked: Sequence[tuple[Symbol, float]], ancestors: Callable[[Symbol], Sequence[Symbol]]
) -> list[tuple[Symbol, float]]:
    """Return a ranking without what stands above or below a better symbol; the better one says it already."""
    kept: list[tuple[Symbol, float]] = []
    above: set[Symbol] = set()
    for symbol, score in ranked:
        own = ancestors(symbol)
        if symbol not in above and not any(each in own for each, _ in kept):
            kept.append((symbol, score))
            above.update(own)
    return kept


def role_of(score: float, best_score: float, front_share: float) -> Role:
    """Tell inventive from additional information.

    The Guide to the IPC (paragraphs 75 to 80): inventive is what adds to the art, taken first from the claims;
    additional is what is not claimed but useful for search. `front_share` is the share of the symbol's evidence that
    stands in title, abstract or claims rather than in the description alone.
    """
    is_central = front_share >= _LEAST_FRONT_SHARE and score >= _LEAST_OF_BEST * best_score
    return Role.INVENTIVE if is_central else Role.ADDITIONAL
