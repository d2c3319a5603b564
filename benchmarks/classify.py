"""How good the classifier is on patents held out of its training, against other systems, and what it costs."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from benchmarks.classify_answers import Answers, Mode, answers_of, open_classifier
from benchmarks.classify_backfile import measure_backfile
from benchmarks.classify_baselines import Lessons, nearest_cosines
from benchmarks.classify_documents import COMPLETE, ENGLISH, LUCASLOPES, PYGRAMS, Documents, Mask, groups_of, read_part
from benchmarks.classify_figures import ClassifyFigures, Quality, Speed, Unseen
from benchmarks.classify_goals import quality_goals, sparse_goals, speed_goals
from benchmarks.classify_growth import TREES, measure_growth
from benchmarks.classify_quality import (
    TRUST_GROUPS,
    Judged,
    Share,
    Trust,
    accuracies,
    chosen_threshold,
    first_listed,
    judge_answers,
    refusals,
    set_f1,
    share_of,
    trust_of,
)
from benchmarks.classify_rivals import Contest, Rival, encoded_rivals, own_rivals, taught_rivals
from benchmarks.classify_speed import REQUESTS, measure, typical
from benchmarks.classify_stages import Stages
from benchmarks.classify_tables import show
from examkit.artifact import MANIFEST_NAME, read_manifest
from examkit.errors import StartError
from models.classify.corpus import LabelledPatent, Part
from models.classify.translations import spread, translated
from services.classify.ipc import Level
from services.classify.scheme import Scheme

_MINILM: Final = "text-encoder-minilm"
_TRANSLATED: Final = 4
_NEAR_DUPLICATE: Final = 0.6
_UNSEEN_GROUPS: Final = (ENGLISH, PYGRAMS, LUCASLOPES)
_PACK_FORMATS: Final = frozenset({"ipc-classifier", "ipc-scheme", "text-encoder"})


@dataclass(frozen=True)
class _Bench:
    """Where things lie, and whom to tell how far the run is."""

    data: Path
    artifacts: Path
    scheme: Scheme
    stages: Stages

    @property
    def kept(self) -> Path:
        """Return where translations are kept for the next run."""
        return self.artifacts.parent / "benchmarks"

    @property
    def minilm(self) -> Path:
        """Return where the frozen encoder may be installed."""
        return self.artifacts / _MINILM


def run(data: Path, artifacts: Path, console: Console) -> ClassifyFigures:
    """Measure the installed classifier on the hold-out of the patents below `data`, print the tables and return them.

    Raise StartError with one sentence where the patents are not there.
    """
    if not (data / "patents").is_dir():
        raise StartError("The labelled patents are not on this machine.")
    classifier = open_classifier(artifacts)
    with Stages.on(console) as stages:
        bench = _Bench(data / "patents", artifacts, classifier.scheme, stages)
        with stages.stage("reading the patents", 1):
            documents = Documents.of(_held_out(bench), bench.scheme)
        quality = _quality(bench, documents)
        speed = _speed(bench, documents)
    goals = [
        *quality_goals(quality.accuracy, quality.trust),
        *speed_goals(speed.services[0], speed.backfile, sum(speed.pack.values())),
        *sparse_goals(speed.services[1]),
    ]
    name = f"{classifier.name} {classifier.version}"
    figures = ClassifyFigures(bench.scheme.edition, name, goals, quality, speed, stages.minutes, _notes(bench))
    show(figures, Console())
    return figures


def _held_out(bench: _Bench) -> list[LabelledPatent]:
    """Read the hold-out, with translations of some of it: of texts in most languages there are none to measure on."""
    patents = read_part(bench.data, Part.HOLD_OUT)
    bench.kept.mkdir(exist_ok=True)
    return patents + translated(spread(patents, _TRANSLATED), bench.artifacts, bench.kept, lambda _: None)


def _quality(bench: _Bench, documents: Documents) -> Quality:
    answers = _ask(bench, documents, "the hold-out")
    judged = judge_answers(answers, documents)
    rivals, nearest = _rivals(bench, Contest(documents, judged))
    is_near = np.asarray(nearest >= _NEAR_DUPLICATE)
    return Quality(
        documents=len(documents),
        accuracy={level: accuracies(each, documents.groups) for level, each in judged.items()},
        trust=_trust(bench, answers, judged, documents),
        first_listed={level: first_listed(each, documents, level) for level, each in answers.items()},
        suggested_f1=_suggested(answers, documents),
        refused=refusals(answers[Level.SECTION]),
        unseen=_unseen(judged, documents, is_near),
        rivals=rivals,
    )


def _ask(bench: _Bench, documents: Documents, name: str, mode: Mode = Mode.ENCODERS) -> Answers:
    with bench.stages.stage(f"{name}, {mode}", len(documents)) as tick:
        return answers_of(bench.artifacts, [patent.text for patent in documents.patents], tick, mode)


def _rivals(bench: _Bench, contest: Contest) -> tuple[list[Rival], NDArray[np.float32]]:
    with bench.stages.stage("terms of all patents and titles", 1):
        patents = read_part(bench.data, Part.TRAIN)
        lessons = Lessons.read(bench.data, patents, bench.scheme)
        asked = lessons.rows_of([patent.text for patent in contest.documents.patents])
        nearest = nearest_cosines(lessons, asked)
    terms_alone = _ask(bench, contest.documents, "the hold-out", Mode.TERMS)
    rivals = list(own_rivals(contest, Mode.TERMS, terms_alone))
    rivals += taught_rivals(contest, lessons, asked, bench.stages)
    if bench.minilm.is_dir():
        rivals += encoded_rivals(contest, lessons, patents, bench.minilm, bench.stages)
    return rivals, nearest


def _trust(
    bench: _Bench, answers: Answers, judged: Mapping[Level, Judged], documents: Documents
) -> dict[str, dict[str, Trust]]:
    """Judge scores by level and group; thresholds are chosen on the complete English texts of the development part."""
    complete = [patent for patent in read_part(bench.data, Part.DEV) if COMPLETE in groups_of(patent)]
    apart = Documents.of(complete, bench.scheme)
    chosen_on = _ask(bench, apart, "texts to choose thresholds on")
    thresholds = {
        level: chosen_threshold(chosen_on[level], each, apart.groups[COMPLETE])
        for level, each in judge_answers(chosen_on, apart).items()
    }
    return {
        level: {
            name: trust_of(answers[level], each, documents.groups[name], thresholds[level])
            for name in TRUST_GROUPS
            if name in documents.groups
        }
        for level, each in judged.items()
    }


def _suggested(answers: Answers, documents: Documents) -> dict[str, dict[str, Share]]:
    return {
        level: {name: set_f1(found, documents.labels[level], documents.groups[name]) for name in TRUST_GROUPS}
        for level, found in answers.items()
    }


def _unseen(judged: Mapping[Level, Judged], documents: Documents, is_near: Mask) -> Unseen:
    groups = {name: documents.groups[name] for name in _UNSEEN_GROUPS if name in documents.groups}
    others = {name: group & ~is_near for name, group in groups.items()}
    return Unseen(
        {name: share_of(is_near, group) for name, group in groups.items()},
        {level: accuracies(each, others) for level, each in judged.items()},
    )


def _speed(bench: _Bench, documents: Documents) -> Speed:
    texts = typical(documents.patents)
    services = []
    for mode in Mode:
        with bench.stages.stage(f"the service, {mode}", REQUESTS) as tick:
            services.append(measure(bench.artifacts, texts, mode, tick))
    with bench.stages.stage("the back-file", 1):
        backfile = measure_backfile(bench.artifacts, texts)
    with bench.stages.stage("growth with the tree", TREES) as tick:
        growth = measure_growth(bench.artifacts, texts, tick)
    return Speed(services, backfile, _pack(bench.artifacts), growth)


def _pack(artifacts: Path) -> dict[str, float]:
    """Return megabytes on disk of every installed artifact that the service loads."""
    folders = sorted(folder for folder in artifacts.iterdir() if (folder / MANIFEST_NAME).is_file())
    loaded = (folder for folder in folders if read_manifest(folder).format in _PACK_FORMATS and folder.name != _MINILM)
    return {
        folder.name: round(sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6, 1)
        for folder in loaded
    }


def _notes(bench: _Bench) -> list[str]:
    if bench.minilm.is_dir():
        return []
    return [f"The neighbours of frozen MiniLM are left out: the artifact {_MINILM} is not installed."]
