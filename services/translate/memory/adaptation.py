"""Adapts the translation of a segment to one that differs from it in numbers and reference signs only."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from services.translate.memory.units import NUMBER, Unit, compared

_SEPARATOR: Final = re.compile(r"[.,]")
_Key = tuple[str, int]


def adapted(unit: Unit, source: str) -> str | None:
    """Give the unit's target with the numbers of `source`, whose skeleton is the unit's; None when that is not safe.

    It is not when a number would have to become two different ones, or when one that changes is not in the target,
    or one of the target not in the source, as where it is spelt out on one side.
    """
    before, after = (NUMBER.findall(compared(text)) for text in (unit.source, source))
    wanted = _replacements(before, after)
    if wanted is None:
        return None
    written = [_written(number, wanted) for number in NUMBER.findall(unit.target)]
    changed = {_key(old) for old, new in zip(before, after, strict=True) if old != new}
    if None in written or not _as_often(before, unit.target, changed):
        return None
    numbers = iter(written)
    return NUMBER.sub(lambda _: next(numbers) or "", unit.target)


def with_first_letter_of(source: str, unit: Unit, target: str) -> str:
    """Give a target the case of its first letter anew where the source's differs from the unit's."""
    first, known = source.lstrip()[:1], unit.source.lstrip()[:1]
    if first == known:
        return target
    return (target[:1].lower() if first.islower() else target[:1].upper()) + target[1:]


def _replacements(before: Sequence[str], after: Sequence[str]) -> dict[_Key, tuple[str, str]] | None:
    """Give the old and the new form of each number; None when an old one has two new ones."""
    wanted: dict[_Key, tuple[str, str]] = {}
    for old, new in zip(before, after, strict=True):
        if wanted.setdefault(_key(old), (old, new)) != (old, new):
            return None
    return wanted


def _as_often(before: Sequence[str], target: str, changed: set[_Key]) -> bool:
    of_source, of_target = (Counter(map(_key, numbers)) for numbers in (before, NUMBER.findall(target)))
    return all(of_source[key] == of_target[key] for key in changed)


def _written(number: str, wanted: dict[_Key, tuple[str, str]]) -> str | None:
    """Write the new number as the target writes the old one: with a comma for a point, if it does so."""
    if _key(number) not in wanted:
        return None
    old, new = wanted[_key(number)]
    if old == new:
        return number
    if _SEPARATOR.findall(old) == _SEPARATOR.findall(new):
        separators = iter(_SEPARATOR.findall(number))
        return _SEPARATOR.sub(lambda _: next(separators), new)
    return None if _SEPARATOR.search(old + new) else new


def _key(number: str) -> _Key:
    """Give what a number is known by in either notation: 2.5 and 2,5, but not 25."""
    return _SEPARATOR.sub("", number), len(_SEPARATOR.findall(number))
