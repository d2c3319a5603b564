"""What is sent arrives as it was sent, however the wire cuts it; what cannot be kept is told, and why."""

import asyncio
import errno
import stat
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examkit.errors import InvalidInputError, MalformedRequestError, NotReadyError
from examkit.web.upload import Awaited, StreamedForm, receive_file, write_pieces
from tests.streamed import FORM_TYPE, form, request_of


class FullError(NotReadyError):
    code = "full"


THING = Awaited("thing", "the thing", "There is no thing.", FullError)


async def pieces_of(*pieces: bytes):
    for piece in pieces:
        yield piece


async def content_of(form_read: StreamedForm, *chunks: bytes, content_type: str = FORM_TYPE) -> bytes:
    return b"".join([piece async for piece in form_read.content(request_of(chunks, content_type))])


def read(*parts: tuple[str, bytes], most_fields: int | None = None) -> tuple[bytes, StreamedForm]:
    found = StreamedForm("thing", most_fields)
    return asyncio.run(content_of(found, form(*parts, file_name="a.TXT"))), found


@given(content=st.binary(max_size=300), field=st.binary(max_size=50), cuts=st.sets(st.integers(0, 900), max_size=8))
def test_part_and_fields_are_the_same_however_their_bytes_arrive(content, field, cuts):
    body = form(("before", field), ("thing", content), ("after", b" x "), ("after", b"y"), ("empty", b" "))
    places = [0, *sorted(cut for cut in cuts if cut < len(body)), len(body)]
    found = StreamedForm("thing", 9)
    assert asyncio.run(content_of(found, *(body[first:last] for first, last in pairwise(places)))) == content
    before = field.decode("utf-8", "replace").strip()
    assert found.fields == ({"before": [before]} if before else {}) | {"after": ["x", "y"]}
    assert found.file_name == b"a.zip"


def test_a_part_is_known_among_other_headers_whatever_their_case_and_order():
    body = (
        b"--4711\r\nContent-Disposition: form-data; name=note; filename=a.zip\r\n\r\nx\r\n"
        b"--4711\r\nX-A: b\r\nCONTENT-DISPOSITION: form-data; name=thing\r\nContent-Type: text/plain; name=c\r\n\r\n"
        b"content\r\n--4711--\r\n"
    )
    found = StreamedForm("thing", 1)
    assert asyncio.run(content_of(found, body)) == b"content"
    assert (found.fields, found.file_name) == ({"note": ["x"]}, b"")


def test_fields_are_passed_over_where_none_are_wanted_and_bounded_where_they_are():
    fields = [(f"field{number}", b"x") for number in range(3)]
    content, found = read(*fields, ("thing", b"1"))
    assert (content, found.fields, found.file_name) == (b"1", {}, b"a.TXT")
    assert len(read(*fields, ("thing", b"1"), most_fields=3)[1].fields) == 3
    with pytest.raises(MalformedRequestError, match="more fields"):
        read(*fields, ("thing", b"1"), most_fields=2)


def test_of_a_long_field_only_the_beginning_is_kept():
    _, found = read(("note", b"x" * 1_000_000), most_fields=1)
    assert 200 <= len(found.fields["note"][0]) <= 400


@pytest.mark.parametrize(
    ("chunks", "content_type"),
    [
        ([form(("thing", b"content"))[:-20]], FORM_TYPE),
        ([b"no form"], FORM_TYPE),
        ([form(("thing", b"content"))], "multipart/form-data"),
        ([form(("thing", b"content"))], f"multipart/form-data; boundary={'x' * 1000}"),
    ],
)
def test_a_form_that_breaks_off_or_is_none_is_refused(chunks, content_type):
    with pytest.raises(MalformedRequestError):
        asyncio.run(content_of(StreamedForm("thing"), *chunks, content_type=content_type))


def test_what_arrives_is_written_to_a_file_of_its_owner_alone(tmp_path):
    file = tmp_path / "thing"
    asyncio.run(receive_file(pieces_of(b"one", b"", b"two"), file, THING))
    assert (file.read_bytes(), stat.S_IMODE(file.stat().st_mode)) == (b"onetwo", 0o600)
    with pytest.raises(FileExistsError):
        asyncio.run(receive_file(pieces_of(b"one"), file, THING))


@pytest.mark.parametrize("pieces", [(), (b"",)])
def test_nothing_at_all_is_a_missing_part(pieces, tmp_path):
    with pytest.raises(InvalidInputError) as raised:
        asyncio.run(receive_file(pieces_of(*pieces), tmp_path / "thing", THING))
    assert (raised.value.code, raised.value.detail) == ("missing-part", "There is no thing.")
    assert [(detail.pointer, detail.message) for detail in raised.value.details] == [
        ("/thing", "This part is needed, with the thing.")
    ]


def test_a_client_that_goes_away_sent_a_body_that_breaks_off(tmp_path):
    with pytest.raises(MalformedRequestError, match="breaks off"):
        asyncio.run(receive_file(request_of([]).stream(), tmp_path / "thing", THING))


def test_a_full_disk_is_told_as_such():
    with Path("/dev/full").open("wb", buffering=0) as stream, pytest.raises(FullError) as raised:
        asyncio.run(write_pieces(pieces_of(b"x" * 100_000), stream, THING))
    assert (raised.value.detail, raised.value.retry_after_seconds) == ("There is no room for the thing.", 60)


class Failing(BytesIO):
    """A file that cannot be written to."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number

    def write(self, _content) -> int:
        raise OSError(self.number, "It fails.")


@pytest.mark.parametrize(
    ("number", "error"), [(errno.EDQUOT, FullError), (errno.ENOSPC, FullError), (errno.EIO, OSError)]
)
def test_only_a_disk_without_room_is_told_as_such(number, error):
    with pytest.raises(error):
        asyncio.run(write_pieces(pieces_of(b"x"), Failing(number), THING))
