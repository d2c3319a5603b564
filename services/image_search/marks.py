"""What a register holds: marks, what is known of them, their images, and which of them a filter lets pass."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from examkit.errors import NotFoundError
from services.image_search.codes import NiceClass, ViennaCode

Vectors = NDArray[np.float16]


@dataclass(frozen=True)
class MarkMetadata:
    """What the register says of a mark beside its image; every part may be unknown."""

    name: str | None = None
    applicant: str | None = None
    office: str | None = None
    status: str | None = None
    application_date: date | None = None
    nice_classes: tuple[NiceClass, ...] = ()
    vienna_codes: tuple[ViennaCode, ...] = ()
    mark_feature: str | None = None


@dataclass(frozen=True)
class Mark:
    """A registered mark; `image_sha256` tells one image from another, `words_read` are what was read in it so far."""

    mark_id: str
    metadata: MarkMetadata
    image_sha256: str
    words_read: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class StoredImage:
    """The bytes of an image as they were submitted."""

    data: bytes
    media_type: str

    @property
    def sha256(self) -> str:
        """Return the hash of the bytes in hex."""
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True)
class Entry:
    """A mark to be written: `vectors` holds one row per view, made by the embedder of that name.

    `further` holds what other embedders, by name, made of the same image.
    """

    mark_id: str
    metadata: MarkMetadata
    image: StoredImage
    vectors: Vectors
    embedder: str
    further: Mapping[str, Vectors] = field(default_factory=dict)

    @property
    def descriptions(self) -> dict[str, Vectors]:
        """Return the vectors by the name of their embedder."""
        return {self.embedder: self.vectors, **self.further}

    @property
    def mark(self) -> Mark:
        """Return the mark as it will be registered."""
        return Mark(self.mark_id, self.metadata, self.image.sha256)


@dataclass(frozen=True)
class Written:
    """Where an entry was written, and whether the mark was new."""

    row_id: int
    is_new: bool


@dataclass(frozen=True)
class MarkFilter:
    """Which marks count; every part that is given must hold. Dates are inclusive, an applicant may be given in part."""

    nice_classes: tuple[NiceClass, ...] = ()
    vienna_prefixes: tuple[ViennaCode, ...] = ()
    status: str | None = None
    office: str | None = None
    applicant: str | None = None
    date_from: date | None = None
    date_to: date | None = None
    excluded_mark_id: str | None = None

    @property
    def is_empty(self) -> bool:
        """Tell whether every mark passes."""
        return self == MarkFilter()


def unknown_mark() -> NotFoundError:
    """Return the error for a mark id that is not registered."""
    return NotFoundError("There is no mark of this id.", code="unknown-mark")
