"""The endpoints under /api/v1/glossaries."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response

from examkit.web.problems import problem_responses
from examkit.web.wire import JSON, MULTIPART, Page, require_body
from services.translate.desk import AtDesk
from services.translate.glossary_schemas import (
    MOST_ENTRIES_LISTED,
    MOST_LISTED,
    MOST_OFFSET,
    EntryBody,
    GlossaryBody,
)
from services.translate.glossary_upload import CSV_TYPES, TBX_TYPES, Upload, body_description, receive_glossary
from services.translate.terminology.store import GlossaryStore, StoredGlossary

PATH = "/api/v1/glossaries"

router = APIRouter(prefix=PATH, tags=["glossaries"])

_Id = Annotated[UUID, Path(alias="id")]


@router.post(
    "",
    operation_id="addGlossary",
    summary="Add a glossary",
    status_code=201,
    dependencies=require_body(JSON, MULTIPART, *CSV_TYPES, *TBX_TYPES),
    responses=problem_responses(400, 413, 415),
    openapi_extra={"requestBody": body_description()},
)
async def add_glossary(
    request: Request,
    response: Response,
    desk: AtDesk,
    _name: Annotated[str | None, Query(alias="name", description="of a CSV or TBX file sent as the body")] = None,
    _source: Annotated[str | None, Query(alias="sourceLanguage", description="of such a file")] = None,
    _target: Annotated[str | None, Query(alias="targetLanguage", description="of such a file")] = None,
) -> GlossaryBody:
    """Keep a glossary of the office: JSON, CSV or TBX; once answered it is on the disk."""
    stored = await desk.store_slots.run(_add, desk.library.glossaries, await receive_glossary(request))
    response.headers["Location"] = f"{PATH}/{stored.id}"
    return GlossaryBody.of(stored)


@router.get("", operation_id="listGlossaries", summary="List glossaries", responses=problem_responses())
async def list_glossaries(
    desk: AtDesk,
    limit: Annotated[int, Query(ge=1, le=MOST_LISTED)] = 20,
    offset: Annotated[int, Query(ge=0, le=MOST_OFFSET)] = 0,
) -> Page[GlossaryBody]:
    """List the glossaries of the office, oldest first; the patent glossary that comes along is not among them."""
    found, count = await desk.store_slots.run(desk.library.glossaries.page, limit=limit, offset=offset)
    return Page(items=[GlossaryBody.of(each) for each in found], limit=limit, offset=offset, count=count)


@router.get("/{id}", operation_id="getGlossary", summary="See a glossary", responses=problem_responses(404))
async def get_glossary(own_id: _Id, desk: AtDesk) -> GlossaryBody:
    """Tell name, languages and size of a glossary."""
    return GlossaryBody.of(await desk.store_slots.run(desk.library.glossaries.get, own_id))


@router.get(
    "/{id}/entries", operation_id="listGlossaryEntries", summary="List its terms", responses=problem_responses(404)
)
async def list_entries(
    own_id: _Id,
    desk: AtDesk,
    limit: Annotated[int, Query(ge=1, le=MOST_ENTRIES_LISTED)] = 100,
    offset: Annotated[int, Query(ge=0, le=MOST_OFFSET)] = 0,
) -> Page[EntryBody]:
    """List the terms of a glossary in the order in which they were sent."""
    found, count = await desk.store_slots.run(desk.library.glossaries.entries, own_id, limit=limit, offset=offset)
    items = [EntryBody(source=each.source, target=each.target) for each in found]
    return Page(items=items, limit=limit, offset=offset, count=count)


@router.delete(
    "/{id}",
    operation_id="removeGlossary",
    summary="Remove a glossary",
    status_code=204,
    responses=problem_responses(404),
)
async def remove_glossary(own_id: _Id, desk: AtDesk) -> None:
    """Remove a glossary with its terms."""
    await desk.store_slots.run(desk.library.glossaries.remove, own_id)


def _add(store: GlossaryStore, upload: Upload) -> StoredGlossary:
    submitted = upload.read()
    return store.add(submitted.name, submitted.pair, submitted.entries)
