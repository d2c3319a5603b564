"""API keys: what one is and how it is made.

Only hashes are kept; a key holds 256 random bits, so a plain SHA-256 cannot be turned back.
"""

import hashlib
import re
import secrets
import string
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from examkit.errors import StartError
from gateway.allowances import Allowance
from gateway.routes import Scope

KEY_PREFIX: Final = "exk_"
_ID_LETTERS: Final = string.ascii_lowercase + string.digits
_ID_LENGTH: Final = 8
_LONGEST_NAME: Final = 100
_FINGERPRINT: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True)
class ApiKey:
    """A key without its secret; `id` is how the key begins, which people may see."""

    id: str
    name: str
    tenant: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    certificate_sha256: str | None = None
    allowance: Allowance = field(default_factory=Allowance)


@dataclass(frozen=True)
class KeptSecret:
    """What is kept of a key's secret: its SHA-256 in hex, and when it ends before the key does."""

    sha256: str
    expires_at: datetime | None = None


def new_id() -> str:
    """Return the public part of a new key."""
    return KEY_PREFIX + "".join(secrets.choice(_ID_LETTERS) for _ in range(_ID_LENGTH))


def new_secret(key_id: str) -> str:
    """Return a new whole key that begins with its public part."""
    return f"{key_id}_{secrets.token_urlsafe(32)}"


def sha256_of(secret: str) -> str:
    """Return what is kept of a whole key."""
    return hashlib.sha256(secret.encode()).hexdigest()


def key_name(text: str) -> str:
    """Return a key's name; raise StartError for what would not stand well in a list."""
    name = text.strip()
    if not name.isprintable() or not 0 < len(name) <= _LONGEST_NAME:
        raise StartError(f"A key's name has 1 to {_LONGEST_NAME} printable characters.")
    return name


def fingerprint(text: str) -> str:
    """Return a certificate's SHA-256 in plain hex, however it was written; raise StartError for anything else."""
    plain = text.replace(":", "").strip().lower()
    if not _FINGERPRINT.fullmatch(plain):
        raise StartError("A certificate's SHA-256 has 64 hexadecimal digits.")
    return plain
