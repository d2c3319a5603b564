"""The feedback of an office: decisions are added, listed, streamed and removed; none is changed.

What a call has returned from is on the disk. A later decision about the same document supersedes the earlier one for
training, and both are kept.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, Self, TypeAlias
from uuid import UUID, uuid4

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    DateTime,
    Engine,
    Integer,
    MetaData,
    Row,
    String,
    Table,
    Uuid,
    delete,
    func,
    insert,
    select,
)

from examkit.database import writing
from examkit.errors import NotFoundError, NotReadyError
from examkit.tenants import DEFAULT_TENANT, Tenants, tenant_folder, tenant_schema
from services.classify.feedback.database import FEEDBACK, drop_traces, open_postgresql, open_sqlite
from services.classify.feedback.decisions import Decision, ShownSymbol, StoredDecision, subject_of
from services.classify.ipc import Symbol
from services.classify.text import PatentText

_DecisionRow: TypeAlias = Row[Any]
_Conditions: TypeAlias = Sequence[ColumnElement[bool]]

_MOST_OPEN: Final = 16
_BATCH: Final = 20  # decisions read at a time, each perhaps with megabytes of text

schema: Final = MetaData()
_table: Final = Table(
    "classify_feedback",
    schema,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("id", Uuid, nullable=False, unique=True),
    Column("subject", String(64), nullable=False, index=True),
    Column("stored_at", DateTime, nullable=False),
    Column("content", JSON, nullable=False),
    sqlite_autoincrement=True,
)


@dataclass(frozen=True)
class Kept:
    """A decision that is safe; `is_new` is False for one sent again, as after an answer that was lost."""

    id: UUID
    stored_at: datetime
    is_new: bool


class FeedbackStore:
    """Reads and writes decisions; safe to use from several threads and processes.

    Every method raises FeedbackUnavailableError or FeedbackDiskFullError when the database fails it.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writing = writing(engine)

    @classmethod
    def open(cls, folder: Path, url: str | None = None, tenant: str = DEFAULT_TENANT) -> Self:
        """Open a tenant's in the PostgreSQL database of a URL, else in SQLite below a folder.

        Raise StartError when it cannot be used.
        """
        if url is None:
            return cls(open_sqlite(tenant_folder(folder, tenant)))
        return cls(open_postgresql(url, tenant_schema(tenant)))

    @classmethod
    def of_tenants(cls, folder: Path, url: str | None = None) -> Tenants[Self]:
        """Return what opens those of all tenants there."""
        return Tenants(partial(cls.open, folder, url), _MOST_OPEN)

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def is_reachable(self) -> bool:
        """Tell whether the database answers."""
        try:
            self._batch_after(0, [], size=1)
        except NotReadyError:
            return False
        return True

    def add(self, decision: Decision) -> Kept:
        """Store a decision, unless it is the very one that was stored last about its document."""
        content = _content(decision)
        with FEEDBACK.troubles_named(), self._writing.begin() as connection:
            last = _last(connection, decision.subject)
            if last is not None and last.content == content:
                return Kept(last.id, _in_utc(last.stored_at), is_new=False)
            own_id, now = uuid4(), datetime.now(UTC).replace(tzinfo=None)
            row = {"id": own_id, "subject": decision.subject, "stored_at": now, "content": content}
            connection.execute(insert(_table).values(row))
        return Kept(own_id, _in_utc(now), is_new=True)

    def page(self, *, limit: int, offset: int, document_id: str | None = None) -> tuple[list[StoredDecision], int]:
        """Return one page of the decisions, of one document or of all, oldest first, and how many there are."""
        conditions = _conditions(document_id)
        rows = select(_table).where(*conditions).order_by(_table.c.number).limit(limit).offset(offset)
        with FEEDBACK.troubles_named(), self._engine.begin() as connection:
            count = connection.execute(select(func.count()).select_from(_table).where(*conditions)).scalar_one()
            found = connection.execute(rows).all()
        return [_stored(row) for row in found], count

    def everything(self, document_id: str | None = None) -> Iterator[StoredDecision]:
        """Give the decisions, of one document or of all, oldest first, those added meanwhile included.

        The first ones are read at once, so that a database out of reach is known before anything was given.
        """
        conditions = _conditions(document_id)
        return self._from(self._batch_after(0, conditions), conditions)

    def remove(self, own_id: UUID) -> None:
        """Remove a decision with its text, from the file as well; raise NotFoundError."""
        with FEEDBACK.troubles_named():
            with self._writing.begin() as connection:
                removed = connection.execute(delete(_table).where(_table.c.id == own_id)).rowcount
            if not removed:
                raise NotFoundError("There is no feedback with this id.", code="unknown-feedback")
            drop_traces(self._engine)

    def _from(self, batch: Sequence[_DecisionRow], conditions: _Conditions) -> Iterator[StoredDecision]:
        while batch:
            yield from map(_stored, batch)
            batch = self._batch_after(batch[-1].number, conditions)

    def _batch_after(self, number: int, conditions: _Conditions, size: int = _BATCH) -> Sequence[_DecisionRow]:
        rows = select(_table).where(_table.c.number > number, *conditions).order_by(_table.c.number).limit(size)
        with FEEDBACK.troubles_named(), self._engine.begin() as connection:
            return connection.execute(rows).all()


def _conditions(document_id: str | None) -> _Conditions:
    return [] if document_id is None else [_table.c.subject == subject_of(document_id)]


def _last(connection: Connection, subject: str) -> _DecisionRow | None:
    of_subject = select(_table).where(_table.c.subject == subject)
    return connection.execute(of_subject.order_by(_table.c.number.desc()).limit(1)).one_or_none()


def _content(decision: Decision) -> dict[str, Any]:
    return {
        "documentId": decision.document_id,
        "language": decision.language,
        "text": asdict(decision.text),
        "edition": decision.edition,
        "predicted": [[str(shown.symbol), shown.score] for shown in decision.predicted],
        "assigned": [str(symbol) for symbol in decision.assigned],
    }


def _stored(row: _DecisionRow) -> StoredDecision:
    content = row.content
    decision = Decision(
        document_id=content["documentId"],
        language=content["language"],
        text=PatentText(**content["text"]),
        edition=content["edition"],
        predicted=tuple(ShownSymbol(Symbol.parse(text), score) for text, score in content["predicted"]),
        assigned=tuple(Symbol.parse(text) for text in content["assigned"]),
    )
    return StoredDecision(row.id, _in_utc(row.stored_at), decision)


def _in_utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)
