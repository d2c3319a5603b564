"""Two classifiers judged on the same documents: where one is worse than the other, and whether that may be chance."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from scipy.stats import binomtest

from examkit.errors import InvalidInputError, StartError
from models.classify.corpus import LabelledPatent
from models.classify.feedback import SOURCE
from services.classify.engine import Classifier, Options
from services.classify.ipc import Level, Symbol
from services.classify.languages import primary
from services.classify.scheme import Scheme

ALL: Final = "all documents"

_SIGNIFICANCE: Final = 0.05
_LANGUAGES: Final = {"en": "English", "ko": "Korean", "zh": "Chinese", "ja": "Japanese"}


@dataclass(frozen=True)
class Measure:
    """Whether an assigned symbol of a level is among the first predictions."""

    level: Level
    rank: int


MEASURES: Final = tuple(Measure(level, rank) for level in (Level.SUBCLASS, Level.MAIN_GROUP) for rank in (1, 3))


@dataclass(frozen=True)
class Trial:
    """How both models did at one measure on one document; `groups` are those the document belongs to."""

    measure: Measure
    groups: tuple[str, ...]
    current: bool
    candidate: bool


@dataclass(frozen=True)
class Comparison:
    """Hits of both models in one group of documents at one measure.

    `chance` is the probability that a model as good as the current one looks at least that much worse.
    """

    group: str
    measure: Measure
    documents: int
    current: int
    candidate: int
    chance: float


@dataclass(frozen=True)
class Verdict:
    """All comparisons, those in which the candidate is worse beyond chance, and whether it is worse on the whole."""

    comparisons: Sequence[Comparison]
    worse: Sequence[Comparison]
    is_worse_on_the_whole: bool

    @property
    def is_released(self) -> bool:
        """Tell whether the candidate may take the place of the current model."""
        return not self.worse and not self.is_worse_on_the_whole


def try_both(patent: LabelledPatent, current: Classifier, candidate: Classifier) -> Iterator[Trial]:
    """Classify a document with both and yield a trial for each measure at whose level it has a known symbol."""
    groups = _groups(patent)
    for level in (Level.SUBCLASS, Level.MAIN_GROUP):
        labels = _known_labels(patent, level, current.scheme)
        if labels:
            of_current, of_candidate = (_rank(each, patent, level, labels) for each in (current, candidate))
            for measure in (each for each in MEASURES if each.level is level):
                yield Trial(measure, groups, of_current <= measure.rank, of_candidate <= measure.rank)


def judge(trials: Iterable[Trial]) -> Verdict:
    """Compare in every group at every measure.

    Both models see the same documents, so only those count that one gets right and the other wrong: McNemar's test
    (1947) in its exact form, a one-sided sign test, which holds for any number of documents and needs no resampling.
    With Bonferroni's correction, a candidate as good as the current model is found worse somewhere in at most 5 % of
    releases. On the whole, it must not have fewer hits, all measures taken together.

    Raises StartError when there is nothing to compare.
    """
    sorted_out: defaultdict[tuple[str, Measure], list[Trial]] = defaultdict(list)
    for trial in trials:
        for group in trial.groups:
            sorted_out[group, trial.measure].append(trial)
    comparisons = [_compare(group, measure, tried) for (group, measure), tried in sorted_out.items()]
    worse = [each for each in comparisons if each.chance * len(comparisons) < _SIGNIFICANCE]
    whole = [each for each in comparisons if each.group == ALL]
    if not whole:
        raise StartError("No document kept apart has a symbol of the installed edition: there is nothing to judge by.")
    return Verdict(comparisons, worse, sum(each.candidate for each in whole) < sum(each.current for each in whole))


def _compare(group: str, measure: Measure, trials: Sequence[Trial]) -> Comparison:
    won = sum(trial.candidate and not trial.current for trial in trials)
    lost = sum(trial.current and not trial.candidate for trial in trials)
    chance = float(binomtest(won, won + lost, alternative="less").pvalue) if won + lost else 1.0
    current = sum(trial.current for trial in trials)
    return Comparison(group, measure, len(trials), current, current + won - lost, chance)


def _groups(patent: LabelledPatent) -> tuple[str, ...]:
    """Name what matters to somebody: the office's own documents, a language, a section of the classification."""
    language = _LANGUAGES.get(primary(patent.language), "other languages")
    sections = sorted({f"section {symbol.section}" for symbol in patent.symbols})
    own = ("feedback",) if patent.source == SOURCE else ()
    return (ALL, *own, language, *sections)


def _known_labels(patent: LabelledPatent, level: Level, scheme: Scheme) -> set[Symbol]:
    labels = {symbol.at(level) for symbol in patent.symbols if symbol.level.depth >= level.depth}
    return {symbol for symbol in labels if symbol in scheme}


def _rank(classifier: Classifier, patent: LabelledPatent, level: Level, labels: set[Symbol]) -> float:
    """Return the place, from 1, of the first assigned symbol; infinity when it is not found or the text is refused."""
    options = Options(level=level, limit=max(measure.rank for measure in MEASURES), language=patent.language or None)
    try:
        predictions = classifier.classify(patent.text, options).predictions
    except InvalidInputError:
        return float("inf")
    ranks = (rank for rank, each in enumerate(predictions, start=1) if each.symbol in labels)
    return next(ranks, float("inf"))
