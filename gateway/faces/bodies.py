"""The bodies of other protocols' calls, held in memory up to a bound: JSON, and forms of short fields."""

import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

from fastapi import Request
from starlette.formparsers import MultiPartException, MultiPartParser

from examkit.errors import MalformedRequestError
from examkit.web import wire
from gateway.upstream.body import whole_body

MOST_BYTES: Final = 1024 * 1024
_MOST_FIELDS: Final = 1000
# Keys that some protocols allow in a URL, where they would end up in logs on the way.
_NEVER_IN_A_URL: Final = ("auth_key", "api_key")

Members = Mapping[str, Any]


async def members(request: Request) -> Members:
    """Give what a call says in its query and its body, the body first; a name that is repeated holds a list.

    Raises TooLargeError or MalformedRequestError.
    """
    body = await whole_body(request, MOST_BYTES)
    query = _listed([item for item in request.query_params.multi_items() if item[0] not in _NEVER_IN_A_URL])
    match request.headers.get("content-type", "").partition(";")[0].strip().lower():
        case wire.JSON:
            return query | _object(body)
        case wire.MULTIPART:
            return query | _listed(await _fields(request, body))
        case _:
            return query | _listed(_pairs(body))


def text_of(found: Members, name: str, default: str = "") -> str:
    """Give a member that is one text or number; raise MalformedRequestError for anything else."""
    value = found.get(name)
    if value is None:
        return default
    if isinstance(value, list) and value:
        value = value[-1]
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return as_text(str(value))
    raise MalformedRequestError(f"{name} is no text.")


def texts_of(found: Members, name: str) -> list[str]:
    """Give a member that is one text or several; raise MalformedRequestError for anything else, and for none."""
    value = found.get(name)
    given = value if isinstance(value, list) else [value]
    texts = [as_text(text) for text in given if isinstance(text, str)]
    if not texts or len(texts) < len(given):
        raise MalformedRequestError(f"{name} is missing, or no text.")
    return texts


def as_text(value: str) -> str:
    """Refuse half of a character, which JSON can escape but no text can hold."""
    try:
        value.encode()
    except UnicodeEncodeError:
        raise MalformedRequestError("A member holds a lone surrogate, which is no character.") from None
    return value


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise MalformedRequestError("The body is not valid JSON.", code="malformed-json") from None
    if not isinstance(found, dict):
        raise MalformedRequestError("The body is no JSON object.")
    return found


def _pairs(body: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict")
    except ValueError:
        raise MalformedRequestError("The form cannot be read.") from None


async def _fields(request: Request, body: bytes) -> list[tuple[str, str]]:
    async def pieces() -> Any:
        yield body

    parser = MultiPartParser(request.headers, pieces(), max_files=0, max_fields=_MOST_FIELDS)
    try:
        found = await parser.parse()
    except (MultiPartException, UnicodeDecodeError, KeyError):
        raise MalformedRequestError("The form cannot be read.") from None
    return [(name, value) for name, value in found.multi_items() if isinstance(value, str)]


def _listed(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        before = found.get(name)
        found[name] = value if before is None else [*(before if isinstance(before, list) else [before]), value]
    return found
