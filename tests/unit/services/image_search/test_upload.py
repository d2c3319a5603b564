"""An archive arrives as it was sent, however the wire cuts it, and no byte of anything else is kept."""

import asyncio
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from fastapi import Request
from hypothesis import given
from hypothesis import strategies as st

from examkit.errors import MalformedRequestError
from examkit.web.upload import write_pieces
from services.image_search.database import RegisterDiskFullError
from services.image_search.upload import ARCHIVE, receive_archive
from tests.streamed import BOUNDARY, form, request_of


def received(chunks: Sequence[bytes], content_type: str) -> bytes:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "archive"
        asyncio.run(receive_archive(request_of(chunks, content_type), file))
        return file.read_bytes()


@given(content=st.binary(min_size=1, max_size=300), cuts=st.sets(st.integers(0, 800), max_size=8))
def test_the_archive_of_a_form_is_kept_however_its_bytes_arrive(content, cuts):
    body = form(("before", b"PK"), ("archive", content), ("after", b"PK"))
    places = [0, *sorted(cut for cut in cuts if cut < len(body)), len(body)]
    chunks = [body[first:last] for first, last in pairwise(places)]
    assert received(chunks, f"multipart/form-data; boundary={BOUNDARY}") == content


@given(chunks=st.lists(st.binary(max_size=50), min_size=1, max_size=5).filter(any))
def test_a_bare_archive_is_kept_as_it_is(chunks):
    assert received(chunks, "application/zip") == b"".join(chunks)


@pytest.mark.parametrize("content_type", ["application/zip", f"multipart/form-data; boundary={BOUNDARY}"])
def test_a_body_that_breaks_off_is_refused(content_type, tmp_path):
    async def broken_off():
        return {"type": "http.disconnect"}

    headers = [(b"content-type", content_type.encode())]
    request = Request({"type": "http", "method": "POST", "headers": headers}, broken_off)
    with pytest.raises(MalformedRequestError):
        asyncio.run(receive_archive(request, tmp_path / "archive"))


def test_a_full_disk_is_told_as_such():
    async def pieces():
        yield b"PK" * 100_000

    with Path("/dev/full").open("wb", buffering=0) as stream, pytest.raises(RegisterDiskFullError):
        asyncio.run(write_pieces(pieces(), stream, ARCHIVE))
