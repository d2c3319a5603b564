"""The register of the first releases, which made its tables without Alembic; here for databases that are new."""

import sqlalchemy as sa
from alembic import op

revision = "1"
down_revision = None


def upgrade() -> None:
    """Create the tables."""
    text = sa.String().with_variant(sa.String(collation="C"), "postgresql")
    op.create_table(
        "marks",
        sa.Column("row_id", sa.Integer, primary_key=True),
        sa.Column("mark_id", text, nullable=False, unique=True),
        sa.Column("name", text),
        sa.Column("applicant", text),
        sa.Column("applicant_folded", text),
        sa.Column("office", text, index=True),
        sa.Column("status", text, index=True),
        sa.Column("application_date", sa.Date, index=True),
        sa.Column("mark_feature", text),
        sa.Column("image_sha256", text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "images",
        _row_id(),
        sa.Column("media_type", text, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "embeddings",
        _row_id(),
        sa.Column("embedder", text, nullable=False),
        sa.Column("views", sa.Integer, nullable=False),
        sa.Column("vectors", sa.LargeBinary, nullable=False),
    )
    op.create_table("nice_classes", _row_id(), sa.Column("number", sa.Integer, primary_key=True, index=True))
    op.create_table("vienna_codes", _row_id(), sa.Column("code", text, primary_key=True, index=True))


def _row_id() -> sa.Column[int]:
    return sa.Column("row_id", sa.Integer, sa.ForeignKey("marks.row_id", ondelete="CASCADE"), primary_key=True)
