"""What it costs one processor to describe marks, to take them in and to search; other load hardly changes it."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, TypeVar

import numpy as np

from services.image_search.embedding import MarkEmbedder
from services.image_search.engine import ImageSearcher, ImageSubject, NewMark, Search
from services.image_search.image import decode_image
from services.image_search.portrait import portray, sketch
from services.image_search.strategies import Strategy

_TIMED: Final = 300

T = TypeVar("T")


@dataclass(frozen=True)
class Speed:
    """Processor time of one thread: milliseconds for an image, median and 95th percentile; marks a second."""

    embed_p50_milliseconds: float
    embed_p95_milliseconds: float
    search_p50_milliseconds: float
    search_p95_milliseconds: float
    marks_searched: int
    marks_added_a_second: float


def measure_speed(embedder: MarkEmbedder, searcher: ImageSearcher, marks: Sequence[NewMark]) -> Speed:
    """Time single calls one after another, as one inference slot would; `marks` are in the searcher already."""
    timed = list(islice(marks, _TIMED))
    added = sum(_milliseconds(searcher.put, timed)) / 1000
    embedding = _milliseconds(lambda mark: portray(embedder, sketch(decode_image(mark.image))), timed)
    searches = [Search(ImageSubject(mark.image), Strategy.COMBINED, limit=20) for mark in timed]
    searching = _milliseconds(searcher.search, searches)
    return Speed(
        embed_p50_milliseconds=_percentile(embedding, 50),
        embed_p95_milliseconds=_percentile(embedding, 95),
        search_p50_milliseconds=_percentile(searching, 50),
        search_p95_milliseconds=_percentile(searching, 95),
        marks_searched=len(marks),
        marks_added_a_second=round(len(timed) / added, 1),
    )


def _milliseconds(call: Callable[[T], object], arguments: Iterable[T]) -> list[float]:
    times = []
    for argument in arguments:
        started = time.process_time()
        call(argument)
        times.append((time.process_time() - started) * 1000)
    return times


def _percentile(times: Sequence[float], percent: float) -> float:
    return round(float(np.percentile(times, percent)), 1)
