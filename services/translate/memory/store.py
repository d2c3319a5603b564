"""The translation memory of an office: units are added or replaced, listed, streamed and removed.

What a call has returned from is on the disk; an import is stored as a whole or not at all. A segment has one
translation in each direction: a later one replaces it. Writers take turns, so that units become visible in the order of
their numbers and a reader that knows those up to one number needs but those after it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final, TypeAlias, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Row,
    Select,
    delete,
    func,
    insert,
    select,
    text,
    tuple_,
    update,
)

from examkit.database import writing
from examkit.errors import NotFoundError, TooLargeError
from services.translate.database import TERMINOLOGY, empty_log
from services.translate.languages import LanguagePair, LanguageTag
from services.translate.memory.signatures import Mark, signature
from services.translate.memory.units import StoredUnit, Unit, compared, digest, skeleton
from services.translate.tables import memory

_UnitRow: TypeAlias = Row[Any]
_Key = tuple[str, str, str]
_Item = TypeVar("_Item")

MOST_UNITS: Final = 500_000
MOST_ADDED: Final = 150_000
_BATCH: Final = 200
_MARKS_AT_A_TIME: Final = 5_000
_MOST_ADAPTABLE: Final = 20


@dataclass(frozen=True)
class Added:
    """How many units were new, had another translation before, or were there already; and those not usable.

    `last_id` is that of one of the units that are there now: of the unit where there was but one.
    """

    stored: int = 0
    replaced: int = 0
    unchanged: int = 0
    skipped: int = 0
    last_id: UUID | None = field(default=None, compare=False)

    def __add__(self, other: "Added") -> "Added":
        return Added(
            self.stored + other.stored,
            self.replaced + other.replaced,
            self.unchanged + other.unchanged,
            self.skipped + other.skipped,
            other.last_id or self.last_id,
        )


class MemoryStore:
    """Reads and writes units; safe to use from several threads and processes.

    Every method raises TerminologyUnavailableError or TerminologyDiskFullError when the database fails it.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writing = writing(engine)

    def add(self, units: Iterable[Unit]) -> Added:
        """Store units, and leave nothing of the translations that they replace, in the file as well.

        Raise TooLargeError when they are too many for one call, or (`memory-full`) for the memory.
        """
        rows, skipped = _prepared(units)
        with TERMINOLOGY.troubles_named():
            with self._writing.begin() as connection:
                added = _merged(connection, rows.values())
            if added.replaced:
                empty_log(self._engine)
        return added + Added(skipped=skipped)

    def page(self, *, limit: int, offset: int, pair: LanguagePair | None = None) -> tuple[list[StoredUnit], int]:
        """Return one page of the units, of one pair or of all, oldest first, and how many there are."""
        conditions = _of_pair(pair)
        rows = select(memory).where(*conditions).order_by(memory.c.number).limit(limit).offset(offset)
        with TERMINOLOGY.troubles_named(), self._engine.begin() as connection:
            return [_stored(row) for row in connection.execute(rows)], _count(connection, conditions)

    def everything(self, pair: LanguagePair | None = None) -> Iterator[Unit]:
        """Give the units, of one pair or of all, oldest first; the first ones are read at once."""
        conditions = _of_pair(pair)
        return self._from(self._after(0, conditions), conditions)

    def remove(self, own_id: UUID) -> None:
        """Remove a unit, from the file as well; raise NotFoundError."""
        if not self._remove(memory.c.id == own_id):
            raise NotFoundError("The memory has no unit with this id.", code="unknown-unit")

    def remove_pair(self, pair: LanguagePair) -> int:
        """Remove all units of a pair, tags as they are, and tell how many they were."""
        return self._remove(*_of_pair(pair))

    def marks_after(self, number: int) -> Iterator[tuple[LanguagePair, list[Mark]]]:
        """Give what is known of the units with higher numbers, pair by pair, a limited number at a time."""
        columns = memory.c
        rows = (
            select(columns.number, columns.source_language, columns.target_language)
            .add_columns(columns.skeleton_length, columns.signature)
            .where(columns.number > number)
            .order_by(columns.number)
            .execution_options(yield_per=_MARKS_AT_A_TIME)
        )
        with TERMINOLOGY.troubles_named(), self._engine.begin() as connection:
            for partition in connection.execute(rows).partitions():
                by_pair: dict[tuple[str, str], list[Mark]] = {}
                for own, source, target, length, bits in partition:
                    by_pair.setdefault((source, target), []).append(Mark(own, length, bits))
                yield from ((_pair(*tags), marks) for tags, marks in by_pair.items())

    def same(self, pairs: Sequence[LanguagePair], digests: Iterable[str]) -> list[tuple[str, Unit]]:
        """Give the units of these pairs whose compared source has one of these digests, each with the digest."""
        of_pairs = tuple_(memory.c.source_language, memory.c.target_language).in_([_tags(pair) for pair in pairs])
        found: list[_UnitRow] = []
        with TERMINOLOGY.troubles_named(), self._engine.begin() as connection:
            for batch in _batches(digests):
                rows = select(memory).where(memory.c.source_sha256.in_(batch), of_pairs)
                found += connection.execute(rows).all()
        return [(row.source_sha256, _unit(row)) for row in found]

    def adaptable(self, pairs: Sequence[LanguagePair], digests: Iterable[str]) -> list[tuple[str, Unit]]:
        """Give the newest units of these pairs whose skeleton has one of these digests, each with the digest.

        There may be very many, such as figures and claims that are only counted: some of each are as good as all.
        """
        found: list[_UnitRow] = []
        with TERMINOLOGY.troubles_named(), self._engine.begin() as connection:
            for batch in _batches(digests):
                present = select(memory.c.skeleton_sha256).where(memory.c.skeleton_sha256.in_(batch)).distinct()
                for digest_ in connection.execute(present).scalars().all():
                    for pair in pairs:
                        found += connection.execute(_newest(digest_, pair)).all()
        return [(row.skeleton_sha256, _unit(row)) for row in found]

    def with_numbers(self, numbers: Iterable[int]) -> dict[int, Unit]:
        """Give units by their numbers; what was removed is not among them."""
        found: dict[int, Unit] = {}
        with TERMINOLOGY.troubles_named(), self._engine.begin() as connection:
            for batch in _batches(numbers):
                rows = connection.execute(select(memory).where(memory.c.number.in_(batch)))
                found.update((row.number, _unit(row)) for row in rows)
        return found

    def _remove(self, *conditions: ColumnElement[bool]) -> int:
        with TERMINOLOGY.troubles_named():
            with self._writing.begin() as connection:
                removed = connection.execute(delete(memory).where(*conditions)).rowcount
            if removed:
                empty_log(self._engine)
        return removed

    def _from(self, batch: Sequence[_UnitRow], conditions: Sequence[ColumnElement[bool]]) -> Iterator[Unit]:
        while batch:
            yield from map(_unit, batch)
            batch = self._after(batch[-1].number, conditions)

    def _after(self, number: int, conditions: Sequence[ColumnElement[bool]]) -> Sequence[_UnitRow]:
        rows = select(memory).where(memory.c.number > number, *conditions).order_by(memory.c.number).limit(_BATCH)
        with TERMINOLOGY.troubles_named(), self._engine.begin() as connection:
            return connection.execute(rows).all()


def _batches(items: Iterable[_Item]) -> Iterator[list[_Item]]:
    """Give items in lists of a size that one statement takes."""
    rest = iter(items)
    while batch := list(islice(rest, _BATCH)):
        yield batch


def _prepared(units: Iterable[Unit]) -> tuple[dict[_Key, dict[str, Any]], int]:
    """Make rows of the usable units, the last one of those with the same source; count the others."""
    rows: dict[_Key, dict[str, Any]] = {}
    skipped = 0
    for number, unit in enumerate(units):
        if number == MOST_ADDED:
            raise TooLargeError(f"More than {MOST_ADDED} units are not taken in one call.")
        if unit.is_usable:
            row = _row(unit)
            rows[_key(row)] = row
        else:
            skipped += 1
    return rows, skipped


def _row(unit: Unit) -> dict[str, Any]:
    source_language, target_language = _tags(unit.pair)
    bones = skeleton(unit.source)
    return {
        "source_language": source_language,
        "target_language": target_language,
        "source": unit.source,
        "target": unit.target,
        "source_sha256": digest(compared(unit.source)),
        "skeleton_sha256": digest(bones),
        "skeleton_length": len(bones),
        "signature": signature(bones),
    }


def _take_turn(connection: Connection) -> None:
    if connection.engine.name == "postgresql":  # SQLite has one writer at a time anyway
        connection.execute(text("LOCK TABLE translation_memory IN SHARE ROW EXCLUSIVE MODE"))


def _merged(connection: Connection, rows: Iterable[dict[str, Any]]) -> Added:
    _take_turn(connection)
    added = sum((_merge(connection, batch) for batch in _batches(rows)), Added())
    if added.stored and _count(connection) > MOST_UNITS:
        raise TooLargeError(f"The memory would hold more than {MOST_UNITS} units.", code="memory-full")
    return added


def _merge(connection: Connection, rows: Sequence[dict[str, Any]]) -> Added:
    """Add rows, or give those that are there already the new translation."""
    known = _known(connection, rows)
    now = datetime.now(UTC).replace(tzinfo=None)
    new = [row | {"id": uuid4(), "stored_at": now} for row in rows if _key(row) not in known]
    old = [(known[_key(row)], row["target"]) for row in rows if _key(row) in known]
    changed = [(row.number, target) for row, target in old if row.target != target]
    if new:
        connection.execute(insert(memory), new)
    for number, target in changed:
        connection.execute(update(memory).where(memory.c.number == number).values(target=target, stored_at=now))
    last_id = next((row["id"] for row in new), None) or next((row.id for row, _ in old), None)
    return Added(len(new), len(changed), len(old) - len(changed), last_id=last_id)


def _known(connection: Connection, rows: Sequence[dict[str, Any]]) -> dict[_Key, _UnitRow]:
    digests = {row["source_sha256"] for row in rows}
    found = connection.execute(select(memory).where(memory.c.source_sha256.in_(digests))).all()
    return {(row.source_language, row.target_language, row.source_sha256): row for row in found}


def _key(row: dict[str, Any]) -> _Key:
    return row["source_language"], row["target_language"], row["source_sha256"]


def _newest(skeleton_sha256: str, pair: LanguagePair) -> Select[Any]:
    rows = select(memory).where(memory.c.skeleton_sha256 == skeleton_sha256, *_of_pair(pair))
    return rows.order_by(memory.c.number.desc()).limit(_MOST_ADAPTABLE)


def _count(connection: Connection, conditions: Sequence[ColumnElement[bool]] = ()) -> int:
    return connection.execute(select(func.count()).select_from(memory).where(*conditions)).scalar_one()


def _of_pair(pair: LanguagePair | None) -> list[ColumnElement[bool]]:
    if pair is None:
        return []
    source, target = _tags(pair)
    return [memory.c.source_language == source, memory.c.target_language == target]


def _tags(pair: LanguagePair) -> tuple[str, str]:
    return str(pair.source), str(pair.target)


def _pair(source: str, target: str) -> LanguagePair:
    return LanguagePair(LanguageTag.parse(source), LanguageTag.parse(target))


def _unit(row: _UnitRow) -> Unit:
    return Unit(_pair(row.source_language, row.target_language), row.source, row.target)


def _stored(row: _UnitRow) -> StoredUnit:
    return StoredUnit(row.id, row.stored_at.replace(tzinfo=UTC), _unit(row))
