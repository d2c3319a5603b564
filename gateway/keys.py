"""API keys: who may call. Only hashes are kept; a key is 256 random bits, so a plain SHA-256 cannot be turned back."""

import hashlib
import json
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from examkit.errors import StartError
from examkit.service_token import write_private
from gateway.routes import Scope

_KEYS_NAME: Final = "keys.json"
_PREFIX: Final = "exk_"
_ID_LENGTH: Final = 8


@dataclass(frozen=True)
class ApiKey:
    """A key as it is kept: `id` is the start of the key, which people may see; `sha256` of the whole key in hex."""

    id: str
    sha256: str
    scopes: tuple[str, ...]


class KeyStore:
    """The keys of a gateway, in one file."""

    def __init__(self, keys: Iterable[ApiKey]) -> None:
        self._by_hash = {key.sha256: key for key in keys}

    def find(self, secret: str) -> ApiKey | None:
        """Look a sent key up; the look-up is by hash, so its time tells nothing of the keys kept."""
        return self._by_hash.get(_sha256(secret))


def open_keys(data_dir: Path, api_key_file: Path) -> KeyStore:
    """Open the keys; at the first start create one with every scope and write it to `api_key_file` (mode 0600).

    Raises StartError when the file of keys cannot be read or written.
    """
    file = data_dir / _KEYS_NAME
    try:
        if not file.exists():
            _create_first_key(file, api_key_file)
        return KeyStore(ApiKey(**entry | {"scopes": tuple(entry["scopes"])}) for entry in json.loads(file.read_text()))
    except OSError as error:
        raise StartError(f"The API keys in {file} cannot be opened: {error.strerror}.") from None
    except (ValueError, TypeError, KeyError):
        raise StartError(f"The file of API keys {file} is damaged.") from None


def _create_first_key(file: Path, api_key_file: Path) -> None:
    secret = _PREFIX + secrets.token_urlsafe(32)
    key = ApiKey(secret[: len(_PREFIX) + _ID_LENGTH], _sha256(secret), tuple(Scope))
    # The key comes first: were the process killed in between, the next start makes another pair.
    write_private(api_key_file, secret + "\n")
    write_private(file, json.dumps([asdict(key)], indent=2) + "\n")


def _sha256(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
