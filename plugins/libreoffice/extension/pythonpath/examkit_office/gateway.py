"""What the extension asks of the gateway, in the words of its API."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import Any, Callable, Sequence

from examkit_office.refusal import RefusedError
from examkit_office.wire import Wire

MOST_TEXTS = 64
MOST_CHARACTERS = 50_000
Report = Callable[[float], None]

_LONGEST_POLL_SECONDS = 2.0


@dataclass(frozen=True)
class Languages:
    """From which language into which; an empty source is detected."""

    source: str
    target: str

    def members(self) -> dict[str, str]:
        """Give them as members of a call."""
        named = {"sourceLanguage": self.source, "targetLanguage": self.target}
        return {name: tag for name, tag in named.items() if tag}


class Gateway:
    """The operations that the commands are made of; each raises RefusedError or CancelledError."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def classify(self, text: str, *, level: str, limit: int, start_from: str = "") -> dict[str, Any]:
        """Ask for the IPC symbols of a text, with what carried them."""
        body: dict[str, Any] = {"text": text, "level": level, "limit": limit, "explain": True}
        return self._json("POST", "/api/v1/classify", {**body, **({"startFrom": start_from} if start_from else {})})

    def send_feedback(self, text: str, shown: Sequence[tuple[str, float]], assigned: Sequence[str]) -> None:
        """Store what the examiner decided about a text."""
        predicted = [{"symbol": symbol, "score": score} for symbol, score in shown]
        self._json(
            "POST", "/api/v1/classify/feedback", {"text": text, "predicted": predicted, "assigned": list(assigned)}
        )

    def translate(self, texts: Sequence[str], languages: Languages, report: Report) -> list[str]:
        """Translate marked-up texts, however many there are; where no source is named, that of the longest counts."""
        if not texts:
            return []
        if not languages.source:
            detected = self._translations([max(texts, key=len)], languages)[0]["sourceLanguage"]
            languages = Languages(detected, languages.target)
        translated: list[str] = []
        for share in batches(texts):
            report(len(translated) / len(texts))
            translated += [item["text"] for item in self._translations(share, languages)]
        return translated

    def translate_document(self, content: bytes, languages: Languages, report: Report) -> bytes:
        """Translate an OpenDocument text as a whole; what the server keeps of it is removed in any case."""
        body, content_type = multipart(languages.members(), "file", "document.odt", content)
        headers = {"Content-Type": content_type}
        job = _members(self._wire.send("POST", "/api/v1/translate/documents", body, headers))
        path = "/api/v1/jobs/" + job["id"]
        try:
            self._follow(path, report)
            return self._wire.send("GET", path + "/result")
        finally:
            self._remove(path)

    def search_marks(self, image: bytes, limit: int) -> list[dict[str, Any]]:
        """Ask which marks of the register are like an image."""
        body, content_type = multipart({"limit": str(limit)}, "image", "image.png", image)
        answer = self._wire.send("POST", "/api/v1/marks/search", body, {"Content-Type": content_type})
        hits: list[dict[str, Any]] = _members(answer)["hits"]
        return hits

    def mark_image(self, image_url: str, size: int) -> bytes:
        """Fetch the image of a hit, no larger than it is shown."""
        return self._wire.send("GET", f"{image_url}?size={size}")

    def _translations(self, texts: Sequence[str], languages: Languages) -> list[dict[str, Any]]:
        body = {"texts": list(texts), "format": "xml", "quality": False, **languages.members()}
        translations: list[dict[str, Any]] = self._json("POST", "/api/v1/translate", body)["translations"]
        return translations

    def _follow(self, path: str, report: Report) -> None:
        pause = 0.2
        while True:
            job = self._json("GET", path)
            if job["status"] == "succeeded":
                return
            if job["status"] not in ("queued", "running"):
                problem = job.get("problem") or {}
                raise RefusedError("document-failed", detail=problem.get("detail", ""))
            report(job["progress"])
            self._wire.pause(pause)
            pause = min(pause * 1.5, _LONGEST_POLL_SECONDS)

    def _remove(self, path: str) -> None:
        """Remove a job, even when it is no longer wanted; where that fails, the server forgets it in a day."""
        try:
            self._wire.again().send("DELETE", path)
        except RefusedError:
            return

    def _json(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        sent = b"" if body is None else json.dumps(body).encode()
        return _members(self._wire.send(method, path, sent, {"Content-Type": "application/json"} if sent else {}))


def _members(content: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(content)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise RefusedError("not-examkit")
    return answer


def multipart(fields: dict[str, str], file_field: str, file_name: str, content: bytes) -> tuple[bytes, str]:
    """Build the body of a form with one file, and its content type."""
    boundary = "examkit" + secrets.token_hex(16)
    disposition = '--{}\r\nContent-Disposition: form-data; name="{}"'
    parts = [(disposition + "\r\n\r\n{}\r\n").format(boundary, name, value) for name, value in fields.items()]
    head = (disposition + '; filename="{}"\r\nContent-Type: application/octet-stream\r\n\r\n').format(
        boundary, file_field, file_name
    )
    body = "".join(parts).encode() + head.encode() + content + f"\r\n--{boundary}--\r\n".encode()
    return body, "multipart/form-data; boundary=" + boundary


def batches(texts: Sequence[str]) -> list[list[str]]:
    """Share texts out over calls; raise RefusedError (`paragraph-too-long`) where one is more than a call takes."""
    shares: list[list[str]] = []
    room = 0
    for text in texts:
        if len(text) > MOST_CHARACTERS:
            raise RefusedError("paragraph-too-long")
        if not shares or len(shares[-1]) == MOST_TEXTS or len(text) > room:
            shares.append([])
            room = MOST_CHARACTERS
        shares[-1].append(text)
        room -= len(text)
    return shares
