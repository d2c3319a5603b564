"""The tables of glossaries and memory, as the last migration leaves them."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Uuid,
)

schema = MetaData()


def _number() -> Column[int]:
    return Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True)


glossaries = Table(
    "glossaries",
    schema,
    _number(),
    Column("id", Uuid, nullable=False, unique=True),
    Column("name", String, nullable=False),
    Column("source_language", String, nullable=False, index=True),
    Column("target_language", String, nullable=False, index=True),
    Column("stored_at", DateTime, nullable=False),
    sqlite_autoincrement=True,
)
glossary_terms = Table(
    "glossary_terms",
    schema,
    Column("glossary", ForeignKey("glossaries.number", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("source", String, nullable=False),
    Column("target", String, nullable=False),
)
memory = Table(  # segments with an approved translation
    "translation_memory",
    schema,
    _number(),
    Column("id", Uuid, nullable=False, unique=True),
    Column("source_language", String, nullable=False),
    Column("target_language", String, nullable=False),
    Column("source", String, nullable=False),
    Column("target", String, nullable=False),
    Column("source_sha256", String, nullable=False),  # of the source as it is compared
    Column("skeleton_sha256", String, nullable=False),  # of the same, with # for numbers and signs
    Column("skeleton_length", Integer, nullable=False),
    Column("signature", LargeBinary, nullable=False),  # of the skeleton's trigrams
    Column("stored_at", DateTime, nullable=False),
    Index("translation_memory_same", "source_sha256", "source_language", "target_language", unique=True),
    Index("translation_memory_adaptable", "skeleton_sha256", "source_language", "target_language", "number"),
    sqlite_autoincrement=True,
)
