"""IPCPUB's look-ups in the scheme, which the clients of IPCCAT call beside it."""

from typing import Any, Final
from urllib.parse import quote

from fastapi import Request, Response
from starlette.responses import JSONResponse

from examkit.errors import ExamError, InvalidInputError
from gateway.faces.asking import Services
from gateway.faces.bodies import Members, members, text_of
from gateway.faces.entrance import Entrance
from gateway.faces.paths import FaceRoute
from gateway.faces.symbols import components, padded
from gateway.routes import Scope, Upstream
from gateway.upstream.refusal import RefusedError

_SCHEME: Final = "/api/v1/ipc"
_LATEST: Final = "latest"
_MOST_FOUND: Final = 100
# Said of a symbol by our service, these mean there that it is not valid.
_NO_SYMBOL: Final = ("malformed-symbol", "unknown-symbol", "symbol-of-another-edition")


class Ipcpub:
    """The face of IPCPUB."""

    def __init__(self, entrance: Entrance, services: Services) -> None:
        self._entrance = entrance
        self._services = services

    def routes(self) -> list[FaceRoute]:
        """Give its endpoints."""
        return [
            FaceRoute("/api/v1/scheme/roots/l1", self.roots, methods=["GET"]),
            FaceRoute("/api/v1/scheme/children/l1", self.children, methods=["GET"]),
            FaceRoute("/api/v1/scheme/getSymbolValidity", self.validity, methods=["GET"]),
            FaceRoute("/api/v1/search/quick", self.search, methods=["GET"]),
        ]

    async def roots(self, request: Request) -> Response:
        """List the sections."""
        found = await self._asked(request)
        page = await self._get(request, "", language=_language(found))
        return _data([_node(each) for each in page["items"]])

    async def children(self, request: Request) -> Response:
        """List what stands directly below a symbol."""
        found = await self._asked(request)
        symbol = text_of(found, "key") or text_of(found, "symbol")
        place = await self._get(request, _path(symbol), language=_language(found))
        return _data([_node(each) for each in place["children"]])

    async def validity(self, request: Request) -> Response:
        """Tell whether an edition has a symbol."""
        found = await self._asked(request)
        symbol = text_of(found, "symbol").strip()
        version = text_of(found, "version", _LATEST)
        edition = None if version.lower() == _LATEST else version
        try:
            path = _path(symbol)
            told = await self._get(request, path + "/validity", edition=edition)
            title = await self._title(request, path, _language(found))
        except ExamError as error:
            if error.code not in _NO_SYMBOL:
                raise
            return JSONResponse({"symbol": symbol, "validity": "N", "data": None})
        return JSONResponse(_validity(told, title))

    async def search(self, request: Request) -> Response:
        """Search the titles."""
        found = await self._asked(request)
        limit = text_of(found, "limit", "20")
        if not (limit.isascii() and limit.isdigit() and 1 <= int(limit[:6]) <= _MOST_FOUND):
            raise InvalidInputError(f"limit is a number from 1 to {_MOST_FOUND}.")
        page = await self._get(request, "", q=text_of(found, "q"), limit=limit, language=_language(found))
        results = [_node(each) | {"display": each["symbol"], "code": padded(each["symbol"])} for each in page["items"]]
        return JSONResponse({"code": 0, "message": "ok", "count": page["count"], "results": results})

    async def _asked(self, request: Request) -> Members:
        await self._entrance.admit(request, Scope.CLASSIFY)
        return await members(request)

    async def _get(self, request: Request, path: str, **query: object) -> Any:
        return await self._services.get(Upstream.CLASSIFY, request, _SCHEME + path, **query)

    async def _title(self, request: Request, path: str, language: str | None) -> str:
        """Give a symbol's title, empty for one that only other editions have."""
        try:
            place = await self._get(request, path, language=language)
        except RefusedError as error:
            if error.code not in _NO_SYMBOL:
                raise
            return ""
        return str(place["title"])


def _path(symbol: str) -> str:
    """Give the path of a symbol; dots would lead out of it, and no symbol has one."""
    if not symbol.strip() or "." in symbol:
        raise InvalidInputError("An IPC symbol looks like H01L 21/768 or H01L0021768000.", code="malformed-symbol")
    return "/" + quote(symbol.strip(), safe="")


def _language(found: Members) -> str | None:
    return text_of(found, "lang").strip().lower() or None


def _data(nodes: list[dict[str, Any]]) -> Response:
    return JSONResponse({"code": 0, "message": "ok", "data": nodes})


def _node(entry: dict[str, Any]) -> dict[str, Any]:
    code = padded(entry["symbol"])
    has_children = entry["childCount"] > 0
    return {
        "key": code,
        "symbol": entry["symbol"],
        "symbolcode": code,
        "title1": entry["title"],
        "folder": has_children,
        "lazy": has_children,
    }


def _validity(told: dict[str, Any], title: str) -> dict[str, Any]:
    is_valid = told["status"] == "valid"
    code = padded(told["symbol"])
    return {
        "symbol": code,
        **components(told["symbol"]),
        "versionIndicator": (told["validFrom"] or told["edition"]).replace(".", "") + "01",
        "validity": "V" if is_valid else "N",
        "data": {"key": code, "symbol": told["symbol"], "symbolcode": code, "title1": title, "valid": is_valid},
    }
