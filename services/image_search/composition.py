"""How alike two marks are put together: which of their parts are alike, and whether these lie in the same places."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.image_search.portrait import Portrait

_PART_PENALTY = 0.10
_ARRANGED = 0.3  # how much the arrangement counts beside the best pair
_PLACE_SPREAD = 0.25  # of the mark's longer side

Cosines = NDArray[np.float32]  # rows of one mark x rows of the other


@dataclass(frozen=True)
class Pairing:
    """How alike two marks are, from 0 to 1, and which rows of theirs are most alike."""

    score: float
    query_row: int
    mark_row: int


def compare_compositions(query: Portrait, mark: Portrait, cosines: Cosines) -> Pairing:
    """Compare two marks by their parts.

    The best pair counts most, be it whole with whole, part with whole or part with part; the rest is how well the parts
    agree in drawing, place and size when each is paired with one of the other mark.
    """
    adjusted = cosines - np.maximum(_penalties(query)[:, None], _penalties(mark)[None])
    at = int(adjusted.argmax())
    best_row, best_column = divmod(at, adjusted.shape[1])
    arranged = _arrangement(query, mark, cosines)
    score = (1 - _ARRANGED) * float(adjusted.flat[at]) + _ARRANGED * arranged
    return Pairing(score, best_row, best_column)


def _penalties(portrait: Portrait) -> NDArray[np.float32]:
    penalties = np.zeros(len(portrait.places), np.float32)
    penalties[portrait.views :] = _PART_PENALTY
    return penalties


def _arrangement(query: Portrait, mark: Portrait, cosines: Cosines) -> float:
    """Pair parts, the best pair first, and add up how far each pair agrees, by its share of the ink."""
    rows, columns = _elements(query), _elements(mark)
    shares = np.sqrt(np.outer(query.places["ink_share"][rows], mark.places["ink_share"][columns]))
    agreement = shares * cosines[np.ix_(rows, columns)].clip(0, 1) * _same_place(query, mark, rows, columns)
    total = 0.0
    for _ in range(min(agreement.shape)):
        row, column = np.unravel_index(agreement.argmax(), agreement.shape)
        total += float(agreement[row, column])
        agreement[row], agreement[:, column] = 0, 0
    return total


def _elements(portrait: Portrait) -> list[int]:
    """Return the rows of the parts; a mark of one piece is its own part, without the tile."""
    views, rows = portrait.views, len(portrait.places)
    return list(range(views, rows)) if rows > views else [views - 1]


def _same_place(query: Portrait, mark: Portrait, rows: list[int], columns: list[int]) -> NDArray[np.float32]:
    first, second = _relative(query, rows)[:, None], _relative(mark, columns)[None]
    distance = np.linalg.norm(first[..., :2] - second[..., :2], axis=-1)
    sizes = np.minimum(first[..., 2], second[..., 2]) / np.maximum(first[..., 2], second[..., 2])
    return np.asarray(np.exp(-((distance / _PLACE_SPREAD) ** 2)) * sizes, np.float32)


def _relative(portrait: Portrait, rows: list[int]) -> NDArray[np.float64]:
    """Return center (x, y) and size of rows, as shares of the longer side of the mark within its tile."""
    frame = portrait.places[portrait.views - 1]
    side = max(frame["width"], frame["height"])
    places = portrait.places[rows]
    x = (places["x"] + places["width"] / 2 - frame["x"] - frame["width"] / 2) / side
    y = (places["y"] + places["height"] / 2 - frame["y"] - frame["height"] / 2) / side
    return np.column_stack([x, y, np.maximum(places["width"], places["height"]) / side])
