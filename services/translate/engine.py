"""What the service can do: translate texts with the engines installed, in a chain where there is no direct one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Final, Protocol, Self

from examkit.errors import ErrorDetail, InvalidInputError
from services.translate.engines.installed import Installation, open_engines
from services.translate.fallbacks import Rendering, put_together
from services.translate.forcing import render_with_terms
from services.translate.languages import LanguageDetector, LanguagePair, LanguageTag, find_pair
from services.translate.quality import Quality, assess
from services.translate.routing import Route, RouteTable, Status, plan
from services.translate.segments import Segment, split
from services.translate.terminology.glossary import Match, Terminology
from services.translate.untranslatable import Span


@dataclass(frozen=True)
class Wishes:
    """What a caller wants of translations besides the language: the terms that are to stand in them."""

    terms: Terminology = field(default_factory=Terminology)


NO_WISHES: Final = Wishes()


@dataclass(frozen=True)
class UsedTerm:
    """A term of a glossary: where it is in the source and in the translation."""

    source: Span
    target: Span
    glossary: str


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
    terms: tuple[UsedTerm, ...] = ()


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
        self, texts: Sequence[str], source: LanguageTag | None, target: LanguageTag, wishes: Wishes = NO_WISHES
    ) -> Answer:
        """Translate texts, each by itself; without source, each text's language is detected.

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
        self, texts: Sequence[str], source: LanguageTag | None, target: LanguageTag, wishes: Wishes = NO_WISHES
    ) -> Answer:
        """Translate texts, each by itself; see Translator."""
        _refuse_blank(texts)
        asked = [LanguagePair(source or self._detect(text, target), target) for text in texts]
        pairs = [find_pair(pair, list(self._ready)) for pair in asked]
        translations: dict[int, Translation] = {}
        for pair in dict.fromkeys(pairs):
            indexes = [i for i, other in enumerate(pairs) if other == pair]
            parts = [_found_in(texts[i], asked[i], wishes) for i in indexes]
            found = self._translate(self._ready[pair], parts)
            translations.update(zip(indexes, found, strict=True))
        return Answer(tuple(translations[i] for i in range(len(texts))), *self._model(self._ready[pairs[0]]))

    def _translate(self, route: Route, parted: Sequence["_Parted"]) -> list[Translation]:
        """Translate texts by one way, all their segments together."""
        sources = [segment.of(each.text) for each in parted for segment in each.segments]
        matches = [each.matches_in(segment) for each in parted for segment in each.segments]
        engines = [self._installation.engines[step] for step in route.steps]
        renderings = iter(render_with_terms(sources, engines, matches))
        return [each.translation(route, list(islice(renderings, len(each.segments)))) for each in parted]

    def _detect(self, text: str, target: LanguageTag) -> LanguageTag:
        if any(character.isalpha() for character in text):
            return self._detector.detect(text)
        # Numbers and signs are of no language: any will do, best one that is translated directly.
        fitting = [route for route in self._ready.values() if route.pair.target.serves(target)]
        return min(fitting or self._ready.values(), key=lambda route: route.is_gist).pair.source

    def _model(self, route: Route) -> tuple[str, str]:
        names, versions = zip(*(self._installation.engines[step].model for step in route.steps), strict=True)
        return "+".join(names), "+".join(versions)


@dataclass(frozen=True)
class _Parted:
    """A text with its segments and the terms found in it."""

    text: str
    pair: LanguagePair
    segments: Sequence[Segment]
    matches: Sequence[Match]

    def matches_in(self, segment: Segment) -> list[Match]:
        """Give the terms of a segment, counted from its start."""
        return [
            replace(match, start=match.start - segment.start, end=match.end - segment.start)
            for match in self.matches
            if segment.start <= match.start and match.end <= segment.end
        ]

    def translation(self, route: Route, renderings: Sequence[Rendering]) -> Translation:
        """Put the translations of the segments together."""
        whole = put_together(self.text, self.segments, iter(renderings))
        glossaries = {(match.start, match.end): match.glossary for match in self.matches}
        return Translation(
            whole.text,
            self.pair,
            route,
            _quality(self.text, whole),
            whole.links,
            whole.unknown,
            tuple(_of_segments(self.text, self.segments, renderings)),
            tuple(UsedTerm(source, target, glossaries[source]) for source, target in whole.terms),
        )


def _found_in(text: str, pair: LanguagePair, wishes: Wishes) -> _Parted:
    matches = wishes.terms.find(text, pair)
    return _Parted(text, pair, split(text, [(match.start, match.end) for match in matches]), matches)


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


def _quality(source: str, whole: Rendering) -> Quality:
    return assess(
        source,
        whole.text,
        log_probability=whole.log_probability,
        pieces=whole.pieces,
        is_kept=whole.is_kept,
        unknown_words=len(whole.unknown),
    )
