"""The endpoint POST /api/v1/marks/suggest-codes."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request

from examkit.web.problems import problem_responses
from examkit.web.wire import MULTIPART_BODY, ModelInfo
from services.image_search.codes_schemas import SuggestFields, SuggestionBody, SuggestionsAnswer
from services.image_search.desk import AtDesk
from services.image_search.engine import ImageSubject
from services.image_search.forms import IMAGE_PART, image_form, inline_schema, read_form

router = APIRouter(prefix="/api/v1/marks", tags=["marks"])


@dataclass(frozen=True)
class _Request:
    image: ImageSubject
    limit: int


async def _read(request: Request) -> _Request:
    form = await read_form(request, file_names=IMAGE_PART)
    fields = form.read(SuggestFields, json_fields=frozenset({"box"}), list_fields=frozenset())
    return _Request(ImageSubject(form.file("image"), fields.region), fields.limit)


@router.post(
    "/suggest-codes",
    operation_id="suggestCodes",
    summary="Suggest Vienna codes for an image",
    dependencies=MULTIPART_BODY,
    responses=problem_responses(400, 413, 415),
    openapi_extra={"requestBody": {"required": True, "content": image_form(inline_schema(SuggestFields))}},
)
async def suggest_codes(wanted: Annotated[_Request, Depends(_read)], desk: AtDesk) -> SuggestionsAnswer:
    """Suggest the divisions, or sections, of the Vienna Classification that fit what an image shows."""
    suggested = await desk.slots.run(desk.searcher.suggest_codes, wanted.image, limit=wanted.limit)
    name, version = desk.searcher.concept_model
    return SuggestionsAnswer(
        edition=suggested.edition,
        model=ModelInfo(name=name, version=version),
        suggestions=[SuggestionBody.of(each) for each in suggested.codes],
    )
