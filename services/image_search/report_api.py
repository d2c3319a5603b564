"""The endpoint POST /api/v1/marks/report."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Header, Request, Response

from examkit.errors import NotAcceptableError
from examkit.web.app import loaded
from examkit.web.limits import InferenceSlots
from examkit.web.problems import problem_responses
from examkit.web.wire import JSON, MULTIPART, require_body, weight_of
from services.image_search.desk import AtDesk, Loaded
from services.image_search.engine import Found, Search
from services.image_search.forms import IMAGE_PART, image_form, inline_schema, read_form, validate_json
from services.image_search.report.composing import Order, Sources, compose
from services.image_search.report.page import to_html
from services.image_search.report.paper import to_pdf
from services.image_search.report_schemas import ReportBody, ReportFields, ReportForm
from services.image_search.searching import JSON_FIELDS, LIST_FIELDS, search_by_body, search_by_image

router = APIRouter(prefix="/api/v1/marks", tags=["marks"])

_PDF: Final = "application/pdf"
_HTML: Final = "text/html"
_ENDINGS: Final = {_PDF: "pdf", _HTML: "html"}
_FILES: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "The report, a file that stands alone", "content": {_PDF: {}, _HTML: {}}}
}


async def _read(request: Request) -> Order:
    if request.headers["content-type"].lower().startswith(JSON):
        body = validate_json(ReportBody, await request.body())
        return _order(search_by_body(body), body)
    form = await read_form(request, file_names=IMAGE_PART)
    fields = form.read(ReportForm, json_fields=JSON_FIELDS | {"judgements"}, list_fields=LIST_FIELDS)
    return _order(search_by_image(form.file("image"), fields), fields)


def _order(search: Search, fields: ReportFields) -> Order:
    return Order(search, fields.language, fields.reference, fields.judgements)


async def _wanted(accept: Annotated[str, Header(include_in_schema=False)] = "*/*") -> str:
    """Return the media type that is liked better, PDF where both are; raise NotAcceptableError for neither."""
    weights = {media_type: weight_of(media_type, accept) for media_type in (_PDF, _HTML)}
    best = max(weights, key=lambda media_type: weights[media_type])
    if not weights[best]:
        raise NotAcceptableError(f"A report is written as {_PDF} or {_HTML}.")
    return best


@dataclass(frozen=True)
class _Press:
    """Where a report is taken from, and the slots for writing them."""

    sources: Sources
    slots: InferenceSlots


async def _press(request: Request, desk: AtDesk) -> _Press:
    everything: Loaded = loaded(request)
    sources = Sources(desk.searcher, desk.preview, everything.titles, everything.office_name)
    return _Press(sources, everything.report_slots)


@router.post(
    "/report",
    operation_id="reportMarks",
    summary="Report a search for the file",
    response_class=Response,
    dependencies=require_body(JSON, MULTIPART),
    responses={**_FILES, **problem_responses(400, 404, 413, 415)},
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": image_form(inline_schema(ReportForm)) | {JSON: {"schema": inline_schema(ReportBody)}},
        }
    },
)
async def report_marks(
    order: Annotated[Order, Depends(_read)],
    desk: AtDesk,
    press: Annotated[_Press, Depends(_press)],
    media_type: Annotated[str, Depends(_wanted)],
) -> Response:
    """Search, and write what was asked and found, with pictures, as a PDF or, where that is accepted, an HTML file."""
    found = await desk.slots.run(desk.searcher.search, order.search)
    written = await press.slots.run(_write, order, found, press.sources, media_type)
    headers = {"Content-Disposition": f'attachment; filename="mark-search-report.{_ENDINGS[media_type]}"'}
    return Response(written, media_type=media_type, headers=headers)


def _write(order: Order, found: Found, sources: Sources, media_type: str) -> bytes:
    now = datetime.now(UTC)
    report = compose(order, found, sources, now)
    return to_pdf(report, now) if media_type == _PDF else to_html(report)
