"""A client of the gateway, as an office's own program would be one."""

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import httpx2
from pydantic import ValidationError

from stack.answers import Answer, Classification, MarkSearch, Translations

_SECONDS = 60.0

A = TypeVar("A", bound=Answer)


class CallError(Exception):
    """A call that did not bring what it should; the message is a sentence for a person."""


class Gateway:
    """Calls the public interface with an API key; every method raises CallError when it brings no usable answer."""

    def __init__(self, url: str, api_key: str, transport: httpx2.BaseTransport | None = None) -> None:
        self._url = url
        # Loopback only: a proxy of the environment must not see these calls.
        self._client = httpx2.Client(
            base_url=url, headers={"API-Key": api_key}, transport=transport, trust_env=False, timeout=_SECONDS
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def classify(self, title: str, abstract: str, level: str, limit: int) -> Classification:
        """Classify an English text at a level of the IPC, with the evidence and the three documents nearest to it."""
        text = {"title": title, "abstract": abstract, "language": "en"}
        wishes = {"level": level, "limit": limit, "explain": True, "similarDocuments": 3}
        return self._answer(self._client.build_request("POST", "/api/v1/classify", json=text | wishes), Classification)

    def search_marks(self, image: Path, limit: int) -> MarkSearch:
        """Search the register for marks like an image (a PNG file)."""
        files = {"image": (image.name, image.read_bytes(), "image/png")}
        form = {"limit": str(limit)}
        request = self._client.build_request("POST", "/api/v1/marks/search", files=files, data=form)
        return self._answer(request, MarkSearch)

    def search_marks_by_words(self, text: str, limit: int) -> MarkSearch:
        """Search the register for marks that show what a text says, or are called so."""
        body = {"text": text, "limit": limit}
        return self._answer(self._client.build_request("POST", "/api/v1/marks/search", json=body), MarkSearch)

    def mark_image(self, image_url: str) -> bytes:
        """Fetch the image of a hit."""
        return self._send(self._client.build_request("GET", image_url)).content

    def translate(self, texts: Sequence[str], source_language: str, target_language: str) -> Translations:
        """Translate texts, each by itself, with an estimate of their quality."""
        body = {
            "texts": list(texts),
            "sourceLanguage": source_language,
            "targetLanguage": target_language,
            "quality": True,
        }
        return self._answer(self._client.build_request("POST", "/api/v1/translate", json=body), Translations)

    def _answer(self, request: httpx2.Request, kind: type[A]) -> A:
        content = self._send(request).content
        try:
            return kind.model_validate_json(content)
        except ValidationError:
            path = request.url.path
            raise CallError(f"The gateway's answer at {path} is not of the form that its interface promises.") from None

    def _send(self, request: httpx2.Request) -> httpx2.Response:
        try:
            response = self._client.send(request)
        except httpx2.TransportError:
            raise CallError(f"The gateway at {self._url} did not answer.") from None
        if response.is_success:
            return response
        raise CallError(f"{request.url.path} was refused with status {response.status_code}: {_detail(response)}")


def _detail(response: httpx2.Response) -> str:
    """Return the sentence of a problem document."""
    try:
        return str(response.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return "no reason was given"
