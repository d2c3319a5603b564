"""How the search of marks grows: synthetic registers of 10,000 to 1,000,000 marks made from real ones, one thread."""

import multiprocessing
import resource
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from rich.console import Console
from rich.progress import track

from benchmarks.goals import Goal, Wanted
from benchmarks.synthetic_marks import SyntheticMarks
from models.image_search.logos import LogoSet
from services.image_search.encoders import Encoders
from services.image_search.image import decode_image
from services.image_search.index import Face, rows_of
from services.image_search.live_index import LiveIndex
from services.image_search.portraits import Portraits
from services.image_search.query import Query, ask_by_image
from services.image_search.ranking import rank
from services.image_search.snapshots import Snapshots
from services.image_search.strategies import Strategy

SIZES: Final = (10_000, 100_000, 1_000_000)
_ON_PAPER: Final = 50_000_000
_QUERIES: Final = 150
_NEAREST: Final = 10
_SAMPLED: Final = 60  # queries that are compared with every mark
_SECONDS: Final = 10.0
_PROCESSES: Final = 2

_BOTH: Final = "search with encoding, p50 / p95 ms, one thread"
_GOALS: Final = {
    100_000: (
        Wanted(f"{_BOTH}, 100,000 marks", (60, 120), is_ceiling=True),
        Wanted("searches with encoding a second, two processes, 100,000 marks", (25,)),
    ),
    1_000_000: (
        Wanted(f"{_BOTH}, 1,000,000 marks", (60, 120), is_ceiling=True),
        Wanted("GB resident / KB of index a mark / s to open, 1,000,000 marks", (2, 1.5, 3), is_ceiling=True),
        Wanted("nearest ten found, of those that comparing with all finds, 1,000,000 marks", (0.97,)),
    ),
}


@dataclass(frozen=True)
class Milliseconds:
    """Median and 95th percentile."""

    p50: float
    p95: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> "Milliseconds":
        """Summarize times in seconds."""
        p50, p95 = np.percentile(seconds, [50, 95]) * 1000
        return cls(round(float(p50), 1), round(float(p95), 1))


@dataclass(frozen=True)
class Searched:
    """What one process needed: to open the index, for searches after the encoding, with it, and of memory in all."""

    open_seconds: float
    search: Milliseconds
    with_encoding: Milliseconds
    index_megabytes: float
    process_megabytes: float


@dataclass(frozen=True)
class Size:
    """A register of so many marks; seconds are of processor time; `recall` is that of the best ten by shape."""

    marks: int
    build_seconds: float
    bytes_a_mark: float
    recall: float
    measured_recalls: Mapping[str, float]
    searched: Searched
    searches_a_second: float


@dataclass(frozen=True)
class Paper:
    """What straight lines through the two largest sizes say of a register too large to be made here."""

    marks: int
    build_hours: float
    index_gigabytes: float
    search_milliseconds: float


@dataclass(frozen=True)
class ScaleFigures:
    """Goals, each size, and a size on paper."""

    goals: Sequence[Goal]
    sizes: Sequence[Size]
    paper: Paper


def run(data: Path, artifacts: Path, console: Console, sizes: Sequence[int] = SIZES) -> ScaleFigures:
    """Measure the installed encoders; describing the logos takes minutes, an index of a million marks some more."""
    images = [image for _, image in track(LogoSet(data / "logos").images(), "Reading logos", console=console)]
    encoders = Encoders.open(artifacts)
    real = _describe(encoders, images, console)
    queries = images[:: max(1, len(images) // _QUERIES)][:_QUERIES]
    asked = [_ask(encoders, image) for image in queries[:_SAMPLED]]
    with tempfile.TemporaryDirectory() as folder:
        sources = {Path(folder) / str(size): SyntheticMarks(real, size) for size in sizes}
        measured = [_measure(source, each, artifacts, queries, asked) for each, source in sources.items()]
    return ScaleFigures(_goals(measured), measured, _on_paper(measured[-2], measured[-1]))


def _describe(encoders: Encoders, images: Sequence[bytes], console: Console) -> Portraits:
    made = {
        n: encoders.portrait(encoders.describe(decode_image(image)))
        for n, image in enumerate(track(images, "Describing logos", console=console))
    }
    return Portraits.of(made, encoders.concepts.dims)


def _ask(encoders: Encoders, image: bytes) -> Query:
    return ask_by_image(encoders, decode_image(image), Strategy.COMBINED, None)


def _measure(
    source: SyntheticMarks, folder: Path, artifacts: Path, queries: Sequence[bytes], asked: Sequence[Query]
) -> Size:
    started = time.process_time()
    index = LiveIndex(source, Snapshots(folder), is_owner=True)
    seconds = time.process_time() - started
    order = (source, folder, artifacts, queries)
    with multiprocessing.get_context("spawn").Pool(_PROCESSES) as pool:
        searched = pool.apply(_search, order)
        rates = pool.starmap(_repeat, [order] * _PROCESSES)
    current = Snapshots(folder).current(source.signature)
    sizes = current.manifest.sizes.values() if current else ()
    return Size(
        marks=len(index),
        build_seconds=round(seconds, 1),
        bytes_a_mark=round(sum(sizes) / len(index), 1),
        recall=_recall(index, source, asked),
        measured_recalls=current.manifest.recalls if current else {},
        searched=searched,
        searches_a_second=round(sum(rates), 1),
    )


def _search(source: SyntheticMarks, folder: Path, artifacts: Path, queries: Sequence[bytes]) -> Searched:
    """Open the index in a process of its own, and search by one image after another."""
    encoders, before = Encoders.open(artifacts), _megabytes()
    started = time.perf_counter()
    index = LiveIndex(source, Snapshots(folder), is_owner=False)
    opened = time.perf_counter() - started
    times = [_time_search(encoders, index, image) for image in queries]
    after = _megabytes()
    return Searched(
        round(opened, 2),
        Milliseconds.of([alone for alone, _ in times]),
        Milliseconds.of([both for _, both in times]),
        round(after - before, 1),
        round(after, 1),
    )


def _time_search(encoders: Encoders, index: LiveIndex, image: bytes) -> tuple[float, float]:
    started = time.perf_counter()
    query = _ask(encoders, image)
    asked = time.perf_counter()
    rank(index, query, range(20))
    ended = time.perf_counter()
    return ended - asked, ended - started


def _repeat(source: SyntheticMarks, folder: Path, artifacts: Path, queries: Sequence[bytes]) -> float:
    """Search for some seconds; return how often a second."""
    encoders, index = Encoders.open(artifacts), LiveIndex(source, Snapshots(folder), is_owner=False)
    started, count = time.perf_counter(), 0
    while time.perf_counter() - started < _SECONDS:
        _time_search(encoders, index, queries[count % len(queries)])
        count += 1
    return count / (time.perf_counter() - started)


def _megabytes() -> float:
    """Return what of the process is in memory now, files that are mapped included."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def _recall(index: LiveIndex, source: SyntheticMarks, asked: Sequence[Query]) -> float:
    """Return the share of the ten marks nearest by the whole's row, among all, that are candidates of a search."""
    rows = np.concatenate([query.portrait.shape[:1] for query in asked])
    best, ids = np.full((len(rows), _NEAREST), -np.inf, np.float32), np.zeros((len(rows), _NEAREST), np.int64)
    for marks in source.in_batches():
        views = np.flatnonzero(~marks.is_part)
        scores = np.maximum.reduceat(rows @ rows_of(marks, Face.VIEWS).T, np.searchsorted(views, marks.starts), axis=1)
        both, of_both = np.hstack([best, scores]), np.hstack([ids, np.tile(marks.row_ids, (len(rows), 1))])
        order = np.argsort(-both, axis=1)[:, :_NEAREST]
        best, ids = np.take_along_axis(both, order, axis=1), np.take_along_axis(of_both, order, axis=1)
    found = [index.candidates(Face.VIEWS, query.for_views(), 256) for query in asked]
    return round(float(np.mean([np.isin(wanted, each).mean() for wanted, each in zip(ids, found, strict=True)])), 4)


def _goals(sizes: Sequence[Size]) -> list[Goal]:
    goals = []
    for size in sizes:
        searched = size.searched
        both = (searched.with_encoding.p50, searched.with_encoding.p95)
        kept = (searched.process_megabytes / 1000, size.bytes_a_mark / 1000, searched.open_seconds)
        figures = {100_000: (both, (size.searches_a_second,)), 1_000_000: (both, kept, (size.recall,))}
        pairs = zip(_GOALS.get(size.marks, ()), figures.get(size.marks, ()), strict=True)
        goals += [Goal.of(wanted, measured) for wanted, measured in pairs]
    return goals


def _on_paper(smaller: Size, larger: Size) -> Paper:
    """Extrapolate; lists grow as the square root of the rows, so that building is a little worse than that."""
    times = _ON_PAPER / larger.marks
    a_mark = (larger.searched.search.p50 - smaller.searched.search.p50) / (larger.marks - smaller.marks)
    return Paper(
        _ON_PAPER,
        round(larger.build_seconds * times / 3600, 1),
        round(larger.bytes_a_mark * _ON_PAPER / 1e9, 1),
        round(larger.searched.search.p50 + max(0.0, a_mark) * (_ON_PAPER - larger.marks), 0),
    )
