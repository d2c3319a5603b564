"""LibreTranslate's files: sent, and fetched from the place that the answer names."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from typing import Final

from fastapi import Request, Response
from starlette.responses import JSONResponse

from examkit.errors import InvalidInputError, NotFoundError, UpstreamTimeoutError
from gateway.caller import Caller
from gateway.faces.asking import Services
from gateway.faces.documents import ArrivingDocument, Fields
from gateway.faces.entrance import Entrance
from gateway.faces.languages import tag_of
from gateway.faces.libretranslate import PREFIX, source_of
from gateway.faces.paths import FaceRoute
from gateway.routes import Scope, Upstream

_MOST_SECONDS: Final = 300.0
_PAUSE_SECONDS: Final = 0.25
_ENDED: Final = ("succeeded", "failed", "cancelled")
_SUCCEEDED: Final = "succeeded"
_SEAL_LENGTH: Final = 32


class LibreTranslateDocuments:
    """What the face of LibreTranslate does with files.

    Its clients fetch a file without a key, from an address that nobody can guess. Ours is sealed, and says on whose
    behalf it is fetched; it leads to that one file, for as long as the file is kept.
    """

    def __init__(self, entrance: Entrance, services: Services, secret: str) -> None:
        self._entrance = entrance
        self._services = services
        self._secret = secret.encode()

    def routes(self) -> list[FaceRoute]:
        """Give its endpoints."""
        return [
            FaceRoute(PREFIX + "/translate_file", self.translate, methods=["POST"]),
            FaceRoute(PREFIX + "/download_file/{name}", self.download, methods=["GET"]),
        ]

    async def translate(self, request: Request) -> Response:
        """Translate a file and tell where the translation is."""
        document = ArrivingDocument(request, _renamed)
        fields = await document.begin()
        caller = await self._entrance.admit(request, Scope.TRANSLATE, fields.get("api_key"))
        number = await self._services.take_document(request, document.content(), document.content_type)
        await self._finished(request, number)
        name = f"{self._sealed(number, caller)}.{document.ending or 'txt'}"
        return JSONResponse({"translatedFileUrl": f"{request.base_url}{PREFIX[1:]}/download_file/{name}"})

    async def download(self, request: Request) -> Response:
        """Give a translated file."""
        number, caller = self._opened(request.path_params["name"].partition(".")[0])
        request.state.caller = caller
        return await self._services.document(request, number)

    async def _finished(self, request: Request, number: str) -> None:
        """Wait until a file is translated; one that cannot be, or nobody waits for any more, is removed."""
        until = time.monotonic() + _MOST_SECONDS
        while time.monotonic() < until and not await request.is_disconnected():
            job = await self._services.job(request, number)
            if job["status"] == _SUCCEEDED:
                return
            if job["status"] in _ENDED:
                trouble = job.get("problem") or {"detail": "The translation was cancelled."}
                raise InvalidInputError(trouble["detail"])
            await asyncio.sleep(_PAUSE_SECONDS)
        await self._services.remove_document(request, number)
        raise UpstreamTimeoutError("The file could not be translated in time.", target=Upstream.TRANSLATE)

    def _sealed(self, number: str, caller: Caller) -> str:
        told = json.dumps([number, caller.id, caller.tenant]).encode()
        return base64.urlsafe_b64encode(told).decode().rstrip("=") + "~" + self._seal(told)

    def _opened(self, name: str) -> tuple[str, Caller]:
        written, _, seal = name.partition("~")
        try:
            told = base64.urlsafe_b64decode(written + "=" * (-len(written) % 4))
        except ValueError:
            told = b""
        if not hmac.compare_digest(seal.encode(), self._seal(told).encode()):
            raise NotFoundError("There is no such file.", code="unknown-job")
        number, caller_id, tenant = json.loads(told)
        return number, Caller(caller_id, caller_id, tenant, frozenset())

    def _seal(self, told: bytes) -> str:
        return hmac.digest(self._secret, b"libretranslate file " + told, hashlib.sha256).hex()[:_SEAL_LENGTH]


def _renamed(fields: Fields) -> Fields:
    found = {"sourceLanguage": source_of(fields.get("source", "")), "targetLanguage": tag_of(fields.get("target", ""))}
    return {name: value for name, value in found.items() if value}
