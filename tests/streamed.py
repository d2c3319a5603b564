"""Requests whose bodies arrive in pieces, and forms as a client writes them."""

from collections.abc import Sequence

from fastapi import Request

BOUNDARY = "4711"
FORM_TYPE = f"multipart/form-data; boundary={BOUNDARY}"


def request_of(chunks: Sequence[bytes], content_type: str = FORM_TYPE) -> Request:
    """Give a request whose client goes away behind the last piece, at once where there is none."""
    waiting = list(chunks)

    async def receive():
        if not waiting:
            return {"type": "http.disconnect"}
        chunk = waiting.pop(0)
        return {"type": "http.request", "body": chunk, "more_body": bool(waiting)}

    headers = [(b"content-type", content_type.encode())]
    return Request({"type": "http", "method": "POST", "headers": headers}, receive)


def form(*parts: tuple[str, bytes], file_name: str = "a.zip") -> bytes:
    """Write a form; every part has the name of a file."""
    written = b"".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="{file_name}"\r\n\r\n'.encode()
        + content
        + b"\r\n"
        for name, content in parts
    )
    return written + f"--{BOUNDARY}--\r\n".encode()
