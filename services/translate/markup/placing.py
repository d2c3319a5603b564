"""Puts the tags of a text into its translation, at the words that come from those that they stood at.

The translation is cut into atoms, each with the part of the source that it comes from. A part of the source between
two tags becomes that run of atoms in which most comes from it and nothing from its neighbours, so that parts stay
nested as they were and each tag is written exactly once.
"""

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Final

from services.translate.markup.unit import Piece, Role, Tag, Unit

Span = tuple[int, int]
Link = tuple[Span, Span]

_OTHER: Final = -1e9  # an atom of a neighbouring part
_UNLINKED: Final = -0.05
_HALF: Final = 0.5
_BARELY: Final = 0.1
_MOST_UNLINKED: Final = 100
_MOST_SHARING: Final = 16  # parts that one word can come from, and signs at the end of one
_WORD = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True)
class Atom:
    """Characters `start` to `end` of a translation; `origin` is where they come from, None where nobody knows."""

    start: int
    end: int
    origin: Span | None


@dataclass
class _Part:
    """A part of the source between two tags, or a point of it; `start` and `end` are where it lands.

    One that is spaced is a point between two spaces.
    """

    source: Span
    opening: Tag | None
    closing: Tag | None
    is_spaced: bool = False
    inner: list["_Part"] = field(default_factory=list)
    start: int = 0
    end: int = 0

    @property
    def is_point(self) -> bool:
        return self.closing is None or self.source[0] == self.source[1]


@dataclass(frozen=True)
class _Landing:
    """A source, its translation, and the atoms of that."""

    source: str
    target: str
    atoms: Sequence[Atom]


def place(unit: Unit, target: str, links: Sequence[Link]) -> list[Piece]:
    """Give the translation of a unit's text with its tags in it; what stands for a word is in its place."""
    if not unit.tags:
        return [target]
    cuts = sorted({offset for offset, _ in unit.tags})
    landing = _Landing(unit.text, target, atoms_of(unit.text, target, links, cuts))
    root = _tree(unit)
    root.start, root.end = 0, len(target)
    _land(root, landing)
    return list(_with_words(_written(root, target), unit.stand_ins))


def atoms_of(source: str, target: str, links: Sequence[Link], cuts: Sequence[int]) -> list[Atom]:
    """Cut a translation into atoms; of a word with a cut in it that was carried over, each letter is one."""
    found: dict[int, Atom] = {}
    for source_span, target_span in links:
        for atom in _linked(source, target, (source_span, target_span), cuts):
            found.setdefault(atom.start, atom)
    atoms: list[Atom] = []
    taken = bytearray(len(target))
    for atom in sorted(found.values(), key=lambda atom: atom.start):
        if not any(taken[atom.start : atom.end]):
            taken[atom.start : atom.end] = b"\1" * (atom.end - atom.start)
            atoms.append(atom)
    rest = (word for word in _WORD.finditer(target) if not any(taken[word.start() : word.end()]))
    atoms += [Atom(word.start(), word.end(), None) for word in rest]
    return sorted(atoms, key=lambda atom: atom.start)


def _linked(source: str, target: str, link: Link, cuts: Sequence[int]) -> Iterator[Atom]:
    source_span, target_span = _bare(source, link[0]), _bare(target, link[1])
    before, after = source[slice(*source_span)], target[slice(*target_span)]
    is_cut = bisect_right(cuts, source_span[0]) < bisect_left(cuts, source_span[1])
    if is_cut and len(before) == len(after) and before.casefold() == after.casefold():
        for i, character in enumerate(after):
            if not character.isspace():
                at = source_span[0] + i
                yield Atom(target_span[0] + i, target_span[0] + i + 1, (at, at + 1))
    elif before and after:
        yield Atom(*target_span, source_span)


def _bare(text: str, span: Span) -> Span:
    """Take what is no letter or digit off the ends of a word that has any."""
    start, end = span
    if not any(map(str.isalnum, text[start:end])):
        return span
    while not text[start].isalnum() and not _is_private(text[start]):
        start += 1
    while not text[end - 1].isalnum() and not _is_private(text[end - 1]):
        end -= 1
    return start, end


def _is_private(character: str) -> bool:
    return "\ue000" <= character <= "\uf8ff" or character >= "\U000f0000"


def _tree(unit: Unit) -> _Part:
    """Read tags as parts within parts; a tag without its partner, or crossing another part, is a point."""
    paired = _paired(unit.tags)
    root = _Part((0, len(unit.text)), None, None)
    stack = [root]
    for number, (offset, tag) in enumerate(unit.tags):
        if number in paired:
            end, closing = unit.tags[paired[number]]
            part = _Part((offset, end), tag, closing)
            stack[-1].inner.append(part)
            stack.append(part)
        elif number in paired.values():
            stack.pop()
        elif tag.role is not Role.WORD:
            is_spaced = offset > 0 and unit.text[offset - 1 : offset + 1].isspace() and offset < len(unit.text)
            stack[-1].inner.append(_Part((offset, offset), tag, None, is_spaced))
    return root


def _paired(tags: Sequence[tuple[int, Tag]]) -> dict[int, int]:
    stack: list[int] = []
    paired: dict[int, int] = {}
    for number, (_, tag) in enumerate(tags):
        if tag.role is Role.OPEN:
            stack.append(number)
        elif tag.role is Role.CLOSE and stack and tags[stack[-1]][1].key == tag.key:
            paired[stack.pop()] = number
    return paired


def _land(part: _Part, landing: _Landing) -> None:
    """Find places for what is inside a part that has its own."""
    if not part.inner:
        return
    ground = _Ground(part, landing)
    for number, inner in enumerate(part.inner):
        if not inner.is_point:
            inner.start, inner.end = ground.landed(number)
    for inner in part.inner:
        if not inner.is_point and inner.start == inner.end:
            inner.start, inner.end = ground.unclaimed(inner)
    landed = sorted((inner for inner in part.inner if inner.start < inner.end), key=lambda inner: inner.start)
    starts = [inner.start for inner in landed]
    for inner in part.inner:
        if inner.start == inner.end:
            found = ground.point(inner.source[0])
            # Only these two can hold it, or begin or end with it.
            near = bisect_right(starts, found)
            inner.start = inner.end = _outside(found, inner.source[0], landed[max(0, near - 2) : near])
        _land(inner, landing)


class _Ground:
    """What there is of a part in the translation, for those inside it to land on."""

    def __init__(self, part: _Part, landing: _Landing) -> None:
        self._part = part
        self._source, self._target = landing.source, landing.target
        first = bisect_left(landing.atoms, part.start, key=lambda atom: atom.start)
        last = bisect_left(landing.atoms, part.end, key=lambda atom: atom.start)
        self._atoms = landing.atoms[first:last]
        self._parts = [(number, inner) for number, inner in enumerate(part.inner) if not inner.is_point]
        self._starts = [inner.source[0] for _, inner in self._parts]
        self._owners = [self._owner(atom) for atom in self._atoms]
        self._owned: dict[int, list[int]] = defaultdict(list)
        for index, (owner, _) in enumerate(self._owners):
            self._owned[owner].append(index)
        words = (atom for atom in self._atoms if atom.origin is None and self._target[atom.start].isalnum())
        self._unlinked = list(islice(words, _MOST_UNLINKED))
        origins = [(atom.origin, atom) for atom in self._atoms if atom.origin is not None]
        self._before = sorted((origin[1], atom.end) for origin, atom in origins)
        self._after = sorted((origin[0], atom.start) for origin, atom in origins)

    def landed(self, number: int) -> Span:
        """Give where the part of a number lands; an empty span when nothing of it arrived."""
        inner, part = self._part.inner[number], self._part
        if not (
            self._source[part.source[0] : inner.source[0]] + self._source[inner.source[1] : part.source[1]]
        ).strip():
            return self._with_same_margins(inner)
        owned = self._owned.get(number)
        if not owned:
            return part.start, part.start
        first, last = owned[0], owned[-1] + 1
        run = _heaviest_run([self._weight(index, number) for index in range(first, last)])
        first, last = first + run[0], first + run[1]
        return self._with_signs(inner, first, last)

    def unclaimed(self, inner: _Part) -> Span:
        """Give a word that comes from nobody knows where, about where a part is to be; an empty span for none."""
        part = self._part
        if len(part.inner) > _MOST_UNLINKED:
            return part.start, part.start
        share = (sum(inner.source) / 2 - part.source[0]) / (part.source[1] - part.source[0])
        place = part.start + share * (part.end - part.start)
        taken = [(other.start, other.end) for other in part.inner]
        free = [
            (abs((atom.start + atom.end) / 2 - place), (atom.start, atom.end))
            for atom in self._unlinked
            if not any(start < atom.end and atom.start < end for start, end in taken)
        ]
        return min(free)[1] if free else (part.start, part.start)

    def point(self, offset: int) -> int:
        """Give where a point lands: behind what it stood behind, else before what it stood before."""
        part, source = self._part, self._source
        within = self._target[part.start : part.end]
        if not source[part.source[0] : offset].strip():
            return part.start + min(offset - part.source[0], len(within) - len(within.lstrip()))
        if not source[offset : part.source[1]].strip():
            return part.end - min(part.source[1] - offset, len(within) - len(within.rstrip()))
        return self._near(offset)

    def _owner(self, atom: Atom) -> tuple[int, float]:
        """Give the number of the part inside that an atom comes from, and how much of the atom does; -1 for none."""
        if atom.origin is None:
            return -1, 0.0
        last = bisect_left(self._starts, atom.origin[1])
        shares = [(_share(atom.origin, inner.source), n) for n, inner in self._part_numbers(atom.origin[0], last)]
        share, number = max(shares, default=(0.0, -1))
        return (number, share) if share >= _HALF else (-1, share)

    def _part_numbers(self, start: int, last: int) -> Iterator[tuple[int, _Part]]:
        """Give the parts inside, before the one of number `last`, that reach beyond a place, last one first."""
        for number, inner in reversed(self._parts[max(0, last - _MOST_SHARING) : last]):
            if inner.source[1] <= start:
                return
            yield number, inner

    def _weight(self, index: int, number: int) -> float:
        atom, (owner, share) = self._atoms[index], self._owners[index]
        length = atom.end - atom.start
        if atom.origin is None:
            return _UNLINKED * length
        if owner == number:
            return (2 * share - 1 or _BARELY) * length
        return _OTHER if owner >= 0 else -length

    def _with_same_margins(self, inner: _Part) -> Span:
        part = self._part
        within = self._target[part.start : part.end]
        before = min(inner.source[0] - part.source[0], len(within) - len(within.lstrip()))
        after = min(part.source[1] - inner.source[1], len(within) - len(within.rstrip()))
        is_anything_left = before + after < len(within)
        return (part.start + before, part.end - after) if is_anything_left else (part.start, part.start)

    def _with_signs(self, inner: _Part, first: int, last: int) -> Span:
        """Take in the signs at both ends, such as brackets and full stops, that the part has in the source too."""
        start, end = self._atoms[first].start, self._atoms[last - 1].end
        source = self._source[slice(*inner.source)].strip()
        for sign, atom in zip(_signs_behind(source), self._atoms[last : last + _MOST_SHARING], strict=False):
            if atom.start != end or self._target[end] != sign or atom.origin is not None:
                break
            end += 1
        before = self._atoms[max(0, first - _MOST_SHARING) : first]
        for sign, atom in zip(reversed(_signs_before(source)), reversed(before), strict=False):
            if atom.end != start or self._target[start - 1] != sign or atom.origin is not None:
                break
            start -= 1
        return start, end

    def _near(self, offset: int) -> int:
        behind = bisect_right(self._before, (offset, len(self._target)))
        ahead = bisect_left(self._after, (offset, 0))
        if ahead < len(self._after) and (self._source[offset - 1].isspace() or not behind):
            start = self._after[ahead][1]
            return start - (self._source[offset].isspace() and self._target[start - 1 : start] == " ")
        if not behind:
            return self._part.end
        end = self._before[behind - 1][1]
        skipped = self._source[self._before[behind - 1][0] : offset]
        return end + len(skipped) if skipped and self._target.startswith(skipped, end) else end


def _signs_behind(text: str) -> str:
    return text[len(text.rstrip(_signs(text))) :]


def _signs_before(text: str) -> str:
    return text[: len(text) - len(text.lstrip(_signs(text)))]


def _signs(text: str) -> str:
    return "".join({character for character in text if not character.isalnum() and not character.isspace()}) or " "


def _share(origin: Span, source: Span) -> float:
    return max(0, min(origin[1], source[1]) - max(origin[0], source[0])) / (origin[1] - origin[0])


def _heaviest_run(weights: Sequence[float]) -> tuple[int, int]:
    """Find the run of the greatest sum (Kadane's algorithm); there is a weight above 0."""
    best, found = 0.0, (0, len(weights))
    total, start = 0.0, 0
    for i, weight in enumerate(weights):
        if total <= 0:
            total, start = 0.0, i
        total += weight
        if total > best:
            best, found = total, (start, i + 1)
    return found


def _outside(position: int, offset: int, landed: Sequence[_Part]) -> int:
    """Move a point out of the parts beside it, to the side on which it was."""
    for other in landed:
        if other.start <= position <= other.end:
            position = other.end if offset >= other.source[1] else other.start
    return position


def _written(part: _Part, target: str) -> Iterator[Piece]:
    if part.opening is not None:
        yield _spaced(part.opening, target, part.start) if part.is_spaced else part.opening
    done = part.start
    for inner in sorted(part.inner, key=lambda inner: (inner.start, inner.end)):
        yield target[done : inner.start]
        yield from _written(inner, target)
        done = inner.end
    yield target[done : part.end]
    if part.closing is not None:
        yield part.closing


def _spaced(tag: Tag, target: str, place: int) -> Tag:
    """Give a tag a space on the side that lacks one: of two spaces around a tag, translators keep one."""
    before = " " if place > 0 and not target[place - 1].isspace() else ""
    after = " " if place < len(target) and not target[place].isspace() else ""
    return replace(tag, before=before + tag.before, after=tag.after + after)


def _with_words(pieces: Iterator[Piece], words: dict[str, Tag]) -> Iterator[Piece]:
    for piece in pieces:
        if isinstance(piece, Tag) or not words:
            if piece:
                yield piece
            continue
        for run in re.split(f"([{''.join(words)}])", piece):
            if run:
                yield words.get(run, run)
