"""The endpoints of documents: one taken on, its job watched, its result fetched, and all of it removed."""

import pathlib
from collections.abc import Iterator
from typing import Annotated, Final

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import StreamingResponse

from examkit.web.problems import problem_responses
from examkit.web.wire import MULTIPART_BODY
from services.translate.desk import AtDesk, OwnDocuments
from services.translate.document_schemas import DocumentJob, JobNumber, job_id_of, job_url
from services.translate.documents.background import DocumentJobs
from services.translate.documents.document import DocumentFormat
from services.translate.documents.jobs import Job, Order
from services.translate.languages import LanguageTag
from services.translate.library import Library
from services.translate.upload import body_description, receive_document

DOCUMENTS_PATH: Final = "/api/v1/translate/documents"

_PIECE_BYTES: Final = 256 * 1024
_BINARY: Final = {"type": "string", "format": "binary"}
_TYPES: Final = {kind.media_type: {"schema": _BINARY} for kind in DocumentFormat} | {
    "application/x-tmx+xml": {"schema": _BINARY}
}
_FILE: Final = {"description": "The file", "content": {"application/octet-stream": {"schema": _BINARY}, **_TYPES}}

router = APIRouter(tags=["documents"])

_JobPath = Annotated[JobNumber, Path(alias="number")]


@router.post(
    DOCUMENTS_PATH,
    operation_id="translateDocument",
    summary="Translate a document",
    status_code=202,
    response_model_exclude_none=True,
    dependencies=MULTIPART_BODY,
    responses=problem_responses(400, 404, 413, 415),
    openapi_extra={"requestBody": body_description()},
)
async def translate_document(
    request: Request, response: Response, desk: AtDesk, documents: OwnDocuments
) -> DocumentJob:
    """Take a document on; the job that translates it goes on over restarts. Follow `Location`."""
    with documents.arrival() as file:
        order = await receive_document(request, file)
        job = await desk.store_slots.run(_accept, desk.library, documents, file, order)
    response.headers["Location"] = job_url(job.id)
    return DocumentJob.of(job)


@router.get(
    "/api/v1/jobs/translate-{number}",
    operation_id="getDocumentJob",
    summary="See how far a document is",
    response_model_exclude_none=True,
    responses=problem_responses(404),
)
async def get_job(number: _JobPath, desk: AtDesk, documents: OwnDocuments) -> DocumentJob:
    """Tell how the translation of a document stands; what ended is forgotten after 24 hours."""
    return DocumentJob.of(await desk.store_slots.run(documents.job, job_id_of(number)))


@router.get(
    "/api/v1/jobs/translate-{number}/result",
    operation_id="getTranslatedDocument",
    summary="Fetch a translated document",
    response_class=StreamingResponse,
    responses={200: _FILE, **problem_responses(404)},
)
async def get_result(number: _JobPath, desk: AtDesk, documents: OwnDocuments) -> StreamingResponse:
    """Give the file; remove it with DELETE once it has arrived."""
    job, content = await desk.store_slots.run(documents.result, job_id_of(number))
    headers = {
        "Content-Disposition": f'attachment; filename="translation.{job.result_ending}"',
        "Content-Length": str(len(content)),
        "X-Content-Type-Options": "nosniff",
    }
    return StreamingResponse(_pieces(content), media_type=job.media_type, headers=headers)


@router.delete(
    "/api/v1/jobs/translate-{number}",
    operation_id="removeDocumentJob",
    summary="Cancel a document, or remove it",
    status_code=204,
    responses=problem_responses(404),
)
async def remove_job(number: _JobPath, desk: AtDesk, documents: OwnDocuments) -> None:
    """End a job and remove the document and its translation; from the answer on there is nothing of them here."""
    await desk.store_slots.run(documents.remove, job_id_of(number))


def _accept(library: Library, documents: DocumentJobs, file: pathlib.Path, order: Order) -> Job:
    """Take a document on; refuse one at once for which there is a glossary missing, or for other languages."""
    source = None if order.source is None else LanguageTag.parse(order.source)
    library.wishes(order.resources, source, LanguageTag.parse(order.target))
    return documents.accept(file, order)


def _pieces(content: bytes) -> Iterator[bytes]:
    for start in range(0, len(content), _PIECE_BYTES):
        yield content[start : start + _PIECE_BYTES]
