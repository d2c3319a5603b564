"""Marks are found by the words of their names, and by those read in their images."""

import sqlalchemy as sa
from alembic import op

from services.image_search.name_words import words_of_name

revision = "4"
down_revision = "3"

_AT_ONCE = 1000


def upgrade() -> None:
    """Create the table, and fill it with the words of the names there are."""
    text = sa.String().with_variant(sa.String(collation="C"), "postgresql")
    words = op.create_table(
        "mark_words",
        sa.Column("row_id", sa.Integer, sa.ForeignKey("marks.row_id", ondelete="CASCADE"), primary_key=True),
        sa.Column("source", text, primary_key=True),
        sa.Column("word", text, primary_key=True, index=True),
    )
    marks = sa.table("marks", sa.column("row_id"), sa.column("name"))
    connection = op.get_bind()
    last: int | None = -1
    while last is not None:
        last = _fill(connection, words, marks, last)


def _fill(connection: sa.Connection, words: sa.Table, marks: sa.TableClause, last: int) -> int | None:
    """Write the words of the next marks; return the last row among them, None where there is none."""
    following = sa.select(marks.c.row_id, marks.c.name).where(marks.c.row_id > last).order_by(marks.c.row_id)
    rows = connection.execute(following.limit(_AT_ONCE)).all()
    values = [{"row_id": row.row_id, "source": "name", "word": word} for row in rows for word in _words(row.name)]
    if values:
        connection.execute(words.insert(), values)
    return rows[-1].row_id if rows else None


def _words(name: str | None) -> list[str]:
    """Return the words of a name, and the empty one that says there are no others."""
    return ["", *words_of_name(name)]
