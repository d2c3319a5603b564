"""Members of a call, from its query and whatever kind of body it has."""

import anyio
import pytest
from fastapi import Request

from examkit.errors import MalformedRequestError, TooLargeError
from gateway.faces.bodies import MOST_BYTES, Members, members, text_of, texts_of

FORM = "application/x-www-form-urlencoded"


def read(body: bytes = b"", media_type: str = FORM, query: str = "") -> Members:
    async def receive():
        return {"type": "http.request", "body": body}

    headers = [(b"content-type", media_type.encode())]
    scope = {"type": "http", "method": "POST", "query_string": query.encode(), "headers": headers}
    found: Members = anyio.run(members, Request(scope, receive))
    return found


def test_the_body_comes_before_the_query_and_what_is_repeated_is_a_list():
    assert read(b"a=1&b=2&b=3", query="a=0&c=4") == {"a": "1", "b": ["2", "3"], "c": "4"}
    assert read(b'{"a": ["x"]}', "application/json; charset=utf-8", "b=1") == {"a": ["x"], "b": "1"}


def test_a_key_in_the_query_is_not_looked_at():
    assert read(b"auth_key=own", query="api_key=a&auth_key=b&x=1") == {"auth_key": "own", "x": "1"}


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b"[" * 100_000, "application/json"),
        (b"a=%FF", FORM),
        (b"\xff", FORM),
        (b"&".join([b"a=1"] * 2000), FORM),
        (b"nothing", "multipart/form-data; boundary=b"),
        (b"", "multipart/form-data"),
    ],
)
def test_what_cannot_be_read_is_refused(body, media_type):
    with pytest.raises(MalformedRequestError):
        read(body, media_type)


def test_a_body_has_a_bound():
    with pytest.raises(TooLargeError, match=str(MOST_BYTES)):
        read(b"a" * (MOST_BYTES + 1))


def test_texts_are_texts_and_whole_characters():
    assert texts_of({"q": "a"}, "q") == ["a"]
    assert text_of({"n": 3}, "n") == "3"
    assert text_of({"n": ["a", "b"]}, "n") == "b"
    assert text_of({}, "n", "default") == "default"
    for value in [None, [], [1], {"a": 1}, "\ud800", ["a", "\udfff"]]:
        with pytest.raises(MalformedRequestError):
            texts_of({"q": value}, "q")
    for other in [{"a": 1}, True, [[]], "\ud800"]:
        with pytest.raises(MalformedRequestError):
            text_of({"q": other}, "q")
