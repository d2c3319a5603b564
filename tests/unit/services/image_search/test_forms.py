"""Multipart bodies are read in memory, and every unusable one is refused with a reason."""

import tempfile

import pytest
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.requests import Request

from examkit.errors import InvalidInputError, MalformedRequestError
from services.image_search.forms import Form, inline_schema, read_form, validate_json

BOUNDARY = "----boundary"
pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend():
    return "asyncio"


class Inner(BaseModel):
    """A part of the model below."""

    depth: int


class Outer(BaseModel):
    """A model with one member of every kind that a form can hold."""

    plain: int = 0
    several: list[int] = []
    inner: Inner | None = None


def part(name: str, content: bytes, file_name: str | None = None) -> bytes:
    ending = f'; filename="{file_name}"' if file_name else ""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{ending}\r\n\r\n'
    return head.encode() + content + b"\r\n"


def request(body: bytes, content_type: str = f"multipart/form-data; boundary={BOUNDARY}") -> Request:
    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}

    return Request({"type": "http", "method": "POST", "headers": [(b"content-type", content_type.encode())]}, receive)


async def form_of(*parts: bytes) -> Form:
    return await read_form(request(b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()), file_names=frozenset({"image"}))


def read(form: Form) -> Outer:
    return form.read(Outer, json_fields=frozenset({"inner"}), list_fields=frozenset({"several"}))


async def test_files_and_fields_are_told_apart():
    form = await form_of(part("image", b"\x89\x00\xff", "a.png"), part("plain", b"7"), part("inner", b'{"depth": 2}'))
    assert form.file("image") == b"\x89\x00\xff"
    assert read(form) == Outer(plain=7, inner=Inner(depth=2))


async def test_repeated_fields_make_a_list_and_the_last_of_others_counts():
    form = await form_of(*(part("several", text) for text in (b"1", b"2")), part("plain", b"1"), part("plain", b"2"))
    assert read(form) == Outer(plain=2, several=[1, 2])


async def test_an_empty_field_counts_as_absent():
    assert read(await form_of(part("plain", b""), part("several", b""))) == Outer()


async def test_a_field_may_come_as_a_file():
    assert read(await form_of(part("inner", b'{"depth": 3}', "blob"))).inner == Inner(depth=3)


async def test_a_large_image_is_never_written_to_disk(monkeypatch):
    monkeypatch.setattr(tempfile, "TemporaryFile", None)  # what a spooled file turns to when it grows too large
    form = await form_of(part("image", bytes(5_000_000), "a.png"))
    assert len(form.file("image")) == 5_000_000


@pytest.mark.parametrize("name", ["image", "other"])
async def test_a_missing_file_is_named(name):
    with pytest.raises(InvalidInputError) as raised:
        (await form_of(part("image", b"text without a file name"))).file(name)
    assert raised.value.code == "missing-part"
    assert raised.value.details[0].pointer == f"/{name}"


@pytest.mark.parametrize(
    "body", [b"zz", b"--" + BOUNDARY.encode() + b"x", part("plain", b"\xff\xfe", "x") + f"--{BOUNDARY}--".encode()]
)
async def test_a_broken_body_is_refused(body):
    with pytest.raises(MalformedRequestError):
        await read_form(request(body), file_names=frozenset({"image"}))


async def test_a_body_without_a_boundary_is_refused():
    with pytest.raises(MalformedRequestError):
        await read_form(request(b"x", "multipart/form-data"), file_names=frozenset())


async def test_more_parts_than_anyone_needs_are_refused():
    with pytest.raises(MalformedRequestError):
        await form_of(*(part(f"field{number}", b"1") for number in range(161)))


async def test_json_that_is_none_is_refused_without_being_quoted():
    with pytest.raises(MalformedRequestError) as raised:
        read(await form_of(part("inner", b"{secret")))
    assert "secret" not in raised.value.detail


async def test_values_that_do_not_fit_point_to_their_member():
    with pytest.raises(RequestValidationError) as raised:
        read(await form_of(part("inner", b'{"depth": "secret"}')))
    (error,) = raised.value.errors()
    assert error["loc"] == ("body", "inner", "depth")
    assert "secret" not in str(raised.value.errors())


async def test_a_json_body_is_read_and_refused_alike():
    assert validate_json(Outer, b'{"plain": 1}') == Outer(plain=1)
    with pytest.raises(RequestValidationError):
        validate_json(Outer, b'{"plain": "x"}')


async def test_a_schema_stands_alone():
    schema = inline_schema(Outer)
    assert "$ref" not in str(schema)
    assert "$defs" not in str(schema)
    assert schema["properties"]["inner"]["anyOf"][0]["properties"]["depth"]["type"] == "integer"
