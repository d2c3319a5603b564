"""A document's form on its way through: other names for its fields, nothing of the file's name but its ending."""

import anyio
import pytest
from fastapi import Request

from examkit.errors import MalformedRequestError, UnsupportedMediaTypeError
from examkit.web.upload import StreamedForm
from gateway.faces.documents import ArrivingDocument, Fields

BOUNDARY = "outside"


def form(*parts: tuple[str, str, str | None]) -> bytes:
    """Write a form; a part with a file name is a file."""
    written = ""
    for name, value, file in parts:
        disposition = f'name="{name}"' + ("" if file is None else f'; filename="{file}"')
        written += f"--{BOUNDARY}\r\nContent-Disposition: form-data; {disposition}\r\n\r\n{value}\r\n"
    return (written + f"--{BOUNDARY}--\r\n").encode()


def request(body: bytes, size: int = 7, media_type: str = f"multipart/form-data; boundary={BOUNDARY}") -> Request:
    """Make a request whose body arrives in small pieces."""
    pieces = [body[start : start + size] for start in range(0, len(body), size)]

    async def receive():
        piece = pieces.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

    return Request({"type": "http", "method": "POST", "headers": [(b"content-type", media_type.encode())]}, receive)


def renamed(fields: Fields) -> Fields:
    return {name.upper(): value for name, value in fields.items() if name != "key"}


def sent_on(body: bytes) -> tuple[Fields, dict[str, list[str]], bytes, bytes]:
    """Give the fields before the file, and what the service gets: fields, file, its name."""

    async def relay():
        document = ArrivingDocument(request(body), renamed)
        before = dict(await document.begin())
        whole = b"".join([piece async for piece in document.content()])
        arrived = StreamedForm("file", 32)
        content = b"".join([p async for p in arrived.content(request(whole, 11, document.content_type))])
        return before, arrived.fields, content, arrived.file_name

    relayed: tuple[Fields, dict[str, list[str]], bytes, bytes] = anyio.run(relay)
    return relayed


def test_fields_come_before_and_behind_the_file_and_get_other_names():
    body = form(("key", "k", None), ("a", "1", None), ("file", "some text", "Secret Name.DOCX"), ("b", "2", None))
    before, fields, content, name = sent_on(body)
    assert before == {"key": "k", "a": "1"}
    assert fields == {"A": ["1"], "B": ["2"]}
    assert (content, name) == (b"some text", b"document.docx")


def test_a_form_without_a_file_is_sent_without_one():
    before, fields, content, _ = sent_on(form(("a", "1", None)))
    assert (before, fields, content) == ({"a": "1"}, {"A": ["1"]}, b"")


@pytest.mark.parametrize("name", ['x".docx', "a.b/../c", "none", "a.toolongending", "a.é"])
def test_of_a_files_name_only_an_ending_is_kept(name):
    *_, sent = sent_on(form(("file", "text", name)))
    assert sent in (b"document.docx", b"document.c", b"document.")


def test_what_is_no_form_is_refused():
    with pytest.raises(UnsupportedMediaTypeError):
        ArrivingDocument(request(b"", media_type="application/json"), renamed)
    with pytest.raises(MalformedRequestError):
        sent_on(form(("file", "text", "a.txt"))[:-10])
