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
Shares = NDArray[np.float64]

# How many symbols of a ranking are looked at, and how many are suggested at most.
MOST_CONSIDERED: Final = 20
MOST_SUGGESTED: Final = 10
# More likely right than not. On patents kept out of training, `auto` then ends at every level, and its first symbol is
# right for more than half of them at each; a bar of .6 would leave many at the section.
_DEEP_ENOUGH: Final = 0.5
# Below one chance in twenty a suggestion is noise: so it is for 8 % of the texts at the level of subgroups.
_LEAST_SCORE: Final = 0.05
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
    inside, outside = _running_shares(scores), _running_shares(scores[::-1])[::-1]
    counts = range(1, min(MOST_SUGGESTED, len(scores)) + 1)
    return 1 + int(np.argmax([_expected_f1(inside[count], outside[count], count) for count in counts]))


def _expected_f1(inside: Shares, outside: Shares, count: int) -> float:
    hits, missed = np.ogrid[: len(inside), : len(outside)]
    return float(inside @ (2 * hits / (count + hits + missed)) @ outside)


def _running_shares(scores: Sequence[float]) -> list[Shares]:
    """Return for the first 0, 1, ... symbols the probability that 0, 1, ... of them are right (Poisson binomial)."""
    shares: list[Shares] = [np.ones(1)]
    for score in scores:
        shares.append(np.convolve(shares[-1], (1 - score, score)))
    return shares


def without_relatives(
    ranked: Sequence[tuple[Symbol, float]], symbols_above: Callable[[Symbol], Sequence[str]]
) -> list[tuple[Symbol, float]]:
    """Return a ranking without what stands above or below a better symbol; the better one says it already."""
    kept: list[tuple[Symbol, float]] = []
    names: set[str] = set()
    above: set[str] = set()
    for symbol, score in ranked:
        own = symbols_above(symbol)
        if str(symbol) not in above and names.isdisjoint(own):
            kept.append((symbol, score))
            names.add(str(symbol))
            above.update(own)
    return kept


def roles_of(scores: Sequence[float], front_shares: Sequence[float]) -> list[Role]:
    """Tell inventive from additional information, for the symbols of one set, best first.

    The Guide to the IPC calls inventive what adds to the art, found with the claims for guidance, and additional what
    does not but is useful for search. `front_shares` are the shares of each symbol's evidence that stand in title,
    abstract, claims or text of unknown kind, rather than in the description alone. A symbol is inventive when at least
    half of its evidence does, and its score is at least half of the best one's: of the symbols that offices assigned,
    75 % are listed first (which is the main invention) above .8 of the best score, 56 % at half of it, 25 % below .4.
    Every document has an inventive symbol: where the rule finds none, it is the one with most evidence in front.
    """
    pairs = list(zip(scores, front_shares, strict=True))
    roles = [_role_of(score / max(scores), share) for score, share in pairs]
    if pairs and Role.INVENTIVE not in roles:
        roles[int(np.argmax(front_shares))] = Role.INVENTIVE
    return roles


def _role_of(share_of_best: float, front_share: float) -> Role:
    is_central = share_of_best >= _LEAST_OF_BEST and front_share >= _LEAST_FRONT_SHARE
    return Role.INVENTIVE if is_central else Role.ADDITIONAL
