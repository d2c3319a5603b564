"""Relevance feedback: what is like marks found right comes up, what is like marks found wrong goes down.

Marks are judged by their scores for each example, as if it had been searched by, and not by a mean of the examples:
what is right may be drawn in several ways. Source: the formula of J. J. Rocchio (1971) with the nearest example in the
place of the mean of all, as in G. Giacinto, A nearest-neighbor approach to relevance feedback, CIVR 2007.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

LIKED = 1.0  # beside 1 for the query; both chosen on the brands for tuning
DISLIKED = 0.1

Scores = NDArray[np.float64]


def judge_scores(own: Scores, liked: Sequence[Scores], disliked: Sequence[Scores]) -> Scores:
    """Return the scores of n marks, 0 to 1, from those for the query and for each example (n each).

    A mark is lifted by its likeness to the nearest liked example, and lowered a little by that to the nearest disliked.
    """
    parts = [(1.0, own)]
    if liked:
        parts.append((LIKED, np.maximum.reduce(liked)))
    if disliked:
        parts.append((DISLIKED, 1 - np.maximum.reduce(disliked)))
    total = np.sum([weight * scores for weight, scores in parts], axis=0)
    return np.asarray(total / sum(weight for weight, _ in parts), np.float64)
