"""The audit trail in the gateway's database: appended to by several gateways at a time, in one chain."""

from collections.abc import Iterator, Sequence
from typing import Final

from sqlalchemy import Connection, Engine, insert, select, update

from examkit.database import Kept, reading, writing
from examkit.errors import NotReadyError
from gateway.audit.chain import Head, Link, link
from gateway.audit.entry import Entry
from gateway.audit.tables import audit_entries, audit_head

_BATCH: Final = 1000  # entries read at a time


class AuditUnavailableError(NotReadyError):
    """The audit trail cannot be written at the moment, and nothing is done unrecorded."""

    code = "audit-unavailable"


class AuditDiskFullError(NotReadyError):
    """There is no room left for the audit trail, and nothing is done unrecorded."""

    code = "audit-disk-full"


AUDIT: Final = Kept("the audit trail", AuditUnavailableError, AuditDiskFullError)


class AuditStore:
    """The entries and the head of the chain."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    def append(self, entries: Sequence[Entry]) -> None:
        """Add entries, at least one, at the end of the chain; they are on the disk afterwards.

        Raises AuditUnavailableError or AuditDiskFullError; then nothing was added.
        """
        with AUDIT.troubles_named(), writing(self._engine).begin() as connection:
            links = link(entries, _head(connection, is_to_move=True))
            connection.execute(insert(audit_entries), [vars(each) for each in links])
            connection.execute(update(audit_head).values(vars(links[-1].head)))

    def head(self) -> Head:
        """Return the end of the chain; raise AuditUnavailableError."""
        with AUDIT.troubles_named(), self._engine.connect() as connection:
            return _head(connection, is_to_move=False)

    def links(self) -> Iterator[Link]:
        """Give all entries from the first, as they were when this was called; raise AuditUnavailableError."""
        query = select(audit_entries).order_by(audit_entries.c.number)
        with AUDIT.troubles_named(), reading(self._engine).connect() as connection:
            for row in connection.execution_options(yield_per=_BATCH).execute(query):
                yield Link(*row)


def _head(connection: Connection, *, is_to_move: bool) -> Head:
    """Read the head; who moves it locks it, so that of several gateways one at a time appends."""
    query = select(audit_head.c.number, audit_head.c.hash)
    row = connection.execute(query.with_for_update() if is_to_move else query).one()
    return Head(*row)
