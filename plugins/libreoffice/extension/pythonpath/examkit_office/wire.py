"""Calls over HTTP that can be broken off, with the office's own certificates, and never redirected with a key."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import threading
from contextlib import suppress
from urllib.parse import urlsplit

from examkit_office.refusal import RefusedError

_MOST_ANSWER_BYTES = 256 * 1024 * 1024


class CancelledError(Exception):
    """The examiner does not want the answer any more."""


class Wire:
    """A way to the gateway; used by one thread, broken off by another."""

    def __init__(self, address: str, key: str, *, timeout_seconds: int, certificate_file: str = "") -> None:
        self._address = address
        self._parts = urlsplit(address)
        self._key = key
        self._timeout = timeout_seconds
        self._certificate_file = certificate_file
        self._lock = threading.Lock()
        self._connection: http.client.HTTPConnection | None = None
        self.is_cancelled = threading.Event()

    def cancel(self) -> None:
        """Break off what runs, and let nothing more begin."""
        self.is_cancelled.set()
        with self._lock:
            opened = self._connection and self._connection.sock
            if opened:
                with suppress(OSError):
                    opened.shutdown(socket.SHUT_RDWR)

    def again(self) -> Wire:
        """Open the same way anew, for what has to be done even after a cancel."""
        timeout, certificate_file = self._timeout, self._certificate_file
        return Wire(self._address, self._key, timeout_seconds=timeout, certificate_file=certificate_file)

    def pause(self, seconds: float) -> None:
        """Wait, unless it is cancelled; raise CancelledError."""
        if self.is_cancelled.wait(seconds):
            raise CancelledError

    def send(self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> bytes:
        """Return what a successful call answers; raise RefusedError or CancelledError."""
        if self.is_cancelled.is_set():
            raise CancelledError
        try:
            return self._exchange(method, path, body, headers or {})
        except (OSError, http.client.HTTPException, ValueError) as trouble:
            if self.is_cancelled.is_set():
                raise CancelledError from None
            raise _refusal_of(trouble) from None

    def _exchange(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> bytes:
        connection = self._connect()
        try:
            sent = {"API-Key": self._key, "Accept": "application/json, */*", **headers}
            connection.request(method, self._parts.path.rstrip("/") + path, body or None, sent)
            response = connection.getresponse()
            content = response.read(_MOST_ANSWER_BYTES)
        finally:
            connection.close()
        if not 200 <= response.status < 300:
            raise RefusedError.of(response.status, _parsed(content))
        return content

    def _connect(self) -> http.client.HTTPConnection:
        host, port = self._parts.hostname or "", self._parts.port
        with self._lock:
            if self._parts.scheme == "https":
                context = ssl.create_default_context(cafile=self._certificate_file or None)
                self._connection = http.client.HTTPSConnection(host, port, timeout=self._timeout, context=context)
            else:
                self._connection = http.client.HTTPConnection(host, port, timeout=self._timeout)
            return self._connection


def _parsed(content: bytes) -> object:
    try:
        return json.loads(content)
    except ValueError:
        return None


def _refusal_of(trouble: Exception) -> RefusedError:
    """Say why there was no answer; the sentence of the operating system may help whoever runs the network."""
    if isinstance(trouble, ssl.SSLCertVerificationError):
        return RefusedError("certificate-refused", detail=trouble.verify_message)
    if isinstance(trouble, ssl.SSLError):
        return RefusedError("certificate-refused", detail=trouble.reason or "")
    if isinstance(trouble, (socket.timeout, TimeoutError)):
        return RefusedError("gateway-slow")
    if isinstance(trouble, FileNotFoundError):
        return RefusedError("certificate-file-missing")
    if isinstance(trouble, (http.client.HTTPException, ValueError)):
        return RefusedError("not-examkit")
    return RefusedError("gateway-away", detail=getattr(trouble, "strerror", None) or "")
