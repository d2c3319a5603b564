"""IPCCAT's four shapes: XML posted, XML and JSON fetched by query, JSON fetched by path."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import unquote

from fastapi import Request, Response
from lxml import etree
from starlette.responses import JSONResponse

from examkit.errors import InvalidInputError, MalformedRequestError
from gateway.across_languages import AcrossLanguages
from gateway.faces.bodies import MOST_BYTES, Members, members, text_of
from gateway.faces.entrance import Entrance
from gateway.faces.languages import tag_of
from gateway.faces.paths import FaceRoute
from gateway.faces.refusals import Dialect, Refusal
from gateway.faces.symbols import padded
from gateway.routes import Scope
from gateway.upstream.body import whole_body

_XML: Final = "application/xml"
_LEVELS: Final = {
    "SECTION": "section",
    "CLASS": "class",
    "SUBCLASS": "subclass",
    "MAINGROUP": "mainGroup",
    "SUBGROUP": "subgroup",
}
# On IPCCAT's scale, by which its clients cut.
_HIGHEST_SCORE: Final = 1600
_MOST_PREDICTIONS: Final = 50
_NO_START: Final = "none"
# What is wrong with a text is no error of HTTP there, but a message in the place of `ok`.
_TOLD_IN_THE_BODY: Final = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY)


@dataclass(frozen=True)
class Wish:
    """What a client asks for."""

    text: str
    language: str | None
    level: str
    limit: int
    start: str | None

    @classmethod
    def read(cls, found: Members, language: str = "") -> "Wish":
        """Read a request's members; raise InvalidInputError or MalformedRequestError."""
        level = text_of(found, "hierarchiclevel", "SUBGROUP").strip().upper()
        if level not in _LEVELS:
            raise InvalidInputError(f"hierarchiclevel is one of {', '.join(_LEVELS)}.")
        start = text_of(found, "from", _NO_START).strip()
        return cls(
            text=text_of(found, "text"),
            language=tag_of(text_of(found, "lang").strip() or language).lower() or None,
            level=_LEVELS[level],
            limit=_number(text_of(found, "numberofpredictions", "3")),
            start=None if start.lower() in ("", _NO_START) else start,
        )

    def body(self) -> dict[str, Any]:
        """Give it in the classify service's terms."""
        asked = {"text": self.text, "language": self.language, "level": self.level, "limit": self.limit}
        return asked | ({} if self.start is None else {"startFrom": self.start})


Show = Callable[[Wish, Sequence[dict[str, Any]]], Response]


class Ipccat:
    """The face of IPCCAT."""

    def __init__(self, entrance: Entrance, classify: AcrossLanguages) -> None:
        self._entrance = entrance
        self._classify = classify

    def routes(self) -> list[FaceRoute]:
        """Give its endpoints."""
        by_path = "/search/fullipccat/{version}/{language}/{level}/{number}/{start}/{text:path}"
        return [
            FaceRoute("/classifications/ipc/ipccat", self.fetch_xml, methods=["GET"]),
            FaceRoute("/classifications/ipc/ipccat", self.post_xml, methods=["POST"]),
            FaceRoute("/{language}/query", self.post_xml, methods=["POST"]),
            FaceRoute("/api/v1/search/ipccat", self.fetch_json, methods=["GET"]),
            FaceRoute(by_path, self.fetch_list, methods=["GET"]),
            FaceRoute("/classifications/ipc/ipcpub" + by_path, self.fetch_list, methods=["GET"]),
        ]

    async def post_xml(self, request: Request) -> Response:
        """Answer a request in XML."""
        await self._entrance.admit(request, Scope.CLASSIFY)
        found = _read_xml(await whole_body(request, MOST_BYTES))
        return await self._answer(request, Wish.read(found, request.path_params.get("language", "")), _as_xml)

    async def fetch_xml(self, request: Request) -> Response:
        """Answer a query in XML."""
        await self._entrance.admit(request, Scope.CLASSIFY)
        return await self._answer(request, Wish.read(await members(request)), _as_xml)

    async def fetch_json(self, request: Request) -> Response:
        """Answer a query as IPCPUB's API does."""
        await self._entrance.admit(request, Scope.CLASSIFY)
        return await self._answer(request, Wish.read(await members(request)), _as_object)

    async def fetch_list(self, request: Request) -> Response:
        """Answer a path with a list."""
        await self._entrance.admit(request, Scope.CLASSIFY)
        part = request.path_params
        found = {
            "lang": part["language"],
            "hierarchiclevel": part["level"],
            "numberofpredictions": part["number"],
            "from": part["start"],
            "text": _text_of_path(request),
        }
        return await self._answer(request, Wish.read(found), _as_list)

    async def _answer(self, request: Request, wish: Wish, show: Show) -> Response:
        answer = await self._classify.ask(request, wish.body())
        return show(wish, answer["predictions"])


def score_of(score: float) -> int:
    """Give a probability on IPCCAT's scale."""
    return round(score * _HIGHEST_SCORE)


def _read_xml(body: bytes) -> dict[str, str]:
    """Read a request without following anything it points at: no document type, no entity, no network."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
        declared = root.getroottree().docinfo.internalDTD
    except (etree.XMLSyntaxError, ValueError):
        raise MalformedRequestError("The request is not well-formed XML.", code="malformed-xml") from None
    if declared is not None:
        raise InvalidInputError("The request declares a document type.", code="xml-entities")
    return {str(child.tag): "".join(map(str, child.itertext())) for child in root if isinstance(child.tag, str)}


def _number(text: str) -> int:
    number = int(text) if text.isascii() and text.strip().isdigit() and len(text) < 4 else 0
    if not 1 <= number <= _MOST_PREDICTIONS:
        raise InvalidInputError(f"numberofpredictions is a number from 1 to {_MOST_PREDICTIONS}.")
    return number


def _text_of_path(request: Request) -> str:
    """Decode the text from the path as it was sent: what the server decodes has lost which slashes were quoted."""
    raw = bytes(request.scope["raw_path"]).decode("latin-1")
    _, _, after = raw.partition("/fullipccat/")
    return unquote(after.split("/", 5)[-1].removesuffix("/"), errors="replace")


def _as_xml(_: Wish, predictions: Sequence[dict[str, Any]]) -> Response:
    root = etree.Element("predictions")
    _child(root, "msg", "ok")
    for rank, each in enumerate(predictions, 1):
        prediction = etree.SubElement(root, "prediction")
        _child(prediction, "rank", str(rank))
        _child(prediction, "category", padded(each["symbol"]))
        _child(prediction, "score", str(score_of(each["score"])))
    return _xml(root)


def _as_object(wish: Wish, predictions: Sequence[dict[str, Any]]) -> Response:
    results = [
        {"score": score_of(each["score"]), "display": each["symbol"], "code": padded(each["symbol"])}
        for each in predictions
    ]
    found = {"code": 0, "message": "ok", "lang": wish.language, "count": len(results), "results": results}
    return JSONResponse(found)


def _as_list(_: Wish, predictions: Sequence[dict[str, Any]]) -> Response:
    return JSONResponse([{"key": padded(each["symbol"]), "score": score_of(each["score"])} for each in predictions])


def _refuse_in_xml(refusal: Refusal) -> Response:
    root = etree.Element("predictions")
    _child(root, "msg", refusal.detail)
    return _xml(root, HTTPStatus.OK if refusal.status in _TOLD_IN_THE_BODY else refusal.status)


def _refuse_in_json(refusal: Refusal, *, in_body: bool) -> Response:
    is_told = in_body and refusal.status in _TOLD_IN_THE_BODY
    told = {"code": int(refusal.status), "message": refusal.detail}
    return JSONResponse(told, HTTPStatus.OK if is_told else refusal.status)


def _xml(root: etree._Element, status: HTTPStatus = HTTPStatus.OK) -> Response:
    return Response(etree.tostring(root, xml_declaration=True, encoding="UTF-8"), status, media_type=_XML)


def _child(parent: etree._Element, name: str, text: str) -> None:
    etree.SubElement(parent, name).text = text


DIALECTS: Final = (
    Dialect(re.compile("/classifications/ipc/ipccat/?$|/[A-Za-z]{2}/query/?$"), _refuse_in_xml),
    Dialect(re.compile("(/classifications/ipc/ipcpub)?/search/fullipccat"), partial(_refuse_in_json, in_body=False)),
    # Also of the look-ups in the scheme, which come from the same place.
    Dialect(re.compile("/api/v1/(search|scheme)(/|$)"), partial(_refuse_in_json, in_body=True)),
)
