"""Raised and lowered letters within a word: the symbol H₂O is kept whole, and the mark of a note stands at a point.

Were it taken for a word like others, `H<sub>2</sub>O` could come back as something else, and `device<sup>1</sup>`
would be read as a code and not be translated.
"""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from services.translate.markup.unit import PRIVATE, Piece, Role, Tag, Unit

_SIGNS: Final = "()[]{}.,;:!?\"'“”‘’«»"
_LONGEST_SYMBOL: Final = 3
_ORDINALS: Final = frozenset(("st", "nd", "rd", "th", "o", "a", "os", "as", "er", "e", "º", "ª"))


def keep_symbols(unit: Unit) -> Unit:
    """Give a unit in which symbols are words that stand for themselves, and marks of notes are points."""
    noted, symbols = _noted(unit), _symbols(unit)
    for first, last in reversed(noted):
        unit = _with_tag(unit, unit.tags[first][0], unit.tags[last][0], (first, last + 1), Role.POINT)
    if noted:
        symbols = _symbols(unit)
    for start, end in reversed(symbols):
        inside = _inside(unit, start, end)
        if _is_closed([unit.tags[number][1] for number in range(*inside)]):
            unit = _with_tag(unit, start, end, inside, Role.WORD)
    return unit


def _scripts(unit: Unit) -> Iterator[tuple[int, int]]:
    """Give the numbers of the two tags around each raised or lowered run of letters."""
    for first, ((start, opening), (end, closing)) in enumerate(pairwise(unit.tags)):
        is_pair = opening.role is Role.OPEN and closing.role is Role.CLOSE and opening.key == closing.key
        letters = unit.text[start:end]
        is_run = bool(letters) and not any(map(str.isspace, letters))
        if opening.is_script and is_pair and is_run and letters.lower() not in _ORDINALS:
            yield first, first + 1


def _noted(unit: Unit) -> list[tuple[int, int]]:
    return [pair for pair in _scripts(unit) if _stem_length(unit, pair[0]) > _LONGEST_SYMBOL]


def _symbols(unit: Unit) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for first, last in _scripts(unit):
        if found and unit.tags[first][0] < found[-1][1]:
            continue
        start, end = _token(unit.text, unit.tags[first][0], unit.tags[last][0])
        if _stem_length(unit, first) <= _LONGEST_SYMBOL:
            found.append((start, end))
    return found


def _stem_length(unit: Unit, number: int) -> int:
    """Count the letters before a run, as far as that matters."""
    before = unit.text[: unit.tags[number][0]][-_LONGEST_SYMBOL - 1 :]
    return next((i for i, letter in enumerate(reversed(before)) if not letter.isalpha()), len(before))


def _token(text: str, start: int, end: int) -> tuple[int, int]:
    first, last = start, end
    while first > 0 and not text[first - 1].isspace():
        first -= 1
    while last < len(text) and not text[last].isspace():
        last += 1
    while first < start and text[first] in _SIGNS:
        first += 1
    while last > end and text[last - 1] in _SIGNS:
        last -= 1
    return first, last


def _inside(unit: Unit, start: int, end: int) -> tuple[int, int]:
    """Give which tags stand in a word, those of letters raised or lowered at its ends among them."""
    numbers = [
        number
        for number, (offset, tag) in enumerate(unit.tags)
        if start < offset < end
        or (offset == start and tag.is_script and tag.role is Role.OPEN)
        or (offset == end and tag.is_script and tag.role is Role.CLOSE)
    ]
    return numbers[0], numbers[-1] + 1


def _is_closed(tags: Sequence[Tag]) -> bool:
    stack: list[str] = []
    for tag in tags:
        if tag.role is Role.OPEN:
            stack.append(tag.key)
        elif tag.role is Role.CLOSE and (not stack or stack.pop() != tag.key):
            return False
    return not stack


def _with_tag(unit: Unit, start: int, end: int, numbers: tuple[int, int], role: Role) -> Unit:
    """Put one tag in place of a stretch of text and of its tags."""
    first, last = numbers
    pieces = tuple(_pieces(unit, start, end, unit.tags[first:last]))
    shown = "".join(piece if isinstance(piece, str) else piece.shown for piece in pieces)
    tag = Tag(role, unit.start, unit.start, shown=shown, pieces=pieces)
    letter = PRIVATE if role is Role.WORD else ""
    shift = len(letter) - (end - start)
    after = tuple((offset + shift, each) for offset, each in unit.tags[last:])
    return replace(
        unit,
        text=unit.text[:start] + letter + unit.text[end:],
        tags=(*unit.tags[:first], (start, tag), *after),
        written=unit.written[:start] + array("q", [-1] * len(letter)) + unit.written[end:],
    )


def _pieces(unit: Unit, start: int, end: int, tags: Sequence[tuple[int, Tag]]) -> Iterator[Piece]:
    done = start
    for offset, tag in tags:
        if offset > done:
            yield unit.text[done:offset]
        # What stands for a word is in the text too.
        done = offset + (tag.role is Role.WORD)
        yield tag
    if end > done:
        yield unit.text[done:end]
