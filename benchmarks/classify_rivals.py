"""Our answers against those of other systems, which learn from the same patents and are asked about the same ones."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.classify_answers import Answers, Mode
from benchmarks.classify_baselines import LEVELS, Lessons, Rankings, linear_rankings, omikuji_rankings
from benchmarks.classify_documents import (
    COMPLETE,
    ENGLISH,
    ENGLISH_TITLES,
    EUROPEAN_TITLES,
    KOREAN,
    LUCASLOPES,
    PORTUGUESE_TITLES,
    PYGRAMS,
    Documents,
)
from benchmarks.classify_minilm import encode, neighbour_rankings
from benchmarks.classify_quality import Accuracy, Difference, Judged, accuracy_of, difference_of
from benchmarks.classify_stages import Stages
from models.classify.corpus import LabelledPatent
from services.classify.ipc import Level

_ENGLISH_GROUPS: Final = (ENGLISH, COMPLETE, PYGRAMS, LUCASLOPES, ENGLISH_TITLES)
_ENCODED: Final = "en"
_GROUPS: Final = (*_ENGLISH_GROUPS, KOREAN, PORTUGUESE_TITLES, EUROPEAN_TITLES)


@dataclass(frozen=True)
class Rival:
    """Another system on the same documents, by group, and by how much ours is ahead of it there."""

    name: str
    level: str
    accuracy: Mapping[str, Accuracy]
    ours_ahead: Mapping[str, Difference]


@dataclass(frozen=True)
class Contest:
    """The documents that every system is asked about, and how ours did on them, by level."""

    documents: Documents
    ours: Mapping[Level, Judged]

    def rival(self, name: str, level: Level, rankings: Rankings, groups: Sequence[str] = _GROUPS) -> Rival:
        """Judge another system's rankings of the documents."""
        theirs = Judged.of(rankings, self.documents.labels[level])
        masks = {group: self.documents.groups[group] for group in groups if group in self.documents.groups}
        return Rival(
            name,
            level,
            {group: accuracy_of(theirs, mask) for group, mask in masks.items()},
            {group: difference_of(self.ours[level], theirs, mask) for group, mask in masks.items()},
        )


def own_rivals(contest: Contest, mode: Mode, answers: Answers) -> Iterator[Rival]:
    """Compare with what the classifier itself answers when it may use less."""
    for level, found in answers.items():
        yield contest.rival(f"ours, {mode}", level, [each.symbols for each in found])


def taught_rivals(contest: Contest, lessons: Lessons, asked: Any, stages: Stages) -> Iterator[Rival]:
    """Teach omikuji and a linear classifier, and ask them about the contest's documents, as rows of terms."""
    with stages.stage("omikuji", len(LEVELS)) as tick:
        for level in LEVELS:
            yield contest.rival("omikuji (Parabel)", level, omikuji_rankings(lessons, asked, level))
            tick(1)
    with stages.stage("linear classifier", 1):
        yield contest.rival("linear, one-vs-rest", Level.SUBCLASS, linear_rankings(lessons, asked))


def encoded_rivals(
    contest: Contest, lessons: Lessons, patents: Sequence[LabelledPatent], encoder: Path, stages: Stages
) -> Iterator[Rival]:
    """Ask a frozen English encoder alone: the neighbours of each English document among the English patents."""
    known = [row for row, patent in enumerate(patents) if patent.language == _ENCODED]
    asked = [row for row, patent in enumerate(contest.documents.patents) if patent.language == _ENCODED]
    texts = [patents[row].text for row in known] + [contest.documents.patents[row].text for row in asked]
    with stages.stage("vectors of MiniLM", len(texts)) as tick:
        vectors = encode(encoder, texts, tick)
    with stages.stage("neighbours by MiniLM", len(LEVELS)) as tick:
        for level in LEVELS:
            labels = lessons.labels[level].of_texts(known)
            found = neighbour_rankings(labels, vectors[: len(known)], vectors[len(known) :])
            rankings = dict(zip(asked, found, strict=True))
            every = [rankings.get(row, ()) for row in range(len(contest.documents))]
            yield contest.rival("frozen MiniLM, neighbours", level, every, _ENGLISH_GROUPS)
            tick(1)
