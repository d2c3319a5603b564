"""Glossaries of an office, and segments whose translation was approved."""

import sqlalchemy as sa
from alembic import op

revision = "1"
down_revision = None


def upgrade() -> None:
    """Create the tables."""
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "glossaries",
        sa.Column("number", number, primary_key=True),
        sa.Column("id", sa.Uuid, nullable=False, unique=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("source_language", sa.String, nullable=False, index=True),
        sa.Column("target_language", sa.String, nullable=False, index=True),
        sa.Column("stored_at", sa.DateTime, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "glossary_terms",
        sa.Column("glossary", number, sa.ForeignKey("glossaries.number", ondelete="CASCADE"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("target", sa.String, nullable=False),
    )
    op.create_table(
        "translation_memory",
        sa.Column("number", number, primary_key=True),
        sa.Column("id", sa.Uuid, nullable=False, unique=True),
        sa.Column("source_language", sa.String, nullable=False),
        sa.Column("target_language", sa.String, nullable=False),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("target", sa.String, nullable=False),
        sa.Column("source_sha256", sa.String, nullable=False),
        sa.Column("skeleton_sha256", sa.String, nullable=False),
        sa.Column("skeleton_length", sa.Integer, nullable=False),
        sa.Column("signature", sa.LargeBinary, nullable=False),
        sa.Column("stored_at", sa.DateTime, nullable=False),
        sa.Index("translation_memory_same", "source_sha256", "source_language", "target_language", unique=True),
        sa.Index("translation_memory_adaptable", "skeleton_sha256", "source_language", "target_language", "number"),
        sqlite_autoincrement=True,
    )
