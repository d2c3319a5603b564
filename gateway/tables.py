"""The tables of the gateway's state, as the last migration leaves them."""

from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, Integer, MetaData, String, Table

schema = MetaData()

api_keys = Table(
    "api_keys",
    schema,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("tenant", String, nullable=False),
    Column("scopes", String, nullable=False),  # with spaces between, as OAuth writes them
    Column("created_at", DateTime, nullable=False),
    Column("expires_at", DateTime),
    Column("revoked_at", DateTime),
    Column("certificate_sha256", String),
    Column("requests_per_minute", BigInteger),
    Column("characters_per_day", BigInteger),
    Column("images_per_day", BigInteger),
)
api_key_secrets = Table(  # more than one of a key while an old one may still be used
    "api_key_secrets",
    schema,
    Column("sha256", String, primary_key=True),
    Column("key", ForeignKey("api_keys.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("expires_at", DateTime),
)
api_key_revision = Table(  # one row, counted up with every change, by which gateways see that there was one
    "api_key_revision",
    schema,
    Column("number", Integer, primary_key=True),
    Column("revision", BigInteger, nullable=False),
)
