"""Marks that were found, a page at a time with their images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from examkit_office.gateway import Gateway
from examkit_office.refusal import RefusedError

PAGE = 8
_PIXELS = 240


@dataclass(frozen=True)
class Hit:
    """A mark of the register; `image` is empty until it is fetched, and where it cannot be."""

    mark_id: str
    score: float
    name: str
    nice_classes: tuple[int, ...]
    status: str
    image_url: str
    image: bytes | None = None

    @classmethod
    def of(cls, item: dict[str, Any]) -> Hit:
        """Read one of an answer's hits."""
        known = item.get("metadata") or {}
        classes = tuple(known.get("niceClasses") or ())
        return cls(
            item["markId"], item["score"], known.get("name") or "", classes, known.get("status") or "", item["imageUrl"]
        )


def fetch_images(gateway: Gateway, hits: Sequence[Hit]) -> list[Hit]:
    """Fetch the images that are not there yet; a mark whose image cannot be had is shown without."""
    return [hit if hit.image is not None else replace(hit, image=_image(gateway, hit)) for hit in hits]


def _image(gateway: Gateway, hit: Hit) -> bytes:
    try:
        return gateway.mark_image(hit.image_url, _PIXELS)
    except RefusedError:
        return b""
