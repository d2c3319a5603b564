"""What a client sends to be kept: written to a file as it arrives, so that its size costs no memory."""

import errno
import logging
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from anyio.to_thread import run_sync
from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect

from examkit.errors import ErrorDetail, InvalidInputError, MalformedRequestError, NotReadyError
from examkit.files import new_private_file

_LONGEST_FIELD: Final = 200
_RETRY_AFTER_SECONDS: Final = 60

# Its warnings quote the bytes at which a body breaks off.
logging.getLogger("python_multipart").setLevel(logging.ERROR)


@dataclass(frozen=True)
class Awaited:
    """What is to arrive: in which part of a form, what it is (`the archive`), and what is said when it is `missing`."""

    part: str
    what: str
    missing: str
    disk_full_error: type[NotReadyError]


async def receive_file(pieces: AsyncIterator[bytes], file: Path, awaited: Awaited) -> None:
    """Write what arrives to a new file that only its owner can read, onto the disk; raise as `write_pieces` does."""
    with new_private_file(file) as stream:
        await write_pieces(pieces, stream, awaited)


async def write_pieces(pieces: AsyncIterator[bytes], stream: BinaryIO, awaited: Awaited) -> None:
    """Write what arrives onto the disk.

    Raise MalformedRequestError for a body that breaks off, InvalidInputError with code `missing-part` when nothing
    arrives, the awaited thing's own error when there is no room for it.
    """
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
        raise awaited.disk_full_error(
            f"There is no room for {awaited.what}.", retry_after_seconds=_RETRY_AFTER_SECONDS
        ) from None
    if not stream.tell():
        raise missing_part(awaited.part, f"This part is needed, with {awaited.what}.", awaited.missing)


def missing_part(name: str, message: str, detail: str) -> InvalidInputError:
    """Return the error for a form without a part."""
    return InvalidInputError(detail, code="missing-part", details=[ErrorDetail(f"/{name}", message)])


@dataclass
class _Part:
    """A part of a form, as far as it has arrived."""

    name: str = ""
    value: bytes = b""


class StreamedForm:
    """A form whose one part is handed on while it arrives, and whose other parts are short fields."""

    def __init__(self, part: str, most_fields: int | None = None) -> None:
        """Await a part; without a bound for them, the fields are passed over."""
        self.file_name = b""
        self.fields: dict[str, list[str]] = {}
        self._wanted = part
        self._most_fields = most_fields
        self._is_whole = False
        self._header = b""
        self._value = b""
        self._part = _Part()
        self._found: list[bytes] = []

    async def content(self, request: Request) -> AsyncIterator[bytes]:
        """Give the awaited part piece by piece; then `fields` and `file_name` are known.

        Raise MalformedRequestError for a body that is no form, breaks off, or has more fields than may be.
        """
        _, options = parse_options_header(request.headers["content-type"])
        try:
            parser = self._parser(options.get(b"boundary", b""))
            async for chunk in request.stream():
                parser.write(chunk)
                found, self._found = self._found, []
                for piece in found:
                    yield piece
        except FormParserError:
            raise MalformedRequestError("The multipart body cannot be read.") from None
        if not self._is_whole:
            raise MalformedRequestError("The multipart body breaks off.")

    def _parser(self, boundary: bytes) -> MultipartParser:
        """Return what is to be fed with the body; raise FormParserError for an unusable boundary."""
        return MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin_part,
                "on_header_field": self._add_to_header,
                "on_header_value": self._add_to_value,
                "on_header_end": self._end_header,
                "on_part_data": self._add_content,
                "on_part_end": self._end_part,
                "on_end": self._end,
            },
        )

    def _begin_part(self) -> None:
        self._part = _Part()

    def _add_to_header(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _add_to_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _end_header(self) -> None:
        if self._header.lower() == b"content-disposition":
            _, options = parse_options_header(self._value)
            self._part.name = options.get(b"name", b"").decode("utf-8", "replace")
            if self._part.name == self._wanted:
                self.file_name = options.get(b"filename", b"")
        self._header = self._value = b""

    def _add_content(self, data: bytes, start: int, end: int) -> None:
        if self._part.name == self._wanted:
            self._found.append(data[start:end])
        elif len(self._part.value) < _LONGEST_FIELD:
            self._part.value += data[start:end][:_LONGEST_FIELD]

    def _end_part(self) -> None:
        value = self._part.value.decode("utf-8", "replace").strip()
        if value and self._most_fields is not None:  # an empty field of a form is one left out
            self.fields.setdefault(self._part.name, []).append(value)
            if sum(map(len, self.fields.values())) > self._most_fields:
                raise MalformedRequestError("The form has more fields than there are.")

    def _end(self) -> None:
        self._is_whole = True
