"""The tables of the register, as the last migration leaves them, and filters as SQL."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    Select,
    String,
    Table,
    TypeDecorator,
    Uuid,
    or_,
    select,
)

from services.image_search.marks import MarkFilter

_NUL = "\0"
_LAST_CHARACTER = "\U0010ffff"
_SHORTEST_BEGINNING = 3
_NUL_IN_POSTGRESQL = "\N{SYMBOL FOR NULL}"


class Text(TypeDecorator[str]):
    """Text in the order of its characters; PostgreSQL, which cannot keep the character NUL, keeps its symbol."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        """Compare in PostgreSQL as SQLite does, whatever the language of the server."""
        return dialect.type_descriptor(String(collation="C") if dialect.name == "postgresql" else String())

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Put what PostgreSQL can keep in place of what it cannot."""
        if value is None or dialect.name != "postgresql":
            return value
        return value.replace(_NUL, _NUL_IN_POSTGRESQL)


schema = MetaData()
marks = Table(
    "marks",
    schema,
    Column("row_id", Integer, primary_key=True),
    Column("mark_id", Text, nullable=False, unique=True),
    Column("name", Text),
    Column("applicant", Text),
    Column("applicant_folded", Text),
    Column("office", Text, index=True),
    Column("status", Text, index=True),
    Column("application_date", Date, index=True),
    Column("mark_feature", Text),
    Column("image_sha256", Text, nullable=False, index=True),
    sqlite_autoincrement=True,
)


def _of_mark() -> ForeignKey:
    return ForeignKey("marks.row_id", ondelete="CASCADE")


images = Table(
    "images",
    schema,
    Column("row_id", _of_mark(), primary_key=True),
    Column("media_type", Text, nullable=False),
    Column("data", LargeBinary, nullable=False),
)
embeddings = Table(
    "embeddings",
    schema,
    Column("row_id", _of_mark(), primary_key=True),
    Column("embedder", Text, primary_key=True),
    Column("views", Integer, nullable=False),
    Column("vectors", LargeBinary, nullable=False),
)
mark_words = Table(  # a row with an empty word says that the source has been read
    "mark_words",
    schema,
    Column("row_id", _of_mark(), primary_key=True),
    Column("source", Text, primary_key=True),
    Column("word", Text, primary_key=True, index=True),
)
nice_classes = Table(
    "nice_classes",
    schema,
    Column("row_id", _of_mark(), primary_key=True),
    Column("number", Integer, primary_key=True, index=True),
)
vienna_codes = Table(
    "vienna_codes",
    schema,
    Column("row_id", _of_mark(), primary_key=True),
    Column("code", Text, primary_key=True, index=True),
)
feedback = Table(
    "mark_feedback",
    schema,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("id", Uuid, nullable=False, unique=True),
    Column("subject", Text, nullable=False, index=True),
    Column("stored_at", DateTime, nullable=False),
    Column("mark_id", Text, index=True),
    Column("image_sha256", Text),
    Column("hit_mark_id", Text, nullable=False),
    Column("relevant", Boolean, nullable=False),
    Column("strategy", Text, nullable=False),
    sqlite_autoincrement=True,
)
changes = Table(  # the last change of each mark's row; that of a mark which is gone stays
    "mark_changes",
    schema,
    Column("row_id", Integer, primary_key=True, autoincrement=False),
    Column("change", BigInteger, nullable=False, index=True),
)
last_change = Table("last_mark_change", schema, Column("change", BigInteger, nullable=False))  # one row


def named(word: str) -> Select[int]:
    """Select the rows of marks that bear a word, or where it has three letters, one that begins so."""
    column = mark_words.c.word
    is_whole = len(word) < _SHORTEST_BEGINNING
    matches = [column == word] if is_whole else [column >= word, column < word + _LAST_CHARACTER]
    return select(mark_words.c.row_id).where(*matches).distinct()


def conditions(wanted: MarkFilter) -> list[ColumnElement[bool]]:
    """Turn a filter into SQL conditions."""
    found = [
        column == value
        for column, value in ((marks.c.status, wanted.status), (marks.c.office, wanted.office))
        if value is not None
    ]
    if wanted.applicant is not None:
        found.append(marks.c.applicant_folded.contains(wanted.applicant.casefold(), autoescape=True))
    if wanted.date_from is not None:
        found.append(marks.c.application_date >= wanted.date_from)
    if wanted.date_to is not None:
        found.append(marks.c.application_date <= wanted.date_to)
    if wanted.excluded_mark_id is not None:
        found.append(marks.c.mark_id != wanted.excluded_mark_id)
    return found + _code_conditions(wanted)


def _code_conditions(wanted: MarkFilter) -> list[ColumnElement[bool]]:
    """Any of the classes, and any of the prefixes, is enough."""
    found: list[ColumnElement[bool]] = []
    if wanted.nice_classes:
        numbers = [nice_class.number for nice_class in wanted.nice_classes]
        found.append(marks.c.row_id.in_(select(nice_classes.c.row_id).where(nice_classes.c.number.in_(numbers))))
    if wanted.vienna_prefixes:
        column = vienna_codes.c.code
        below = [or_(column == str(code), column.startswith(f"{code}.")) for code in wanted.vienna_prefixes]
        found.append(marks.c.row_id.in_(select(vienna_codes.c.row_id).where(or_(*below))))
    return found
