"""Makes load on a gateway from a process of its own, cheaply: `python -m benchmarks.gateway_load PORT KEY JSON`.

The plan on the command line names a kind of load and its numbers; the outcome is one line of JSON.
"""

import asyncio
import json
import statistics
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

_TEXT: Final = "A device (12) comprising a wheel. " * 30
_BODY: Final = json.dumps({"texts": [_TEXT], "sourceLanguage": "en", "targetLanguage": "pt"}).encode()
_HELD: Final = 20.0  # seconds after which whoever makes slow requests gives up by itself
_DRIP_SECONDS: Final = 1.0


@dataclass(frozen=True)
class Outcome:
    """Answers by status, and milliseconds of those that were served and of those that were refused."""

    statuses: dict[int, int]
    seconds: float
    cpu_seconds: float
    served_per_second: float
    served: dict[str, float]
    refused: dict[str, float]


class Connection(asyncio.Protocol):
    """One connection that sends a request and awaits its answer, again and again."""

    def __init__(self) -> None:
        self._received = b""
        self._answer: asyncio.Future[int] | None = None
        self.is_open = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what requests are written to."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever waits."""
        self.is_open = False
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(0)

    def data_received(self, data: bytes) -> None:
        """Take a piece of an answer."""
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        if not found:
            return
        _, _, length = head.lower().partition(b"content-length:")
        if len(body) >= int(length.partition(b"\r\n")[0]):
            self._received = b""
            if self._answer is not None and not self._answer.done():
                self._answer.set_result(int(head[9:12]))

    async def ask(self, request: bytes) -> int:
        """Send a request and return the status of its answer, 0 when the connection is lost instead."""
        if not self.is_open:
            return 0
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return await self._answer


async def _connect(port: int) -> Connection:
    _, connection = await asyncio.get_running_loop().create_connection(Connection, "127.0.0.1", port)
    return connection


def _head(key: str, length: int) -> bytes:
    return (
        f"POST /api/v1/translate HTTP/1.1\r\nhost: gateway\r\napi-key: {key}\r\naccept: application/json\r\n"
        f"content-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    ).encode()


async def closed(port: int, key: str, clients: int, requests: int) -> Outcome:
    """Let so many clients send one request after another."""
    request = _head(key, len(_BODY)) + _BODY
    left = requests
    took: list[tuple[int, float]] = []

    async def work() -> None:
        nonlocal left
        connection = await _connect(port)
        while left > 0:
            left -= 1
            if not connection.is_open:
                connection = await _connect(port)
            began = time.perf_counter()
            took.append((await connection.ask(request), time.perf_counter() - began))

    began = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(clients)))
    return _outcome(took, time.perf_counter() - began)


async def paced(port: int, key: str, rate: float, seconds: float, connections: int) -> Outcome:
    """Send requests at a steady rate, whatever becomes of those before; each on a connection that is free."""
    request = _head(key, len(_BODY)) + _BODY
    took: list[tuple[int, float]] = []
    free = [await _connect(port) for _ in range(connections)]
    running: set[asyncio.Task[None]] = set()

    async def one() -> None:
        while free and not free[-1].is_open:
            free.pop()  # one that nobody needed for so long that the gateway closed it
        connection = free.pop() if free else await _connect(port)
        began = time.perf_counter()
        took.append((await connection.ask(request), time.perf_counter() - began))
        if connection.is_open:
            free.append(connection)

    began = time.perf_counter()
    for number in range(round(rate * seconds)):
        wait = began + number / rate - time.perf_counter()
        if wait > 0 or number % 16 == 0:
            await asyncio.sleep(max(wait, 0))
        task = asyncio.ensure_future(one())
        running.add(task)
        task.add_done_callback(running.discard)
    sent = time.perf_counter() - began
    await asyncio.gather(*running)
    return _outcome(took, sent)


async def slow(port: int, key: str, clients: int) -> Outcome:
    """Hold so many requests that never end: one half stops in the head, the other in the body; a byte a second."""
    took: list[tuple[int, float]] = []

    async def drip(number: int) -> None:
        connection = await _connect(port)
        head = _head(key, len(_BODY))
        connection.transport.write(head[:-9] if number % 2 else head + _BODY[:10])
        began = time.perf_counter()
        while connection.is_open and time.perf_counter() - began < _HELD:
            await asyncio.sleep(_DRIP_SECONDS)
            connection.transport.write(b"1" if number % 2 else b"a")
        connection.transport.close()

    running = [asyncio.ensure_future(drip(number)) for number in range(clients)]
    await asyncio.sleep(1)
    print("held", flush=True)  # noqa: T201 - whoever started this waits for the word
    await asyncio.gather(*running)
    return _outcome(took, _HELD)


async def upload(port: int, key: str, size: int, times: int) -> Outcome:
    """Send bodies of so many bytes, one after another."""
    head, piece = _head(key, size), bytes(64 * 1024)
    took: list[tuple[int, float]] = []
    began = time.perf_counter()
    for _ in range(times):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        start = time.perf_counter()
        writer.write(head)
        for begun in range(0, size, len(piece)):
            writer.write(piece[: size - begun])
            await writer.drain()
        status = int((await reader.readline()).split()[1])
        took.append((status, time.perf_counter() - start))
        writer.close()
    return _outcome(took, time.perf_counter() - began)


def _outcome(took: Sequence[tuple[int, float]], seconds: float) -> Outcome:
    served = [each for status, each in took if status == 200]
    return Outcome(
        dict(Counter(status for status, _ in took)),
        round(seconds, 2),
        round(time.process_time(), 2),
        round(len(served) / seconds, 1),
        _spread(served),
        _spread([each for status, each in took if status == 503]),
    )


def _spread(seconds: Sequence[float]) -> dict[str, float]:
    if len(seconds) < 2:
        return {}
    cuts = statistics.quantiles(seconds, n=1000)
    places = {"p50": cuts[499], "p99": cuts[989], "p999": cuts[998], "most": max(seconds)}
    return {name: round(value * 1000, 2) for name, value in places.items()}


async def _main(port: int, key: str, plan: dict[str, Any]) -> Outcome:
    kinds: dict[str, Callable[..., Awaitable[Outcome]]] = {
        "closed": closed,
        "paced": paced,
        "slow": slow,
        "upload": upload,
    }
    return await kinds[plan.pop("kind")](port, key, **plan)


if __name__ == "__main__":
    outcome = asyncio.run(_main(int(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3])))
    print(json.dumps(asdict(outcome)))  # noqa: T201 - the outcome is what this program is for
