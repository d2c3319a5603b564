"""An issuer of tokens for tests: its keys, its key set, and tokens good and bad."""

import json
import time
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, Key, OctKey, RSAKey
from joserfc.jws import JWSRegistry
from joserfc.registry import HeaderParameter

ISSUER = "https://login.office.example"
AUDIENCE = "examkit"
RSA = RSAKey.generate_key(2048, {"kid": "rsa"})
EC = ECKey.generate_key("P-256", {"kid": "ec"})


def key_set(*keys: Key) -> bytes:
    """Write the public halves as an issuer publishes them."""
    return json.dumps({"keys": [key.as_dict(private=False) for key in keys]}).encode()


def claims(**given: Any) -> dict[str, Any]:
    """Return what a good token says, changed as given; None leaves a claim out."""
    now = int(time.time())
    said = {"iss": ISSUER, "aud": AUDIENCE, "sub": "desk-7", "iat": now, "exp": now + 300, "scope": "classify", **given}
    return {name: value for name, value in said.items() if value is not None}


def token(key: RSAKey | ECKey | OctKey = RSA, header: dict[str, Any] | None = None, **given: Any) -> str:
    """Sign a token."""
    algorithm = {"RSA": "RS256", "EC": "ES256", "oct": "HS256"}[key.key_type]
    whole = {"alg": algorithm, "kid": key.kid, **(header or {})}
    extensions = {name: HeaderParameter(name, "int") for name in whole.get("crit", ())}
    registry = JWSRegistry(extensions, [whole["alg"]], strict_check_header=False)
    return jwt.encode(whole, claims(**given), key, registry=registry)
