"""Cuts a text into what is translated at once, and puts translations in their places: all else stays as it was.

A segment is a span of the text. Line breaks, numbering at the start of a line, white space and the marks between the
parts of a long sentence belong to no segment and are therefore kept as they are.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from services.translate.untranslatable import Coverage, Extent, Span, code_spans

# Past this many words the student loses the end of a sentence.
MOST_WORDS: Final = 40
MOST_CHARACTERS: Final = 400
# Longer runs without white space are sequences or codes, not words.
_LONGEST_WORD: Final = 80

_LINE = re.compile(r"[^\n\r\v\f\x85\u2028\u2029]+")
_NUMBERING = re.compile(
    r"\s*(?:(?:[•·▪►○●■□◦‣*–—-]+|\[\d{3,6}\]|\(?(?:\d{1,3}|[a-z]|[ivx]{1,5})[.)]|\(?[A-Z]\)|\d{1,2}(?:\.\d{1,2})+\.?)\s+)+"
    # and where a space is missing: 8.The method
    r"|\s*\d{1,3}\.(?=[A-Z][a-z ])"
)
_SENTENCE_END = re.compile(r"[.!?…]+[\"'”’»)\]]*(\s+)(?=[\"'“‘«(\[]*[A-ZÀ-ÖØ-Þ0-9])")
_LAST_WORD = re.compile(r"[^\s(\[\"'“‘«]+$")
_LONG_WORD = re.compile(rf"\s*\S{{{_LONGEST_WORD + 1},}}\s*")
_WORDS = re.compile(r"[^\W\d_]{2,}")
# After these a full stop does not end the sentence; after those of the second set it does not when a number follows.
_ABBREVIATION = re.compile(
    r"(?:[a-z]\.)+[a-z]|p\.ex|cf|vs|viz|approx|dra?|mrs?|ms|prof|sra?|st|jr|messrs|hon|sen|rep|gov|gen|lt|capt|rev|inc|ltd|"
    r"co|corp|al|resp|incl|max|min|ca|ex|obs|ed|eng|univ|dept|vol|wt|temp|conc|aq|seq|id",
    re.IGNORECASE,
)
_BEFORE_NUMBER = re.compile(
    r"figs?|nos?|nr?|arts?|paras?|pp?|pg|págs?|eqs?|refs?|sec|cap|tab|"
    r"jan|feb|fev|mar|apr|abr|jun|jul|aug|ago|sept?|set|oct|out|nov|dec|dez",
    re.IGNORECASE,
)
# Where a long sentence may be cut, best first; the group is what stands between two parts.
_CUTS: Final = (
    re.compile(r"(;\s+)"),
    re.compile(r"(:\s+)"),
    re.compile(
        r"(,?\s+)(?=(?:and\s+|e\s+)?(?:wherein|whereby|in which|characteri[sz]ed (?:in that|by)|"
        r"em que|no qual|na qual|nos quais|nas quais|caracterizad[oa]s? (?:por|pelo fato|pela))\b)",
        re.IGNORECASE,
    ),
    # before a mark of a list, a) or (ii); the h) of 24 h) is none
    re.compile(r"(?<!\d)(,?\s+)(?=\(?(?:[a-z]|[ivx]{1,4}|\d{1,2})\)\s)"),
    re.compile(r"(,\s+)"),
    re.compile(
        r"(?<!\bsuch)(?<!\bso)(\s+)(?=(?:and|or|which|that|when|where|while|because|if|e|ou|que|quando|onde|porque|se)\s)"
    ),
    re.compile(r"(\s+)"),
)


@dataclass(frozen=True)
class Segment:
    """Characters `start` to `end` of a text."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """Give the characters."""
        return text[self.start : self.end]


@dataclass(frozen=True)
class _Cut:
    """A kind of place to cut at, and what is not to be cut."""

    separator: re.Pattern[str]
    whole: Coverage

    def gaps(self, text: str, segment: Segment) -> Iterator[Segment]:
        for found in self.separator.finditer(text, segment.start, segment.end):
            start, end = found.span(1)
            if not self.whole.touches(start, end):
                yield Segment(start, end)


@dataclass(frozen=True)
class Joined:
    """A text put together, and where each segment's translation begins in it."""

    text: str
    starts: tuple[int, ...]


def split(text: str, terms: Sequence[Span] = ()) -> list[Segment]:
    """Cut a text into segments, in order, each of at most MOST_WORDS words and MOST_CHARACTERS characters.

    No code, nor any of `terms`, is cut in the middle of a line.
    """
    whole = Coverage.of([*code_spans(text, Extent.NEEDED), *terms])
    segments = [
        part
        for line in _LINE.finditer(text)
        for run in _without_long_words(text, _after_numbering(text, line))
        for sentence in _sentences(text, run)
        for part in cut(text, sentence, MOST_WORDS, whole)
    ]
    return [segment for segment in segments if _WORDS.search(text, segment.start, segment.end)]


def lines(text: str) -> list[tuple[Segment, Segment]]:
    """Give the lines of a text: each without the white space around it, and without its numbering, too."""
    found = [(_trimmed(text, Segment(*line.span())), _after_numbering(text, line)) for line in _LINE.finditer(text)]
    return [(whole, content) for whole, content in found if content.start < content.end]


def cut(text: str, segment: Segment, most_words: int, whole: Coverage) -> list[Segment]:
    """Cut a segment into parts of at most `most_words` words, where sense is least broken and nothing is `whole`."""
    return list(_cut(text, _trimmed(text, segment), most_words, whole))


def join(text: str, segments: Sequence[Segment], translations: Sequence[str]) -> Joined:
    """Put each segment's translation in its place."""
    parts: list[str] = []
    starts: list[int] = []
    done = length = 0
    for segment, translation in zip(segments, translations, strict=True):
        kept = text[done : segment.start]
        starts.append(length + len(kept))
        parts += (kept, translation)
        length += len(kept) + len(translation)
        done = segment.end
    return Joined("".join((*parts, text[done:])), tuple(starts))


def _after_numbering(text: str, line: re.Match[str]) -> Segment:
    numbering = _NUMBERING.match(text, line.start(), line.end())
    return _trimmed(text, Segment(numbering.end() if numbering else line.start(), line.end()))


def _trimmed(text: str, segment: Segment) -> Segment:
    content = segment.of(text)
    start = segment.start + len(content) - len(content.lstrip())
    return Segment(start, max(start, segment.start + len(content.rstrip())))


def _without_long_words(text: str, segment: Segment) -> Iterator[Segment]:
    start = segment.start
    for word in _LONG_WORD.finditer(text, segment.start, segment.end):
        yield Segment(start, word.start())
        start = word.end()
    yield Segment(start, segment.end)


def _sentences(text: str, segment: Segment) -> Iterator[Segment]:
    start = segment.start
    for end in _SENTENCE_END.finditer(text, segment.start, segment.end):
        if not _is_abbreviation(text[start : end.start()], text[end.end() : end.end() + 1]):
            yield Segment(start, end.start(1))
            start = end.end(1)
    yield Segment(start, segment.end)


def _is_abbreviation(before: str, following: str) -> bool:
    last = _LAST_WORD.search(before)
    if last is None:
        return False
    word = last.group()
    if following.isdigit():
        return bool(_ABBREVIATION.fullmatch(word) or _BEFORE_NUMBER.fullmatch(word))
    is_initial = len(word) == 1 and word.isupper()
    return is_initial or _ABBREVIATION.fullmatch(word) is not None


def _cut(text: str, segment: Segment, most_words: int, whole: Coverage) -> Iterator[Segment]:
    parts = [segment]
    for separator in _CUTS:
        if all(_fits(part.of(text), most_words) for part in parts):
            break
        parts = [smaller for part in parts for smaller in _cut_once(text, part, most_words, _Cut(separator, whole))]
    yield from parts


def _fits(content: str, most_words: int) -> bool:
    return len(content) <= MOST_CHARACTERS and len(content.split()) <= most_words


def _cut_once(text: str, segment: Segment, most_words: int, where: _Cut) -> Iterator[Segment]:
    if _fits(segment.of(text), most_words):
        yield segment
    else:
        yield from _merged(text, list(_parts(text, segment, where)), most_words)


def _parts(text: str, segment: Segment, where: _Cut) -> Iterator[Segment]:
    start = segment.start
    for gap in where.gaps(text, segment):
        if gap.start > start:
            yield Segment(start, gap.start)
            start = gap.end
    if start < segment.end:
        yield Segment(start, segment.end)


def _merged(text: str, parts: Sequence[Segment], most_words: int) -> Iterator[Segment]:
    """Join neighbours again as long as they fit together."""
    current = parts[0]
    for part in parts[1:]:
        both = Segment(current.start, part.end)
        if _fits(both.of(text), most_words):
            current = both
        else:
            yield current
            current = part
    yield current
