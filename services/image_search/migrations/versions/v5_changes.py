"""Changes of the marks are numbered, so that an index on disk or in another process can catch up with them."""

import sqlalchemy as sa
from alembic import op

revision = "5"
down_revision = "4"


def upgrade() -> None:
    """Create the tables; what is registered so far has no change."""
    op.create_table(
        "mark_changes",
        sa.Column("row_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("change", sa.BigInteger, nullable=False, index=True),
    )
    counter = op.create_table("last_mark_change", sa.Column("change", sa.BigInteger, nullable=False))
    op.bulk_insert(counter, [{"change": 0}])
