"""What an office's file says of a mark, before anything of it is trusted."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

from pydantic import Field, ValidationError

from examkit.errors import ExamError, InvalidInputError
from examkit.web.wire import WireModel
from services.image_search.marks import MarkMetadata
from services.image_search.schemas import MarkId, MetadataBody

LONGEST_IMAGE_NAME: Final = 1024


class UnreadableRecordError(InvalidInputError):
    """A line, a row or an element that is no mark."""

    code = "unreadable-record"


class UnreadableFileError(InvalidInputError):
    """A file, or a member of an archive, that cannot be read."""

    code = "unreadable-file"


class MarkWithoutImageError(InvalidInputError):
    """A mark whose image is not named, or not there: a word mark, as a rule."""

    code = "mark-without-image"


@dataclass(frozen=True)
class Place:
    """Where a record stands: the file, and its number there, from 1, counted in `unit`s."""

    file: str
    number: int
    unit: str = "line"

    def __str__(self) -> str:
        """Write it for people."""
        return f"{self.file}, {self.unit} {self.number}"


@dataclass(frozen=True)
class Refusal:
    """A record that was not taken in, and why: a stable code, and a sentence without anything of the record."""

    place: Place
    mark_id: str | None
    code: str
    reason: str

    @classmethod
    def of(cls, error: ExamError, place: Place, mark_id: str | None = None) -> Self:
        """Take code and sentence of an error."""
        return cls(place, mark_id, error.code, error.detail)


@dataclass(frozen=True)
class Record:
    """A mark as a file tells of it; `images` are the names its image may have, the likeliest first."""

    place: Place
    mark_id: str
    metadata: MarkMetadata
    images: tuple[str, ...]


class _RecordBody(WireModel):
    """A line of JSON, or what another format says in the same words."""

    mark_id: MarkId
    image: str | None = Field(None, max_length=LONGEST_IMAGE_NAME)
    metadata: MetadataBody = MetadataBody()


def read_json(line: bytes, place: Place) -> Record | Refusal:
    """Read a line of JSON."""
    return _read(lambda: _RecordBody.model_validate_json(line), place, ())


def read_members(members: Mapping[str, object], place: Place, images: Sequence[str] = ()) -> Record | Refusal:
    """Read members as of JSON; of `images`, names that the image may have, any may be there."""
    return _read(lambda: _RecordBody.model_validate(members), place, images)


def _read(read_body: Callable[[], _RecordBody], place: Place, images: Sequence[str]) -> Record | Refusal:
    try:
        body = read_body()
        metadata = body.metadata.to_metadata()
    except ValidationError as error:
        return Refusal.of(UnreadableRecordError(_first_fault(error)), place)
    except ExamError as error:
        return Refusal.of(error, place)
    named = [body.image] if body.image else []
    return Record(place, body.mark_id, metadata, (*named, *images))


def _first_fault(error: ValidationError) -> str:
    """Say what is wrong first, and where, without quoting it."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    where = ".".join(str(part) for part in first["loc"] if isinstance(part, int) or part.isidentifier())
    return f"{where}: {first['msg']}." if where else f"{first['msg']}."
