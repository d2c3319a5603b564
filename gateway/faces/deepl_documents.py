"""DeepL's documents: sent, watched, fetched."""

import hashlib
import secrets
from typing import Any, Final

from fastapi import Request, Response
from starlette.responses import JSONResponse

from examkit.errors import NotFoundError, NotReadyError
from gateway.faces.asking import Services
from gateway.faces.bodies import text_of
from gateway.faces.deepl import PREFIXES, entered
from gateway.faces.documents import ArrivingDocument, Fields
from gateway.faces.entrance import Entrance, deepl_key
from gateway.faces.paths import FaceRoute
from gateway.routes import Scope

_STATUSES: Final = {"queued": "queued", "running": "translating", "succeeded": "done"}
_FAILED: Final = "error"
_RETRY_AFTER_SECONDS: Final = 2


class DeepLDocuments:
    """What the face of DeepL does with documents."""

    def __init__(self, entrance: Entrance, services: Services) -> None:
        self._entrance = entrance
        self._services = services

    def routes(self) -> list[FaceRoute]:
        """Give its endpoints."""
        return [route for prefix in PREFIXES for route in self._routes(prefix)]

    def _routes(self, prefix: str) -> list[FaceRoute]:
        one = prefix + "/document/{id}"
        return [
            FaceRoute(prefix + "/document", self.take, methods=["POST"]),
            FaceRoute(one, self.status, methods=["GET", "POST"]),
            FaceRoute(one + "/result", self.result, methods=["GET", "POST"]),
        ]

    async def take(self, request: Request) -> Response:
        """Take a document on."""
        key = deepl_key(request)
        if key is not None:
            await self._entrance.admit(request, Scope.TRANSLATE, key)
        document = ArrivingDocument(request, _renamed)
        fields = await document.begin()
        if key is None:
            await self._entrance.admit(request, Scope.TRANSLATE, fields.get("auth_key"))
        number = await self._services.take_document(request, document.content(), document.content_type)
        return JSONResponse({"document_id": number.upper(), "document_key": _key(number)})

    async def status(self, request: Request) -> Response:
        """Tell how far a document is."""
        return JSONResponse(_told(request.path_params["id"], await self._job(request)))

    async def result(self, request: Request) -> Response:
        """Give the translated document; raise NotReadyError until there is one, on which clients ask again."""
        job = await self._job(request)
        if _STATUSES.get(job["status"]) in ("queued", "translating"):
            raise NotReadyError("The document is not translated yet.", retry_after_seconds=_RETRY_AFTER_SECONDS)
        return await self._services.document(request, request.path_params["id"])

    async def _job(self, request: Request) -> dict[str, Any]:
        found = await entered(self._entrance, request, Scope.TRANSLATE)
        number: str = request.path_params["id"]
        sent = text_of(found, "document_key").encode()
        if not secrets.compare_digest(sent.upper(), _key(number).encode()):
            raise NotFoundError("There is no document with this id and key.", code="unknown-job")
        return await self._services.job(request, number)


def _key(number: str) -> str:
    """Give the key of a document. Clients expect one; what guards a document is the API key, and its unguessable id."""
    return hashlib.sha256(number.lower().encode()).hexdigest().upper()


def _told(number: str, job: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {"document_id": number, "status": _STATUSES.get(job["status"], _FAILED)}
    if told["status"] == _FAILED:
        trouble = job.get("problem") or {"detail": "The translation was cancelled."}
        told["error_message"] = trouble["detail"]
    return told


def _renamed(fields: Fields) -> Fields:
    glossary = fields.get("glossary_id") or fields.get("glossary_ids", "").partition(",")[0]
    found = {
        "sourceLanguage": fields.get("source_lang", ""),
        "targetLanguage": fields.get("target_lang", ""),
        "glossaryId": glossary,
    }
    return {name: value for name, value in found.items() if value}
