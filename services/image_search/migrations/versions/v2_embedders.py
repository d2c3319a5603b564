"""Several embedders may describe one mark, and marks of the same image are found by it."""

import sqlalchemy as sa
from alembic import op

revision = "2"
down_revision = "1"


def upgrade() -> None:
    """Key embeddings by mark and embedder, keeping those there are; SQLite cannot change a key in place."""
    text = sa.String().with_variant(sa.String(collation="C"), "postgresql")
    op.rename_table("embeddings", "embeddings_1")
    op.create_table(
        "embeddings",
        sa.Column("row_id", sa.Integer, sa.ForeignKey("marks.row_id", ondelete="CASCADE"), primary_key=True),
        sa.Column("embedder", text, primary_key=True),
        sa.Column("views", sa.Integer, nullable=False),
        sa.Column("vectors", sa.LargeBinary, nullable=False),
    )
    op.execute("INSERT INTO embeddings SELECT row_id, embedder, views, vectors FROM embeddings_1")
    op.drop_table("embeddings_1")
    op.create_index("ix_marks_image_sha256", "marks", ["image_sha256"])
