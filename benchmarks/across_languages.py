"""Which languages the classifier reads better by way of English: the table that the gateway goes by.

There are few patents in these languages with complete labels, so English ones of the development part are put into each
by the installed translators, weak ones too, and classified as they are and translated back as the gateway does it.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table
from scipy.stats import binomtest

from benchmarks.classify_answers import open_classifier
from benchmarks.classify_documents import COMPLETE, groups_of, known_labels, read_part
from benchmarks.classify_stages import Stages, Tick
from examkit.errors import InvalidInputError, StartError
from models.classify.corpus import LabelledPatent, Part
from services.classify.engine import Options, TermClassifier
from services.classify.ipc import Level, Symbol
from services.classify.text import PatentText
from services.translate.engine import RoutedTranslator
from services.translate.languages import LanguageTag
from services.translate.routing import Status

TABLE: Final = Path(__file__).resolve().parents[1] / "gateway" / "across_languages.tsv"
_ENGLISH: Final = LanguageTag("en")
_LEVEL: Final = Level.SUBCLASS
_DOCUMENTS: Final = 600
_ABSTRACT_LETTERS: Final = 600
# As the gateway decides for all texts of a language, chance must not.
_LARGEST_CHANCE: Final = 0.05


@dataclass(frozen=True)
class Language:
    """How often an assigned subclass came first, in percent, for texts of one language."""

    language: str
    route: list[str]
    as_it_is: float
    by_way_of_english: float
    chance: float
    is_better: bool


@dataclass(frozen=True)
class AcrossLanguagesFigures:
    """The table, and what the same documents score in the English in which they were written."""

    classifier: str
    documents: int
    in_english: float
    languages: list[Language]
    minutes: dict[str, float]


@dataclass(frozen=True)
class _Bench:
    """What all measurements share."""

    classifier: TermClassifier
    there: RoutedTranslator
    back: RoutedTranslator
    patents: Sequence[LabelledPatent]
    labels: Sequence[frozenset[Symbol]]
    stages: Stages


def run(data: Path, artifacts: Path, console: Console) -> AcrossLanguagesFigures:
    """Measure every language that the installed translators bring into English, and rewrite the gateway's table.

    Raise StartError with one sentence where the patents are not there.
    """
    if not (data / "patents").is_dir():
        raise StartError("The labelled patents are not on this machine.")
    classifier = open_classifier(artifacts)
    there, back = RoutedTranslator.load(artifacts, with_weak=True), RoutedTranslator.load(artifacts)
    patents = _chosen(read_part(data / "patents", Part.DEV))
    labels = [known_labels(patent, _LEVEL, classifier.scheme) for patent in patents]
    with Stages.on(console) as stages:
        bench = _Bench(classifier, there, back, patents, labels, stages)
        with stages.stage("English", len(patents)) as tick:
            in_english = _hits(bench, [_beginning(patent.text) for patent in patents], _ENGLISH, tick)
        languages = [_measured(bench, language) for language in _languages(bench)]
    _write(languages)
    _show(languages, in_english)
    name = f"{classifier.name} {classifier.version}"
    return AcrossLanguagesFigures(name, len(patents), _percent(in_english), languages, stages.minutes)


def _chosen(patents: Iterable[LabelledPatent]) -> list[LabelledPatent]:
    """Choose complete English documents, the same ones whatever their order."""
    usable = [each for each in patents if COMPLETE in groups_of(each) and each.text.title and each.text.abstract]
    return sorted(usable, key=lambda each: hashlib.sha256(each.document_id.encode()).digest())[:_DOCUMENTS]


def _languages(bench: _Bench) -> list[LanguageTag]:
    """Return the languages that texts can be put into here, and that are brought into English by default."""
    written = {
        route.pair.target
        for route in bench.there.routes()
        if route.status is Status.READY and route.pair.source == _ENGLISH
    }
    read = {
        route.pair.source
        for route in bench.back.routes()
        if route.status is Status.READY and route.pair.target == _ENGLISH
    }
    return sorted(written & read, key=str)


def _measured(bench: _Bench, language: LanguageTag) -> Language:
    with bench.stages.stage(f"{language}: there and back", 2 * len(bench.patents)) as tick:
        texts = [_translated(bench.there, _beginning(each.text), _ENGLISH, language, tick) for each in bench.patents]
        english = [_translated(bench.back, text, language, _ENGLISH, tick) for text in texts]
    with bench.stages.stage(f"{language}: classified", 2 * len(bench.patents)) as tick:
        as_it_is, by_way = _hits(bench, texts, language, tick), _hits(bench, english, _ENGLISH, tick)
    won = sum(b and not a for a, b in zip(as_it_is, by_way, strict=True))
    lost = sum(a and not b for a, b in zip(as_it_is, by_way, strict=True))
    # McNemar's test (1947) in its exact form: only documents count of which one is right and the other wrong.
    chance = float(binomtest(won, won + lost, alternative="greater").pvalue) if won + lost else 1.0
    (route,) = (each for each in bench.back.routes() if (each.pair.source, each.pair.target) == (language, _ENGLISH))
    return Language(
        language=str(language),
        route=[str(each) for each in route.languages],
        as_it_is=_percent(as_it_is),
        by_way_of_english=_percent(by_way),
        chance=chance,
        is_better=chance < _LARGEST_CHANCE,
    )


def _beginning(text: PatentText) -> PatentText:
    return PatentText(title=text.title, abstract=text.abstract[:_ABSTRACT_LETTERS])


def _translated(
    translator: RoutedTranslator, text: PatentText, source: LanguageTag, target: LanguageTag, tick: Tick
) -> PatentText:
    title, abstract = translator.translate([text.title, text.abstract], source, target).translations
    tick(1)
    return replace(text, title=title.text, abstract=abstract.text)


def _hits(bench: _Bench, texts: Iterable[PatentText], language: LanguageTag, tick: Tick) -> list[bool]:
    """Tell of each text whether an assigned symbol comes first; a text that is refused is a miss."""
    options = Options(level=_LEVEL, limit=1, language=str(language))
    hits = []
    for text, labels in zip(texts, bench.labels, strict=True):
        try:
            found = bench.classifier.classify(text, options).predictions
        except InvalidInputError:
            found = ()
        hits.append(any(each.symbol in labels for each in found))
        tick(1)
    return hits


def _percent(hits: Sequence[bool]) -> float:
    return round(100 * sum(hits) / len(hits), 1)


def _write(languages: Sequence[Language]) -> None:
    rows = [
        f"{each.language}\t{each.as_it_is}\t{each.by_way_of_english}\t{'yes' if each.is_better else 'no'}\n"
        for each in languages
    ]
    TABLE.write_text("language\tas_it_is\tby_way_of_english\tbetter\n" + "".join(rows))


def _show(languages: Sequence[Language], in_english: Sequence[bool]) -> None:
    table = Table("language", "as it is", "by way of English", "chance", "route")
    for each in languages:
        table.add_row(
            each.language, f"{each.as_it_is}", f"{each.by_way_of_english}", f"{each.chance:.3g}", " ".join(each.route)
        )
    table.caption = f"percent with an assigned subclass first; in the original English {_percent(in_english)}"
    Console().print(table)
