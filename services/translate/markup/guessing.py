"""Which word comes from which, guessed for engines that do not tell: by likeness of the words and by their order.

Languages that are translated by rules are close: most words are spelt alike, and most stand in the same order. So the
best way through both texts without going back is found (Needleman and Wunsch 1970).
"""

import re
from collections.abc import Sequence
from typing import Final

Span = tuple[int, int]

_WORD = re.compile(r"\w+")
_MOST_WORDS: Final = 200
_PREFIX: Final = 4
_GAP: Final = -0.2
_UNLIKE: Final = 0.25


def guess_links(source: str, target: str) -> list[tuple[Span, Span]]:
    """Pair words of two texts; none are paired in texts of more than some hundreds of words."""
    before, after = ([word.span() for word in _WORD.finditer(text)] for text in (source, target))
    if not before or not after or max(len(before), len(after)) > _MOST_WORDS:
        return []
    likeness = [
        [_likeness(source[slice(*a)], target[slice(*b)], i / len(before) - j / len(after)) for j, b in enumerate(after)]
        for i, a in enumerate(before)
    ]
    return [(before[i], after[j]) for i, j in _best_way(likeness)]


def _likeness(before: str, after: str, distance: float) -> float:
    before, after = before.casefold(), after.casefold()
    if before == after:
        return 2.0
    common = next(
        (i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), min(len(before), len(after))
    )
    is_like = common >= _PREFIX or common == min(len(before), len(after)) > 1
    return (1.0 if is_like else _UNLIKE) - abs(distance)


def _best_way(likeness: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    rows, columns = len(likeness), len(likeness[0])
    scores = [[_GAP * (i + j) for j in range(columns + 1)] for i in range(rows + 1)]
    for i in range(1, rows + 1):
        for j in range(1, columns + 1):
            paired = scores[i - 1][j - 1] + likeness[i - 1][j - 1]
            scores[i][j] = max(paired, scores[i - 1][j] + _GAP, scores[i][j - 1] + _GAP)
    way: list[tuple[int, int]] = []
    i, j = rows, columns
    while i and j:
        if scores[i][j] == scores[i - 1][j - 1] + likeness[i - 1][j - 1]:
            i, j = i - 1, j - 1
            way.append((i, j))
        elif scores[i][j] == scores[i - 1][j] + _GAP:
            i -= 1
        else:
            j -= 1
    return way[::-1]
