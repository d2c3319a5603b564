"""DeepL's API, version 2: texts, languages and usage; texts also as LibreOffice posts a paragraph."""

import re
from typing import Any, Final

from fastapi import Request, Response
from starlette.responses import JSONResponse

from examkit.errors import InvalidInputError
from gateway.allowances import Measure
from gateway.auth import Door
from gateway.faces.asking import Order, Services
from gateway.faces.bodies import Members, members, text_of, texts_of
from gateway.faces.entrance import Entrance, deepl_key
from gateway.faces.languages import name_of, primary
from gateway.faces.paths import FaceRoute
from gateway.faces.refusals import Dialect, Refusal
from gateway.routes import Scope

# The official clients leave the first part out when the URL that they are given does not end with a slash.
PREFIXES: Final = ("/deepl/v2", "/v2")
# What clients choose between as a target, of languages that are one for our translators.
_VARIANTS: Final = {"en": ("EN-GB", "EN-US"), "pt": ("PT-BR", "PT-PT")}
_FORMATS: Final = {"": "text", "html": "html", "xml": "xml"}
_TARGET: Final = "target"
_QUOTA_EXCEEDED: Final = 456


class DeepL:
    """The face of DeepL."""

    def __init__(self, entrance: Entrance, services: Services) -> None:
        self._entrance = entrance
        self._services = services

    def routes(self) -> list[FaceRoute]:
        """Give its endpoints."""
        paths = {"/translate": self.translate, "/languages": self.languages, "/usage": self.usage}
        routes = [
            FaceRoute(prefix + path, way, methods=["GET", "POST"]) for prefix in PREFIXES for path, way in paths.items()
        ]
        return [*routes, *(FaceRoute(path, self.translate, methods=["POST"]) for path in ("/deepl", "/deepl/"))]

    async def translate(self, request: Request) -> Response:
        """Translate one or several texts."""
        found = await entered(self._entrance, request, Scope.TRANSLATE)
        texts = texts_of(found, "text")
        translated = await self._services.translate(request, texts, _order(found))
        return JSONResponse(
            {
                "translations": [
                    {
                        "detected_source_language": primary(each.source).upper(),
                        "text": each.text,
                        "billed_characters": len(text),
                    }
                    for text, each in zip(texts, translated, strict=True)
                ]
            }
        )

    async def languages(self, request: Request) -> Response:
        """List the languages that can be translated from, or into."""
        found = await entered(self._entrance, request, Scope.TRANSLATE)
        is_target = text_of(found, "type", "source") == _TARGET
        pairs = await self._services.pairs(request)
        tags = sorted({primary(pair[is_target]) for pair in pairs})
        codes = [code for tag in tags for code in (_VARIANTS.get(tag, (tag.upper(),)) if is_target else (tag.upper(),))]
        told: list[dict[str, Any]] = [{"language": code, "name": _name(code)} for code in codes]
        return JSONResponse([each | {"supports_formality": False} for each in told] if is_target else told)

    async def usage(self, request: Request) -> Response:
        """Tell how many characters the caller has had translated today, and how many there may be."""
        await entered(self._entrance, request, Scope.TRANSLATE)
        door: Door = request.app.state.door
        share = await door.meter.share(request.state.caller, Measure.CHARACTERS)
        return JSONResponse({"character_count": share.count.used, "character_limit": share.most})


async def entered(entrance: Entrance, request: Request, scope: Scope) -> Members:
    """Let a caller in by the key in the header or in the body; give what the call says."""
    found = await members(request)
    await entrance.admit(request, scope, deepl_key(request) or text_of(found, "auth_key") or None)
    return found


def refuse(refusal: Refusal) -> Response:
    """Tell an error as DeepL does."""
    if refusal.code == "quota-exceeded":
        return JSONResponse({"message": "Quota exceeded", "detail": refusal.detail}, _QUOTA_EXCEEDED)
    return JSONResponse({"message": refusal.detail}, refusal.usual_status)


DIALECT: Final = Dialect(re.compile(r"/deepl(/|$)|/v2/"), refuse)


def _name(code: str) -> str:
    language, _, region = code.partition("-")
    variants = {"GB": " (British)", "US": " (American)", "BR": " (Brazilian)", "PT": " (European)"}
    return name_of(language) + variants.get(region, "")


def _order(found: Members) -> Order:
    target = text_of(found, "target_lang").strip()
    if not target:
        raise InvalidInputError("Value for 'target_lang' is missing.")
    handling = text_of(found, "tag_handling").strip().lower()
    if handling not in _FORMATS:
        raise InvalidInputError("Value for 'tag_handling' is one of html and xml.")
    return Order(text_of(found, "source_lang").strip() or None, target, _FORMATS[handling], glossaries_of(found))


def glossaries_of(found: Members) -> tuple[str, ...]:
    """Give the glossaries that a call names, in the order in which they are to be followed."""
    several = found.get("glossary_ids")
    named = texts_of(found, "glossary_ids") if several else [text_of(found, "glossary_id")]
    return tuple(name for each in named for name in each.split(",") if name)
