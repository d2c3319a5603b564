"""What examiners found relevant is kept beside the register."""

import sqlalchemy as sa
from alembic import op

revision = "3"
down_revision = "2"


def upgrade() -> None:
    """Create the table."""
    text = sa.String().with_variant(sa.String(collation="C"), "postgresql")
    op.create_table(
        "mark_feedback",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("id", sa.Uuid, nullable=False, unique=True),
        sa.Column("subject", text, nullable=False, index=True),
        sa.Column("stored_at", sa.DateTime, nullable=False),
        sa.Column("mark_id", text, index=True),
        sa.Column("image_sha256", text),
        sa.Column("hit_mark_id", text, nullable=False),
        sa.Column("relevant", sa.Boolean, nullable=False),
        sa.Column("strategy", text, nullable=False),
        sqlite_autoincrement=True,
    )
