"""Markup written with its units translated; every other character of it stays as it was."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from services.translate.markup.tokens import escape
from services.translate.markup.unit import Piece, Tag, Unit

Write = Callable[[Unit, Sequence[Piece], "Splicer"], str]


@dataclass(frozen=True)
class Replacement:
    """What stands in place of a unit."""

    unit: Unit
    pieces: Sequence[Piece]


class Splicer:
    """Gives stretches of markup with what replaces the units in them, also for units within the tags of others."""

    def __init__(self, source: str, replacements: Iterable[Replacement], write: Write) -> None:
        self._source = source
        self._replacements = sorted(replacements, key=lambda each: (each.unit.start, -each.unit.end))
        self._starts = [each.unit.start for each in self._replacements]
        self._write = write

    def whole(self) -> str:
        """Give the markup from its beginning to its end."""
        return self.between(0, len(self._source))

    def between(self, start: int, end: int) -> str:
        """Give the markup from one place to another."""
        return "".join(self._stretches(start, end))

    def tag(self, tag: Tag) -> str:
        """Give what a tag is in the markup; one that has pieces is not asked for."""
        return tag.before + self.between(tag.start, tag.end) + tag.after

    def _stretches(self, start: int, end: int) -> Iterator[str]:
        done = start
        for index in range(bisect_left(self._starts, start), len(self._starts)):
            each = self._replacements[index]
            if each.unit.start >= end:
                break
            if each.unit.start >= done and each.unit.end <= end:
                yield self._source[done : each.unit.start]
                yield self._write(each.unit, each.pieces, self)
                done = each.unit.end
        yield self._source[done:end]


def write_inline(unit: Unit, pieces: Sequence[Piece], splicer: Splicer) -> str:
    """Write text escaped, and tags as they were."""
    return "".join(_parts(pieces, splicer))


def _parts(pieces: Iterable[Piece], splicer: Splicer) -> Iterator[str]:
    for piece in pieces:
        if isinstance(piece, str):
            yield escape(piece)
        elif piece.pieces:
            yield from _parts(piece.pieces, splicer)
        else:
            yield splicer.tag(piece)
