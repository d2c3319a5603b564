"""An archive that a client sends, alone or in a form, written to a file as it arrives."""

from pathlib import Path
from typing import Final

from fastapi import Request

from examkit.web.upload import Awaited, StreamedForm, receive_file
from examkit.web.wire import MULTIPART
from services.image_search.database import RegisterDiskFullError

ARCHIVE_PART: Final = "archive"
ARCHIVE_TYPES: Final = (
    "application/zip",
    "application/x-zip-compressed",
    "application/x-tar",
    "application/gzip",
    "application/x-gzip",
    "application/x-bzip2",
    "application/x-xz",
    "application/octet-stream",
)
ARCHIVE: Final = Awaited(ARCHIVE_PART, "the archive", "There is no archive in the body.", RegisterDiskFullError)


async def receive_archive(request: Request, file: Path) -> None:
    """Write the body, or the part `archive` of a form, to a new file, readable by its owner alone, and onto the disk.

    Raise MalformedRequestError for a body that breaks off, InvalidInputError with code `missing-part` for one without
    an archive, RegisterDiskFullError.
    """
    is_form = request.headers["content-type"].lower().startswith(MULTIPART)
    pieces = StreamedForm(ARCHIVE_PART).content(request) if is_form else request.stream()
    await receive_file(pieces, file, ARCHIVE)
