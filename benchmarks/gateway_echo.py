"""A service that costs next to nothing: it answers every request with a few bytes, as soon as its body has arrived."""

import asyncio
import sys
from typing import Final

_ANSWER: Final = b'{"predictions": [{"symbol": "H01L 21/768", "score": 0.71}]}'
_HEAD: Final = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(_ANSWER)
_CONTINUE_FROM: Final = b"\r\n\r\n"


class Echo(asyncio.Protocol):
    """One connection of the gateway."""

    def __init__(self) -> None:
        self._head = b""
        self._left = 0
        self._is_chunked = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what answers are written to."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Take a piece of a request; answer when it was the last."""
        if self._is_chunked:
            self._end_chunks(data)
        elif self._left:
            self._take(len(data))
        else:
            self._head += data
            if _CONTINUE_FROM in self._head:
                self._begin()

    def _begin(self) -> None:
        head, _, rest = self._head.partition(_CONTINUE_FROM)
        self._head = b""
        lower = head.lower()
        if b"transfer-encoding: chunked" in lower:
            self._is_chunked = True
            self._end_chunks(rest)
            return
        _, found, length = lower.partition(b"content-length:")
        self._left = int(length.partition(b"\r\n")[0]) if found else 0
        self._take(len(rest))

    def _take(self, size: int) -> None:
        self._left -= size
        if self._left <= 0:
            self._left = 0
            self._transport.write(_HEAD + _ANSWER)

    def _end_chunks(self, data: bytes) -> None:
        if data.endswith(b"0\r\n\r\n"):
            self._is_chunked = False
            self._transport.write(_HEAD + _ANSWER)


async def _serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Echo, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
