"""What the image network learns from: pairs of drawings of one mark, in batches with their nearest other marks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.image_search.augment import augment
from models.image_search.drawings import Drawing, Pair, Pixels, first_views
from models.image_search.projections import Rows

SEED: Final = 20261122
NEIGHBOURS: Final = 24
_LOGO_SEEDS: Final = 13
_ICON_SEEDS: Final = 3
_WITH_PARTNER: Final = 0.75
_PEELED: Final = 0.7
_AUGMENTED: Final = 0.6
_BLOCK: Final = 1024

Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Pool:
    """All drawings by number: what they look like, whose they are, which belong together, which are near.

    `views` of all drawings stand in one row, `starts` tells where each drawing's begin. `pairs` (n, 2) are drawings of
    one mark by different hands, with `weights`; `neighbours` (drawings, 24) are each one's nearest of other brands.
    """

    views: Pixels
    starts: Numbers
    brands: Numbers
    is_logo: NDArray[np.bool_]
    pairs: Numbers
    weights: NDArray[np.float64]
    neighbours: Numbers

    def save(self, file: Path) -> None:
        """Write the pool, whole or not at all."""
        draft = file.with_name(f"draft-{file.name}")
        np.savez(draft, **vars(self))
        draft.replace(file)

    @classmethod
    def load(cls, file: Path) -> "Pool":
        """Read what `save` wrote."""
        with np.load(file, allow_pickle=False) as arrays:
            return cls(**arrays)


def make_pool(
    logos: Sequence[Drawing], icons: Sequence[Drawing], pairs: Mapping[Pair, float], embeddings: Rows
) -> Pool:
    """Put logos and icons together; `pairs` counts icons on after logos, `embeddings` has a row for each view."""
    drawings = [*logos, *icons]
    names = sorted({drawing.brand for drawing in drawings})
    numbers = {name: number for number, name in enumerate(names)}
    starts = first_views(drawings)
    brands = np.array([numbers[drawing.brand] for drawing in drawings])
    return Pool(
        views=np.stack([view for drawing in drawings for view in drawing.views]),
        starts=starts,
        brands=brands,
        is_logo=np.arange(len(drawings)) < len(logos),
        pairs=np.array(list(pairs)),
        weights=np.array(list(pairs.values())),
        neighbours=_neighbours(embeddings, starts, brands),
    )


def _neighbours(embeddings: Rows, starts: Numbers, brands: Numbers) -> Numbers:
    """Return the nearest drawings of other brands (n x 24), by their last views: a tile's content, not the tile."""
    last = embeddings[starts[1:] - 1]
    found = []
    for at in range(0, len(last), _BLOCK):
        likeness = last[at : at + _BLOCK] @ last.T
        likeness[brands[at : at + _BLOCK, None] == brands] = -1
        found.append(np.argpartition(-likeness, NEIGHBOURS, axis=1)[:, :NEIGHBOURS])
    return np.concatenate(found)


@dataclass(frozen=True)
class Batch:
    """Views (2n x 128 x 128) with the number of each one's brand; rows 2i and 2i + 1 are a pair."""

    views: Pixels
    brands: Numbers


class Course:
    """Deals out the batches of a pool; the same step always gets the same batch."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._partners: dict[int, list[tuple[int, float]]] = {}
        for (one, two), weight in zip(pool.pairs.tolist(), pool.weights.tolist(), strict=True):
            self._partners.setdefault(one, []).append((two, weight))
            self._partners.setdefault(two, []).append((one, weight))
        has_partner = np.isin(np.arange(len(pool.brands)), list(self._partners))
        self._paired = _by_brand(pool.brands, has_partner & pool.is_logo)
        self._single = _by_brand(pool.brands, ~has_partner & pool.is_logo)
        self._icons = _by_brand(pool.brands, ~pool.is_logo)

    def batch(self, step: int) -> Batch:
        """Return 32 pairs: drawings at random, and for each a near one of another brand."""
        random = np.random.default_rng((SEED, step))
        seeds = [self._logo(random) for _ in range(_LOGO_SEEDS)]
        seeds += [_one_of(self._icons, random) for _ in range(_ICON_SEEDS)]
        near = [int(random.choice(self._pool.neighbours[seed])) for seed in seeds]
        left = np.array([*seeds, *near])
        right = np.array([self._partner(int(place), random) for place in left])
        order = np.stack([left, right], axis=1).ravel()
        is_alone = np.repeat(left == right, 2)
        views = [self._view(place, alone, random) for place, alone in zip(order, is_alone, strict=True)]
        return Batch(np.stack(views), self._pool.brands[order])

    def _logo(self, random: np.random.Generator) -> int:
        return _one_of(self._paired if random.random() < _WITH_PARTNER else self._single, random)

    def _partner(self, place: int, random: np.random.Generator) -> int:
        """Return another hand's drawing, those unlike it oftener; a drawing without one is its own partner."""
        partners = self._partners.get(place)
        if partners is None:
            return place
        weights = np.array([weight for _, weight in partners])
        return partners[int(random.choice(len(partners), p=weights / weights.sum()))][0]

    def _view(self, place: int, is_alone: bool, random: np.random.Generator) -> Pixels:
        """Take one of a drawing's views; what is its own partner is always changed."""
        first, end = self._pool.starts[place : place + 2]
        view = self._pool.views[end - 1 if random.random() < _PEELED else first]
        return augment(view, random) if is_alone or random.random() < _AUGMENTED else view


def _by_brand(brands: Numbers, wanted: NDArray[np.bool_]) -> list[Numbers]:
    """Return the places of the wanted drawings, brand by brand."""
    places = np.flatnonzero(wanted)
    order = places[np.argsort(brands[places], kind="stable")]
    return np.split(order, np.flatnonzero(np.diff(brands[order])) + 1)


def _one_of(groups: Sequence[Numbers], random: np.random.Generator) -> int:
    """Return a place from a group at random, so that brands with many drawings do not come oftener."""
    return int(random.choice(groups[int(random.integers(len(groups)))]))
