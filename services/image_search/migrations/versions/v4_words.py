"""The words of a mark, of its name and of its image, are kept to be searched by."""

import sqlalchemy as sa
from alembic import op

from services.image_search.words import fold_words

revision = "4"
down_revision = "3"

_BATCH = 1000


def upgrade() -> None:
    """Create the table, and put the words of names into it."""
    text = sa.String().with_variant(sa.String(collation="C"), "postgresql")
    of_mark = sa.ForeignKey("marks.row_id", ondelete="CASCADE")
    words = op.create_table(
        "mark_words",
        sa.Column("row_id", sa.Integer, of_mark, primary_key=True),
        sa.Column("source", text, primary_key=True),
        sa.Column("word", text, primary_key=True, index=True),
    )
    marks = sa.table("marks", sa.column("row_id"), sa.column("name"))
    connection = op.get_bind()
    named = connection.execute(sa.select(marks.c.row_id, marks.c.name)).all()
    for at in range(0, len(named), _BATCH):
        rows = [
            {"row_id": row_id, "source": "name", "word": word}
            for row_id, name in named[at : at + _BATCH]
            for word in {"", *fold_words(name or "")}
        ]
        connection.execute(sa.insert(words), rows)
