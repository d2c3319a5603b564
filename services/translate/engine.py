"""What the service can do: translate texts with the engines installed, in a chain where there is no direct one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol, Self

from examkit.errors import ErrorDetail, InvalidInputError
from services.translate.detection import LanguageDetector
from services.translate.engines.installed import Installation, open_engines
from services.translate.fallbacks import Rendering, put_together, render
from services.translate.languages import LanguagePair, LanguageTag, find_pair
from services.translate.memory.recall import Match, Origin, TranslationMemory
from services.translate.quality import Making, Quality, Way, assess, overall
from services.translate.remembered import Part, lay_out, suggestions
from services.translate.routing import Route, RouteTable, Status, plan
from services.translate.untranslatable import Span


@dataclass(frozen=True)
class Wishes:
    """What a request asks for besides the translation: which memory to use, and whether to tell what is near in it."""

    memory: TranslationMemory | None = None
    suggestions: bool = False


_NO_WISHES: Final = Wishes()
_BY_RULES: Final = "apertium"


@dataclass(frozen=True)
class SegmentTranslation:
    """A segment of a text: where it is in the source and in the translation, and how far that can be trusted.

    `origin` tells where its translation comes from, `matches` what the memory has for it.
    """

    source: Span
    target: Span
    quality: Quality
    origin: Origin = Origin.ENGINE
    matches: tuple[Match, ...] = ()


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
        self, texts: Sequence[str], source: LanguageTag | None, target: LanguageTag, wishes: Wishes = _NO_WISHES
    ) -> Answer:
        """Translate texts, each by itself; without source, each text's language is detected.

        Raise InvalidInputError: `blank-text`, `same-language`, `unsupported-language-pair`, `undetected-language`;
        NotReadyError: `engine-failed`, `terminology-unavailable`.
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
        direct = [pair.source for pair, route in self._ready.items() if not route.is_gist]
        self._detector = LanguageDetector((pair.source for pair in self._ready), direct)

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
        self, texts: Sequence[str], source: LanguageTag | None, target: LanguageTag, wishes: Wishes = _NO_WISHES
    ) -> Answer:
        """Translate texts, each by itself; see Translator."""
        _refuse_blank(texts)
        asked = [LanguagePair(source or self._detect(text, target), target) for text in texts]
        pairs = [find_pair(pair, list(self._ready)) for pair in asked]
        translations: dict[int, Translation] = {}
        for pair in dict.fromkeys(pairs):
            indexes = [i for i, other in enumerate(pairs) if other == pair]
            works = [_Work(texts[i], asked[i]) for i in indexes]
            found = self._translate(self._ready[pair], works, wishes)
            translations.update(zip(indexes, found, strict=True))
        return Answer(tuple(translations[i] for i in range(len(texts))), *self._model(self._ready[pairs[0]]))

    def _translate(self, route: Route, works: Sequence["_Work"], wishes: Wishes) -> list[Translation]:
        """Translate texts by one way, all their segments together and each but once."""
        texts, pair = [work.text for work in works], works[0].pair
        parts = lay_out(texts, pair, wishes.memory)
        near = suggestions(texts, parts, pair, wishes.memory) if wishes.memory and wishes.suggestions else {}
        renderings = self._renderings(route, texts, parts)
        judge = _Judge(_way(route), pair.target, self._detector)
        translations = []
        for work, of_text in zip(works, parts, strict=True):
            rendered = [_Rendered(part, _rendering(work.text, part, renderings)) for part in of_text]
            translations.append(_translation(work, route, rendered, near, judge))
        return translations

    def _renderings(self, route: Route, texts: Sequence[str], parts: Sequence[Sequence[Part]]) -> dict[str, Rendering]:
        """Translate what the memory does not know, by its source."""
        sources = [
            part.segment.of(text)
            for text, of_text in zip(texts, parts, strict=True)
            for part in of_text
            if part.recalled is None
        ]
        different = list(dict.fromkeys(sources))
        engines = [self._installation.engines[step] for step in route.steps]
        return dict(zip(different, render(different, engines), strict=True))

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


@dataclass(frozen=True)
class _Work:
    text: str
    pair: LanguagePair


@dataclass(frozen=True)
class _Rendered:
    part: Part
    rendering: Rendering


def _rendering(text: str, part: Part, renderings: Mapping[str, Rendering]) -> Rendering:
    return Rendering(part.recalled.text) if part.recalled else renderings[part.segment.of(text)]


@dataclass(frozen=True)
class _Judge:
    """Judges what came by one way into one language."""

    way: Way
    target: LanguageTag
    detector: LanguageDetector

    def quality(self, source: str, rendering: Rendering, *, is_approved: bool = False) -> Quality:
        making = Making(
            self.way,
            rendering.log_probability,
            rendering.pieces,
            rendering.is_kept,
            len(rendering.unknown),
            is_approved,
            self.detector.is_surely_other(rendering.text, self.target),
        )
        return assess(source, rendering.text, making)


def _way(route: Route) -> Way:
    if set(route.engines) == {_BY_RULES}:
        return Way.RULES
    return Way.CHAIN if len(route.steps) > 1 else Way.NEURAL


def _translation(
    work: _Work, route: Route, rendered: Sequence[_Rendered], near: Mapping[str, tuple[Match, ...]], judge: _Judge
) -> Translation:
    segments = [each.part.segment for each in rendered]
    whole = put_together(work.text, segments, iter([each.rendering for each in rendered]))
    of_segments = tuple(_of_segments(work.text, rendered, near, judge))
    parts = [(each.source[1] - each.source[0], each.quality) for each in of_segments]
    quality = overall(judge.quality(work.text, whole), parts)
    return Translation(whole.text, work.pair, route, quality, whole.links, whole.unknown, of_segments)


def _of_segments(
    text: str, rendered: Sequence[_Rendered], near: Mapping[str, tuple[Match, ...]], judge: _Judge
) -> Iterator[SegmentTranslation]:
    growth = 0
    for each in rendered:
        segment, recalled = each.part.segment, each.part.recalled
        start = segment.start + growth
        end = start + len(each.rendering.text)
        growth = end - segment.end
        source = segment.of(text)
        yield SegmentTranslation(
            (segment.start, segment.end),
            (start, end),
            judge.quality(source, each.rendering, is_approved=recalled is not None),
            recalled.origin if recalled else Origin.ENGINE,
            (recalled.match,) if recalled else near.get(source, ()),
        )
