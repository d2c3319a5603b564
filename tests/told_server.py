"""A program that answers HTTP as a test tells it to, and keeps what it was asked."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, bytes, dict[str, str]]


def answered(content: object, status: int = 200, **headers: str) -> Answer:
    """Answer JSON."""
    return status, json.dumps(content).encode(), headers


class ToldServer(ThreadingHTTPServer):
    """It serves on a free port; `answer` is given method, path and body of each request."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.asked: list[tuple[str, str, bytes]] = []
        self.keys: list[str | None] = []
        self.answer: Callable[[str, str, bytes], Answer] = lambda method, path, body: answered({})

    def paths(self) -> list[str]:
        return [f"{method} {path}" for method, path, _ in self.asked]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that leave: tests ask them to."""


class _Handler(BaseHTTPRequestHandler):
    server: ToldServer

    def _take(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append((self.command, self.path, body))
        self.server.keys.append(self.headers.get("API-Key"))
        status, content, headers = self.server.answer(self.command, self.path, body)
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_DELETE = _take  # noqa: N815 - the server calls them so

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def told_server() -> Iterator[ToldServer]:
    """Have one serve."""
    server = ToldServer()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
