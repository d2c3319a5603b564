"""API keys for tests, made as the command makes them."""

from datetime import UTC, datetime
from typing import Any

from gateway.database import open_database
from gateway.key_store import KeyStore
from gateway.keys import ApiKey, KeptSecret, new_id, new_secret, sha256_of
from gateway.routes import Scope
from gateway.settings import Settings


def new_key(settings: Settings, **given: Any) -> str:
    """Keep a key of every scope, or as given, where a gateway of these settings finds it; return it whole."""
    values: dict[str, Any] = {"name": "of a test", "tenant": "office", "scopes": frozenset(Scope), **given}
    key = ApiKey(id=new_id(), created_at=datetime.now(UTC), **values)
    secret = new_secret(key.id)
    store = KeyStore(open_database(settings.data_dir, settings.database_url))
    store.add(key, KeptSecret(sha256_of(secret)))
    store.close()
    return secret
