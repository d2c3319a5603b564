"""The audit trail: entries that nobody can change or remove by mistake, and the head of their chain."""

import sqlalchemy as sa
from alembic import op

revision = "2"
down_revision = "1"

_REFUSAL = "entries of the audit trail are never changed or removed"


def upgrade() -> None:
    """Create the tables and what keeps the entries as they were written."""
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "audit_entries",
        sa.Column("number", number, primary_key=True, autoincrement=False),
        sa.Column("content", sa.String, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    head = op.create_table(
        "audit_head",
        sa.Column("row", sa.Integer, sa.CheckConstraint("row = 1"), primary_key=True, autoincrement=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    op.bulk_insert(head, [{"row": 1, "number": 0, "hash": "0" * 64}])
    if op.get_bind().dialect.name == "sqlite":
        _refuse_in_sqlite("UPDATE")
        _refuse_in_sqlite("DELETE")
    else:
        _refuse_in_postgresql()


def _refuse_in_sqlite(what: str) -> None:
    op.execute(
        f"CREATE TRIGGER audit_entries_no_{what.lower()} BEFORE {what} ON audit_entries "
        f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
    )


def _refuse_in_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION audit_entries_stay() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_entries_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_stay()"
    )
