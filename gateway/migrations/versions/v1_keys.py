"""API keys."""

import sqlalchemy as sa
from alembic import op

revision = "1"
down_revision = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("tenant", sa.String, nullable=False),
        sa.Column("scopes", sa.String, nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("expires_at", sa.DateTime),
        sa.Column("revoked_at", sa.DateTime),
        sa.Column("certificate_sha256", sa.String),
        sa.Column("requests_per_minute", sa.BigInteger),
        sa.Column("characters_per_day", sa.BigInteger),
        sa.Column("images_per_day", sa.BigInteger),
    )
    op.create_table(
        "api_key_secrets",
        sa.Column("sha256", sa.String, primary_key=True),
        sa.Column("key", sa.String, sa.ForeignKey("api_keys.id", ondelete="CASCADE"), nullable=False, index=True),
        sa.Column("expires_at", sa.DateTime),
    )
    revision_table = op.create_table(
        "api_key_revision",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("revision", sa.BigInteger, nullable=False),
    )
    op.bulk_insert(revision_table, [{"number": 1, "revision": 0}])
