"""The manners of the wire that all deployables share: camelCase members, pages, media types."""

import re
from collections.abc import Mapping
from typing import Any, Final, Generic, TypeVar

from fastapi import Depends, Request
from pydantic import BaseModel, ConfigDict, model_validator
from pydantic.alias_generators import to_camel

from examkit.errors import NotAcceptableError, UnsupportedMediaTypeError

JSON: Final = "application/json"
MULTIPART: Final = "multipart/form-data"
_PROBLEM: Final = "application/problem+json"
_WEIGHT: Final = re.compile(r";\s*q\s*=\s*([01](?:\.\d{0,3})?)", re.ASCII)

Item = TypeVar("Item")


class WireModel(BaseModel):
    """A JSON object as clients see it: lowerCamelCase members (WIPO ST.97), unknown members refused."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _refuse_lone_surrogates(cls, value: Any) -> Any:
        """Refuse half of a character, which JSON can escape but no text can hold."""
        members = value.values() if isinstance(value, dict) else ()
        for member in members:
            for text in member if isinstance(member, list) else [member]:
                if isinstance(text, str) and not _is_text(text):
                    raise ValueError("a member holds a lone surrogate, which is no character")
        return value


class ModelInfo(WireModel):
    """Which artifact an answer came from."""

    name: str
    version: str


class Page(WireModel, Generic[Item]):
    """One page of a collection; `count` is how many items there are in all."""

    items: list[Item]
    limit: int
    offset: int
    count: int


def require_body(*media_types: str) -> list[Any]:
    """Return route dependencies that refuse (415) a body of any other media type."""

    # A coroutine, as every dependency here that does not wait: others are sent to a thread and back, which takes longer
    # than they do.
    async def check(request: Request) -> None:
        if _media_type(request.headers.get("content-type", "")) not in media_types:
            raise UnsupportedMediaTypeError(f"Send the body as {' or '.join(media_types)}.")

    return [Depends(check)]


JSON_BODY: Final = require_body(JSON)
MULTIPART_BODY: Final = require_body(MULTIPART)


async def require_acceptable(request: Request) -> None:
    """Refuse (406) a request that accepts none of the media types its route can answer in."""
    accepted = request.headers.get("accept", "*/*")
    offered = (JSON, _PROBLEM, *_declared_media_types(request))
    if not any(_accepts(accepted, media_type) for media_type in offered):
        raise NotAcceptableError(f"This route answers as {offered[-1] if len(offered) > 2 else JSON}.")


def weight_of(media_type: str, accept: str) -> float:
    """Return the weight of a media type in an Accept header, from the range that names it most closely."""
    weights = {}
    for item in accept.split(","):
        weight = _WEIGHT.search(item)
        weights[_media_type(item)] = float(weight[1]) if weight else 1.0
    return next((weights[name] for name in (media_type, "application/*", "*/*") if name in weights), 0.0)


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _declared_media_types(request: Request) -> tuple[str, ...]:
    responses: Mapping[Any, Any] = getattr(request.scope.get("route"), "responses", None) or {}
    success = responses.get(200, {})
    return tuple(success.get("content", {}))


def _accepts(header: str, media_type: str) -> bool:
    ranges = (item for item in header.split(",") if not _is_excluded(item))
    main = media_type.partition("/")[0]
    return any(_media_type(item) in ("*/*", f"{main}/*", media_type) for item in ranges)


def _is_excluded(item: str) -> bool:
    quality = item.replace(" ", "").lower().partition(";q=")[2]
    return quality.strip("0.") == "" and quality != ""


def _media_type(header: str) -> str:
    return header.partition(";")[0].strip().lower()
