"""What translations of real patents keep of signs, numbers and codes, and whether each loss was flagged."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.patent_items import Kind, items, missing
from benchmarks.patent_passages import Passage, Share, english_passages, scheme_titles, titles
from services.translate.engine import RoutedTranslator
from services.translate.languages import LanguageTag
from services.translate.making import Wishes
from services.translate.routing import Status
from services.translate.terminology.glossary import Terminology
from services.translate.terminology.shipped import patent_glossaries
from services.translate.translations import Translation

_BATCH: Final = 20


@dataclass(frozen=True)
class Kept:
    """How many of a kind there were, how many were lost, and how many of these in segments without a quality flag."""

    items: int
    lost: int
    lost_silently: int


@dataclass(frozen=True)
class PatentFigures:
    """What translations of some passages kept, by kind; `flags` counts the segments with each quality flag."""

    what: str
    direction: str
    documents: int
    words: int
    segments: int
    flags: Mapping[str, int]
    kept: Mapping[str, Kept]


@dataclass(frozen=True)
class _Text:
    """What is translated: the texts, whose they are, and into what."""

    what: str
    passages: Sequence[Passage]
    source: str
    target: str


def measure(translator: RoutedTranslator, folder: Path, share: Share = Share.REPORT) -> list[PatentFigures]:
    """Translate the passages of a share under `folder`, with the patent glossary as the service does.

    Portuguese descriptions are not at hand: what was made of the English ones is translated back, and only that second
    step is measured. The way from Spanish is left out where it is not installed.
    """
    english = _Text("claims, abstracts, descriptions", english_passages(folder, share), "en", "pt")
    forth = _translated(translator, english)
    back = [Passage(each.document, each.kind, made.text) for each, made in zip(english.passages, forth, strict=True)]
    others = [
        _Text("those translations, back", back, "pt", "en"),
        _Text("titles", titles(folder, share, "pt"), "pt", "en"),
    ]
    if any(str(route.pair) == "es to en" and route.status is Status.READY for route in translator.routes()):
        others.append(_Text("titles of the IPC", scheme_titles(folder, share), "es", "en"))
    return [_figures(english, forth), *(_figures(text, _translated(translator, text)) for text in others)]


def _translated(translator: RoutedTranslator, text: _Text) -> list[Translation]:
    wishes = Wishes(terms=Terminology(patent_glossaries()))
    texts = [passage.text for passage in text.passages]
    languages = LanguageTag(text.source), LanguageTag(text.target)
    return [
        translation
        for start in range(0, len(texts), _BATCH)
        for translation in translator.translate(texts[start : start + _BATCH], *languages, wishes).translations
    ]


def _figures(text: _Text, translations: Sequence[Translation]) -> PatentFigures:
    pairs = [(passage.text, made) for passage, made in zip(text.passages, translations, strict=True)]
    segments = [segment for made in translations for segment in made.segments]
    return PatentFigures(
        what=text.what,
        direction=f"{text.source}-{text.target}",
        documents=len({passage.document for passage in text.passages}),
        words=sum(len(source.split()) for source, _ in pairs),
        segments=len(segments),
        flags=dict(Counter(flag.value for segment in segments for flag in segment.quality.flags)),
        kept={kind.value: _kept(pairs, kind) for kind in Kind},
    )


def _kept(pairs: Sequence[tuple[str, Translation]], kind: Kind) -> Kept:
    there = lost = silent = 0
    for source, made in pairs:
        gone = missing(source, made.text, kind)
        there += items(source, kind).total()
        lost += gone.total()
        silent += (gone - sum(_flagged(source, made, kind), Counter())).total() if gone else 0
    return Kept(there, lost, silent)


def _flagged(source: str, made: Translation, kind: Kind) -> Iterator[Counter[str]]:
    """Give what was lost in each segment that has a flag."""
    for segment in made.segments:
        if segment.quality.flags:
            yield missing(source[slice(*segment.source)], made.text[slice(*segment.target)], kind)
