"""How well marks are found that another hand drew, or that are imitated, and how fast."""

import io
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image
from rich.console import Console
from rich.progress import track

from benchmarks import orb
from benchmarks.goals import Goal
from benchmarks.image_search_baselines import NETWORK, hash_image, plain_gradients, stack, untaught_features
from benchmarks.image_search_gallery import (
    ByLevel,
    Gallery,
    Rank,
    judge_queries,
    rank_by_searcher,
    rank_by_vectors,
    search,
)
from benchmarks.image_search_goals import imitation_goal, quality_goals, speed_goal
from benchmarks.image_search_speed import Speed, measure_speed
from benchmarks.image_search_tables import tables_of
from benchmarks.imitations import IMITATIONS, SourceMark, background_order, imitate, quick_order
from benchmarks.retrieval import Judged, Order, Quality, Result, judge, order_of, summarize
from models.image_search.logos import LogoSet
from services.image_search.embedding import MarkEmbedder
from services.image_search.engine import FaissImageSearcher, NewMark, open_image_searcher
from services.image_search.marks import MarkMetadata
from services.image_search.strategies import Strategy
from services.image_search.views import make_views

_IMITATED: Final = 150
_BACKGROUNDS: Final = 50  # enough that one is of another brand
_STRATEGIES: Final = (Strategy.SHAPE, Strategy.COLOR, Strategy.COMPOSITION, Strategy.COMBINED)
_ORB_QUERIES: Final = 100  # comparing points takes about a second for a query


@dataclass(frozen=True)
class ImageSearchFigures:
    """Goals; quality by method and level, among all marks and among those in color; hits of imitations; speed.

    All queries are of brands that nothing was fitted on, but for the imitations, whose sources are of all brands.
    """

    goals: Sequence[Goal]
    by_method: Mapping[str, ByLevel]
    colored: Mapping[str, ByLevel]
    imitations: Mapping[str, Quality]
    speed: Speed


def run(data: Path, artifacts: Path, console: Console) -> ImageSearchFigures:
    """Measure the installed mark embedder on the logo benchmark below `data`; about half an hour on one core."""
    logos = LogoSet(data / "logos")
    gallery = Gallery(logos, dict(logos.images()))
    embedder = MarkEmbedder(artifacts / "mark-embedder")
    with tempfile.TemporaryDirectory() as folder:
        searcher = open_image_searcher(artifacts, Path(folder))
        _fill(searcher, gallery)
        descriptors = _descriptor_ranks(gallery, embedder, artifacts.parent / "benchmarks" / NETWORK)
        by_method = {name: judge_queries(gallery, rank, gallery.unseen) for name, rank in descriptors.items()}
        by_method |= {"ORB points": judge_queries(gallery, _rank_by_points(gallery), gallery.unseen[:_ORB_QUERIES])}
        by_method |= {
            str(strategy): judge_queries(gallery, rank_by_searcher(gallery, searcher, strategy), gallery.unseen)
            for strategy in _STRATEGIES
        }
        colored = _judge_colored(gallery, searcher)
        imitations = _find_imitated(gallery, searcher)
        speed = measure_speed(embedder, searcher, _marks(gallery))
        searcher.close()
    goals = [*quality_goals(by_method[Strategy.COMBINED], colored[Strategy.COLOR]), imitation_goal(imitations)]
    figures = ImageSearchFigures([*goals, speed_goal(speed)], by_method, colored, imitations, speed)
    for table in tables_of(figures.goals, by_method, colored, imitations, speed):
        console.print(table)
    return figures


def _marks(gallery: Gallery) -> list[NewMark]:
    return [NewMark(image_id, MarkMetadata(), gallery.images[image_id]) for image_id in gallery.ids]


def _fill(searcher: FaissImageSearcher, gallery: Gallery) -> None:
    """Register every image."""
    searcher.write([searcher.describe(mark) for mark in track(_marks(gallery), "Taking marks in")])


def _descriptor_ranks(gallery: Gallery, embedder: MarkEmbedder, network: Path) -> dict[str, Rank]:
    """Return ways to rank by single descriptors: those of others, then the two that `shape` is made of."""
    images = [Image.open(io.BytesIO(gallery.images[image_id])).convert("RGB") for image_id in gallery.ids]
    drawings = [make_views(np.asarray(image)).drawings for image in track(images, "Finding views")]
    vectors = {
        "perceptual hash": stack(hash_image(image)[None] for image in images),
        "gradient histograms (HOG)": stack(plain_gradients(image)[None] for image in images),
        "gradients alone": stack(embedder.describe_gradients(each) for each in drawings),
        "network alone": stack(embedder.describe_features(each) for each in drawings),
    }
    if network.is_file():
        vectors["EfficientNet-Lite0 untaught"] = stack(row[None] for row in untaught_features(network, images))
    return {name: rank_by_vectors(gallery, part) for name, part in vectors.items()}


def _rank_by_points(gallery: Gallery) -> Rank:
    images = (Image.open(io.BytesIO(gallery.images[image_id])) for image_id in gallery.ids)
    points = [orb.describe_points(image) for image in track(images, "Finding points", total=len(gallery.ids))]

    def rank(image_ids: Sequence[str]) -> Iterator[Order]:
        for image_id in track(image_ids, "Comparing points"):
            query = points[gallery.places[image_id]]
            yield order_of(np.array([orb.likeness(query, mark) for mark in points], np.float32))

    return rank


def _judge_colored(gallery: Gallery, searcher: FaissImageSearcher) -> dict[str, ByLevel]:
    """Judge the strategies where color can help: query, right answers and gallery all in color."""
    among = {place for place, image_id in enumerate(gallery.ids) if gallery.logos.logos[image_id].is_colored}
    queries = [image_id for image_id in gallery.unseen if gallery.places[image_id] in among]
    return {
        str(strategy): judge_queries(gallery, rank_by_searcher(gallery, searcher, strategy), queries, among)
        for strategy in _STRATEGIES
    }


def _find_imitated(gallery: Gallery, searcher: FaissImageSearcher) -> dict[str, Quality]:
    """Search by imitations of marks; right is the source alone, its brand's other images do not count."""
    sources = list(_sources(gallery))
    return {
        name: summarize([_find_source(gallery, searcher, name, mark) for mark in track(sources, f"Imitating: {name}")])
        for name in IMITATIONS
    }


def _sources(gallery: Gallery) -> Iterator[SourceMark]:
    """Give the first half of the recipe's sources of a quick run."""
    backgrounds = sorted(gallery.ids, key=background_order)[:_BACKGROUNDS]
    queries = (each for each in sorted(gallery.ids, key=quick_order) if gallery.logos.logos[each].is_query)
    for image_id in islice(queries, _IMITATED):
        other = next(each for each in backgrounds if gallery.brand(each) != gallery.brand(image_id))
        yield SourceMark(image_id, _open(gallery.images[image_id]), _open(gallery.images[other]))


def _find_source(gallery: Gallery, searcher: FaissImageSearcher, name: str, mark: SourceMark) -> Result:
    stream = io.BytesIO()
    imitate(name, mark).save(stream, "PNG")
    order = search(gallery, searcher, Strategy.COMBINED, stream.getvalue())
    right = {gallery.places[mark.image_id]}
    brand = gallery.brand(mark.image_id)
    return judge(order, Judged(right, gallery.brands[brand] - right), brand)


def _open(image: bytes) -> Image.Image:
    return Image.open(io.BytesIO(image)).convert("RGB")
