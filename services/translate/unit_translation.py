"""Units of marked-up text translated, each with its tags at the right words, by whatever engines there are."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from services.translate.languages import LanguageTag
from services.translate.markup.guessing import guess_links
from services.translate.markup.placing import place
from services.translate.markup.unit import Piece, Unit
from services.translate.quality import Flag, Quality
from services.translate.translations import Answer, SegmentTranslation, Translation, UsedTerm
from services.translate.untranslatable import Span

Translate = Callable[[Sequence[str], LanguageTag | None, LanguageTag], Answer]
_LONGEST_SAMPLE: Final = 300
_NOTHING: Final = Quality(1.0, ())


@dataclass(frozen=True)
class Languages:
    """What is translated into what."""

    source: LanguageTag
    target: LanguageTag


@dataclass(frozen=True)
class TranslatedUnit:
    """A unit, its translation, and that with the tags in it."""

    unit: Unit
    translation: Translation
    pieces: Sequence[Piece]


def sample_of(units: Sequence[Unit]) -> str:
    """Give the beginning of the longest text among units, by which their language is told."""
    longest = max((unit.text.strip() for unit in units), key=lambda text: sum(map(str.isalpha, text)), default="")
    return longest[:_LONGEST_SAMPLE]


def translate_units(units: Sequence[Unit], translate: Translate, languages: Languages) -> list[TranslatedUnit]:
    """Translate those units that have words, each text once however often it is there."""
    wordy = [unit for unit in units if unit.has_words]
    texts = list(dict.fromkeys(unit.text for unit in wordy))
    if not texts:
        return []
    found = dict(zip(texts, _translated(texts, translate, languages), strict=True))
    return [_placed(unit, found[unit.text], translate, languages) for unit in wordy]


def overall(translations: Sequence[Translation]) -> Quality:
    """Judge what consists of several translations: the mean of their scores by length, and every flag raised."""
    if not translations:
        return _NOTHING
    lengths = [max(1, len(each.text)) for each in translations]
    total = sum(each.quality.score * length for each, length in zip(translations, lengths, strict=True))
    raised = {flag for each in translations for flag in each.quality.flags}
    return Quality(total / sum(lengths), tuple(flag for flag in Flag if flag in raised))


def _translated(texts: Sequence[str], translate: Translate, languages: Languages) -> Sequence[Translation]:
    return translate(texts, languages.source, languages.target).translations


def _placed(unit: Unit, found: Translation, translate: Translate, languages: Languages) -> TranslatedUnit:
    if any(found.text.count(character) != 1 for character in unit.stand_ins):
        found = _in_runs(unit, translate, languages)
    return TranslatedUnit(unit, found, place(unit, found.text, list(_links(unit.text, found))))


def _in_runs(unit: Unit, translate: Translate, languages: Languages) -> Translation:
    """Translate what is between the words that stand for tags by itself, where a translation lost one of them."""
    runs = re.split(f"([{''.join(unit.stand_ins)}])", unit.text)
    wordy = [i for i, run in enumerate(runs) if any(map(str.isalpha, run))]
    found = dict(zip(wordy, _translated([runs[i] for i in wordy], translate, languages), strict=True))
    whole = _Joining()
    for i, run in enumerate(runs):
        if i in found:
            whole.add(run, found[i])
        else:
            whole.keep(run)
    first = found[wordy[0]]
    quality = overall(list(found.values()))
    return replace(
        first,
        text=whole.target,
        quality=quality,
        alignment=tuple(whole.alignment),
        unknown=tuple(whole.unknown),
        segments=tuple(whole.segments),
        terms=tuple(whole.terms),
        alternatives=(),
    )


class _Joining:
    """Translations put one behind the other, with what they tell of their characters."""

    def __init__(self) -> None:
        self.source = self.target = ""
        self.alignment: list[tuple[Span, Span]] = []
        self.unknown: list[Span] = []
        self.segments: list[SegmentTranslation] = []
        self.terms: list[UsedTerm] = []

    def keep(self, text: str) -> None:
        """Add what is the same in both languages."""
        self.source += text
        self.target += text

    def add(self, source: str, found: Translation) -> None:
        """Add a text and its translation."""
        before, after = len(self.source), len(self.target)
        self.alignment += [(_moved(a, before), _moved(b, after)) for a, b in found.alignment]
        self.unknown += [_moved(span, after) for span in found.unknown]
        self.segments += [
            replace(each, source=_moved(each.source, before), target=_moved(each.target, after))
            for each in found.segments
        ]
        self.terms += [
            replace(each, source=_moved(each.source, before), target=_moved(each.target, after)) for each in found.terms
        ]
        self.source += source
        self.target += found.text


def _moved(span: Span, by: int) -> Span:
    return span[0] + by, span[1] + by


def _links(source: str, found: Translation) -> Iterator[tuple[Span, Span]]:
    """Give which part of a translation comes from which of its source, what stands between segments included."""
    aligned = sorted(found.alignment, key=lambda link: link[1])
    yield from aligned
    done = (0, 0)
    for segment in found.segments:
        yield from _gap(done, (segment.source[0], segment.target[0]))
        done = segment.source[1], segment.target[1]
        if not any(segment.target[0] <= target[0] < segment.target[1] for _, target in aligned):
            yield from _guessed(source, found.text, segment)
    yield from _gap(done, (len(source), len(found.text)))


def _gap(start: tuple[int, int], end: tuple[int, int]) -> Iterator[tuple[Span, Span]]:
    if end[0] > start[0] and end[0] - start[0] == end[1] - start[1]:
        yield (start[0], end[0]), (start[1], end[1])


def _guessed(source: str, target: str, segment: SegmentTranslation) -> Iterator[tuple[Span, Span]]:
    shift = segment.source[0], segment.target[0]
    for before, after in guess_links(source[slice(*segment.source)], target[slice(*segment.target)]):
        yield (before[0] + shift[0], before[1] + shift[0]), (after[0] + shift[1], after[1] + shift[1])
