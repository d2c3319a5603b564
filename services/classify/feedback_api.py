"""The endpoints under /api/v1/classify/feedback: what examiners decided, taken in, given out and removed."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import StreamingResponse

from examkit.web.problems import problem_responses
from examkit.web.wire import JSON_BODY, Page
from services.classify.decided import read_installed_symbols, read_symbols
from services.classify.desk import AtFeedbackDesk
from services.classify.engine import BlankTextError
from services.classify.feedback.decisions import Decision, ShownSymbol, StoredDecision
from services.classify.feedback_schemas import (
    JSON_LINES,
    MOST_LISTED,
    MOST_OFFSET,
    FeedbackBody,
    FeedbackItem,
    FeedbackReceipt,
    ShownBody,
)
from services.classify.schemas import DocumentId
from services.classify.scheme import Scheme
from services.classify.text import PatentText

router = APIRouter(prefix="/api/v1/classify/feedback", tags=["feedback"])

_LINES: Final = {
    "description": "A page; or, as JSON lines, everything at once",
    "content": {JSON_LINES: {"schema": {"type": "string"}}},
}


@router.post(
    "",
    operation_id="storeFeedback",
    summary="Store what an examiner decided",
    status_code=201,
    dependencies=JSON_BODY,
    responses={
        200: {"model": FeedbackReceipt, "description": "Was stored already: the same decision, sent again"},
        **problem_responses(400, 413, 415),
    },
)
async def store_feedback(body: FeedbackBody, desk: AtFeedbackDesk, response: Response) -> FeedbackReceipt:
    """Keep a decision for later training and evaluation; once answered it is on the disk."""
    kept = await desk.slots.run(desk.feedback.add, _decision(body, desk.scheme))
    response.status_code = 201 if kept.is_new else 200
    return FeedbackReceipt(id=kept.id, stored_at=kept.stored_at)


@router.get(
    "",
    operation_id="listFeedback",
    summary="List or export feedback",
    response_model=Page[FeedbackItem],
    response_model_exclude_none=True,
    responses={200: _LINES, **problem_responses()},
)
async def list_feedback(
    request: Request,
    desk: AtFeedbackDesk,
    limit: Annotated[int, Query(ge=1, le=MOST_LISTED)] = 20,
    offset: Annotated[int, Query(ge=0, le=MOST_OFFSET)] = 0,
    document_id: Annotated[DocumentId | None, Query(alias="documentId")] = None,
) -> Page[FeedbackItem] | StreamingResponse:
    """Give decisions in the order they were stored: a page of them, or all where JSON lines are accepted."""
    if JSON_LINES in request.headers.get("accept", "").lower():
        everything = await desk.slots.run(desk.feedback.everything, document_id)
        return StreamingResponse(_lines(everything), media_type=JSON_LINES)
    found, count = await desk.slots.run(desk.feedback.page, limit=limit, offset=offset, document_id=document_id)
    return Page(items=[_item(stored) for stored in found], limit=limit, offset=offset, count=count)


@router.delete(
    "/{id}",
    operation_id="removeFeedback",
    summary="Remove feedback with its text",
    status_code=204,
    responses=problem_responses(404),
)
async def remove_feedback(own_id: Annotated[UUID, Path(alias="id")], desk: AtFeedbackDesk) -> None:
    """Remove one decision; earlier ones about the same document stay until they are removed themselves."""
    await desk.slots.run(desk.feedback.remove, own_id)


def _decision(body: FeedbackBody, scheme: Scheme) -> Decision:
    text = PatentText(body.title, body.abstract, body.claims, body.description, body.text)
    if text.is_blank:
        raise BlankTextError("The document holds no text.")
    shown = read_symbols({f"/predicted/{row}/symbol": each.symbol for row, each in enumerate(body.predicted)})
    assigned = read_installed_symbols({f"/assigned/{row}": each for row, each in enumerate(body.assigned)}, scheme)
    return Decision(
        document_id=body.document_id,
        language=body.language,
        text=text,
        edition=scheme.edition,
        predicted=tuple(ShownSymbol(symbol, each.score) for symbol, each in zip(shown, body.predicted, strict=True)),
        assigned=tuple(dict.fromkeys(assigned)),
    )


def _lines(decisions: Iterable[StoredDecision]) -> Iterator[str]:
    for stored in decisions:
        yield _item(stored).model_dump_json(by_alias=True, exclude_none=True) + "\n"


def _item(stored: StoredDecision) -> FeedbackItem:
    decision = stored.decision
    return FeedbackItem(
        id=stored.id,
        stored_at=stored.stored_at,
        document_id=decision.document_id,
        language=decision.language,
        edition=decision.edition,
        predicted=[ShownBody(symbol=str(shown.symbol), score=shown.score) for shown in decision.predicted],
        assigned=[str(symbol) for symbol in decision.assigned],
        **asdict(decision.text),
    )
