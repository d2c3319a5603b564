"""The endpoints of bulk imports: an archive taken on, its job watched and cancelled; and how the register stands."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import StreamingResponse

from examkit.web.problems import problem_responses
from examkit.web.wire import MULTIPART, ModelInfo, Page, require_body
from services.image_search.desk import AtDesk, AtImportDesk
from services.image_search.import_schemas import (
    JSON_LINES,
    MOST_LISTED,
    MOST_OFFSET,
    ImportJob,
    ImportOutcome,
    JobNumber,
    Reembedding,
    RegisterStatus,
    job_id_of,
    job_url,
)
from services.image_search.importing.outcomes import Outcome, Verdict
from services.image_search.marks import MarkFilter
from services.image_search.upload import ARCHIVE_PART, ARCHIVE_TYPES, receive_archive

IMPORT_PATH: Final = "/api/v1/marks/import"

_BINARY: Final = {"type": "string", "format": "binary"}
_FORM: Final[dict[str, Any]] = {"type": "object", "required": [ARCHIVE_PART], "properties": {ARCHIVE_PART: _BINARY}}
_ARCHIVE_BODY: Final = {
    "required": True,
    "description": "Zip or tar of trademark XML (ST.66, ST.96), JSONL, CSV or TSV files and the images that they name",
    "content": {MULTIPART: {"schema": _FORM}, **{name: {"schema": _BINARY} for name in ARCHIVE_TYPES}},
}
_LINES: Final = {
    "description": "A page; or, as JSON lines, everything at once",
    "content": {JSON_LINES: {"schema": {"type": "string"}}},
}

router = APIRouter(tags=["imports"])

_JobPath = Annotated[JobNumber, Path(alias="number")]


@router.post(
    IMPORT_PATH,
    operation_id="importMarks",
    summary="Take many marks in",
    status_code=202,
    response_model_exclude_none=True,
    dependencies=require_body(MULTIPART, *ARCHIVE_TYPES),
    responses=problem_responses(400, 413, 415),
    openapi_extra={"requestBody": _ARCHIVE_BODY},
)
async def import_marks(
    request: Request,
    response: Response,
    desk: AtImportDesk,
    look_for_alike: Annotated[
        bool, Query(alias="lookForAlike", description="tell of marks that look the same")
    ] = False,
) -> ImportJob:
    """Take an archive on; the job that takes its marks in goes on over restarts. Follow `Location`."""
    with desk.imports.arrival() as file:
        await receive_archive(request, file)
        job = await desk.slots.run(desk.imports.accept, file, look_for_alike=look_for_alike)
    response.headers["Location"] = job_url(job.id)
    return ImportJob.of(job)


@router.get(
    "/api/v1/jobs/marks-{number}",
    operation_id="getImportJob",
    summary="See how far an import is",
    response_model_exclude_none=True,
    responses=problem_responses(404),
)
async def get_job(number: _JobPath, desk: AtImportDesk) -> ImportJob:
    """Tell how an import stands; jobs that ended are forgotten after 30 days."""
    return ImportJob.of(await desk.slots.run(desk.imports.ledger.job, job_id_of(number)))


@router.get(
    "/api/v1/jobs/marks-{number}/results",
    operation_id="listImportResults",
    summary="See what became of each row",
    response_model=Page[ImportOutcome],
    response_model_exclude_none=True,
    responses={200: _LINES, **problem_responses(404)},
)
async def list_results(
    request: Request,
    number: _JobPath,
    desk: AtImportDesk,
    outcome: Annotated[Verdict | None, Query(description="only rows of this outcome")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_LISTED)] = 100,
    offset: Annotated[int, Query(ge=0, le=MOST_OFFSET)] = 0,
) -> Page[ImportOutcome] | StreamingResponse:
    """Give the outcomes in the order of the rows: a page of them, or all where JSON lines are accepted."""
    run, ledger, job_id = desk.slots.run, desk.imports.ledger, job_id_of(number)
    if JSON_LINES in request.headers.get("accept", "").lower():
        return StreamingResponse(_lines(await run(ledger.everything, job_id, outcome)), media_type=JSON_LINES)
    found, count = await run(ledger.page, job_id, outcome, limit=limit, offset=offset)
    return Page(items=[ImportOutcome.of(each) for each in found], limit=limit, offset=offset, count=count)


@router.delete(
    "/api/v1/jobs/marks-{number}",
    operation_id="cancelImportJob",
    summary="Cancel an import",
    status_code=204,
    responses=problem_responses(404),
)
async def cancel_job(number: _JobPath, desk: AtImportDesk) -> None:
    """End a job: from the answer on it writes nothing. Marks taken in before stay; one that ended stays as it is."""
    await desk.slots.run(desk.imports.cancel, job_id_of(number))


@router.get(
    "/api/v1/marks/status",
    operation_id="getRegisterStatus",
    summary="See how the register stands",
    responses=problem_responses(),
)
async def get_status(desk: AtDesk) -> RegisterStatus:
    """Tell how many marks there are, and how many of them wait to be described by a new version of the model."""
    _, count = await desk.slots.run(desk.searcher.page, MarkFilter(), limit=1, offset=0)
    name, version = desk.searcher.model
    state = desk.searcher.reembedding.state
    return RegisterStatus(
        count=count,
        model=ModelInfo(name=name, version=version),
        reembedding=Reembedding(total=state.total, done=state.done),
    )


def _lines(outcomes: Iterable[Outcome]) -> Iterator[str]:
    for outcome in outcomes:
        yield ImportOutcome.of(outcome).model_dump_json(by_alias=True, exclude_none=True) + "\n"
