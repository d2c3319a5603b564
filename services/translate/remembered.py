"""Lays out what of some texts the memory knows already, and what is left for the engines to translate.

A unit of the memory may be longer than a segment: whole lines are asked for first, with their numbering and without it,
and then the segments of those lines that are not known.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.translate.languages import LanguagePair
from services.translate.memory.recall import Match, Recalled, TranslationMemory
from services.translate.segments import Segment, lines


@dataclass(frozen=True)
class Part:
    """A segment, or a whole line, of a text; `recalled` is its translation where the memory has one."""

    segment: Segment
    recalled: Recalled | None = None


def lay_out(
    texts: Sequence[str], segments: Sequence[Sequence[Segment]], pair: LanguagePair, memory: TranslationMemory | None
) -> list[list[Part]]:
    """Give the parts of each text, in order: its segments, or whole lines that the memory has.

    Raise TerminologyUnavailableError when the memory cannot be asked.
    """
    if memory is None:
        return [[Part(segment) for segment in of_text] for of_text in segments]
    asked = {
        segment.of(text): None
        for text, of_text in zip(texts, segments, strict=True)
        for segment in (*of_text, *(either for line in lines(text) for either in line))
    }
    recalled = memory.recall(pair, asked)
    return [list(_parts(text, of_text, recalled)) for text, of_text in zip(texts, segments, strict=True)]


def suggestions(
    texts: Sequence[str], parts: Sequence[Sequence[Part]], pair: LanguagePair, memory: TranslationMemory
) -> dict[str, tuple[Match, ...]]:
    """Give units that are like the parts which the memory does not know, by their source."""
    sources = {
        part.segment.of(text): None
        for text, of_text in zip(texts, parts, strict=True)
        for part in of_text
        if part.recalled is None
    }
    return dict(zip(sources, memory.similar(pair, list(sources)), strict=True))


def _parts(text: str, segments: Sequence[Segment], recalled: Mapping[str, Recalled]) -> Iterator[Part]:
    rest = list(segments)
    for line in lines(text):
        own = [segment for segment in rest if segment.start < line[0].end]
        rest = rest[len(own) :]
        known = next((either for either in line if own and either.of(text) in recalled), None)
        of_line = own if known is None else [known]
        yield from (Part(segment, recalled.get(segment.of(text))) for segment in of_line)
