"""What the classifier says about many documents at every level, asked in several processes."""

import multiprocessing
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, partial
from pathlib import Path
from typing import Final

from benchmarks.classify_stages import Tick
from examkit.artifact import Artifact, open_artifact
from examkit.errors import InvalidInputError
from services.classify.encoder import Encoder, Vectors
from services.classify.engine import Classifier, Options, TermClassifier
from services.classify.ipc import Level, Symbol
from services.classify.model import FORMAT, FORMAT_VERSION
from services.classify.scheme import Scheme
from services.classify.text import PatentText

RANKS: Final = 5
LEVELS: Final = tuple(Level)
PROCESSES: Final = 2
_CHUNK: Final = 25


class Mode(StrEnum):
    """What the classifier may use."""

    ENCODERS = "with encoders"
    TERMS = "terms alone"


@dataclass(frozen=True)
class Answer:
    """One document at one level: symbols best first, the first one's score, and the set to assign together.

    A refused document has the refusal's code and nothing else.
    """

    symbols: tuple[Symbol, ...] = ()
    score: float = 0.0
    suggested: tuple[Symbol, ...] = ()
    refusal: str = ""


Answers = Mapping[Level, Sequence[Answer]]


def answers_of(artifacts: Path, texts: Sequence[PatentText], tick: Tick, mode: Mode = Mode.ENCODERS) -> Answers:
    """Ask the installed classifier about every text at every level; `tick` is told how many more are done.

    Languages are not given: they are detected, as for a client that sends text alone.
    """
    chunks = [texts[start : start + _CHUNK] for start in range(0, len(texts), _CHUNK)]
    found: dict[Level, list[Answer]] = {level: [] for level in LEVELS}
    # Processes are started afresh: a forked copy of a classifier's runtime has no threads of its own.
    with ProcessPoolExecutor(PROCESSES, multiprocessing.get_context("spawn")) as pool:
        for chunk in pool.map(partial(_answer_chunk, artifacts, mode), chunks):
            for level, answers in chunk.items():
                found[level].extend(answers)
            tick(len(chunk[LEVELS[0]]))
    return found


def open_classifier(artifacts: Path, mode: Mode = Mode.ENCODERS) -> TermClassifier:
    """Open what is installed."""
    model, scheme = artifacts / "ipc-classifier", artifacts / "ipc-scheme"
    return TermClassifier.open(model, scheme, encode=mode is Mode.ENCODERS)


def answer(classifier: Classifier, text: PatentText, level: Level) -> Answer:
    """Ask about one text at one level."""
    try:
        found = classifier.classify(text, Options(level=level, limit=RANKS))
    except InvalidInputError as error:
        return Answer(refusal=error.code)
    symbols = tuple(prediction.symbol for prediction in found.predictions)
    score = found.predictions[0].score if symbols else 0.0
    return Answer(symbols, score, tuple(each.symbol for each in found.suggested))


def _answer_chunk(artifacts: Path, mode: Mode, texts: Sequence[PatentText]) -> Answers:
    classifier = _opened(artifacts, mode)
    return {level: [answer(classifier, text, level) for text in texts] for level in LEVELS}


class _Remembering(Encoder):
    """An encoder that is asked about one text at level after level, and reads it once."""

    def __init__(self, artifact: Artifact) -> None:
        super().__init__(artifact)
        self._last: tuple[str, Vectors] | None = None

    def encode(self, text: str) -> Vectors:
        if self._last is None or self._last[0] != text:
            self._last = (text, super().encode(text))
        return self._last[1]


@cache
def _opened(artifacts: Path, mode: Mode) -> TermClassifier:
    """Open what `open_classifier` opens, with encoders that read each text once for all levels."""
    artifact = open_artifact(artifacts / "ipc-classifier", format=FORMAT, format_version=FORMAT_VERSION)
    names = artifact.manifest.properties["encoders"] if mode is Mode.ENCODERS else ()
    encoders = {name: _Remembering.open(artifacts / name) for name in names}
    return TermClassifier(artifact, Scheme.open(artifacts / "ipc-scheme"), encoders)
