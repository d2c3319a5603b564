"""What the classifier must reach and aims at, next to what was measured."""

from collections.abc import Mapping
from typing import Final

from benchmarks.classify_backfile import BackfileSpeed
from benchmarks.classify_documents import COMPLETE, ENGLISH, EUROPEAN_TITLES, KOREAN, PORTUGUESE_TITLES, PYGRAMS
from benchmarks.classify_quality import PRECISION, Accuracy, Trust
from benchmarks.classify_speed import ServiceSpeed
from benchmarks.goals import Goal, Wanted
from services.classify.ipc import Level

_TOP: Final = "top-1/3/5 %"
_RANKED: Final = (
    (Level.SUBCLASS, ENGLISH, Wanted(f"subclass, all English, {_TOP}", (63, 81, 86), (68, 85, 89))),
    (Level.SUBCLASS, PYGRAMS, Wanted(f"subclass, pygrams (random US sample), {_TOP}", (61, 80, 85), (67, 85, 90))),
    (Level.MAIN_GROUP, ENGLISH, Wanted(f"main group, all English, {_TOP}", (49, 68, 75), (55, 74, 81))),
    (Level.SUBCLASS, KOREAN, Wanted(f"subclass, Korean text, {_TOP}", (62, 80, 85), (73, 88, 91))),
)
_TOP_FIVE: Final = (
    (Level.SUBGROUP, ENGLISH, Wanted("subgroup, all English, top-5 %", (48,), (57,))),
    (Level.SUBCLASS, PORTUGUESE_TITLES, Wanted("subclass, PT titles, top-5 %", (55,), (70,))),
    (Level.SUBCLASS, EUROPEAN_TITLES, Wanted("subclass, FR/DE/IT/ES titles, top-5 %", (75,), (90,))),
)
_CALIBRATION: Final = Wanted("subclass, calibration error (complete labels)", (0.05,), (0.025,), is_ceiling=True)
_COVERAGE: Final = Wanted("subclass, coverage / precision % at the threshold", (25, 100 * PRECISION), (38, 90))
_LATENCY: Final = Wanted("p50 / p95 ms a document, slowest level", (40, 80), is_ceiling=True)
_SPARSE_LATENCY: Final = Wanted("sparse only: p50 ms a document, subclass", (8,), is_ceiling=True)
_SPARSE_RATE: Final = Wanted("sparse only: documents/s in batches", (150,))
_READY: Final = Wanted("seconds from start to ready", (6,), is_ceiling=True)
_MEMORY: Final = Wanted("resident MB after the requests", (700,), is_ceiling=True)
_BACKFILE: Final = Wanted("back-file documents/s on 2 cores", (45,))
_PACK: Final = Wanted("pack on disk, MB", (130,), is_ceiling=True)


def quality_goals(
    accuracy: Mapping[str, Mapping[str, Accuracy]], trust: Mapping[str, Mapping[str, Trust]]
) -> list[Goal]:
    """Compare accuracy and trust, by level and group, with their goals; groups too small to count are left out."""
    ranked = [
        Goal.of(wanted, (found.top1, found.top3, found.top5))
        for level, group, wanted in _RANKED
        if (found := accuracy[level].get(group))
    ]
    top_five = [
        Goal.of(wanted, (found.top5,)) for level, group, wanted in _TOP_FIVE if (found := accuracy[level].get(group))
    ]
    sure = trust[Level.SUBCLASS][COMPLETE]
    return [
        *ranked,
        *top_five,
        Goal.of(_CALIBRATION, (sure.calibration_error,)),
        Goal.of(_COVERAGE, (sure.coverage, sure.precision or 0.0)),
    ]


def speed_goals(service: ServiceSpeed, backfile: BackfileSpeed, pack_megabytes: float) -> list[Goal]:
    """Compare the service as installed, the back-file and the pack with their goals."""
    plain = [timing for timing in service.timings if not timing.is_explained]
    return [
        Goal.of(_LATENCY, (max(timing.p50 for timing in plain), max(timing.p95 for timing in plain))),
        Goal.of(_READY, (service.ready_seconds,)),
        Goal.of(_MEMORY, (service.memory_used.rss,)),
        Goal.of(_BACKFILE, (backfile.documents_per_second,)),
        Goal.of(_PACK, (pack_megabytes,)),
    ]


def sparse_goals(service: ServiceSpeed) -> list[Goal]:
    """Compare the service without encoders with its goals."""
    (subclass,) = (each for each in service.timings if each.level == Level.SUBCLASS and not each.is_explained)
    return [
        Goal.of(_SPARSE_LATENCY, (subclass.p50,)),
        Goal.of(_SPARSE_RATE, (service.batches.documents_per_second,)),
    ]
