"""LibreTranslate's API: texts, detection, languages, suggestions, and what its front ends ask about a server."""

import re
from typing import Any, Final

from fastapi import Request, Response
from starlette.responses import JSONResponse

from examkit.errors import InvalidInputError
from gateway.faces.asking import Order, Services
from gateway.faces.bodies import Members, members, text_of, texts_of
from gateway.faces.entrance import Entrance, is_anyone, let_anyone_pass
from gateway.faces.languages import name_of, tag_of
from gateway.faces.paths import FaceRoute
from gateway.faces.refusals import Dialect, Refusal
from gateway.routes import Scope, Upstream
from gateway.upstream.refusal import RefusedError

PREFIX: Final = "/libretranslate"
_DOCUMENT_ENDINGS: Final = (".docx", ".odt", ".html", ".txt", ".xml", ".xlf", ".xliff")
_MEMORY: Final = "/api/v1/translate/memory"
_AUTO: Final = "auto"
_FORMATS: Final = ("text", "html")
_MOST_CHARACTERS: Final = 50_000
_MOST_ALTERNATIVES: Final = 3
_DETECTED_LETTERS: Final = 400
# How many of 100 texts of so few, or more, words are told right (services/translate/README.md).
_FEW_WORDS: Final = 5
_SURE_OF_FEW: Final = 75.0
_SURE: Final = 99.0


class LibreTranslate:
    """The face of LibreTranslate."""

    def __init__(self, entrance: Entrance, services: Services) -> None:
        self._entrance = entrance
        self._services = services

    def routes(self) -> list[FaceRoute]:
        """Give its endpoints."""
        return [
            FaceRoute(PREFIX + "/translate", self.translate, methods=["POST"]),
            FaceRoute(PREFIX + "/detect", self.detect, methods=["POST"]),
            FaceRoute(PREFIX + "/suggest", self.suggest, methods=["POST"]),
            FaceRoute(PREFIX + "/languages", self.languages, methods=["GET"]),
            FaceRoute(PREFIX + "/frontend/settings", self.settings, methods=["GET"]),
            FaceRoute(PREFIX + "/health", self.health, methods=["GET"]),
        ]

    async def translate(self, request: Request) -> Response:
        """Translate a text, or several."""
        found = await self._entered(request, Scope.TRANSLATE)
        texts, order = texts_of(found, "q"), _order(found)
        translated = await self._services.translate(request, texts, order)
        answer: dict[str, Any] = {"translatedText": [each.text for each in translated]}
        if order.source is None:
            pairs = zip(texts, translated, strict=True)
            answer["detectedLanguage"] = [_detected(each.source, text) for text, each in pairs]
        if order.alternatives:
            answer["alternatives"] = [list(each.alternatives) for each in translated]
        is_batch = isinstance(found["q"], list)
        return JSONResponse(answer if is_batch else {name: values[0] for name, values in answer.items()})

    async def detect(self, request: Request) -> Response:
        """Tell in which language a text is."""
        found = await self._entered(request, Scope.TRANSLATE)
        text = "\n".join(texts_of(found, "q"))
        language = await self._language(request, text[:_DETECTED_LETTERS])
        return JSONResponse([] if language is None else [_detected(language, text)])

    async def languages(self, request: Request) -> Response:
        """List the languages, each with those that it can be translated into; clients ask without a key, too."""
        key = text_of(await members(request), "api_key") or None
        if is_anyone(request, key):
            let_anyone_pass(request)
        else:
            await self._entrance.admit(request, Scope.TRANSLATE, key)
        pairs = await self._services.pairs(request)
        tags = sorted({tag for pair in pairs for tag in pair})
        return JSONResponse(
            [
                {"code": tag, "name": name_of(tag), "targets": [target for source, target in pairs if source == tag]}
                for tag in tags
            ]
        )

    async def suggest(self, request: Request) -> Response:
        """Keep a better translation in the translation memory, for callers who may write there."""
        found = await self._entered(request, Scope.TERMINOLOGY)
        asked = _order(found)
        if asked.source is None:
            raise InvalidInputError("Invalid request: missing source parameter")
        segment = {"source": _needed(found, "q"), "target": _needed(found, "s")}
        body = {"sourceLanguage": asked.source, "targetLanguage": asked.target, "segments": [segment]}
        await self._services.post(Upstream.TRANSLATE, request, _MEMORY, body)
        return JSONResponse({"success": True})

    async def settings(self, _: Request) -> Response:
        """Tell front ends what can be done here."""
        language = {"source": {"code": _AUTO, "name": "Auto Detect"}, "target": {"code": "en", "name": name_of("en")}}
        return JSONResponse(
            {
                "apiKeys": True,
                "charLimit": _MOST_CHARACTERS,
                "filesTranslation": True,
                "frontendTimeout": 500,
                "keyRequired": not self._entrance.is_open,
                "language": language,
                "suggestions": True,
                "supportedFilesFormat": list(_DOCUMENT_ENDINGS),
            }
        )

    async def health(self, _: Request) -> Response:
        """Tell that somebody is here."""
        return JSONResponse({"status": "ok"})

    async def _entered(self, request: Request, scope: Scope) -> Members:
        found = await members(request)
        await self._entrance.admit(request, scope, text_of(found, "api_key") or None)
        return found

    async def _language(self, request: Request, text: str) -> str | None:
        """Ask the service to translate from whatever language the text is in; None where that is not clear."""
        for target in dict.fromkeys(target for _, target in await self._services.pairs(request)):
            try:
                (found,) = await self._services.translate(request, [text], Order(None, target))
            except RefusedError as error:
                if error.code == "undetected-language":
                    return None
                if error.code != "unsupported-language-pair":
                    raise
            else:
                return found.source
        return None


def refuse(refusal: Refusal) -> Response:
    """Tell an error as LibreTranslate does."""
    return JSONResponse({"error": refusal.detail}, refusal.usual_status)


DIALECT: Final = Dialect(re.compile(PREFIX + "(/|$)"), refuse)


def source_of(code: str) -> str | None:
    """Give the language that a text is said to be in; None where it is to be detected."""
    written = code.strip()
    return None if written.lower() == _AUTO else tag_of(written)


def _order(found: Members) -> Order:
    written = text_of(found, "format", "text").strip().lower()
    if written not in _FORMATS:
        raise InvalidInputError("Invalid request: format is text or html")
    alternatives = text_of(found, "alternatives", "0").strip()
    if not (alternatives.isascii() and alternatives.isdigit() and len(alternatives) < 4):
        raise InvalidInputError("Invalid request: alternatives is a number")
    source, target = source_of(_needed(found, "source")), tag_of(_needed(found, "target"))
    return Order(source, target, written, alternatives=min(int(alternatives), _MOST_ALTERNATIVES))


def _needed(found: Members, name: str) -> str:
    value = text_of(found, name)
    if not value.strip():
        raise InvalidInputError(f"Invalid request: missing {name} parameter")
    return value


def _detected(language: str, text: str) -> dict[str, Any]:
    is_short = len(text.split()) <= _FEW_WORDS
    return {"confidence": _SURE_OF_FEW if is_short else _SURE, "language": language}
