"""The glossaries of an office in the database: added, listed, read and removed; none is changed.

What a call has returned from is on the disk. Those used last are kept ready for use in memory.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import Connection, Engine, Row, Select, delete, func, insert, select

from examkit.database import reading, writing
from examkit.errors import NotFoundError
from services.translate.database import TERMINOLOGY, empty_log
from services.translate.languages import LanguagePair, LanguageTag
from services.translate.tables import glossaries, glossary_terms
from services.translate.terminology.entries import Entry, compiled
from services.translate.terminology.glossary import Glossary

_MOST_READY: Final = 8


@dataclass(frozen=True)
class StoredGlossary:
    """A glossary: its name, languages, how many terms it has, and since when (UTC) it is kept."""

    id: UUID
    name: str
    pair: LanguagePair
    count: int
    stored_at: datetime


class GlossaryStore:
    """Reads and writes glossaries; safe to use from several threads and processes.

    Every method raises TerminologyUnavailableError or TerminologyDiskFullError when the database fails it, and
    NotFoundError (`unknown-glossary`) for an id that is not there.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reading = reading(engine)
        self._writing = writing(engine)
        self._ready: OrderedDict[UUID, Glossary] = OrderedDict()
        self._lock = Lock()

    def add(self, name: str, pair: LanguagePair, entries: Sequence[Entry]) -> StoredGlossary:
        """Store a glossary; its terms keep their order."""
        own_id, now = uuid4(), datetime.now(UTC).replace(tzinfo=None)
        row = {"id": own_id, "name": name, "stored_at": now}
        row |= {"source_language": str(pair.source), "target_language": str(pair.target)}
        with TERMINOLOGY.troubles_named(), self._writing.begin() as connection:
            number = connection.execute(insert(glossaries).values(row).returning(glossaries.c.number)).scalar_one()
            terms = [
                {"glossary": number, "position": position, "source": entry.source, "target": entry.target}
                for position, entry in enumerate(entries)
            ]
            connection.execute(insert(glossary_terms), terms)
        return StoredGlossary(own_id, name, pair, len(entries), now.replace(tzinfo=UTC))

    def page(self, *, limit: int, offset: int) -> tuple[list[StoredGlossary], int]:
        """Return one page of the glossaries, oldest first, and how many there are."""
        rows = _with_counts().order_by(glossaries.c.number).limit(limit).offset(offset)
        with TERMINOLOGY.troubles_named(), self._reading.begin() as connection:
            count = connection.execute(select(func.count()).select_from(glossaries)).scalar_one()
            return [_stored(row) for row in connection.execute(rows)], count

    def get(self, own_id: UUID) -> StoredGlossary:
        """Return a glossary."""
        with TERMINOLOGY.troubles_named(), self._reading.begin() as connection:
            return _stored(_row(connection, own_id))

    def entries(self, own_id: UUID, *, limit: int, offset: int) -> tuple[list[Entry], int]:
        """Return one page of the terms of a glossary, in their order, and how many there are."""
        with TERMINOLOGY.troubles_named(), self._reading.begin() as connection:
            row = _row(connection, own_id)
            return _entries(connection, row.number, limit, offset), row.terms

    def remove(self, own_id: UUID) -> None:
        """Remove a glossary with its terms, from the file as well."""
        with TERMINOLOGY.troubles_named():
            with self._writing.begin() as connection:
                number = _row(connection, own_id).number
                connection.execute(delete(glossary_terms).where(glossary_terms.c.glossary == number))
                connection.execute(delete(glossaries).where(glossaries.c.number == number))
            empty_log(self._engine)
        with self._lock:
            self._ready.pop(own_id, None)

    def ready(self, ids: Sequence[UUID]) -> tuple[Glossary, ...]:
        """Return glossaries ready for use, in the order of their ids."""
        return tuple(self._ready_one(own_id) for own_id in dict.fromkeys(ids))

    def _ready_one(self, own_id: UUID) -> Glossary:
        with TERMINOLOGY.troubles_named(), self._reading.begin() as connection:
            row = _row(connection, own_id)
            with self._lock:
                known = self._ready.get(own_id)
            glossary = known or compiled(str(own_id), _pair(row), _entries(connection, row.number, row.terms, 0))
        with self._lock:
            self._ready[own_id] = glossary
            self._ready.move_to_end(own_id)
            while len(self._ready) > _MOST_READY:
                self._ready.popitem(last=False)
        return glossary


def _with_counts() -> Select[Any]:
    count = select(func.count()).where(glossary_terms.c.glossary == glossaries.c.number).scalar_subquery()
    return select(glossaries, count.label("terms"))


def _row(connection: Connection, own_id: UUID) -> Row[Any]:
    row = connection.execute(_with_counts().where(glossaries.c.id == own_id)).one_or_none()
    if row is None:
        raise NotFoundError("There is no glossary with this id.", code="unknown-glossary")
    return row


def _entries(connection: Connection, number: int, limit: int, offset: int) -> list[Entry]:
    columns = select(glossary_terms.c.source, glossary_terms.c.target).where(glossary_terms.c.glossary == number)
    rows = connection.execute(columns.order_by(glossary_terms.c.position).limit(limit).offset(offset))
    return [Entry(row.source, row.target) for row in rows]


def _stored(row: Row[Any]) -> StoredGlossary:
    return StoredGlossary(row.id, row.name, _pair(row), row.terms, row.stored_at.replace(tzinfo=UTC))


def _pair(row: Row[Any]) -> LanguagePair:
    return LanguagePair(LanguageTag.parse(row.source_language), LanguageTag.parse(row.target_language))
