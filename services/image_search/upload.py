"""An archive that a client sends, written to a file as it arrives, so that its size costs no memory."""

import errno
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO, Final

from anyio.to_thread import run_sync
from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect

from examkit.errors import ErrorDetail, InvalidInputError, MalformedRequestError
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
_RETRY_AFTER_SECONDS: Final = 60


async def receive_archive(request: Request, file: Path) -> None:
    """Write the body, or the part `archive` of a form, to a new file, readable by its owner alone, and onto the disk.

    Raise MalformedRequestError for a body that breaks off, InvalidInputError with code `missing-part` for one without
    an archive, RegisterDiskFullError.
    """
    is_form = request.headers["content-type"].lower().startswith(MULTIPART)
    pieces = _archive_of_form(request) if is_form else request.stream()
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as stream:
        await write_pieces(pieces, stream)


async def write_pieces(pieces: AsyncIterator[bytes], stream: BinaryIO) -> None:
    """Write an archive onto the disk; raise as `receive_archive` does."""
    try:
        async for piece in pieces:
            await run_sync(stream.write, piece)
        await run_sync(stream.flush)
        await run_sync(os.fsync, stream.fileno())
    except ClientDisconnect:
        raise MalformedRequestError("The body breaks off.") from None
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise RegisterDiskFullError(
            "There is no room for the archive.", retry_after_seconds=_RETRY_AFTER_SECONDS
        ) from None
    if not stream.tell():
        raise _no_archive()


async def _archive_of_form(request: Request) -> AsyncIterator[bytes]:
    """Give the archive of a form piece by piece."""
    _, options = parse_options_header(request.headers["content-type"])
    form = _Form()
    try:
        parser = form.parser(options.get(b"boundary", b""))
        async for chunk in request.stream():
            parser.write(chunk)
            for piece in form.take():
                yield piece
    except FormParserError:
        raise MalformedRequestError("The multipart body cannot be read.") from None
    if not form.is_whole:
        raise MalformedRequestError("The multipart body breaks off.")


def _no_archive() -> InvalidInputError:
    detail = ErrorDetail(f"/{ARCHIVE_PART}", "This part is needed, with the archive.")
    return InvalidInputError("There is no archive in the body.", code="missing-part", details=[detail])


class _Form:
    """What a parser finds: of each part its name, and the content of those parts that are called `archive`."""

    def __init__(self) -> None:
        self.is_whole = False
        self._header = b""
        self._value = b""
        self._is_wanted = False
        self._found: list[bytes] = []

    def parser(self, boundary: bytes) -> MultipartParser:
        """Return what is to be fed with the body; raise FormParserError for an unusable boundary."""
        return MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin_part,
                "on_header_field": self._add_to_header,
                "on_header_value": self._add_to_value,
                "on_header_end": self._end_header,
                "on_part_data": self._add_content,
                "on_end": self._end,
            },
        )

    def take(self) -> list[bytes]:
        """Return what was found of the archive since the last time."""
        found, self._found = self._found, []
        return found

    def _begin_part(self) -> None:
        self._is_wanted = False

    def _add_to_header(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _add_to_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _end_header(self) -> None:
        if self._header.lower() == b"content-disposition":
            _, options = parse_options_header(self._value)
            self._is_wanted = options.get(b"name") == ARCHIVE_PART.encode()
        self._header = self._value = b""

    def _add_content(self, data: bytes, start: int, end: int) -> None:
        if self._is_wanted:
            self._found.append(data[start:end])

    def _end(self) -> None:
        self.is_whole = True
