"""How good the classifier is on patents held out of its training, by level, source and language, and how fast."""

import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from examkit.errors import InvalidInputError
from models.classify.corpus import INCOMPLETE_SOURCES, LabelledPatent, Part, read_patents
from services.classify.engine import Classification, Options, TermClassifier
from services.classify.ipc import Level, Symbol
from services.classify.scheme import Scheme

_RANKS = 5
_BINS = 15
_LEAST_DOCUMENTS = 25
_TIMED = 300
_AUTOMATIC = 0.9


@dataclass(frozen=True)
class Accuracy:
    """Shares, in percent, of documents with a right symbol among the first 1, 3 and 5; refused ones count as misses."""

    documents: int
    top1: float
    top3: float
    top5: float


@dataclass(frozen=True)
class Trust:
    """Whether scores are probabilities, on sources that list every symbol of a document.

    `calibration_error` is the mean distance between the score of the first prediction and how often it is right, over
    15 bins with equally many documents; `accepted` and `accepted_right` say, in percent, how many documents have a
    first score of .9 or more, and how many of those are right.
    """

    documents: int
    calibration_error: float
    accepted: float
    accepted_right: float


@dataclass(frozen=True)
class Speed:
    """Milliseconds a document on one thread of this machine, and seconds from nothing to a loaded classifier."""

    level: str
    p50_milliseconds: float
    p95_milliseconds: float
    load_seconds: float


@dataclass(frozen=True)
class ClassifyFigures:
    """Everything measured: accuracy by level and group of documents, trust by level, speed, refusals by code."""

    edition: str
    model: str
    accuracy: Mapping[str, Mapping[str, Accuracy]]
    trust: Mapping[str, Trust]
    speed: Sequence[Speed]
    refused: Mapping[str, int]


@dataclass(frozen=True)
class _Judged:
    """One document at one level: whether each prediction was right, best first, and the first score."""

    patent: LabelledPatent
    is_right: Sequence[bool]
    score: float


def run(data: Path, artifacts: Path) -> ClassifyFigures:
    """Measure the installed classifier and scheme on the hold-out of the patents below `data`; minutes on one core."""
    started = time.perf_counter()
    classifier = TermClassifier.open(artifacts / "ipc-classifier", artifacts / "ipc-scheme")
    load_seconds = time.perf_counter() - started
    patents = [patent for patent in read_patents(data / "patents") if patent.part is Part.HOLD_OUT and patent.symbols]
    judged = {level: _judge(classifier, patents, level) for level in Level}
    return ClassifyFigures(
        edition=classifier.scheme.edition,
        model=f"{classifier.name} {classifier.version}",
        accuracy={str(level): _accuracies(each) for level, each in judged.items()},
        trust={str(level): _trust(each) for level, each in judged.items()},
        speed=[_speed(classifier, patents, level, load_seconds) for level in Level],
        refused=_refusals(classifier, patents),
    )


def _judge(classifier: TermClassifier, patents: Sequence[LabelledPatent], level: Level) -> list[_Judged]:
    labelled = ((patent, known_labels(patent, level, classifier.scheme)) for patent in patents)
    return [_judged(classifier, patent, labels, level) for patent, labels in labelled if labels]


def known_labels(patent: LabelledPatent, level: Level, scheme: Scheme) -> set[Symbol]:
    """Return a document's symbols at a level as far as the installed edition has them; whole symbols for subgroups."""
    if level is Level.SUBGROUP:
        labels = {symbol for symbol in patent.symbols if symbol.main_group}
    else:
        labels = {symbol.at(level) for symbol in patent.symbols if symbol.level.depth >= level.depth}
    return {symbol for symbol in labels if symbol in scheme}


def _judged(classifier: TermClassifier, patent: LabelledPatent, labels: set[Symbol], level: Level) -> _Judged:
    predictions = _classify(classifier, patent, level).predictions
    score = predictions[0].score if predictions else 0.0
    return _Judged(patent, [prediction.symbol in labels for prediction in predictions], score)


def _classify(classifier: TermClassifier, patent: LabelledPatent, level: Level) -> Classification:
    try:
        return classifier.classify(patent.text, Options(level=level, limit=_RANKS))
    except InvalidInputError:
        return Classification("", level, ())


def _accuracies(judged: Sequence[_Judged]) -> dict[str, Accuracy]:
    groups: defaultdict[str, list[_Judged]] = defaultdict(list)
    for each in judged:
        for name in _groups_of(each.patent):
            groups[name].append(each)
    return {name: _accuracy(each) for name, each in sorted(groups.items()) if len(each) >= _LEAST_DOCUMENTS}


def _groups_of(patent: LabelledPatent) -> Iterable[str]:
    kind = "texts" if patent.text.abstract or patent.text.claims else "titles"
    yield f"{patent.language} {kind}"
    yield f"source {patent.source}"
    if patent.language == "en" and kind == "texts" and patent.source not in INCOMPLETE_SOURCES:
        yield "en texts, all symbols listed"


def _accuracy(judged: Sequence[_Judged]) -> Accuracy:
    shares = [100 * float(np.mean([any(each.is_right[:rank]) for each in judged])) for rank in (1, 3, 5)]
    return Accuracy(len(judged), *(round(share, 1) for share in shares))


def _trust(judged: Sequence[_Judged]) -> Trust:
    complete = [each for each in judged if each.patent.source not in INCOMPLETE_SOURCES and each.is_right]
    ordered = sorted(complete, key=lambda each: each.score)
    scores = np.array([each.score for each in ordered])
    hits = np.array([each.is_right[0] for each in ordered], float)
    bins = np.array_split(np.arange(len(ordered)), _BINS)
    error = sum(len(rows) * abs(scores[rows].mean() - hits[rows].mean()) for rows in bins) / len(ordered)
    accepted = scores >= _AUTOMATIC
    return Trust(
        len(ordered),
        round(float(error), 4),
        round(100 * float(accepted.mean()), 1),
        round(100 * float(hits[accepted].mean()), 1) if accepted.any() else 0.0,
    )


def _speed(classifier: TermClassifier, patents: Sequence[LabelledPatent], level: Level, load_seconds: float) -> Speed:
    texts = [patent for patent in patents if patent.text.abstract][:_TIMED]
    seconds = []
    for patent in texts:
        started = time.perf_counter()
        _classify(classifier, patent, level)
        seconds.append(time.perf_counter() - started)
    p50, p95 = (round(1000 * float(value), 1) for value in np.percentile(seconds, (50, 95)))
    return Speed(str(level), p50, p95, round(load_seconds, 2))


def _refusals(classifier: TermClassifier, patents: Sequence[LabelledPatent]) -> dict[str, int]:
    found: defaultdict[str, int] = defaultdict(int)
    for patent in patents:
        try:
            classifier.classify(patent.text, Options(level=Level.SECTION, limit=1))
        except InvalidInputError as error:
            found[error.code] += 1
    return dict(found)
