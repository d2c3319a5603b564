"""Markup as units: runs of text that are translated as one, with the tags that stand inside them.

What stands between units stays as it is. A tag that is not closed within its unit, and one that holds a whole block,
stands between units; so those inside are properly nested whenever they were in the whole.
"""

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum
from itertools import accumulate, chain, pairwise
from typing import Final

from services.translate.markup.scripts import keep_symbols
from services.translate.markup.tokens import Kind, Markup, characters, local_name, unknown_references, width_at
from services.translate.markup.unit import PRIVATE, Role, Tag, Unit

# Characters of private use: no vocabulary has them, so that engines carry them over as they are.
_STAND_INS: Final = (range(0xE000, 0xF900), range(0xF0000, 0xFFFFE), range(0x100000, 0x10FFFE))
_SCRIPTS: Final = frozenset(("sub", "sup", "sub2", "sup2", "subscript", "superscript"))
# What stands inside more parts than this is no formatting of words.
_MOST_PARTS_AROUND: Final = 64
# They say where letters run to, where a line may break, or nothing, and part no words: the text is translated without
# them. The joiner that pictures are made with is not among them.
_CONTROLS: Final = (range(0x09), range(0x0E, 0x1C), range(0x7F, 0x85), range(0x86, 0xA0))
_UNSEEN: Final = frozenset("\u061c\u200b\u200c\u200e\u200f\u2060\ufeff") | {
    chr(number) for number in chain(range(0x202A, 0x202F), range(0x2066, 0x206A), *_CONTROLS)
}
_LINE_ENDS: Final = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
_AT_A_WORD = re.compile(r"(?<=\w)[{0}]|[{0}](?=\w)".format("".join(sorted(_UNSEEN))))
_FOLDED = re.compile(r"[ \t]*[\r\n][ \t\r\n]*")


class Place(Enum):
    """How an element stands in a text.

    BLOCK stands between units; SKIPPED too, and nothing in it is touched; INLINE is part of a text; HIDDEN is a point
    of it and WORD a word of it, not touched inside; ISLAND is a point of it with units of its own inside.
    """

    BLOCK = "block"
    SKIPPED = "skipped"
    INLINE = "inline"
    HIDDEN = "hidden"
    WORD = "word"
    ISLAND = "island"


Placing = Callable[[Markup, int], Place]


class UnitWriter:
    """Collects the text and tags of one unit after another."""

    def __init__(self, source: str) -> None:
        self.units: list[Unit] = []
        self._source = source
        self._begin()

    def _begin(self) -> None:
        self._text: list[str] = []
        self._written = array("q")
        self._tags: list[tuple[int, Tag]] = []

    def text(self, start: int, end: int, *, is_escaped: bool = True) -> None:
        """Add text of the markup; a reference that nobody knows is a word of it, an unseen character a point of it."""
        done = start
        for first, last in unknown_references(self._source, start, end) if is_escaped else ():
            self._characters(characters(self._source, done, first))
            self.tag(Tag(Role.WORD, first, last, shown=self._source[first:last]))
            done = last
        plain = zip(self._source[done:end], range(done, end), strict=True)
        self._characters(characters(self._source, done, end) if is_escaped else plain)

    def _characters(self, found: Iterable[tuple[str, int]]) -> None:
        for character, written in found:
            if character in _UNSEEN:
                self.tag(Tag(Role.POINT, written, written + width_at(self._source, written)))
            else:
                self.character(character, written)

    def character(self, character: str, written: int) -> None:
        """Add a character that is written somewhere."""
        self._text.append(character)
        self._written.append(written)

    def tag(self, tag: Tag) -> None:
        """Add a tag."""
        self._tags.append((len(self._text), tag))
        if tag.role is Role.WORD:
            self.character(PRIVATE, -1)

    def end(self, start: int, end: int, *, keeps_lines: bool = False) -> None:
        """End the unit at work, which stands in place of `start` to `end` of the markup."""
        if any(not character.isspace() for character in self._text):
            unit = Unit(start, end, "".join(self._text), tuple(self._tags), self._written)
            self.units.append(_with_stand_ins(keep_symbols(unit if keeps_lines else _folded(unit))))
        self._begin()


def _is_script(markup: Markup, index: int) -> bool:
    return local_name(markup.tokens[index].name).lower() in _SCRIPTS


@dataclass(frozen=True)
class Dialect:
    """How the elements of a kind of markup stand in a text.

    In `preformatted` ones, by name, line breaks count; `is_script` tells which raise or lower letters.
    """

    place: Placing
    preformatted: frozenset[str] = frozenset()
    is_script: Callable[[Markup, int], bool] = _is_script


@dataclass(frozen=True)
class _Step:
    """Tokens `first` to `last` of markup, dealt with at once."""

    first: int
    last: int
    place: Place | None  # None for text


def units_of(markup: Markup, dialect: Dialect, first: int, last: int) -> list[Unit]:
    """Cut tokens `first` to `last` into units, those of an island before the one that it stands in."""
    writer = UnitWriter(markup.source)
    start: int | None = None
    done = depth = 0
    for step in _steps(markup, dialect.place, first, last):
        token = markup.tokens[step.first]
        if step.place in (Place.BLOCK, Place.SKIPPED):
            writer.end(done if start is None else start, done, keeps_lines=depth > 0)
            start = None
            depth += _depth_change(markup, dialect, step.first)
            continue
        start = token.extent[0] if start is None else start
        done = markup.tokens[step.last - 1].extent[1]
        if step.place is Place.ISLAND:
            writer.units += units_of(markup, dialect, step.first + 1, step.last - 1)
        _add(writer, markup, step, dialect)
    writer.end(done if start is None else start, done, keeps_lines=depth > 0)
    return writer.units


def has_unseen_at_words(text: str) -> bool:
    """Tell whether characters that are not seen touch words of a text."""
    return _AT_A_WORD.search(text) is not None


def lines_of(text: str) -> Iterator[Unit]:
    """Give the lines of plain text as units."""
    start = 0
    for line in text.splitlines(keepends=True):
        end = start + len(line.rstrip(_LINE_ENDS))
        writer = UnitWriter(text)
        writer.text(start, end, is_escaped=False)
        writer.end(start, end, keeps_lines=True)
        yield from writer.units
        start += len(line)


def _add(writer: UnitWriter, markup: Markup, step: _Step, dialect: Dialect) -> None:
    token, end = markup.tokens[step.first], markup.tokens[step.last - 1].end
    if step.place is None:
        writer.text(token.start, token.end, is_escaped=token.kind is not Kind.SECTION)
    elif step.place is Place.INLINE:
        role = Role.OPEN if token.kind is Kind.OPEN else Role.CLOSE
        key = str(step.first if role is Role.OPEN else markup.partners[step.first])
        writer.tag(Tag(role, token.start, end, key, is_script=dialect.is_script(markup, step.first)))
    elif step.place is Place.WORD:
        writer.tag(Tag(Role.WORD, token.start, end, shown=shown_text(markup, step.first, step.last)))
    else:
        writer.tag(Tag(Role.POINT, token.start, end))


def shown_text(markup: Markup, first: int, last: int, holders: frozenset[str] = frozenset()) -> str:
    """Give what a reader sees of tokens `first` to `last`, where `holders` are the only elements with text, if any."""
    shown = (
        characters(markup.source, token.start, token.end)
        for index, token in enumerate(markup.tokens[first:last], first)
        if token.kind in (Kind.TEXT, Kind.SECTION) and (not holders or markup.tokens[index - 1].name in holders)
    )
    return "".join(character for character, _ in chain.from_iterable(shown))


def _depth_change(markup: Markup, dialect: Dialect, index: int) -> int:
    token = markup.tokens[index]
    if local_name(token.name) not in dialect.preformatted or index not in markup.partners:
        return 0
    return 1 if token.kind is Kind.OPEN else -1


def _steps(markup: Markup, place: Placing, first: int, last: int) -> list[_Step]:
    """Give what tokens `first` to `last` are, once parts that hold blocks, or are too deep, are known for blocks."""
    steps = list(_without_deep_parts(markup, _raw_steps(markup, place, first, last)))
    numbers = {step.first: number for number, step in enumerate(steps)}
    blocks = list(accumulate((step.place in (Place.BLOCK, Place.SKIPPED) for step in steps), initial=0))
    for number, step in enumerate(steps):
        if step.place is Place.INLINE and markup.tokens[step.first].kind is Kind.OPEN:
            end = numbers[markup.partners[step.first]]
            if blocks[end] > blocks[number]:
                steps[number] = _Step(step.first, step.last, Place.BLOCK)
                steps[end] = _Step(steps[end].first, steps[end].last, Place.BLOCK)
    return steps


def _without_deep_parts(markup: Markup, steps: Iterator[_Step]) -> Iterator[_Step]:
    """Take parts inside many others for blocks, so that placing tags takes bounded time and depth."""
    depth = 0
    for step in steps:
        is_part = step.place is Place.INLINE
        is_opening = is_part and markup.tokens[step.first].kind is Kind.OPEN
        is_deep = is_part and depth > _MOST_PARTS_AROUND - is_opening
        depth += is_part and (1 if is_opening else -1)
        yield replace(step, place=Place.BLOCK) if is_deep else step


def _raw_steps(markup: Markup, place: Placing, first: int, last: int) -> Iterator[_Step]:
    ends: dict[int, Place] = {}
    while first < last:
        token = markup.tokens[first]
        if token.kind in (Kind.TEXT, Kind.SECTION):
            yield _Step(first, first + 1, None)
        elif token.kind is Kind.SILENT:
            yield _Step(first, first + 1, Place.HIDDEN)
        elif token.kind is Kind.CLOSE:
            yield _Step(first, first + 1, ends.get(first, Place.BLOCK))
        else:
            step = _opening(markup, first, place(markup, first))
            if step.last == first + 1 and first in markup.partners:
                ends[markup.partners[first]] = step.place or Place.BLOCK
            yield step
            first = step.last - 1
        first += 1


def _opening(markup: Markup, index: int, place: Place) -> _Step:
    """Tell what an element is whose beginning, or whole, is at a token."""
    is_whole = markup.tokens[index].kind is Kind.EMPTY
    if place is Place.BLOCK:
        return _Step(index, index + 1, place)
    if place is Place.INLINE and not is_whole:
        return _Step(index, index + 1, place if index in markup.partners else Place.BLOCK)
    if place in (Place.INLINE, Place.ISLAND) and is_whole:
        return _Step(index, index + 1, Place.HIDDEN)
    return _Step(index, markup.end_of(index), place)


def _folded(unit: Unit) -> Unit:
    """Take line breaks within the text, which say nothing in most markup, for spaces."""
    first = len(unit.text) - len(unit.text.lstrip())
    last = len(unit.text.rstrip())
    dropped: set[int] = set()
    text = list(unit.text)
    cuts = [offset for offset, _ in unit.tags]
    for found in _FOLDED.finditer(unit.text, first, last):
        between = cuts[bisect_right(cuts, found.start()) : bisect_left(cuts, found.end())]
        for start, end in pairwise(sorted({*found.span(), *between})):
            text[start] = " "
            dropped.update(range(start + 1, end))
    if not dropped and text == list(unit.text):
        return unit
    kept = list(accumulate((i not in dropped for i in range(len(text))), initial=0))
    return replace(
        unit,
        text="".join(character for i, character in enumerate(text) if i not in dropped),
        tags=tuple((kept[offset], tag) for offset, tag in unit.tags),
        written=array("q", (written for i, written in enumerate(unit.written) if i not in dropped)),
    )


def _with_stand_ins(unit: Unit) -> Unit:
    """Give each tag that stands for a word a private character that the text has not got."""
    words = [offset for offset, tag in unit.tags if tag.role is Role.WORD]
    if not words:
        return unit
    present = set(unit.text)
    free = (chr(number) for number in chain(*_STAND_INS) if chr(number) not in present)
    text = list(unit.text)
    for offset, character in zip(words, free, strict=False):
        text[offset] = character
    return replace(unit, text="".join(text))
