"""Are an issuer's keys read when needed, seldom enough, and kept while they cannot be read?"""

import asyncio
import json
import socket
from collections.abc import Callable, Coroutine
from contextlib import suppress

import anyio
import pytest
from aiohttp import web
from joserfc.jwk import RSAKey

from gateway.json_web_keys import (
    MOST_BYTES,
    JsonWebKeys,
    TokenKeysUnavailableError,
    UnreadableKeysError,
    from_file,
    from_url,
)
from tests.tokens import EC, RSA, key_set


class Issuer:
    """Publishes keys, counts how often they are read, and has a clock that a test sets."""

    def __init__(self) -> None:
        self.keys = [RSA]
        self.reads = 0
        self.is_away = False
        self.now = 1000.0

    async def read(self) -> bytes:
        self.reads += 1
        if self.is_away:
            raise UnreadableKeysError("away")
        return key_set(*self.keys)


def with_issuer(work: Callable[[Issuer, JsonWebKeys], Coroutine[None, None, None]]) -> None:
    issuer = Issuer()
    asyncio.run(work(issuer, JsonWebKeys(issuer.read, lambda: issuer.now)))


async def until(condition: Callable[[], bool]) -> None:
    with anyio.fail_after(60):
        while not condition():
            await anyio.sleep(0.01)


def test_a_new_key_is_found_but_unknown_ids_make_nobody_read_often():
    async def work(issuer, keys) -> None:
        assert (await keys.find("rsa")).kid == "rsa"
        issuer.keys = [RSA, EC]
        assert await keys.find("ec") is None
        for number in range(100):
            assert await keys.find(f"guess-{number}") is None
        assert issuer.reads == 1
        issuer.now += 31
        assert (await keys.find("ec")).kid == "ec"
        assert issuer.reads == 2

    with_issuer(work)


def test_a_key_that_was_withdrawn_is_forgotten_without_anybody_waiting():
    async def work(issuer, keys) -> None:
        await keys.find("rsa")
        issuer.keys = [EC]
        issuer.now += 601
        assert await keys.find("rsa") is not None
        await until(lambda: issuer.reads == 2)
        assert await keys.find("rsa") is None

    with_issuer(work)


def test_while_keys_cannot_be_read_the_last_ones_serve_for_a_day():
    async def work(issuer, keys) -> None:
        await keys.find("rsa")
        issuer.is_away = True
        issuer.now += 80_000
        assert await keys.find("rsa") is not None
        await until(lambda: issuer.reads == 2)
        issuer.now += 6_401
        with pytest.raises(TokenKeysUnavailableError):
            await keys.find("rsa")
        await until(lambda: issuer.reads == 3)
        issuer.is_away = False
        issuer.now += 31
        with suppress(TokenKeysUnavailableError):
            await keys.find("rsa")
        await until(lambda: issuer.reads == 4)
        assert await keys.find("rsa") is not None

    with_issuer(work)


def test_without_keys_from_the_start_the_answer_is_unavailable():
    async def work(issuer, keys) -> None:
        issuer.is_away = True
        with pytest.raises(TokenKeysUnavailableError):
            await keys.find("rsa")

    with_issuer(work)


def test_one_key_may_be_meant_without_an_id():
    async def work(issuer, keys) -> None:
        assert (await keys.find(None)).kid == "rsa"

    with_issuer(work)


SMALL = {"keys": [RSAKey.import_key(RSA.as_dict(private=False)).as_dict() | {"n": "AQAB" * 20}]}


@pytest.mark.parametrize(
    "published",
    [b"", b"[]", b"{}", b'{"keys": 7}', b'{"keys": []}', b"\xff", b"[" * 100_000, json.dumps(SMALL).encode()],
    ids=lambda published: repr(published[:20]),
)
def test_what_is_no_usable_key_set_leaves_none(published):
    async def work() -> None:
        async def read() -> bytes:
            return bytes(published)

        with pytest.raises(TokenKeysUnavailableError):
            await JsonWebKeys(read).find("rsa")

    asyncio.run(work())


def test_a_file_is_read_up_to_a_bound_and_may_be_away(tmp_path):
    file = tmp_path / "jwks.json"
    with pytest.raises(UnreadableKeysError, match="No such file"):
        asyncio.run(from_file(file)())
    file.write_bytes(key_set(RSA))
    assert asyncio.run(from_file(file)()) == key_set(RSA)
    file.write_bytes(b"x" * (MOST_BYTES * 2))
    assert len(asyncio.run(from_file(file)())) == MOST_BYTES + 1


async def endless(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse()
    await answer.prepare(request)
    with suppress(ConnectionError):
        while True:
            await answer.write(b"x" * 65536)
    return answer


async def published(_: web.Request) -> web.Response:
    return web.Response(body=key_set(RSA, EC))


async def elsewhere(_: web.Request) -> web.Response:
    raise web.HTTPFound("/jwks.json")


def test_a_url_is_fetched_within_bounds_and_leads_nowhere_else():
    async def work() -> None:
        served = web.Application()
        served.router.add_get("/jwks.json", published)
        served.router.add_get("/elsewhere", elsewhere)
        served.router.add_get("/endless", endless)
        runner = web.AppRunner(served)
        await runner.setup()
        with socket.create_server(("127.0.0.1", 0)) as listener:
            await web.SockSite(runner, listener).start()
            url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            assert await from_url(f"{url}/jwks.json")() == key_set(RSA, EC)
            assert MOST_BYTES < len(await from_url(f"{url}/endless")()) < 2 * MOST_BYTES
            for path, why in (("elsewhere", "status 302"), ("nothing", "status 404")):
                with pytest.raises(UnreadableKeysError, match=why):
                    await from_url(f"{url}/{path}")()
            await runner.cleanup()
        with pytest.raises(UnreadableKeysError, match="ClientConnector"):
            await from_url(f"{url}/jwks.json")()

    asyncio.run(work())
