"""The marks that are searched in the benchmark, the ways to rank them, and how well a way does."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from rich.progress import track

from benchmarks.retrieval import Judged, Order, Quality, Result, Vectors, judge, order_of, score_all, summarize
from models.image_search.logos import LogoSet
from services.image_search.engine import ImageSearcher, ImageSubject, Search
from services.image_search.strategies import Strategy

LEVELS: Final[Mapping[str, tuple[str, ...]]] = {
    "all": ("same", "near", "far"),
    "near and far": ("near", "far"),
    "far": ("far",),
}

_READ: Final = 200

Rank = Callable[[Sequence[str]], Iterator[Order]]  # images that are searched by; for each, places in the gallery
ByLevel = Mapping[str, Quality]


@dataclass(frozen=True)
class Gallery:
    """All images of the logo benchmark, in the order of its manifest."""

    logos: LogoSet
    images: Mapping[str, bytes]

    @cached_property
    def ids(self) -> Sequence[str]:
        """Return the images by place."""
        return list(self.logos.logos)

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Return the place of each image."""
        return {image_id: place for place, image_id in enumerate(self.ids)}

    @cached_property
    def brands(self) -> Mapping[str, set[int]]:
        """Return the places of each brand's images."""
        found: dict[str, set[int]] = {}
        for place, image_id in enumerate(self.ids):
            found.setdefault(self.brand(image_id), set()).add(place)
        return found

    @cached_property
    def unseen(self) -> Sequence[str]:
        """Return the queries of brands that no training saw, in the benchmark's own random order."""
        return [image_id for image_id in self.logos.queries() if self.logos.logos[image_id].is_validation]

    def brand(self, image_id: str) -> str:
        """Return the brand of an image."""
        return self.logos.logos[image_id].brand

    def picked(self, vectors: Vectors, image_ids: Sequence[str]) -> Vectors:
        """Return the rows of some images."""
        rows = [vectors.of(self.places[image_id]) for image_id in image_ids]
        return Vectors(np.concatenate(rows), np.repeat(np.arange(len(rows)), [len(part) for part in rows]))


def rank_by_vectors(gallery: Gallery, vectors: Vectors) -> Rank:
    """Rank by the best inner product of two images' rows."""
    return lambda image_ids: map(order_of, score_all(gallery.picked(vectors, image_ids), vectors))


def rank_by_searcher(gallery: Gallery, searcher: ImageSearcher, strategy: Strategy) -> Rank:
    """Rank as a user's search does; right answers beyond the first 200 count as not found."""
    return lambda image_ids: (
        search(gallery, searcher, strategy, gallery.images[image_id])
        for image_id in track(image_ids, f"Searching by {strategy}")
    )


def search(gallery: Gallery, searcher: ImageSearcher, strategy: Strategy, image: bytes) -> Order:
    """Search by an image; return the places of the first 200 found."""
    found = searcher.search(Search(ImageSubject(image), strategy, _READ))
    return np.array([gallery.places[hit.mark.mark_id] for hit in found.hits], np.int64)


def judge_queries(
    gallery: Gallery, rank: Rank, image_ids: Sequence[str], among: Collection[int] | None = None
) -> dict[str, Quality]:
    """Judge a way of ranking at every level, among the given places only where they are given.

    As the benchmark asks, all other images of the query's brand are taken out of the ranking; so are, at a level, right
    answers of other levels. Queries without a right answer of a level do not count there.
    """
    outside = set() if among is None else set(range(len(gallery.ids))) - set(among)
    results: dict[str, list[Result]] = {level: [] for level in LEVELS}
    for image_id, order in zip(image_ids, rank(image_ids), strict=True):
        brand = gallery.brand(image_id)
        for level in LEVELS:
            right = _right(gallery, image_id, level) - outside
            if right:
                left_out = (gallery.brands[brand] - right) | outside
                results[level].append(judge(order, Judged(right, left_out), brand))
    return {level: summarize(found) for level, found in results.items()}


def _right(gallery: Gallery, image_id: str, level: str) -> set[int]:
    return {
        gallery.places[other.image_id] for other in gallery.logos.relevant[image_id] if other.level in LEVELS[level]
    }
