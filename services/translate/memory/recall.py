"""Finds what the memory knows of a segment: its translation, one that can be adapted to it, or some that are near."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from threading import Lock
from typing import Final

from sqlalchemy import Engine

from services.translate.languages import LanguagePair
from services.translate.memory.adaptation import adapted, with_first_letter_of
from services.translate.memory.distance import similarity
from services.translate.memory.signatures import Marks
from services.translate.memory.store import MemoryStore
from services.translate.memory.units import Unit, compared, digest, skeleton

LEAST_SIMILARITY: Final = 0.75
MOST_MATCHES: Final = 3
_MOST_READ: Final = 8
_LONGEST_COMPARED: Final = 2_000


class Origin(StrEnum):
    """Where the translation of a segment comes from."""

    ENGINE = "engine"
    MEMORY = "memory"
    ADAPTED = "memory-adapted"


@dataclass(frozen=True)
class Match:
    """A unit of the memory and how like its source is to the segment, in [0, 1]."""

    source: str
    target: str
    score: float


@dataclass(frozen=True)
class Recalled:
    """A translation out of the memory, and the unit that it is of."""

    text: str
    origin: Origin
    match: Match


class TranslationMemory:
    """A memory in a database, with the marks of its units at hand; safe to use from several threads and processes.

    The marks are brought up to date with every call, and only tell which units to read: what a call gives is what is
    stored at that moment. Every method raises TerminologyUnavailableError when the database fails it.
    """

    def __init__(self, engine: Engine) -> None:
        self.store = MemoryStore(engine)
        self._lock = Lock()
        self._last = 0
        self._marks: Mapping[LanguagePair, Marks] = {}

    def recall(self, pair: LanguagePair, texts: Iterable[str]) -> dict[str, Recalled]:
        """Give translations for those of some texts that the memory knows but for their numbers and signs."""
        pairs = self._serving(pair)
        if not pairs:
            return {}
        different = list(dict.fromkeys(texts))
        found = self._same(pairs, different)
        return found | self._adapted(pairs, [text for text in different if text not in found])

    def similar(self, pair: LanguagePair, texts: Sequence[str]) -> list[tuple[Match, ...]]:
        """Give, for each text, the units that are at least 75 % like it, at most three, the likest first."""
        pairs = self._serving(pair)
        numbers = [self._nearest(pairs, text) for text in texts]
        wanted = sorted({number for some in numbers for number in some})
        units = self.store.with_numbers(wanted)
        if len(units) < len(wanted):  # some were removed: their marks must not stand in the way of others
            self._forget()
            return self.similar(pair, texts)
        return [_matches(text, [units[number] for number in some]) for text, some in zip(texts, numbers, strict=True)]

    def _same(self, pairs: Sequence[LanguagePair], texts: Sequence[str]) -> dict[str, Recalled]:
        digests = {text: digest(compared(text)) for text in texts}
        units = _by_digest(self.store.same(pairs, sorted(set(digests.values()))), pairs)
        return {text: _as_it_is(text, units[own][0]) for text, own in digests.items() if own in units}

    def _adapted(self, pairs: Sequence[LanguagePair], texts: Sequence[str]) -> dict[str, Recalled]:
        digests = {text: digest(skeleton(text)) for text in texts}
        units = _by_digest(self.store.adaptable(pairs, sorted(set(digests.values()))), pairs)
        best = ((text, _first_adapted(text, units.get(own, []))) for text, own in digests.items())
        return {text: recalled for text, recalled in best if recalled is not None}

    def _nearest(self, pairs: Sequence[LanguagePair], text: str) -> list[int]:
        if len(text) > _LONGEST_COMPARED:
            return []
        marks = self._marks
        return [number for pair in pairs if pair in marks for number in marks[pair].nearest(skeleton(text), _MOST_READ)]

    def _serving(self, asked: LanguagePair) -> list[LanguagePair]:
        """Give the pairs of the memory that answer a call for one, the nearest first."""
        self._refresh()
        return sorted((pair for pair in self._marks if pair.serves(asked)), key=lambda pair: pair.distance(asked))

    def _refresh(self) -> None:
        with self._lock:
            marks, last = dict(self._marks), self._last
            for pair, found in self.store.marks_after(last):
                marks[pair] = marks.get(pair, Marks.none()).with_more(found)
                last = max(last, found[-1].number)
            self._marks, self._last = marks, last

    def _forget(self) -> None:
        with self._lock:
            self._marks, self._last = {}, 0


def _by_digest(found: Iterable[tuple[str, Unit]], pairs: Sequence[LanguagePair]) -> dict[str, list[Unit]]:
    """Gather units by their digests, those of the nearest pair first."""
    units: dict[str, list[Unit]] = {}
    for own, unit in sorted(found, key=lambda item: pairs.index(item[1].pair)):
        units.setdefault(own, []).append(unit)
    return units


def _as_it_is(text: str, unit: Unit) -> Recalled:
    target = with_first_letter_of(text, unit, unit.target)
    return Recalled(target, Origin.MEMORY, Match(unit.source, unit.target, 1.0))


def _first_adapted(text: str, units: Iterable[Unit]) -> Recalled | None:
    for unit in units:
        target = adapted(unit, text)
        if target is not None:
            return Recalled(with_first_letter_of(text, unit, target), Origin.ADAPTED, _match(compared(text), unit))
    return None


def _matches(text: str, units: Iterable[Unit]) -> tuple[Match, ...]:
    asked = compared(text)
    matches = [match for unit in units if (match := _match(asked, unit)).score >= LEAST_SIMILARITY]
    return tuple(sorted(matches, key=lambda match: match.score, reverse=True)[:MOST_MATCHES])


def _match(asked: str, unit: Unit) -> Match:
    return Match(unit.source, unit.target, similarity(asked, compared(unit.source)))
