"""OPUS-CAT's local service, which plug-ins of translators' tools call one segment at a time."""

import json
import re
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, Final

from fastapi import Request, Response
from starlette.responses import JSONResponse

from examkit.errors import InvalidInputError, MalformedRequestError, NotFoundError
from gateway.faces.asking import Order, Services
from gateway.faces.bodies import MOST_BYTES, Members, text_of
from gateway.faces.entrance import Entrance
from gateway.faces.languages import primary, tag_of
from gateway.faces.paths import FaceRoute
from gateway.faces.refusals import Dialect, Refusal
from gateway.routes import Scope
from gateway.upstream.body import whole_body

# What its clients send where nobody has given them a token.
_NO_TOKEN: Final = ("", "0")
_MODEL: Final = "examkit"
_READY: Final = "model is loaded"

Way = Callable[[Request, Members], Awaitable[Response]]


class Told(JSONResponse):
    """JSON as OPUS-CAT's own server calls it: OmegaT takes it for Latin 1 where no charset is named."""

    media_type = "application/json; charset=utf-8"


class OpusCat:
    """The face of OPUS-CAT."""

    def __init__(self, entrance: Entrance, services: Services) -> None:
        self._entrance = entrance
        self._services = services
        # Its server reads paths in any case, and its clients write them in several.
        self._ways: dict[tuple[str, str], Way] = {
            ("GET", "translatejson"): self._translate_json,
            ("POST", "translatepost"): self._translate_json,
            ("GET", "translate"): self._translate,
            ("GET", "translatestream"): self._translate_stream,
            ("GET", "listsupportedlanguagepairs"): self._pairs,
            ("GET", "getlanguagepairmodeltags"): self._model_tags,
            ("GET", "checkmodelstatus"): self._status,
            ("GET", "login"): self._log_in,
            ("POST", "preorderbatch"): self._order_ahead,
        }

    def routes(self) -> list[FaceRoute]:
        """Give its endpoints."""
        return [
            FaceRoute(f"/{service}/{{action}}", self.answer, methods=["GET", "POST"])
            for service in ("MTRestService", "MtRestService", "mtrestservice")
        ]

    async def answer(self, request: Request) -> Response:
        """Let a caller in by the token in the query, which is where this protocol has it, and do what is asked."""
        way = self._ways.get((request.method, request.path_params["action"].lower()))
        if way is None:
            raise NotFoundError("There is nothing at this path.", code="unknown-route")
        found = dict(request.query_params)
        token = text_of(found, "tokenCode").strip()
        await self._entrance.admit(request, Scope.TRANSLATE, None if token in _NO_TOKEN else token)
        return await way(request, found)

    async def _translate_json(self, request: Request, found: Members) -> Response:
        return Told({"translation": await self._translated(request, found)})

    async def _translate(self, request: Request, found: Members) -> Response:
        return Told(await self._translated(request, found))

    async def _translate_stream(self, request: Request, found: Members) -> Response:
        return Response(await self._translated(request, found), media_type="text/plain")

    async def _pairs(self, request: Request, _: Members) -> Response:
        pairs = {f"{primary(source)}-{primary(target)}" for source, target in await self._services.pairs(request)}
        return Told(sorted(pairs))

    async def _model_tags(self, request: Request, found: Members) -> Response:
        return Told([_MODEL] if await self._can(request, _pair(found)) else [])

    async def _status(self, request: Request, found: Members) -> Response:
        is_there = await self._can(request, (text_of(found, "sourceCode"), text_of(found, "targetCode")))
        return Told(_READY if is_there else "no model for this pair")

    async def _log_in(self, _: Request, __: Members) -> Response:
        return Told("0")

    async def _order_ahead(self, request: Request, _: Members) -> Response:
        """Take note of segments that will be asked for. Nothing is kept of them: each is translated when it is."""
        try:
            segments = json.loads(await whole_body(request, MOST_BYTES))
        except (ValueError, RecursionError):
            raise MalformedRequestError("The body is not valid JSON.", code="malformed-json") from None
        if not isinstance(segments, list) or not segments:
            raise InvalidInputError("The body is no list of segments.")
        return Response(status_code=HTTPStatus.OK)

    async def _translated(self, request: Request, found: Members) -> str:
        source, target = _pair(found)
        (translated,) = await self._services.translate(request, [text_of(found, "input")], Order(source, target))
        return translated.text

    async def _can(self, request: Request, pair: tuple[str, str]) -> bool:
        asked = tuple(primary(tag_of(code)) for code in pair)
        return any((primary(a), primary(b)) == asked for a, b in await self._services.pairs(request))


def _pair(found: Members) -> tuple[str, str]:
    return tag_of(text_of(found, "srcLangCode")), tag_of(text_of(found, "trgLangCode"))


def _refuse(refusal: Refusal) -> Response:
    told: dict[str, Any] = {"Message": refusal.detail}
    is_value = refusal.status is HTTPStatus.UNPROCESSABLE_ENTITY
    return Told(told, HTTPStatus.BAD_REQUEST if is_value else refusal.status)


DIALECT: Final = Dialect(re.compile("/mtrestservice(/|$)", re.IGNORECASE), _refuse)
