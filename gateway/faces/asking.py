"""What the faces ask the services, in the services' own terms."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import Request, Response

from examkit.errors import NotFoundError
from examkit.web.wire import JSON
from gateway.routes import DOCUMENTS_PATH, Upstream
from gateway.upstream.question import Question
from gateway.upstream.refusal import RefusedError, accepted
from gateway.upstream.upstreams import Upstreams

_LONGEST_PAGE: Final = 200
# Of such a text our translation says what is wrong; clients of other protocols get it back as it is.
_LEFT_AS_THEY_ARE: Final = ("blank-text", "same-language")


@dataclass(frozen=True)
class Order:
    """What is wanted of a translation; without a source each text's language is detected."""

    source: str | None
    target: str
    format: str = "text"
    glossaries: tuple[str, ...] = ()
    alternatives: int = 0


@dataclass(frozen=True)
class Translated:
    """A text translated; where there was nothing to translate, the text itself."""

    text: str
    source: str
    alternatives: tuple[str, ...] = ()


class Services:
    """The services behind the gateway, as the faces use them, each time on behalf of a request's caller."""

    def __init__(self, upstreams: Upstreams) -> None:
        self._upstreams = upstreams

    async def get(self, upstream: Upstream, request: Request, path: str, **query: object) -> Any:
        """Fetch JSON; raise RefusedError for a problem document, and what `Upstreams.ask` raises."""
        asked = {name: value for name, value in query.items() if value is not None}
        return await self._ask(upstream, request, Question("GET", path + ("?" + urlencode(asked) if asked else "")))

    async def post(self, upstream: Upstream, request: Request, path: str, body: Mapping[str, Any]) -> Any:
        """Post JSON and give the answer's; raises as `get` does."""
        return await self._ask(upstream, request, Question("POST", path, json.dumps(body).encode(), JSON, JSON))

    async def remove(self, upstream: Upstream, request: Request, path: str) -> None:
        """Remove what is at a path; raises as `get` does."""
        await self._ask(upstream, request, Question("DELETE", path))

    async def translate(self, request: Request, texts: Sequence[str], order: Order) -> list[Translated]:
        """Translate texts; one that is blank, or in the target language already, stays as it is."""
        try:
            return await self._translate(request, texts, order)
        except RefusedError as error:
            if error.code not in _LEFT_AS_THEY_ARE:
                raise
        if len(texts) == 1:
            return [Translated(texts[0], order.source or order.target)]
        return [found for text in texts for found in await self.translate(request, [text], order)]

    async def pairs(self, request: Request) -> list[tuple[str, str]]:
        """Give the pairs of languages that can be translated."""
        routes = await self.pages(Upstream.TRANSLATE, request, "/api/v1/translate/languages")
        return [(each["sourceLanguage"], each["targetLanguage"]) for each in routes if each["status"] == "ready"]

    async def pages(self, upstream: Upstream, request: Request, path: str) -> list[dict[str, Any]]:
        """Read a collection from its first page to its last."""
        items: list[dict[str, Any]] = []
        while True:
            page = await self.get(upstream, request, path, limit=_LONGEST_PAGE, offset=len(items))
            items += page["items"]
            if not page["items"] or len(items) >= page["count"]:
                return items

    async def take_document(self, request: Request, form: AsyncIterator[bytes], content_type: str) -> str:
        """Send a document on while it arrives; give the number of the job that translates it."""
        question = Question("POST", DOCUMENTS_PATH, form, content_type, JSON)
        job = await self._ask(Upstream.TRANSLATE, request, question)
        return str(job["id"]).rpartition("-")[2]

    async def job(self, request: Request, number: str) -> dict[str, Any]:
        """Tell how far a document is."""
        found: dict[str, Any] = await self.get(Upstream.TRANSLATE, request, job_path(number))
        return found

    async def remove_document(self, request: Request, number: str) -> None:
        """End a document's job and remove what there is of it."""
        await self.remove(Upstream.TRANSLATE, request, job_path(number))

    async def document(self, request: Request, number: str) -> Response:
        """Stream a translated document to the client."""
        path = job_path(number) + "/result"
        scope = {**request.scope, "method": "GET", "path": path, "raw_path": path.encode(), "query_string": b""}
        scope["headers"] = [(name, value) for name, value in scope["headers"] if not name.startswith(b"content-")]
        return await self._upstreams.forward(Upstream.TRANSLATE, Request(scope, request.receive))

    async def _translate(self, request: Request, texts: Sequence[str], order: Order) -> list[Translated]:
        body = {
            "texts": list(texts),
            "sourceLanguage": order.source,
            "targetLanguage": order.target,
            "format": order.format,
            "glossaryIds": list(order.glossaries),
            "alternatives": order.alternatives,
            "quality": False,
        }
        answer = await self.post(Upstream.TRANSLATE, request, "/api/v1/translate", body)
        return [
            Translated(each["text"], each["sourceLanguage"], tuple(each["alternatives"]))
            for each in answer["translations"]
        ]

    async def _ask(self, upstream: Upstream, request: Request, question: Question) -> Any:
        return accepted(await self._upstreams.ask(upstream, request, question))


def job_path(number: str) -> str:
    """Give the path of a document's job; raise NotFoundError for what cannot be the number of one."""
    if not number.isalnum() or not number.isascii():
        raise NotFoundError("There is no document with this id.", code="unknown-job")
    return f"/api/v1/jobs/translate-{number.lower()}"
