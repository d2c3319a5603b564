"""The ways in which a segment is translated, tried in order until nothing of it is lost.

First with what the model would harm protected; then with every number protected too; then in smaller parts; and what
even so does not come through keeps its source text, which the quality flags tell.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from services.translate.placeholders import Keeps, Protected, Rewriting, protect, restore
from services.translate.quality import missing_numbers, missing_signs, repeats_itself
from services.translate.segments import Segment, cut, join
from services.translate.untranslatable import Extent, Span

_MOST_HALVINGS: Final = 3
_FEWEST_COMPARED: Final = 12
_LEAST_SHARE: Final = 0.4
_ENDINGS: Final = ".!?…:;,"


class Draft(Protocol):
    """What a decoder gives for one text."""

    @property
    def text(self) -> str:
        """Give the translation."""

    @property
    def log_probability(self) -> float:
        """Give the sum of the natural log-probabilities of its pieces."""

    @property
    def pieces(self) -> int:
        """Count its pieces, the end included."""

    @property
    def links(self) -> Sequence[tuple[Span, Span]]:
        """Give which characters of the source each run of characters of the translation looked at."""


Decode = Callable[[Sequence[str]], Sequence[Draft]]


@dataclass(frozen=True)
class Rendering:
    """A translated segment; `is_kept` says that a part of the source stands in it untranslated."""

    text: str
    log_probability: float = 0.0
    pieces: int = 0
    links: tuple[tuple[Span, Span], ...] = ()
    is_kept: bool = False


def render(sources: Sequence[str], decode: Decode, keeps: Keeps) -> list[Rendering]:
    """Translate segments, in order; `keeps` tells of a character whether the model can read and write it."""
    renderings = _attempt(sources, decode, keeps, Extent.NEEDED)
    poor = [i for i, source in enumerate(sources) if not _is_complete(source, renderings[i])]
    again = _attempt([sources[i] for i in poor], decode, keeps, Extent.NUMBERS_TOO)
    for i, second in zip(poor, again, strict=True):
        if renderings[i] is None or _is_complete(sources[i], second):
            renderings[i] = second
    return _repair(sources, renderings, decode, keeps, _MOST_HALVINGS)


def _repair(
    sources: Sequence[str], renderings: Sequence[Rendering | None], decode: Decode, keeps: Keeps, halvings: int
) -> list[Rendering]:
    """Translate what was lost once more, by halves; keep a source that cannot be halved (again)."""
    lost = [i for i, rendering in enumerate(renderings) if rendering is None]
    halves = {i: _halves(sources[i], keeps) if halvings else [] for i in lost}
    texts = [part.of(sources[i]) for i in lost for part in halves[i]]
    again = _attempt(texts, decode, keeps, Extent.NUMBERS_TOO)
    parts = iter(_repair(texts, again, decode, keeps, halvings - 1) if texts else [])
    repaired = {
        i: put_together(sources[i], halves[i], parts) if halves[i] else Rendering(sources[i], is_kept=True)
        for i in lost
    }
    return [rendering or repaired[i] for i, rendering in enumerate(renderings)]


def _attempt(sources: Sequence[str], decode: Decode, keeps: Keeps, extent: Extent) -> list[Rendering | None]:
    """Translate with protection; None where something that must be kept was lost."""
    protected = [protect(source, keeps, extent) for source in sources]
    wordy = [i for i, item in enumerate(protected) if item.has_words]
    drafts = dict(zip(wordy, decode([protected[i].text for i in wordy]), strict=True)) if wordy else {}
    return [
        _restored(item, drafts[i]) if i in drafts else Rendering(item.rewriting.before)
        for i, item in enumerate(protected)
    ]


def _restored(protected: Protected, draft: Draft) -> Rendering | None:
    target = restore(protected, _with_manners_of(protected, draft.text))
    if target is None or _is_lost(protected.rewriting.before, target.after):
        return None
    links = tuple(_moved(protected.rewriting, target, *link) for link in draft.links)
    return Rendering(target.after, draft.log_probability, draft.pieces, links)


def _moved(source: Rewriting, target: Rewriting, source_span: Span, target_span: Span) -> tuple[Span, Span]:
    return source.backward(source_span), target.forward(target_span)


def _is_lost(source: str, target: str) -> bool:
    source_words, target_words = len(source.split()), len(target.split())
    is_short = source_words >= _FEWEST_COMPARED and target_words < _LEAST_SHARE * source_words
    is_circling = repeats_itself(target) and not repeats_itself(source)
    return not target_words or is_short or is_circling or bool(missing_signs(source, target))


def _is_complete(source: str, rendering: Rendering | None) -> bool:
    return rendering is not None and not missing_numbers(source, rendering.text)


def _with_manners_of(protected: Protected, target: str) -> str:
    """Give a translation the capitals and the end of its source: models like to end with a full stop."""
    source = protected.rewriting.before
    if protected.unprotected.isupper():
        return target.upper()
    if target.endswith(".") and not source.endswith(tuple(_ENDINGS)):
        target = target[:-1]
    if source[:1].islower() and target[:1].isupper() and not target[1:2].isupper():
        return target[0].lower() + target[1:]
    if source[:1].isupper() and target[:1].islower():
        return target[0].upper() + target[1:]
    return target


def _halves(source: str, keeps: Keeps) -> list[Segment]:
    words = len(source.split())
    whole = protect(source, keeps, Extent.NEEDED).spans
    parts = cut(source, Segment(0, len(source)), (words + 1) // 2, whole)
    return parts if len(parts) > 1 else []


def put_together(source: str, parts: Sequence[Segment], renderings: Iterator[Rendering]) -> Rendering:
    """Take the next rendering for each part of a source and put them in their places."""
    taken = [next(renderings) for _ in parts]
    joined = join(source, parts, [rendering.text for rendering in taken])
    links = tuple(
        link
        for part, start, rendering in zip(parts, joined.starts, taken, strict=True)
        for link in _shifted(rendering.links, part.start, start)
    )
    return Rendering(
        joined.text,
        sum(rendering.log_probability for rendering in taken),
        sum(rendering.pieces for rendering in taken),
        links,
        any(rendering.is_kept for rendering in taken),
    )


def _shifted(links: Sequence[tuple[Span, Span]], source: int, target: int) -> list[tuple[Span, Span]]:
    """Move links by so many characters of the source and of the target."""
    return [((a + source, b + source), (c + target, d + target)) for (a, b), (c, d) in links]
