"""The tables of the audit trail, as the last migration leaves them."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, MetaData, String, Table

schema = MetaData()

audit_entries = Table(
    "audit_entries",
    schema,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("content", String, nullable=False),  # the canonical JSON that the hash is of
    Column("hash", String(64), nullable=False),
)
audit_head = Table(  # one row: who appends locks it
    "audit_head",
    schema,
    Column("row", Integer, CheckConstraint("row = 1"), primary_key=True, autoincrement=False),
    Column("number", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
)
