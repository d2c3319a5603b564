"""What the service can do: translate texts with the engines installed, in a chain where there is no direct one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Protocol, Self

from examkit.errors import ErrorDetail, InvalidInputError
from services.translate.engines.installed import Installation, open_engines
from services.translate.fallbacks import Rendering, put_together, render, render_alternatives
from services.translate.languages import LanguageDetector, LanguagePair, LanguageTag, find_pair
from services.translate.quality import Quality, assess
from services.translate.routing import Route, RouteTable, Status, plan
from services.translate.segments import Segment, join, split
from services.translate.untranslatable import Span


@dataclass(frozen=True)
class SegmentTranslation:
    """A segment of a text: where it is in the source and in the translation, and how far that can be trusted."""

    source: Span
    target: Span
    quality: Quality


@dataclass(frozen=True)
class Translation:
    """One text translated; what is in no segment, such as numbering and line breaks, stands in it as it was.

    `alignment` pairs characters of the source with those of the translation, word by word; `unknown` are the words of
    the translation that an engine did not know and left as they were.
    """

    text: str
    pair: LanguagePair
    route: Route
    quality: Quality
    alignment: tuple[tuple[Span, Span], ...]
    unknown: tuple[Span, ...] = ()
    segments: tuple[SegmentTranslation, ...] = ()
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answer:
    """Translations in the order of their texts, and what made them (the first one, when several did)."""

    translations: tuple[Translation, ...]
    model_name: str
    model_version: str


class Translator(Protocol):
    """What the API needs of an engine."""

    def routes(self) -> Sequence[Route]:
        """Give the ways there are and those that there could be, in a fixed order."""

    def translate(
        self, texts: Sequence[str], source: LanguageTag | None, target: LanguageTag, alternatives: int = 0
    ) -> Answer:
        """Translate texts, each by itself; without source, each text's language is detected.

        `alternatives` says how many other translations of each text are wanted at most.
        Raise InvalidInputError: `blank-text`, `same-language`, `unsupported-language-pair`, `undetected-language`;
        NotReadyError: `engine-failed`.
        """

    def close(self) -> None:
        """End the programs that engines run."""


class RoutedTranslator:
    """Translates by the best way that the engines of an installation allow."""

    def __init__(self, installation: Installation, table: RouteTable, *, with_weak: bool) -> None:
        self._installation = installation
        self._routes = plan(installation.steps, table, with_weak=with_weak)
        self._ready: Mapping[LanguagePair, Route] = {
            route.pair: route for route in self._routes if route.status is Status.READY
        }
        self._detector = LanguageDetector(pair.source for pair in self._ready)

    @classmethod
    def load(cls, artifacts_dir: Path, *, with_weak: bool = False) -> Self:
        """Open and warm up the engines; raise ArtifactError when there is none or one cannot be trusted."""
        return cls(open_engines(artifacts_dir), RouteTable.open(artifacts_dir), with_weak=with_weak)

    def close(self) -> None:
        """End the programs that engines run."""
        self._installation.close()

    def routes(self) -> Sequence[Route]:
        """Give the ways there are and those that there could be, in order of the languages."""
        return self._routes

    def translate(
        self, texts: Sequence[str], source: LanguageTag | None, target: LanguageTag, alternatives: int = 0
    ) -> Answer:
        """Translate texts, each by itself; see Translator."""
        _refuse_blank(texts)
        asked = [LanguagePair(source or self._detect(text, target), target) for text in texts]
        pairs = [find_pair(pair, list(self._ready)) for pair in asked]
        translations: dict[int, Translation] = {}
        for pair in dict.fromkeys(pairs):
            indexes = [i for i, other in enumerate(pairs) if other == pair]
            those, tags = [texts[i] for i in indexes], [asked[i] for i in indexes]
            found = self._translate(self._ready[pair], those, tags, alternatives)
            translations.update(zip(indexes, found, strict=True))
        return Answer(tuple(translations[i] for i in range(len(texts))), *self._model(self._ready[pairs[0]]))

    def _translate(
        self, route: Route, texts: Sequence[str], asked: Sequence[LanguagePair], alternatives: int
    ) -> list[Translation]:
        """Translate texts by one way, all their segments together."""
        engines = [self._installation.engines[step] for step in route.steps]
        segments = [split(text) for text in texts]
        sources = [segment.of(text) for text, parts in zip(texts, segments, strict=True) for segment in parts]
        rendered = render(sources, engines)
        renderings = iter(rendered)
        others = iter(render_alternatives(sources, rendered, engines, alternatives) if alternatives else [])
        translations = []
        for text, parts, pair in zip(texts, segments, asked, strict=True):
            taken = list(islice(renderings, len(parts)))
            whole = put_together(text, parts, iter(taken))
            of_segments = tuple(_of_segments(text, parts, taken))
            quality = _quality(text, whole)
            translation = Translation(whole.text, pair, route, quality, whole.links, whole.unknown, of_segments)
            ways = _alternatives(text, parts, taken, list(islice(others, len(parts))))
            translations.append(replace(translation, alternatives=ways))
        return translations

    def _detect(self, text: str, target: LanguageTag) -> LanguageTag:
        if any(character.isalpha() for character in text):
            return self._detector.detect(text)
        # Numbers and signs are of no language: any will do, best one that is translated directly.
        fitting = [route for route in self._ready.values() if route.pair.target.serves(target)]
        return min(fitting or self._ready.values(), key=lambda route: route.is_gist).pair.source

    def _model(self, route: Route) -> tuple[str, str]:
        names, versions = zip(*(self._installation.engines[step].model for step in route.steps), strict=True)
        return "+".join(names), "+".join(versions)


def _refuse_blank(texts: Sequence[str]) -> None:
    blank = [ErrorDetail(f"/texts/{i}", "is blank") for i, text in enumerate(texts) if not text.strip()]
    if blank:
        raise InvalidInputError("A text to translate is blank.", code="blank-text", details=blank)


def _of_segments(text: str, parts: Sequence[Segment], renderings: Sequence[Rendering]) -> Iterator[SegmentTranslation]:
    growth = 0
    for part, rendering in zip(parts, renderings, strict=True):
        start = part.start + growth
        end = start + len(rendering.text)
        growth = end - part.end
        yield SegmentTranslation((part.start, part.end), (start, end), _quality(part.of(text), rendering))


def _alternatives(
    text: str, parts: Sequence[Segment], taken: Sequence[Rendering], others: Sequence[Sequence[str]]
) -> tuple[str, ...]:
    """Give the k-th others of all segments in their places, for each k; one with fewer others stays as it is."""
    return tuple(
        join(
            text,
            parts,
            [way[k] if k < len(way) else rendering.text for way, rendering in zip(others, taken, strict=True)],
        ).text
        for k in range(max(map(len, others), default=0))
    )


def _quality(source: str, whole: Rendering) -> Quality:
    return assess(
        source,
        whole.text,
        log_probability=whole.log_probability,
        pieces=whole.pieces,
        is_kept=whole.is_kept,
        unknown_words=len(whole.unknown),
    )
