"""A document on its way through a face: its form, under the service's names, sent on while it arrives."""

import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Final

from fastapi import Request

from examkit.errors import UnsupportedMediaTypeError
from examkit.web.upload import StreamedForm
from examkit.web.wire import MULTIPART

FILE_PART: Final = "file"
_MOST_FIELDS: Final = 32
_LONGEST_ENDING: Final = 8

Fields = Mapping[str, str]


class ArrivingDocument:
    """A form of another protocol with a document in it; `renamed` gives its fields the service's names."""

    def __init__(self, request: Request, renamed: Callable[[Fields], Fields]) -> None:
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != MULTIPART:
            raise UnsupportedMediaTypeError(f"Send the document as {MULTIPART}.")
        self._form = StreamedForm(FILE_PART, _MOST_FIELDS)
        self._pieces = self._form.content(request)
        self._renamed = renamed
        self._first = b""
        self._boundary = secrets.token_hex(16)

    @property
    def content_type(self) -> str:
        """Return the media type of the form that is sent on."""
        return f"{MULTIPART}; boundary={self._boundary}"

    @property
    def ending(self) -> str:
        """Return the ending of the file's name, once the file has begun."""
        _, dot, ending = self._form.file_name.decode("ascii", "replace").lower().rpartition(".")
        return ending if dot and ending.isalnum() and len(ending) <= _LONGEST_ENDING else ""

    async def begin(self) -> Fields:
        """Read up to where the file begins; give the fields before it."""
        self._first = await anext(self._pieces, b"")
        return self._fields

    async def content(self) -> AsyncIterator[bytes]:
        """Give the form for the service: fields, file, and the fields that came behind it."""
        sent = self._renamed(self._fields)
        for name, value in sent.items():
            yield self._field(name, value)
        if self._first:
            yield self._part(f'name="{FILE_PART}"; filename="document.{self.ending}"') + self._first
            async for piece in self._pieces:
                yield piece
            yield b"\r\n"
        for name, value in self._renamed(self._fields).items():
            if name not in sent:
                yield self._field(name, value)
        yield f"--{self._boundary}--\r\n".encode()

    @property
    def _fields(self) -> dict[str, str]:
        return {name: values[-1] for name, values in self._form.fields.items()}

    def _field(self, name: str, value: str) -> bytes:
        return self._part(f'name="{name}"') + value.encode() + b"\r\n"

    def _part(self, disposition: str) -> bytes:
        return f"--{self._boundary}\r\nContent-Disposition: form-data; {disposition}\r\n\r\n".encode()
