"""How good and how fast translation is: BLEU and chrF, words a CPU-second, reference signs and codes kept."""

import re
import resource
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF

from benchmarks import translate_patents
from services.translate.engine import RoutedTranslator
from services.translate.languages import LanguageTag
from services.translate.routing import Status
from services.translate.translations import Translation
from services.translate.untranslatable import Extent, code_spans

_BATCH: Final = 20
_TIMED_SEGMENTS: Final = 200
_SIGN = re.compile(r"\((\d+[a-z]?(?:, \d+[a-z]?)*)\)")


@dataclass(frozen=True)
class TestSet:
    """One direction of a set: files of segments, line by line the same; `variant` says whose Portuguese it is."""

    name: str
    variant: str
    source: str
    target: str
    source_language: str
    target_language: str


@dataclass(frozen=True)
class SetFigures:
    """Quality on a set; `flags` counts the segments with each quality flag, `unknown` the words no engine knew."""

    name: str
    variant: str
    direction: str
    route: Sequence[str]
    engines: Sequence[str]
    segments: int
    bleu: float
    chrf: float
    flags: Mapping[str, int]
    unknown: int


@dataclass(frozen=True)
class SpeedFigures:
    """Source words a CPU-second of one thread, batches of 20 and one by one."""

    direction: str
    words_per_cpu_second_batch: float
    words_per_cpu_second_single: float


@dataclass(frozen=True)
class SurvivalFigures:
    """Of the reference signs and of all codes in patent-like text, how many stand in the translation."""

    direction: str
    signs: int
    signs_kept: int
    codes: int
    codes_kept: int


@dataclass(frozen=True)
class TranslateFigures:
    """Everything measured; `sacrebleu` is the signature of the BLEU figures."""

    sets: Sequence[SetFigures]
    speed: Sequence[SpeedFigures]
    survival: Sequence[SurvivalFigures]
    patents: Sequence[translate_patents.PatentFigures]
    load_seconds: float
    peak_resident_megabytes: float
    sacrebleu: str


SETS: Final = (
    TestSet("flores200", "BR", "devtest.en.txt", "devtest.pt.txt", "en", "pt"),
    TestSet("flores200", "BR", "devtest.pt.txt", "devtest.en.txt", "pt", "en"),
    TestSet("ntrex128", "BR", "ntrex.en.txt", "ntrex.pt-BR.txt", "en", "pt"),
    TestSet("ntrex128", "BR", "ntrex.pt-BR.txt", "ntrex.en.txt", "pt", "en"),
    TestSet("ntrex128", "PT", "ntrex.en.txt", "ntrex.pt.txt", "en", "pt"),
    TestSet("ntrex128", "PT", "ntrex.pt.txt", "ntrex.en.txt", "pt", "en"),
)
# Chains and rules, those that are off by default too: measured where their engines are installed.
CHAINS: Final = (
    TestSet("flores200", "", "devtest.es.txt", "devtest.en.txt", "es", "en"),
    TestSet("flores200", "", "devtest.en.txt", "devtest.es.txt", "en", "es"),
    TestSet("flores200", "BR", "devtest.es.txt", "devtest.pt.txt", "es", "pt"),
    TestSet("flores200", "BR", "devtest.pt.txt", "devtest.es.txt", "pt", "es"),
    TestSet("flores200", "", "devtest.fr.txt", "devtest.en.txt", "fr", "en"),
    TestSet("flores200", "", "devtest.en.txt", "devtest.fr.txt", "en", "fr"),
    TestSet("ntrex128", "", "ntrex.es.txt", "ntrex.en.txt", "es", "en"),
    TestSet("ntrex128", "", "ntrex.en.txt", "ntrex.es.txt", "en", "es"),
    TestSet("tico19", "", "tico19.en-es.es.txt", "tico19.en-es.en.txt", "es", "en"),
    TestSet("tico19", "", "tico19.en-es.en.txt", "tico19.en-es.es.txt", "en", "es"),
    TestSet("tico19", "", "tico19.en-fr.fr.txt", "tico19.en-fr.en.txt", "fr", "en"),
    TestSet("tico19", "", "tico19.en-fr.en.txt", "tico19.en-fr.fr.txt", "en", "fr"),
)


def run(data: Path, artifacts: Path) -> TranslateFigures:
    """Measure the installed translators on the sets under `data/mt_eval`, and on the patents of `data/patents`.

    Translators run as in the service: the whole way from text to text, one thread.
    """
    sets = data / "mt_eval"
    started = time.perf_counter()
    translator = RoutedTranslator.load(artifacts, with_weak=True)
    load_seconds = time.perf_counter() - started
    ready = {str(route.pair) for route in translator.routes() if route.status is Status.READY}
    chains = [each for each in CHAINS if f"{each.source_language} to {each.target_language}" in ready]
    return TranslateFigures(
        sets=[_measure_set(translator, sets, test_set) for test_set in (*SETS, *chains)],
        speed=[_measure_speed(translator, sets, test_set) for test_set in SETS[:2]],
        survival=list(_measure_survival(translator, sets / "patent_style")),
        patents=translate_patents.measure(translator, data / "patents"),
        load_seconds=round(load_seconds, 2),
        peak_resident_megabytes=round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        sacrebleu=_signature(),
    )


def _measure_set(translator: RoutedTranslator, data: Path, test_set: TestSet) -> SetFigures:
    sources, references = (_lines(data / test_set.name / file) for file in (test_set.source, test_set.target))
    translations = list(_translate(translator, sources, test_set, _BATCH))
    texts = [translation.text for translation in translations]
    return SetFigures(
        name=test_set.name,
        variant=test_set.variant,
        direction=_direction(test_set),
        route=[str(language) for language in translations[0].route.languages],
        engines=translations[0].route.engines,
        segments=len(sources),
        bleu=round(float(BLEU().corpus_score(texts, [references]).score), 2),
        chrf=round(float(CHRF().corpus_score(texts, [references]).score), 2),
        flags=dict(Counter(flag.value for translation in translations for flag in translation.quality.flags)),
        unknown=sum(len(translation.unknown) for translation in translations),
    )


def _measure_speed(translator: RoutedTranslator, data: Path, test_set: TestSet) -> SpeedFigures:
    sources = _lines(data / test_set.name / test_set.source)[:_TIMED_SEGMENTS]
    words = sum(len(source.split()) for source in sources)
    speeds = [round(words / _cpu_seconds(translator, sources, test_set, batch)) for batch in (_BATCH, 1)]
    return SpeedFigures(_direction(test_set), *speeds)


def _cpu_seconds(translator: RoutedTranslator, sources: Sequence[str], test_set: TestSet, batch: int) -> float:
    started = time.process_time()
    list(_translate(translator, sources, test_set, batch))
    return time.process_time() - started


def _measure_survival(translator: RoutedTranslator, folder: Path) -> Iterator[SurvivalFigures]:
    english = _lines(folder / "en.txt") + _lines(folder / "long_claim.en.txt")
    for sources, test_set in ((english, SETS[0]), (_lines(folder / "pt.txt"), SETS[1])):
        translations = [item.text for item in _translate(translator, sources, test_set, _BATCH)]
        signs = [_kept(_signs(a), _signs(b)) for a, b in zip(sources, translations, strict=True)]
        codes = [_kept(_codes(a), _codes(b)) for a, b in zip(sources, translations, strict=True)]
        yield SurvivalFigures(_direction(test_set), *_sums(signs), *_sums(codes))


def _signs(text: str) -> Counter[str]:
    return Counter(sign for group in _SIGN.findall(text) for sign in group.split(", "))


def _codes(text: str) -> Counter[str]:
    return Counter(text[start:end] for start, end in set(code_spans(text, Extent.NEEDED)))


def _kept(wanted: Counter[str], found: Counter[str]) -> tuple[int, int]:
    return wanted.total(), (wanted & found).total()


def _sums(pairs: Sequence[tuple[int, int]]) -> tuple[int, int]:
    return sum(wanted for wanted, _ in pairs), sum(kept for _, kept in pairs)


def _translate(
    translator: RoutedTranslator, sources: Sequence[str], test_set: TestSet, batch: int
) -> Iterator[Translation]:
    languages = LanguageTag.parse(test_set.source_language), LanguageTag.parse(test_set.target_language)
    for start in range(0, len(sources), batch):
        yield from translator.translate(sources[start : start + batch], *languages).translations


def _direction(test_set: TestSet) -> str:
    return f"{test_set.source_language}-{test_set.target_language}"


def _signature() -> str:
    metric: Any = BLEU()
    metric.corpus_score(["a"], [["a"]])
    return str(metric.get_signature())


def _lines(file: Path) -> list[str]:
    return file.read_text().splitlines()
