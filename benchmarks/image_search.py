"""How well the mark embedder finds the same mark drawn by another hand, or imitated, and how fast it is."""

import io
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.imitations import IMITATIONS, SourceMark, background_order, imitate, quick_order
from benchmarks.retrieval import Judged, Quality, Vectors, judge, score_all, summarize
from models.image_search.logos import LogoSet
from services.image_search.descriptors import GRADIENT_DIMS, describe_gradients, is_colored
from services.image_search.embedding import MarkEmbedder
from services.image_search.engine import FaissImageSearcher, ImageSubject, NewMark, Search
from services.image_search.image import decode_image
from services.image_search.marks import MarkMetadata
from services.image_search.register import Register
from services.image_search.strategies import Strategy, weights_of
from services.image_search.views import make_views

LEVELS = {"all": ("same", "near", "far"), "near and far": ("near", "far"), "far": ("far",)}
_BASELINE_QUERIES = 500
_IMITATED = 300
_TIMED = 300

Rows = NDArray[np.float32]
T = TypeVar("T")
ByLevel = Mapping[str, Quality]


@dataclass(frozen=True)
class Speed:
    """One thread of this machine: milliseconds for an image, median and 95th percentile; marks a second."""

    embed_p50_milliseconds: float
    embed_p95_milliseconds: float
    search_p50_milliseconds: float
    search_p95_milliseconds: float
    marks_searched: int
    marks_added_a_second: float


@dataclass(frozen=True)
class ImageSearchFigures:
    """Quality by method, set of queries and level; on colored marks alone; hits of imitations; speed.

    Of the query sets only "validation" holds none of the brands that the projections were fitted on.
    """

    by_method: Mapping[str, Mapping[str, ByLevel]]
    colored: Mapping[str, ByLevel]
    imitations: Mapping[str, Quality]
    speed: Speed


@dataclass(frozen=True)
class _Described:
    """The benchmark's images, and each image's rows by every descriptor that is compared."""

    logos: LogoSet
    embedder: MarkEmbedder
    ids: Sequence[str]
    marks: Vectors
    histograms: Vectors
    hashes: Vectors

    @property
    def colored(self) -> set[int]:
        """Return the images that are in color."""
        color = self.marks.rows[:, self.embedder.shape_dims :]
        return {int(owner) for owner, row in zip(self.marks.owners, color, strict=True) if is_colored(row)}


def run(data: Path, artifacts: Path) -> ImageSearchFigures:
    """Measure the installed mark embedder on the logo benchmark below `data`; some minutes on one core."""
    logos = LogoSet(data / "logos")
    images = dict(logos.images())
    embedder = MarkEmbedder(artifacts / "mark-embedder")
    described = _describe(logos, images, embedder)
    return ImageSearchFigures(
        by_method=_compare_methods(described),
        colored=_compare_on_colored(described),
        imitations=_find_imitated(described, images),
        speed=_measure_speed(images, embedder),
    )


def hash_image(image: Image.Image) -> Rows:
    """Return 64 values of +-1/8: the signs of the lowest frequencies of a 32 x 32 image about their median (pHash)."""
    grey = np.asarray(image.convert("L").resize((32, 32), Image.Resampling.LANCZOS), np.float32)
    steps = np.arange(32)
    cosines = np.cos(np.pi * steps[:8, None] * (2 * steps[None, :] + 1) / 64)
    frequencies = (cosines @ grey @ cosines.T).ravel()
    return (np.where(frequencies > np.median(frequencies), 1, -1) / 8).astype(np.float32)


def _describe(logos: LogoSet, images: Mapping[str, bytes], embedder: MarkEmbedder) -> _Described:
    ids = list(logos.logos)
    decoded = [decode_image(images[image_id]) for image_id in ids]
    drawings = (make_views(image.pixels).drawings for image in decoded)
    return _Described(
        logos,
        embedder,
        ids,
        marks=_stack(embedder.embed(image) for image in decoded),
        histograms=_stack(np.stack([describe_gradients(view) for view in views]) for views in drawings),
        hashes=_stack(hash_image(Image.fromarray(image.pixels))[None] for image in decoded),
    )


def _stack(rows: Iterable[NDArray[np.floating]]) -> Vectors:
    each = list(rows)
    owners = np.repeat(np.arange(len(each)), [len(part) for part in each])
    return Vectors(np.concatenate(each).astype(np.float32), owners)


def _compare_methods(described: _Described) -> dict[str, dict[str, ByLevel]]:
    dims = described.embedder.shape_dims
    half = dims // 2
    columns = described.marks.rows
    parts = {
        "perceptual hash": described.hashes,
        "gradient histograms, untrained": described.histograms,
        "gradients, projected": Vectors(columns[:, :half], described.marks.owners),
        "network, projected": Vectors(columns[:, half:dims], described.marks.owners),
        "shape": Vectors(columns[:, :dims], described.marks.owners),
    }
    assert described.histograms.rows.shape[1] == GRADIENT_DIMS
    figures = {name: _by_query_set(described, part, part) for name, part in parts.items()}
    combined = _weighted(described, Strategy.COMBINED)
    return figures | {"combined": _by_query_set(described, combined, described.marks)}


def _weighted(described: _Described, strategy: Strategy) -> Vectors:
    """Weigh every mark's rows as a query, as a search does."""
    marks = described.marks
    rows = [_weigh(described, marks.of(n), strategy) for n in range(len(described.ids))]
    return Vectors(np.concatenate(rows), marks.owners)


def _weigh(described: _Described, rows: Rows, strategy: Strategy) -> Rows:
    dims = described.embedder.shape_dims
    weights = weights_of(strategy, is_colored=is_colored(rows[0, dims:]))
    factors = np.full(rows.shape[1], weights.color, np.float32)
    factors[:dims] = weights.shape
    return rows * factors


def _by_query_set(described: _Described, queries: Vectors, gallery: Vectors) -> dict[str, ByLevel]:
    ordered = described.logos.queries()
    sets = {
        "first 500": ordered[:_BASELINE_QUERIES],
        "all": ordered,
        "validation": [image_id for image_id in ordered if described.logos.logos[image_id].is_validation],
    }
    scores = _scores(described, ordered, queries, gallery)
    judged = {level: _judge_all(described, scores, levels) for level, levels in LEVELS.items()}
    return {
        name: {level: summarize([results[i] for i in wanted if i in results]) for level, results in judged.items()}
        for name, wanted in sets.items()
    }


def _scores(described: _Described, ids: Sequence[str], queries: Vectors, gallery: Vectors) -> dict[str, Rows]:
    place = {image_id: n for n, image_id in enumerate(described.ids)}
    picked = _stack(queries.of(place[image_id]) for image_id in ids)
    return dict(zip(ids, score_all(picked, gallery), strict=True))


def _judge_all(
    described: _Described, scores: Mapping[str, Rows], levels: Sequence[str], among: set[int] | None = None
) -> dict[str, tuple[float, bool, bool]]:
    """Judge every query that has a right answer of these levels (and `among` these images, where they are given).

    As the benchmark asks, all other images of the query's brand are taken out of the ranking.
    """
    place = {image_id: n for n, image_id in enumerate(described.ids)}
    outside = set() if among is None else set(place.values()) - among
    brands = _images_by_brand(described)
    judged = {}
    for image_id, row in scores.items():
        right = {place[other.image_id] for other in described.logos.relevant[image_id] if other.level in levels}
        right -= outside
        if right:
            left_out = (brands[described.logos.logos[image_id].brand] - right) | outside
            judged[image_id] = judge(row, Judged(right, left_out))
    return judged


def _images_by_brand(described: _Described) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for n, image_id in enumerate(described.ids):
        found.setdefault(described.logos.logos[image_id].brand, set()).add(n)
    return found


def _compare_on_colored(described: _Described) -> dict[str, ByLevel]:
    """Judge the strategies where color can help: query, right answers and gallery all in color, unseen brands."""
    among = described.colored
    place = {image_id: n for n, image_id in enumerate(described.ids)}
    queries = [
        image_id
        for image_id in described.logos.queries()
        if place[image_id] in among and described.logos.logos[image_id].is_validation
    ]
    figures: dict[str, ByLevel] = {}
    for strategy in (Strategy.SHAPE, Strategy.COLOR, Strategy.COMBINED):
        scores = _scores(described, queries, _weighted(described, strategy), described.marks)
        judged = {level: _judge_all(described, scores, levels, among) for level, levels in LEVELS.items()}
        figures[str(strategy)] = {level: summarize(list(results.values())) for level, results in judged.items()}
    return figures


def _find_imitated(described: _Described, images: Mapping[str, bytes]) -> dict[str, Quality]:
    """Search by imitations of marks; right is the source alone, its brand's other images do not count."""
    sources = list(_sources(described, images))
    brands = _images_by_brand(described)
    place = {image_id: n for n, image_id in enumerate(described.ids)}
    figures = {}
    for name in IMITATIONS:
        scores = score_all(_stack(_embed_imitation(described, name, mark) for mark in sources), described.marks)
        results = []
        for mark, row in zip(sources, scores, strict=True):
            right = {place[mark.image_id]}
            left_out = brands[described.logos.logos[mark.image_id].brand] - right
            results.append(judge(row, Judged(right, left_out)))
        figures[name] = summarize(results)
    return figures


def _sources(described: _Described, images: Mapping[str, bytes]) -> Iterator[SourceMark]:
    logos = described.logos.logos
    backgrounds = sorted(logos, key=background_order)[:5]
    queries = (image_id for image_id in sorted(logos, key=quick_order) if logos[image_id].is_query)
    for image_id in islice(queries, _IMITATED):
        other = next(b for b in backgrounds if logos[b].brand != logos[image_id].brand)
        yield SourceMark(image_id, _open(images[image_id]), _open(images[other]))


def _embed_imitation(described: _Described, name: str, mark: SourceMark) -> Rows:
    stream = io.BytesIO()
    imitate(name, mark).save(stream, "PNG")
    rows = described.embedder.embed(decode_image(stream.getvalue())).astype(np.float32)
    return _weigh(described, rows, Strategy.SHAPE)


def _open(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB")


def _measure_speed(images: Mapping[str, bytes], embedder: MarkEmbedder) -> Speed:
    """Time single calls one after another, as one inference slot would."""
    with tempfile.TemporaryDirectory() as folder:
        searcher = FaissImageSearcher(embedder, Register(Path(folder)))
        marks = [NewMark(image_id, MarkMetadata(), data) for image_id, data in images.items()]
        searcher.write([searcher.describe(mark) for mark in marks[_TIMED:]])
        added = sum(_milliseconds(searcher.put, marks[:_TIMED])) / 1000
        embedding = _milliseconds(lambda data: embedder.embed(decode_image(data)), islice(images.values(), _TIMED))
        searches = [Search(ImageSubject(mark.image), Strategy.COMBINED, limit=20) for mark in marks[:_TIMED]]
        searching = _milliseconds(searcher.search, searches)
        searcher.close()
    return Speed(
        embed_p50_milliseconds=_percentile(embedding, 50),
        embed_p95_milliseconds=_percentile(embedding, 95),
        search_p50_milliseconds=_percentile(searching, 50),
        search_p95_milliseconds=_percentile(searching, 95),
        marks_searched=len(marks),
        marks_added_a_second=round(_TIMED / added, 1),
    )


def _milliseconds(call: Callable[[T], object], arguments: Iterable[T]) -> list[float]:
    times = []
    for argument in arguments:
        started = time.perf_counter()
        call(argument)
        times.append((time.perf_counter() - started) * 1000)
    return times


def _percentile(times: Sequence[float], percent: float) -> float:
    return round(float(np.percentile(times, percent)), 1)
