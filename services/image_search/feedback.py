"""What examiners found relevant: judgements are added, listed, streamed and removed; none is changed.

A judgement names marks and hashes of images, and holds nothing of an image. What a call has returned from is on the
disk. A later judgement of the same hit of the same query supersedes the earlier one, and both are kept.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Engine, Row, delete, func, insert, select

from examkit.database import reading, writing
from examkit.errors import NotFoundError
from services.image_search.database import REGISTER
from services.image_search.strategies import Strategy
from services.image_search.tables import feedback as table

_BATCH: Final = 500

_JudgementRow: TypeAlias = Row[Any]
_Conditions: TypeAlias = Sequence[ColumnElement[bool]]


@dataclass(frozen=True)
class Judgement:
    """Whether a mark that was found is relevant to a search by a mark, or by an image (SHA-256 of its bytes)."""

    mark_id: str | None
    image_sha256: str | None
    hit_mark_id: str
    relevant: bool
    strategy: Strategy

    @property
    def subject(self) -> str:
        """Tell what is judged: a hash of the query, the strategy and the hit."""
        parts = (self.mark_id or "", self.image_sha256 or "", self.strategy, self.hit_mark_id)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@dataclass(frozen=True)
class StoredJudgement:
    """A judgement with its id and the time (UTC) from which it was safe."""

    id: UUID
    stored_at: datetime
    judgement: Judgement


@dataclass(frozen=True)
class Kept:
    """A judgement that is safe; `is_new` is False for one sent again, as after an answer that was lost."""

    id: UUID
    stored_at: datetime
    is_new: bool


class FeedbackStore:
    """Reads and writes judgements; safe to use from several threads.

    Every method raises RegisterUnavailableError or RegisterDiskFullError when the database fails it.
    """

    def __init__(self, database: Engine) -> None:
        self._reader, self._writer = reading(database), writing(database)

    def add(self, judgement: Judgement) -> Kept:
        """Store a judgement, unless it is the very one that was stored last of its hit."""
        same_subject = select(table).where(table.c.subject == judgement.subject)
        with REGISTER.troubles_named(), self._writer.begin() as connection:
            last = connection.execute(same_subject.order_by(table.c.number.desc()).limit(1)).one_or_none()
            if last is not None and last.relevant == judgement.relevant:
                return Kept(last.id, _in_utc(last.stored_at), is_new=False)
            own_id, now = uuid4(), datetime.now(UTC).replace(tzinfo=None)
            connection.execute(insert(table).values(_values(judgement) | {"id": own_id, "stored_at": now}))
        return Kept(own_id, _in_utc(now), is_new=True)

    def page(self, *, limit: int, offset: int, mark_id: str | None = None) -> tuple[list[StoredJudgement], int]:
        """Return one page of the judgements, by one mark or of all, oldest first, and how many there are."""
        conditions = _conditions(mark_id)
        rows = select(table).where(*conditions).order_by(table.c.number).limit(limit).offset(offset)
        with REGISTER.troubles_named(), self._reader.begin() as connection:
            count = connection.execute(select(func.count()).select_from(table).where(*conditions)).scalar_one()
            found = connection.execute(rows).all()
        return [_stored(row) for row in found], count

    def everything(self, mark_id: str | None = None) -> Iterator[StoredJudgement]:
        """Give the judgements, of searches by one mark or of all, oldest first, those added meanwhile included.

        The first ones are read at once, so that a database out of reach is known before anything was given.
        """
        conditions = _conditions(mark_id)
        return self._from(self._batch_after(0, conditions), conditions)

    def remove(self, own_id: UUID) -> None:
        """Remove a judgement; raise NotFoundError."""
        with REGISTER.troubles_named(), self._writer.begin() as connection:
            removed = connection.execute(delete(table).where(table.c.id == own_id)).rowcount
        if not removed:
            raise NotFoundError("There is no feedback with this id.", code="unknown-feedback")

    def _from(self, batch: Sequence[_JudgementRow], conditions: _Conditions) -> Iterator[StoredJudgement]:
        while batch:
            yield from map(_stored, batch)
            batch = self._batch_after(batch[-1].number, conditions)

    def _batch_after(self, number: int, conditions: _Conditions) -> Sequence[_JudgementRow]:
        rows = select(table).where(table.c.number > number, *conditions).order_by(table.c.number).limit(_BATCH)
        with REGISTER.troubles_named(), self._reader.begin() as connection:
            return connection.execute(rows).all()


def _conditions(mark_id: str | None) -> _Conditions:
    return [] if mark_id is None else [table.c.mark_id == mark_id]


def _values(judgement: Judgement) -> dict[str, Any]:
    return {
        "subject": judgement.subject,
        "mark_id": judgement.mark_id,
        "image_sha256": judgement.image_sha256,
        "hit_mark_id": judgement.hit_mark_id,
        "relevant": judgement.relevant,
        "strategy": judgement.strategy.value,
    }


def _stored(row: _JudgementRow) -> StoredJudgement:
    judgement = Judgement(row.mark_id, row.image_sha256, row.hit_mark_id, row.relevant, Strategy(row.strategy))
    return StoredJudgement(row.id, _in_utc(row.stored_at), judgement)


def _in_utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)
