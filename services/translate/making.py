"""How texts become translations: the memory gives what it knows, the rest is translated with its terms in it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from services.translate.detection import LanguageDetector
from services.translate.engines.protocol import Engine
from services.translate.fallbacks import Rendering, put_together, render_alternatives
from services.translate.forcing import render_with_terms
from services.translate.languages import LanguagePair, LanguageTag
from services.translate.memory.recall import Match as MemoryMatch
from services.translate.memory.recall import Origin, TranslationMemory
from services.translate.quality import Making, Quality, Way, assess, overall
from services.translate.remembered import Part, lay_out, suggestions
from services.translate.routing import Route
from services.translate.segments import Segment, join, split
from services.translate.terminology.glossary import Match, Terminology
from services.translate.translations import SegmentTranslation, Translation, UsedTerm

_BY_RULES: Final = "apertium"

_Key = tuple[str, tuple[Match, ...]]


@dataclass(frozen=True)
class Wishes:
    """What a caller wants of translations besides the language.

    `terms` are to stand in them; `memory` is used where it knows a segment, and with `suggestions` what is near in it
    is told; `alternatives` is how many other translations of each text are wanted at most.
    """

    terms: Terminology = field(default_factory=Terminology)
    memory: TranslationMemory | None = None
    suggestions: bool = False
    alternatives: int = 0


@dataclass(frozen=True)
class _Work:
    """A text, the terms found in it, and its parts."""

    text: str
    pair: LanguagePair
    matches: Sequence[Match]
    parts: Sequence[Part]

    def key(self, segment: Segment) -> _Key:
        """Give a segment and its terms, counted from its start: what is the same is translated once."""
        within = [
            replace(match, start=match.start - segment.start, end=match.end - segment.start)
            for match in self.matches
            if segment.start <= match.start and match.end <= segment.end
        ]
        return segment.of(self.text), tuple(within)


@dataclass(frozen=True)
class _Made:
    """What the engines, and the memory, gave for the segments of some texts."""

    renderings: dict[_Key, Rendering]
    others: dict[_Key, Sequence[str]]
    near: dict[str, tuple[MemoryMatch, ...]]

    def rendering(self, work: _Work, part: Part) -> Rendering:
        """Give the translation of a part."""
        return Rendering(part.recalled.text) if part.recalled else self.renderings[work.key(part.segment)]


class Maker:
    """Translates texts by one way."""

    def __init__(self, route: Route, engines: Sequence[Engine], detector: LanguageDetector) -> None:
        self._route = route
        self._engines = engines
        self._judge = _Judge(_way(route), route.pair.target, detector)

    def make(self, texts: Sequence[str], pairs: Sequence[LanguagePair], wishes: Wishes) -> list[Translation]:
        """Translate texts, all their segments together and each but once."""
        works = _laid_out(texts, pairs, wishes)
        keys = dict.fromkeys(work.key(part.segment) for work in works for part in work.parts if part.recalled is None)
        sources, terms = [source for source, _ in keys], [found for _, found in keys]
        renderings = render_with_terms(sources, self._engines, terms)
        others = self._others(sources, renderings, wishes.alternatives)
        near = _near(works, wishes)
        made = _Made(dict(zip(keys, renderings, strict=True)), dict(zip(keys, others, strict=True)), near)
        return [self._translation(work, made) for work in works]

    def _others(self, sources: Sequence[str], renderings: Sequence[Rendering], count: int) -> list[list[str]]:
        return render_alternatives(sources, renderings, self._engines, count) if count else [[] for _ in sources]

    def _translation(self, work: _Work, made: _Made) -> Translation:
        """Put the translations of a text's segments together."""
        renderings = [made.rendering(work, part) for part in work.parts]
        segments = [part.segment for part in work.parts]
        whole = put_together(work.text, segments, iter(renderings))
        of_segments = tuple(self._segments(work, renderings, made))
        lengths = [(each.source[1] - each.source[0], each.quality) for each in of_segments]
        glossaries = {(match.start, match.end): match.glossary for match in work.matches}
        return Translation(
            whole.text,
            work.pair,
            self._route,
            overall(self._judge.quality(work.text, whole), lengths),
            whole.links,
            whole.unknown,
            of_segments,
            tuple(UsedTerm(source, target, glossaries[source]) for source, target in whole.terms),
            tuple(_alternatives(work, renderings, made)),
        )

    def _segments(self, work: _Work, renderings: Sequence[Rendering], made: _Made) -> Iterator[SegmentTranslation]:
        growth = 0
        for part, rendering in zip(work.parts, renderings, strict=True):
            segment, recalled = part.segment, part.recalled
            start = segment.start + growth
            end = start + len(rendering.text)
            growth = end - segment.end
            source = segment.of(work.text)
            yield SegmentTranslation(
                (segment.start, segment.end),
                (start, end),
                self._judge.quality(source, rendering, is_approved=recalled is not None),
                recalled.origin if recalled else Origin.ENGINE,
                (recalled.match,) if recalled else made.near.get(source, ()),
            )


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


def _laid_out(texts: Sequence[str], pairs: Sequence[LanguagePair], wishes: Wishes) -> list[_Work]:
    """Find the terms of texts, cut these where no term is broken, and ask the memory for the parts."""
    matches = [wishes.terms.find(text, pair) for text, pair in zip(texts, pairs, strict=True)]
    segments = [
        split(text, [(match.start, match.end) for match in found]) for text, found in zip(texts, matches, strict=True)
    ]
    parts = lay_out(texts, segments, pairs[0], wishes.memory)
    return [_Work(*each) for each in zip(texts, pairs, matches, parts, strict=True)]


def _near(works: Sequence[_Work], wishes: Wishes) -> dict[str, tuple[MemoryMatch, ...]]:
    if wishes.memory is None or not wishes.suggestions:
        return {}
    texts, parts = [work.text for work in works], [work.parts for work in works]
    return suggestions(texts, parts, works[0].pair, wishes.memory)


def _alternatives(work: _Work, renderings: Sequence[Rendering], made: _Made) -> Iterator[str]:
    """Give the k-th others of all segments in their places, for each k; one with fewer others stays as it is."""
    segments = [part.segment for part in work.parts]
    others = [made.others.get(work.key(segment), ()) for segment in segments]
    for k in range(max(map(len, others), default=0)):
        chosen = [
            each[k] if k < len(each) else rendering.text for each, rendering in zip(others, renderings, strict=True)
        ]
        yield join(work.text, segments, chosen).text
