"""The endpoints under /api/v1/translate/memory: approved segments are taken in, given out and removed."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from fastapi.routing import APIRoute
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.routing import Match
from starlette.types import Scope

from examkit.errors import InvalidInputError, MalformedRequestError
from examkit.web.problems import problem_responses
from examkit.web.wire import JSON, Page, require_body
from services.translate.desk import AtDesk
from services.translate.languages import LanguagePair, LanguageTag
from services.translate.memory.store import Added, MemoryStore
from services.translate.memory.tmx import MEDIA_TYPE, read_tmx, write_tmx
from services.translate.memory.units import StoredUnit, Unit
from services.translate.memory_schemas import (
    LONGEST_TAG,
    MOST_LISTED,
    MOST_OFFSET,
    MemoryBody,
    MemoryReceipt,
    MemoryUnit,
    RemovedUnits,
)

PATH: Final = "/api/v1/translate/memory"
_XML: Final = (MEDIA_TYPE, "application/xml", "text/xml")


class TmxRoute(APIRoute):
    """A route for XML bodies only; whatever else comes to its path is left to the routes after it."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match only what says it is XML."""
        media_type = Headers(scope=scope).get("content-type", "").partition(";")[0].strip().lower()
        return super().matches(scope) if media_type in _XML else (Match.NONE, {})


router = APIRouter(prefix="/api/v1/translate", tags=["translation memory"])

_TMX: Final[dict[str, Any]] = {MEDIA_TYPE: {"schema": {"type": "string", "description": "TMX 1.4"}}}
_STORED: Final = problem_responses(400, 413, 415)

SourceTag = Annotated[str | None, Query(alias="sourceLanguage", max_length=LONGEST_TAG)]
TargetTag = Annotated[str | None, Query(alias="targetLanguage", max_length=LONGEST_TAG)]


async def import_translations(request: Request, desk: AtDesk) -> MemoryReceipt:
    """Keep the units of a TMX file, all or none; a caller without a place is refused before its file is read."""
    with desk.import_slots.places.one():
        tmx = await _received(request)
        return _receipt(await desk.import_slots.run_in_place(_import, desk.library.memory.store, tmx))


router.add_api_route(
    "/memory",
    import_translations,
    methods=["POST"],
    include_in_schema=False,
    responses=_STORED,
    route_class_override=TmxRoute,
)


@router.post(
    "/memory",
    operation_id="storeTranslations",
    summary="Store approved translations",
    dependencies=require_body(JSON, *_XML),
    openapi_extra={"requestBody": {"content": _TMX}},
    responses=_STORED,
)
async def store_translations(body: MemoryBody, response: Response, desk: AtDesk) -> MemoryReceipt:
    """Keep segments and their translations, or a TMX file; once answered they are on the disk, and used.

    Of a single segment `Location` tells where it can be removed.
    """
    added = await desk.store_slots.run(desk.library.memory.store.add, _units(body))
    if len(body.segments) == 1:
        response.headers["Location"] = f"{PATH}/{added.last_id}"
    return _receipt(added)


@router.get(
    "/memory",
    operation_id="listTranslations",
    summary="List or export approved translations",
    response_model=Page[MemoryUnit],
    responses={200: {"content": _TMX}, **problem_responses()},
)
async def list_translations(
    request: Request,
    desk: AtDesk,
    limit: Annotated[int, Query(ge=1, le=MOST_LISTED)] = 20,
    offset: Annotated[int, Query(ge=0, le=MOST_OFFSET)] = 0,
    source_language: SourceTag = None,
    target_language: TargetTag = None,
) -> Page[MemoryUnit] | StreamingResponse:
    """Give units in the order they were stored, of one pair or of all: a page of them, or all where TMX is accepted."""
    store, pair = desk.library.memory.store, _pair(source_language, target_language)
    if MEDIA_TYPE in request.headers.get("accept", "").lower():
        everything = await desk.store_slots.run(store.everything, pair)
        return StreamingResponse(write_tmx(everything), media_type=MEDIA_TYPE)
    found, count = await desk.store_slots.run(store.page, limit=limit, offset=offset, pair=pair)
    return Page(items=[_item(stored) for stored in found], limit=limit, offset=offset, count=count)


@router.delete(
    "/memory",
    operation_id="removeTranslations",
    summary="Remove all approved translations of a pair",
    responses=problem_responses(),
)
async def remove_translations(
    desk: AtDesk,
    source_language: Annotated[str, Query(alias="sourceLanguage", max_length=LONGEST_TAG)],
    target_language: Annotated[str, Query(alias="targetLanguage", max_length=LONGEST_TAG)],
) -> RemovedUnits:
    """Remove every unit from exactly this language into exactly that one; both have to be named."""
    pair = LanguagePair(LanguageTag.parse(source_language), LanguageTag.parse(target_language))
    return RemovedUnits(removed=await desk.store_slots.run(desk.library.memory.store.remove_pair, pair))


@router.delete(
    "/memory/{id}",
    operation_id="removeTranslation",
    summary="Remove an approved translation",
    status_code=204,
    responses=problem_responses(404),
)
async def remove_translation(own_id: Annotated[UUID, Path(alias="id")], desk: AtDesk) -> None:
    """Remove one unit, from the file as well."""
    await desk.store_slots.run(desk.library.memory.store.remove, own_id)


async def _received(request: Request) -> bytearray:
    content = bytearray()
    try:
        async for piece in request.stream():
            content += piece
    except ClientDisconnect:
        raise MalformedRequestError("The body breaks off.") from None
    return content


def _import(store: MemoryStore, tmx: bytearray) -> Added:
    return store.add(read_tmx(tmx))


def _units(body: MemoryBody) -> list[Unit]:
    pair = LanguagePair(LanguageTag.parse(body.source_language), LanguageTag.parse(body.target_language))
    if pair.source.serves(pair.target):
        raise InvalidInputError("Source and target are the same language.", code="same-language")
    return [Unit(pair, segment.source, segment.target) for segment in body.segments]


def _receipt(added: Added) -> MemoryReceipt:
    return MemoryReceipt(stored=added.stored, replaced=added.replaced, unchanged=added.unchanged, skipped=added.skipped)


def _pair(source: str | None, target: str | None) -> LanguagePair | None:
    if source is None and target is None:
        return None
    if source is None or target is None:
        raise InvalidInputError("Name both languages of a pair, or none.", code="half-a-pair")
    return LanguagePair(LanguageTag.parse(source), LanguageTag.parse(target))


def _item(stored: StoredUnit) -> MemoryUnit:
    return MemoryUnit(
        id=stored.id,
        stored_at=stored.stored_at,
        source_language=str(stored.unit.pair.source),
        target_language=str(stored.unit.pair.target),
        source=stored.unit.source,
        target=stored.unit.target,
    )
