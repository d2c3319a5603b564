"""The ways in which a segment is translated, tried in order until nothing of it is lost.

First with what the model would harm protected; then with every number protected too; then in smaller parts; and what
even so does not come through keeps its source text, which the quality flags tell.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from services.translate.claim_wording import everyday_wording
from services.translate.engines.protocol import Draft, Engine
from services.translate.losses import lack, missing_signs
from services.translate.placeholders import Edit, Protected, Rewriting, fixed_spans, protect, restore
from services.translate.quality import repeats_itself
from services.translate.segments import Segment, cut, join
from services.translate.untranslatable import Coverage, Extent, Span

_MOST_HALVINGS: Final = 3
_FEWEST_COMPARED: Final = 12
_LEAST_SHARE: Final = 0.4
_ENDINGS: Final = ".!?…:;,"
_WORD = re.compile(r"\w+")

Link = tuple[Span, Span]


@dataclass(frozen=True)
class Rendering:
    """A translated segment, as `Draft` tells it; `is_kept` says that a part of the source stands in it untranslated.

    `terms` pairs the parts of the source whose translation was laid down with where that stands.
    """

    text: str
    log_probability: float = 0.0
    pieces: int = 0
    links: tuple[Link, ...] = ()
    unknown: tuple[Span, ...] = ()
    is_kept: bool = False
    terms: tuple[Link, ...] = ()


@dataclass(frozen=True)
class _Passage:
    """A segment, and what is laid down of its translation, in order."""

    text: str
    fixed: tuple[Edit, ...] = ()

    @property
    def expected(self) -> Rewriting:
        """Give the segment with what is laid down, to compare a translation with."""
        return Rewriting(self.text, self.fixed)

    @property
    def untranslated(self) -> Rendering:
        """Give the segment itself; what is laid down stands in it all the same."""
        spans = [(edit.start, edit.end) for edit in self.fixed]
        terms = tuple((span, self.expected.forward(span)) for span in spans)
        return Rendering(self.expected.after, links=terms, terms=terms)

    def part(self, segment: Segment) -> "_Passage":
        """Give a part of it."""
        fixed = [
            Edit(edit.start - segment.start, edit.end - segment.start, edit.written)
            for edit in self.fixed
            if segment.start <= edit.start and edit.end <= segment.end
        ]
        return _Passage(segment.of(self.text), tuple(fixed))


def render(
    sources: Sequence[str], engines: Sequence[Engine], fixed: Sequence[Sequence[Edit]] | None = None
) -> list[Rendering]:
    """Translate segments, in order, by one engine after another; raise NotReadyError when one of them fails.

    `fixed` lays down, for each segment, what parts of it are in the translation; they are in order.
    """
    passages = [
        _Passage(source, tuple(each)) for source, each in zip(sources, fixed or [()] * len(sources), strict=True)
    ]
    renderings = _render(passages, engines[0])
    for engine in engines[1:]:
        further = _render([_next_passage(rendering) for rendering in renderings], engine)
        renderings = [_chained(first, second) for first, second in zip(renderings, further, strict=True)]
    return renderings


def _next_passage(rendering: Rendering) -> _Passage:
    """Take a translation for a source: what was laid down stands in it in the last language already."""
    spans = sorted(target for _, target in rendering.terms)
    return _Passage(rendering.text, tuple(Edit(*span, rendering.text[slice(*span)]) for span in spans))


def render_alternatives(
    sources: Sequence[str], renderings: Sequence[Rendering], engines: Sequence[Engine], count: int
) -> list[list[str]]:
    """Give for each segment up to so many other translations by the last engine, with nothing lost, unlike all others.

    Two that differ in capitals and punctuation only are alike.
    """
    *first, last = engines
    passages = [_as_translated(source, each) for source, each in zip(sources, renderings, strict=True)]
    if first:
        passages = [_next_passage(each) for each in render(sources, first, [passage.fixed for passage in passages])]
    return [_others(passage, each.text, last, count) for passage, each in zip(passages, renderings, strict=True)]


def _as_translated(source: str, rendering: Rendering) -> _Passage:
    """Lay down what was laid down of a translation, as it stands there."""
    return _Passage(source, tuple(Edit(*span, rendering.text[slice(*stands)]) for span, stands in rendering.terms))


def _others(passage: _Passage, taken: str, engine: Engine, count: int) -> list[str]:
    protected = _protected(passage, engine, Extent.NEEDED)
    drafts = engine.alternatives(protected.text) if protected.has_words else []
    whole = [
        other for draft in drafts if (other := _restored(passage, protected, draft)) and _is_complete(passage, other)
    ]
    return unlike(taken, [other.text for other in whole])[:count]


def unlike(taken: str, others: Sequence[str]) -> list[str]:
    """Give the texts that differ from a text that is taken, and from one another, in letters or digits."""
    by_letters = {_letters(other): other for other in reversed(others)}
    return [other for other in others if by_letters[_letters(other)] is other and _letters(other) != _letters(taken)]


def _letters(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


def _chained(first: Rendering, second: Rendering) -> Rendering:
    """Take the second step of a translation after the first."""
    left = {first.text[start:end] for start, end in first.unknown}
    still_left = [found.span() for found in _WORD.finditer(second.text) if found.group() in left]
    landings = dict(second.terms)
    return Rendering(
        second.text,
        first.log_probability + second.log_probability,
        first.pieces + second.pieces,
        tuple(_through(first.links, second.links)),
        tuple(sorted({*still_left, *second.unknown})),
        first.is_kept or second.is_kept,
        tuple((source, landings[target]) for source, target in first.terms),
    )


def _through(first: Sequence[Link], second: Sequence[Link]) -> Iterator[Link]:
    """Give where words come from by way of the language between."""
    for between, target in second:
        for source, landing in first:
            if landing[0] < between[1] and between[0] < landing[1]:
                yield source, target
                break


def _render(passages: Sequence[_Passage], engine: Engine) -> list[Rendering]:
    renderings = _attempt(passages, engine, Extent.NEEDED)
    poor = [i for i, passage in enumerate(passages) if not _is_complete(passage, renderings[i])]
    again = _attempt([passages[i] for i in poor], engine, Extent.NUMBERS_TOO)
    for i, second in zip(poor, again, strict=True):
        if renderings[i] is None or _is_complete(passages[i], second):
            renderings[i] = second
    return _repair(passages, renderings, engine, _MOST_HALVINGS)


def _repair(
    passages: Sequence[_Passage], renderings: Sequence[Rendering | None], engine: Engine, halvings: int
) -> list[Rendering]:
    """Translate what was lost or is not complete once more, by halves; keep a source that cannot be halved (again)."""
    lost = [
        i for i, rendering in enumerate(renderings) if rendering is None or _is_worth_halving(passages[i], rendering)
    ]
    halves = {i: _halves(passages[i], engine) if halvings else [] for i in lost}
    smaller = [passages[i].part(part) for i in lost for part in halves[i]]
    again = _attempt(smaller, engine, Extent.NUMBERS_TOO)
    parts = iter(_repair(smaller, again, engine, halvings - 1) if smaller else [])
    repaired = {
        i: put_together(passages[i].text, halves[i], parts)
        if halves[i]
        else replace(passages[i].untranslated, is_kept=True)
        for i in lost
    }
    return [_better(passages[i], rendering, repaired.get(i)) for i, rendering in enumerate(renderings)]


def _is_worth_halving(passage: _Passage, rendering: Rendering) -> bool:
    """Tell whether something is missing, and the halves would still say something by themselves."""
    return not _is_complete(passage, rendering) and len(passage.text.split()) >= _FEWEST_COMPARED


def _better(passage: _Passage, whole: Rendering | None, repaired: Rendering | None) -> Rendering:
    """Choose what was translated in one piece, unless the other lacks less and is translated throughout."""
    if repaired is None or (whole and (repaired.is_kept or _lack(passage, repaired) >= _lack(passage, whole))):
        return whole or replace(passage.untranslated, is_kept=True)
    return repaired


def _attempt(passages: Sequence[_Passage], engine: Engine, extent: Extent) -> list[Rendering | None]:
    """Translate with protection; None where something that must be kept was lost."""
    protected = [_protected(passage, engine, extent) for passage in passages]
    wordy = [i for i, item in enumerate(protected) if item.has_words]
    drafts = dict(zip(wordy, engine.translate([protected[i].text for i in wordy]), strict=True)) if wordy else {}
    return [
        _restored(passages[i], item, drafts[i]) if i in drafts else passages[i].untranslated
        for i, item in enumerate(protected)
    ]


def _protected(passage: _Passage, engine: Engine, extent: Extent) -> Protected:
    reworded = everyday_wording(passage.text, engine.pair.source.language)
    return protect(passage.text, engine.keeps, extent, passage.fixed, reworded)


def _restored(passage: _Passage, protected: Protected, draft: Draft) -> Rendering | None:
    target = restore(protected, _with_manners_of(protected, draft.text))
    if target is None or _is_lost(passage.expected.after, target.after):
        return None
    links = tuple(_moved(protected.rewriting, target, *link) for link in draft.links)
    unknown = tuple(target.forward(span) for span in draft.unknown)
    terms = tuple(fixed_spans(protected, target))
    return Rendering(target.after, draft.log_probability, draft.pieces, links, unknown, terms=terms)


def _moved(source: Rewriting, target: Rewriting, source_span: Span, target_span: Span) -> Link:
    return source.backward(source_span), target.forward(target_span)


def _is_lost(source: str, target: str) -> bool:
    source_words, target_words = len(source.split()), len(target.split())
    is_short = source_words >= _FEWEST_COMPARED and target_words < _LEAST_SHARE * source_words
    is_circling = repeats_itself(target) and not repeats_itself(source)
    return not target_words or is_short or is_circling or bool(missing_signs(source, target))


def _is_complete(passage: _Passage, rendering: Rendering | None) -> bool:
    return rendering is not None and not _lack(passage, rendering)


def _lack(passage: _Passage, rendering: Rendering) -> int:
    return lack(passage.expected.after, rendering.text)


def _with_manners_of(protected: Protected, target: str) -> str:
    """Give a translation the capitals and the end of its source: models like to end with a full stop."""
    source = protected.rewriting.before
    if protected.unprotected.isupper():
        return target.upper()
    if target.endswith(".") and not source.endswith(tuple(_ENDINGS)):
        target = target[:-1]
    if source[:1].islower() and target[:1].isupper() and not target[1:2].isupper() and not target[1:2].isdigit():
        return target[0].lower() + target[1:]
    if source[:1].isupper() and target[:1].islower():
        return target[0].upper() + target[1:]
    return target


def _halves(passage: _Passage, engine: Engine) -> list[Segment]:
    source = passage.text
    words = len(source.split())
    whole = Coverage.of(protect(source, engine.keeps, Extent.NEEDED, passage.fixed).spans)
    parts = cut(source, Segment(0, len(source)), (words + 1) // 2, whole)
    return parts if len(parts) > 1 else []


def put_together(source: str, parts: Sequence[Segment], renderings: Iterator[Rendering]) -> Rendering:
    """Take the next rendering for each part of a source and put them in their places."""
    taken = [next(renderings) for _ in parts]
    joined = join(source, parts, [rendering.text for rendering in taken])
    places = list(zip(parts, joined.starts, taken, strict=True))
    return Rendering(
        joined.text,
        sum(rendering.log_probability for rendering in taken),
        sum(rendering.pieces for rendering in taken),
        tuple(link for part, start, each in places for link in _shifted(each.links, part.start, start)),
        tuple((start + first, start + last) for _, start, each in places for first, last in each.unknown),
        any(rendering.is_kept for rendering in taken),
        tuple(link for part, start, each in places for link in _shifted(each.terms, part.start, start)),
    )


def _shifted(links: Sequence[Link], source: int, target: int) -> list[Link]:
    """Move links by so many characters of the source and of the target."""
    return [((a + source, b + source), (c + target, d + target)) for (a, b), (c, d) in links]
