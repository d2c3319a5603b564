"""Everything that one run measures of the classifier, as it is written to the results."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.classify_backfile import BackfileSpeed
from benchmarks.classify_growth import Growth
from benchmarks.classify_quality import Accuracy, Share, Trust
from benchmarks.classify_rivals import Rival
from benchmarks.classify_speed import ServiceSpeed
from benchmarks.goals import Goal


@dataclass(frozen=True)
class Unseen:
    """Texts whose terms have a cosine below .6 with those of every patent learned from; the others may be family.

    `shares` says, in percent, how many of each group the others are; `accuracy` is by level and group, without them.
    """

    shares: Mapping[str, Share]
    accuracy: Mapping[str, Mapping[str, Accuracy]]


@dataclass(frozen=True)
class Quality:
    """By level and then by group or source; refusals by code, among `documents`."""

    documents: int
    accuracy: Mapping[str, Mapping[str, Accuracy]]
    trust: Mapping[str, Mapping[str, Trust]]
    first_listed: Mapping[str, Mapping[str, Share]]
    suggested_f1: Mapping[str, Mapping[str, Share]]
    refused: Mapping[str, int]
    unseen: Unseen
    rivals: Sequence[Rival]


@dataclass(frozen=True)
class Speed:
    """Services in each way of running, the back-file, and megabytes on disk of every artifact of the pack."""

    services: Sequence[ServiceSpeed]
    backfile: BackfileSpeed
    pack: Mapping[str, float]
    growth: Sequence[Growth]


@dataclass(frozen=True)
class ClassifyFigures:
    """All of it; `minutes` is what each part of the run took, `notes` say what was left out and why."""

    edition: str
    model: str
    goals: Sequence[Goal]
    quality: Quality
    speed: Speed
    minutes: Mapping[str, float]
    notes: Sequence[str]
