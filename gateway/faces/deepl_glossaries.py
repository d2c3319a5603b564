"""DeepL's glossaries, version 2, kept as glossaries of the office."""

import csv
import io
from collections.abc import Iterable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

from fastapi import Request, Response
from starlette.responses import JSONResponse

from examkit.errors import InvalidInputError, NotFoundError
from gateway.faces.asking import Services
from gateway.faces.bodies import text_of
from gateway.faces.deepl import PREFIXES, entered
from gateway.faces.entrance import Entrance
from gateway.faces.languages import primary
from gateway.faces.paths import FaceRoute
from gateway.routes import Scope, Upstream

_GLOSSARIES: Final = "/api/v1/glossaries"
_TSV: Final = "text/tab-separated-values"
_CSV: Final = "text/csv"
_SEPARATORS: Final = {"tsv": "\t", "csv": ","}


class DeepLGlossaries:
    """What the face of DeepL does with glossaries."""

    def __init__(self, entrance: Entrance, services: Services) -> None:
        self._entrance = entrance
        self._services = services

    def routes(self) -> list[FaceRoute]:
        """Give its endpoints."""
        return [route for prefix in PREFIXES for route in self._routes(prefix)]

    def _routes(self, prefix: str) -> list[FaceRoute]:
        one = prefix + "/glossaries/{id}"
        return [
            FaceRoute(prefix + "/glossary-language-pairs", self.pairs, methods=["GET"]),
            FaceRoute(prefix + "/glossaries", self.add, methods=["POST"]),
            FaceRoute(prefix + "/glossaries", self.all, methods=["GET"]),
            FaceRoute(one, self.one, methods=["GET"]),
            FaceRoute(one, self.remove, methods=["DELETE"]),
            FaceRoute(one + "/entries", self.entries, methods=["GET"]),
        ]

    async def pairs(self, request: Request) -> Response:
        """List the pairs of languages that a glossary can be for."""
        await entered(self._entrance, request, Scope.TRANSLATE)
        pairs = {(primary(source), primary(target)) for source, target in await self._services.pairs(request)}
        told = [{"source_lang": source, "target_lang": target} for source, target in sorted(pairs)]
        return JSONResponse({"supported_languages": told})

    async def add(self, request: Request) -> Response:
        """Keep a glossary."""
        found = await entered(self._entrance, request, Scope.TERMINOLOGY)
        kind = text_of(found, "entries_format", "tsv").strip().lower()
        if kind not in _SEPARATORS:
            raise InvalidInputError("Value for 'entries_format' is one of tsv and csv.")
        body = {
            "name": text_of(found, "name"),
            "sourceLanguage": text_of(found, "source_lang").lower(),
            "targetLanguage": text_of(found, "target_lang").lower(),
            "terms": _terms(text_of(found, "entries"), _SEPARATORS[kind]),
        }
        stored = await self._services.post(Upstream.TRANSLATE, request, _GLOSSARIES, body)
        return JSONResponse(_told(stored), HTTPStatus.CREATED)

    async def all(self, request: Request) -> Response:
        """List the glossaries."""
        await entered(self._entrance, request, Scope.TRANSLATE)
        found = await self._services.pages(Upstream.TRANSLATE, request, _GLOSSARIES)
        return JSONResponse({"glossaries": [_told(each) for each in found]})

    async def one(self, request: Request) -> Response:
        """Tell what a glossary is."""
        await entered(self._entrance, request, Scope.TRANSLATE)
        return JSONResponse(_told(await self._services.get(Upstream.TRANSLATE, request, _path(request))))

    async def entries(self, request: Request) -> Response:
        """Give the terms of a glossary, separated by tabs."""
        await entered(self._entrance, request, Scope.TRANSLATE)
        terms = await self._services.pages(Upstream.TRANSLATE, request, _path(request) + "/entries")
        is_csv = _CSV in request.headers.get("accept", "")
        return Response(_lines(terms, is_csv=is_csv), media_type=_CSV if is_csv else _TSV)

    async def remove(self, request: Request) -> Response:
        """Remove a glossary."""
        await entered(self._entrance, request, Scope.TERMINOLOGY)
        await self._services.remove(Upstream.TRANSLATE, request, _path(request))
        return Response(status_code=HTTPStatus.NO_CONTENT)


def _path(request: Request) -> str:
    own_id: str = request.path_params["id"]
    if "." in own_id:
        raise NotFoundError("There is no glossary with this id.", code="unknown-glossary")
    return f"{_GLOSSARIES}/{quote(own_id, safe='')}"


def _terms(entries: str, separator: str) -> list[dict[str, str]]:
    """Read the first two columns; a line with fewer is a term without a translation, which the service refuses."""
    lines = io.StringIO(entries)
    is_csv = separator == ","
    rows = csv.reader(lines) if is_csv else csv.reader(lines, delimiter=separator, quoting=csv.QUOTE_NONE)
    try:
        return [{"source": row[0], "target": [*row, ""][1]} for row in rows if any(map(str.strip, row))]
    except csv.Error:
        raise InvalidInputError("The entries cannot be read.", code="malformed-glossary") from None


def _lines(terms: Iterable[dict[str, Any]], *, is_csv: bool) -> str:
    if not is_csv:
        return "\n".join(f"{each['source']}\t{each['target']}" for each in terms)
    written = io.StringIO()
    csv.writer(written).writerows((each["source"], each["target"]) for each in terms)
    return written.getvalue()


def _told(glossary: dict[str, Any]) -> dict[str, Any]:
    created = datetime.fromisoformat(glossary["storedAt"]).astimezone(UTC)
    return {
        "glossary_id": glossary["id"],
        "name": glossary["name"],
        "ready": True,
        "source_lang": primary(glossary["sourceLanguage"]),
        "target_lang": primary(glossary["targetLanguage"]),
        # Clients read it with a fraction of a second, or not at all.
        "creation_time": created.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "entry_count": glossary["count"],
    }
