"""A document that a client sends in a form, written to a file as it arrives, so that its size costs no memory."""

import errno
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from anyio.to_thread import run_sync
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect

from examkit.errors import ErrorDetail, InvalidInputError, MalformedRequestError, NotReadyError
from examkit.web.wire import MULTIPART
from services.translate.document_schemas import DocumentRequest
from services.translate.documents.document import DocumentFormat
from services.translate.documents.jobs import Order

FILE_PART: Final = "file"
_LISTED: Final = "glossaryIds"
_TRUTH: Final = {"true": True, "false": False}
_MOST_FIELDS: Final = 32
_LONGEST_FIELD: Final = 200
_LONGEST_ENDING: Final = 8
_RETRY_AFTER_SECONDS: Final = 60


class DocumentsDiskFullError(NotReadyError):
    """There is no room for a document."""

    code = "documents-disk-full"


@dataclass
class _Part:
    """A part of a form, as far as it has arrived."""

    name: str = ""
    value: bytes = b""


async def receive_document(request: Request, file: Path) -> Order:
    """Write the part `file` of a form to a new file, readable by its owner alone, and give what is asked for.

    Raise MalformedRequestError for a body that breaks off, InvalidInputError (`missing-part`,
    `malformed-language-tag`), RequestValidationError for other fields that cannot be used, DocumentsDiskFullError.
    """
    form = _Form()
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as stream:
        await _write(_content(request, form), stream)
    return form.order()


def body_description() -> dict[str, Any]:
    """Describe the form for OpenAPI: the document, and the members of its request."""
    schema = DocumentRequest.model_json_schema(by_alias=True, ref_template="#/components/schemas/{model}")
    members = {FILE_PART: {"type": "string", "format": "binary"}, **schema["properties"]}
    form = {"type": "object", "required": [FILE_PART, *schema["required"]], "properties": members}
    description = f"A document ({', '.join(DocumentFormat)}) and what is wanted of it"
    return {"required": True, "description": description, "content": {MULTIPART: {"schema": form}}}


async def _write(pieces: AsyncIterator[bytes], stream: BinaryIO) -> None:
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
        raise DocumentsDiskFullError(
            "There is no room for the document.", retry_after_seconds=_RETRY_AFTER_SECONDS
        ) from None
    if not stream.tell():
        raise _missing(FILE_PART, "This part is needed, with the document.")


async def _content(request: Request, form: "_Form") -> AsyncIterator[bytes]:
    """Give the document of a form piece by piece."""
    _, options = parse_options_header(request.headers["content-type"])
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


def _missing(name: str, message: str) -> InvalidInputError:
    return InvalidInputError(
        "A part of the form is missing.", code="missing-part", details=[ErrorDetail(f"/{name}", message)]
    )


class _Form:
    """What a parser finds: the fields by their names, and the content of the file."""

    def __init__(self) -> None:
        self.is_whole = False
        self._header = b""
        self._value = b""
        self._part = _Part()
        self._ending = ""
        self._fields: dict[str, list[str]] = {}
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
                "on_part_end": self._end_part,
                "on_end": self._end,
            },
        )

    def take(self) -> list[bytes]:
        """Return what was found of the document since the last time."""
        found, self._found = self._found, []
        return found

    def order(self) -> Order:
        """Return what is asked for."""
        if "targetLanguage" not in self._fields:
            raise _missing("targetLanguage", "This part is needed: a BCP-47 tag such as pt-BR.")
        try:
            return DocumentRequest.model_validate(self._members()).order(self._ending)
        except ValidationError as error:
            found = error.errors(include_url=False, include_context=False, include_input=False)
            raise RequestValidationError([{**item, "loc": ("body", *item["loc"])} for item in found]) from None

    def _members(self) -> dict[str, object]:
        return {
            name: values if name == _LISTED else _TRUTH.get(values[-1].lower(), values[-1])
            for name, values in self._fields.items()
        }

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
            if self._part.name == FILE_PART:
                self._ending = _ending_of(options.get(b"filename", b""))
        self._header = self._value = b""

    def _add_content(self, data: bytes, start: int, end: int) -> None:
        if self._part.name == FILE_PART:
            self._found.append(data[start:end])
        elif len(self._part.value) < _LONGEST_FIELD:
            self._part.value += data[start:end][:_LONGEST_FIELD]

    def _end_part(self) -> None:
        value = self._part.value.decode("utf-8", "replace").strip()
        if value:  # an empty field of a form is one left out
            self._fields.setdefault(self._part.name, []).append(value)
            self._refuse_more()

    def _refuse_more(self) -> None:
        if sum(map(len, self._fields.values())) > _MOST_FIELDS:
            raise MalformedRequestError("The form has more fields than there are.")

    def _end(self) -> None:
        self.is_whole = True


def _ending_of(name: bytes) -> str:
    """Give the ending of a file's name, all that is kept of it."""
    ending = name.rpartition(b".")[2][:_LONGEST_ENDING].decode("ascii", "replace").lower()
    return ending if ending.isalnum() else ""
