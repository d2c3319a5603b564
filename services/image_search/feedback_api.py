"""The endpoints under /api/v1/marks/feedback: what examiners found relevant, taken in, given out and removed."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import StreamingResponse

from examkit.web.problems import problem_responses
from examkit.web.wire import JSON_BODY, Page
from services.image_search.desk import AtDesk
from services.image_search.feedback import StoredJudgement
from services.image_search.feedback_schemas import (
    JSON_LINES,
    MOST_LISTED,
    MOST_OFFSET,
    MarkFeedbackBody,
    MarkFeedbackItem,
    MarkFeedbackReceipt,
)
from services.image_search.schemas import MarkId

router = APIRouter(prefix="/api/v1/marks/feedback", tags=["feedback"])

_LINES: Final = {
    "description": "A page; or, as JSON lines, everything at once",
    "content": {JSON_LINES: {"schema": {"type": "string"}}},
}


@router.post(
    "",
    operation_id="storeMarkFeedback",
    summary="Store what an examiner found relevant",
    status_code=201,
    dependencies=JSON_BODY,
    responses={
        200: {"model": MarkFeedbackReceipt, "description": "Was stored already: the same judgement, sent again"},
        **problem_responses(400, 413, 415),
    },
)
async def store_feedback(body: MarkFeedbackBody, desk: AtDesk, response: Response) -> MarkFeedbackReceipt:
    """Keep a judgement; once answered it is on the disk. It names images and marks, and holds nothing of them."""
    kept = await desk.feedback_slots.run(desk.feedback.add, body.to_judgement())
    response.status_code = 201 if kept.is_new else 200
    return MarkFeedbackReceipt(id=kept.id, stored_at=kept.stored_at)


@router.get(
    "",
    operation_id="listMarkFeedback",
    summary="List or export feedback on marks",
    response_model=Page[MarkFeedbackItem],
    response_model_exclude_none=True,
    responses={200: _LINES, **problem_responses()},
)
async def list_feedback(
    request: Request,
    desk: AtDesk,
    limit: Annotated[int, Query(ge=1, le=MOST_LISTED)] = 20,
    offset: Annotated[int, Query(ge=0, le=MOST_OFFSET)] = 0,
    mark_id: Annotated[MarkId | None, Query(alias="markId", description="searches by this mark only")] = None,
) -> Page[MarkFeedbackItem] | StreamingResponse:
    """Give judgements in the order they were stored: a page of them, or all where JSON lines are accepted."""
    if JSON_LINES in request.headers.get("accept", "").lower():
        everything = await desk.feedback_slots.run(desk.feedback.everything, mark_id)
        return StreamingResponse(_lines(everything), media_type=JSON_LINES)
    found, count = await desk.feedback_slots.run(desk.feedback.page, limit=limit, offset=offset, mark_id=mark_id)
    return Page(items=[MarkFeedbackItem.of(stored) for stored in found], limit=limit, offset=offset, count=count)


@router.delete(
    "/{id}",
    operation_id="removeMarkFeedback",
    summary="Remove feedback on a mark",
    status_code=204,
    responses=problem_responses(404),
)
async def remove_feedback(own_id: Annotated[UUID, Path(alias="id")], desk: AtDesk) -> None:
    """Remove one judgement; earlier ones of the same hit stay until they are removed themselves."""
    await desk.feedback_slots.run(desk.feedback.remove, own_id)


def _lines(judgements: Iterable[StoredJudgement]) -> Iterator[str]:
    for stored in judgements:
        yield MarkFeedbackItem.of(stored).model_dump_json(by_alias=True, exclude_none=True) + "\n"
