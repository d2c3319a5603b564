"""The endpoints under /api/v1/marks."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response

from examkit.web.problems import problem_responses
from examkit.web.wire import JSON, MULTIPART, MULTIPART_BODY, ModelInfo, Page, require_body, weight_of
from services.image_search.desk import AtDesk, Desk
from services.image_search.engine import (
    Found,
    Hit,
    NewMark,
    Search,
)
from services.image_search.forms import IMAGE_PART, image_form, inline_schema, read_form, validate_json
from services.image_search.image import MEDIA_TYPES
from services.image_search.preview import LARGEST_SIDE, SMALLEST_SIDE
from services.image_search.preview import MEDIA_TYPE as PREVIEW_TYPE
from services.image_search.schemas import (
    BoxBody,
    HitBody,
    ListQuery,
    MarkBody,
    MarkId,
    MetadataBody,
    ScoresBody,
    SearchAnswer,
    SearchBody,
    SearchFields,
    UnderstoodBody,
)
from services.image_search.searching import JSON_FIELDS, LIST_FIELDS, search_by_body, search_by_image
from services.image_search.st96 import XML, write_trademark, write_trademarks
from services.image_search.strategies import Strategy
from services.image_search.word_ranking import Understood

_SERVED_IMAGE = {
    "description": "The image as it was submitted; as WebP where a size was asked for",
    "headers": {
        "ETag": {"description": "Tells this image, in this size", "schema": {"type": "string"}},
        "Image-Scale": {
            "description": "Where a size was asked for: how many pixels of the answer stand for one of the image",
            "schema": {"type": "number"},
        },
    },
    "content": {name: {} for name in MEDIA_TYPES.values()},
}
_UNCHANGED = {
    "description": "Still the image that `If-None-Match` names",
    "headers": {"ETag": {"description": "Tells this image, in this size", "schema": {"type": "string"}}},
}
_SIZE = "pixels of the longer side, at most; smaller images are not enlarged"


def _as_xml(element: str) -> dict[int | str, dict[str, Any]]:
    """Describe the answer to who accepts XML rather than JSON."""
    return {200: {"content": {XML: {"schema": {"type": "string", "description": f"an ST.96 {element}"}}}}}


router = APIRouter(prefix="/api/v1/marks", tags=["marks"])


MarkIdPath = Annotated[MarkId, Path(alias="markId")]


async def _is_xml_wanted(accept: Annotated[str, Header(include_in_schema=False)] = "*/*") -> bool:
    return weight_of(XML, accept) > weight_of(JSON, accept)


XmlWanted = Annotated[bool, Depends(_is_xml_wanted)]


async def _new_mark(request: Request, mark_id: MarkIdPath) -> NewMark:
    form = await read_form(request, file_names=IMAGE_PART)
    return NewMark(mark_id, validate_json(MetadataBody, form.text("metadata", "{}")).to_metadata(), form.file("image"))


async def _search(request: Request) -> Search:
    """Read a search from either kind of body."""
    if request.headers["content-type"].lower().startswith(JSON):
        return search_by_body(validate_json(SearchBody, await request.body()))
    form = await read_form(request, file_names=IMAGE_PART)
    fields = form.read(SearchFields, json_fields=JSON_FIELDS, list_fields=LIST_FIELDS)
    return search_by_image(form.file("image"), fields)


@router.put(
    "/{markId}",
    operation_id="putMark",
    summary="Add or replace a mark",
    response_model_exclude_none=True,
    dependencies=MULTIPART_BODY,
    responses={201: {"model": MarkBody, "description": "Added"}, **problem_responses(400, 413, 415)},
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": image_form({"properties": {"metadata": inline_schema(MetadataBody)}}),
        }
    },
)
async def put_mark(mark: Annotated[NewMark, Depends(_new_mark)], desk: AtDesk, response: Response) -> MarkBody:
    """Store a mark's image and metadata; the mark is found by searches from the answer on."""
    stored = await desk.slots.run(desk.searcher.put, mark)
    response.status_code = 201 if stored.is_new else 200
    return MarkBody.of(stored.mark)


@router.get(
    "",
    operation_id="listMarks",
    summary="List marks",
    response_model_exclude_none=True,
    response_model=Page[MarkBody],
    responses={**_as_xml("TrademarkBag"), **problem_responses()},
)
async def list_marks(
    query: Annotated[ListQuery, Query()], desk: AtDesk, is_xml_wanted: XmlWanted
) -> Page[MarkBody] | Response:
    """List the marks that pass the filters, in order of their ids; the XML holds the same page of them."""
    marks, count = await desk.slots.run(desk.searcher.page, query.to_filter(), limit=query.limit, offset=query.offset)
    if is_xml_wanted:
        return Response(write_trademarks(marks), media_type=XML)
    return Page(items=[MarkBody.of(mark) for mark in marks], limit=query.limit, offset=query.offset, count=count)


@router.get(
    "/{markId}",
    operation_id="getMark",
    summary="Read a mark",
    response_model_exclude_none=True,
    response_model=MarkBody,
    responses={**_as_xml("Trademark"), **problem_responses(404)},
)
async def get_mark(mark_id: MarkIdPath, desk: AtDesk, is_xml_wanted: XmlWanted) -> MarkBody | Response:
    """Give a mark's metadata and, in JSON, the place of its image."""
    mark = await desk.slots.run(desk.searcher.mark, mark_id)
    return Response(write_trademark(mark), media_type=XML) if is_xml_wanted else MarkBody.of(mark)


@router.get(
    "/{markId}/image",
    operation_id="getMarkImage",
    summary="Fetch a mark's image",
    response_class=Response,
    responses={200: _SERVED_IMAGE, 304: _UNCHANGED, **problem_responses(404)},
)
async def get_mark_image(
    mark_id: MarkIdPath,
    desk: AtDesk,
    size: Annotated[int | None, Query(ge=SMALLEST_SIDE, le=LARGEST_SIDE, description=_SIZE)] = None,
    known: Annotated[str, Header(alias="If-None-Match", include_in_schema=False)] = "",
) -> Response:
    """Give the image's bytes as they were submitted, or drawn at most so large, on white, for every browser to show."""
    return await desk.picture_slots.run(_served_image, desk, mark_id, size, known)


def _served_image(desk: Desk, mark_id: str, size: int | None, known: str) -> Response:
    def etag_of(image_sha256: str) -> str:
        return f'"{image_sha256}{f"-{size}" if size else ""}"'

    if known:
        etag = etag_of(desk.searcher.mark(mark_id).image_sha256)
        if etag in known:
            return Response(status_code=304, headers={"ETag": etag})
    image = desk.searcher.image(mark_id)
    headers = {"ETag": etag_of(image.sha256)}
    if size is None:
        return Response(image.data, media_type=image.media_type, headers=headers)
    preview = desk.preview(image.data, size)
    return Response(preview.data, media_type=PREVIEW_TYPE, headers=headers | {"Image-Scale": f"{preview.scale:.6g}"})


@router.delete(
    "/{markId}", operation_id="deleteMark", summary="Remove a mark", status_code=204, responses=problem_responses(404)
)
async def delete_mark(mark_id: MarkIdPath, desk: AtDesk) -> None:
    """Remove a mark with its image; no search finds it from the answer on."""
    await desk.slots.run(desk.searcher.delete, mark_id)


@router.post(
    "/search",
    operation_id="searchMarks",
    summary="Find similar marks",
    response_model_exclude_none=True,
    dependencies=require_body(JSON, MULTIPART),
    responses=problem_responses(400, 404, 413, 415),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": image_form(inline_schema(SearchFields)) | {JSON: {"schema": inline_schema(SearchBody)}},
        }
    },
)
async def search_marks(search: Annotated[Search, Depends(_search)], desk: AtDesk) -> SearchAnswer:
    """Rank marks by likeness to an image (multipart), or to a registered mark, a palette or words (JSON)."""
    found = await desk.slots.run(desk.searcher.search, search)
    by_concept = search.strategy is Strategy.CONCEPT
    model = desk.searcher.concept_model if by_concept else desk.searcher.model
    return _answer(search.strategy, found, model, desk.searcher.reembedding.state.waiting)


def _answer(strategy: Strategy, found: Found, model: tuple[str, str], waiting: int) -> SearchAnswer:
    name, version = model
    return SearchAnswer(
        strategy=strategy,
        count=found.count,
        model=ModelInfo(name=name, version=version),
        hits=[_hit(hit) for hit in found.hits],
        understood=None if found.understood is None else _understood(found.understood),
        waiting=waiting or None,
    )


def _understood(read: Understood) -> UnderstoodBody:
    return UnderstoodBody(names=list(read.names), approximate=read.is_approximate)


def _hit(hit: Hit) -> HitBody:
    mark, likeness = MarkBody.of(hit.mark), hit.likeness
    return HitBody(
        mark_id=mark.mark_id,
        score=round(likeness.score, 4),
        scores=ScoresBody.of(likeness),
        matched_box=None if likeness.mark_box is None else BoxBody.of(likeness.mark_box),
        query_box=None if likeness.query_box is None else BoxBody.of(likeness.query_box),
        metadata=mark.metadata,
        image_url=mark.image_url,
        words_read=mark.words_read,
    )
