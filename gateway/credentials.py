"""Finds the one credential of a request: an API key or a token, in a header, never in a URL."""

from dataclasses import dataclass
from typing import Final

from fastapi import Request

from examkit.errors import UnauthorizedError
from gateway.keys import KEY_PREFIX

API_KEY_HEADER: Final = "API-Key"
_BEARER: Final = "bearer "


@dataclass(frozen=True)
class SentKey:
    """An API key as it was sent."""

    secret: str


@dataclass(frozen=True)
class SentToken:
    """A bearer token as it was sent."""

    token: str


def credential_of(request: Request) -> SentKey | SentToken:
    """Return the credential in a request's headers; raise UnauthorizedError where there is none, or several."""
    if KEY_PREFIX.encode() in request.scope["query_string"]:
        raise UnauthorizedError(
            f"Send the key in the {API_KEY_HEADER} header. A URL stands in logs: replace this key.", code="key-in-url"
        )
    sent: list[SentKey | SentToken] = [SentKey(secret) for secret in request.headers.getlist(API_KEY_HEADER) if secret]
    for value in request.headers.getlist("authorization"):
        if value.lower().startswith(_BEARER):
            sent.append(SentToken(value[len(_BEARER) :].strip()))
    if len(sent) > 1:
        raise UnauthorizedError("Send one API key or one token, not several.", code="several-credentials")
    return sent[0] if sent else key_sent("")


def key_sent(secret: str) -> SentKey:
    """Return a key that was sent; raise UnauthorizedError for none."""
    if not secret:
        raise UnauthorizedError(f"Send an API key in the {API_KEY_HEADER} header.", code="api-key-missing")
    return SentKey(secret)
