"""The first start: the keys of an earlier release are taken over, or one key with every scope is made."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from examkit.errors import StartError
from examkit.service_token import write_private
from examkit.tenants import DEFAULT_TENANT
from gateway.key_store import KeyStore
from gateway.keys import ApiKey, KeptSecret, new_id, new_secret, sha256_of
from gateway.routes import Scope

_EARLIER_NAME: Final = "keys.json"
_TAKEN_OVER_NAME: Final = "keys.json.taken-over"


def make_first_keys(store: KeyStore, data_dir: Path, api_key_file: Path) -> None:
    """Where no key is kept yet, keep those of `keys.json`, else make one and write it to `api_key_file` (mode 0600).

    Raises StartError when a file cannot be read or written.
    """
    earlier = data_dir / _EARLIER_NAME

    def make() -> list[tuple[ApiKey, KeptSecret]]:
        return list(_earlier_keys(earlier)) if earlier.exists() else [_first_key(api_key_file)]

    try:
        store.add_first(make)
        if earlier.exists():
            # Were the database removed one day, keys that were revoked since must not come back.
            earlier.rename(earlier.with_name(_TAKEN_OVER_NAME))
    except OSError as error:
        raise StartError(f"The first API key cannot be kept: {error.strerror}: {error.filename}.") from None


def _first_key(file: Path) -> tuple[ApiKey, KeptSecret]:
    key = ApiKey(new_id(), "first start", DEFAULT_TENANT, frozenset(Scope), datetime.now(UTC))
    secret = new_secret(key.id)
    # The file comes before the commit: were the process killed in between, the next start makes another pair.
    write_private(file, secret + "\n")
    return key, KeptSecret(sha256_of(secret))


def _earlier_keys(file: Path) -> Iterator[tuple[ApiKey, KeptSecret]]:
    try:
        for entry in json.loads(file.read_text()):
            scopes = frozenset(Scope(scope) for scope in entry["scopes"])
            key = ApiKey(str(entry["id"]), "earlier release", DEFAULT_TENANT, scopes, datetime.now(UTC))
            yield key, KeptSecret(str(entry["sha256"]))
    except (ValueError, TypeError, KeyError):
        raise StartError(f"The file of API keys {file} is damaged.") from None
