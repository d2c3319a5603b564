"""The endpoint of reading: a document in, its text out, and nothing of it left here."""

from dataclasses import asdict
from typing import BinaryIO, Final

from fastapi import APIRouter, Request

from examkit.web.problems import problem_responses
from examkit.web.wire import MULTIPART, MULTIPART_BODY
from services.classify.desk import AtReadingDesk
from services.classify.languages import UNDETERMINED, detect_language
from services.classify.reading.apart import read_apart
from services.classify.reading.upload import FILE_PART, receive_document
from services.classify.reading_schemas import DocumentText
from services.classify.text import PatentText

PATH: Final = "/api/v1/documents/text"
MOST_BODY_BYTES: Final = 33 * 1024 * 1024

_FORM: Final = {
    "type": "object",
    "required": [FILE_PART],
    "properties": {FILE_PART: {"type": "string", "format": "binary", "description": "pdf, docx, odt, txt, patent XML"}},
}

router = APIRouter(tags=["classify"])


@router.post(
    PATH,
    operation_id="readDocument",
    summary="Read the text of a document",
    dependencies=MULTIPART_BODY,
    responses=problem_responses(400, 413, 415),
    openapi_extra={"requestBody": {"required": True, "content": {MULTIPART: {"schema": _FORM}}}},
)
async def read_document(request: Request, slots: AtReadingDesk) -> DocumentText:
    """Give the text of a document by its parts; a caller without a place is refused before the document is read."""
    with slots.places.one(), await receive_document(request) as document:
        return await slots.run_in_place(_read, document)


def _read(document: BinaryIO) -> DocumentText:
    found = read_apart(document)
    return DocumentText(
        format=found.format,
        **asdict(found.text),
        language=found.language or _language(found.text),
        pages=found.pages,
        truncated=found.truncated,
    )


def _language(text: PatentText) -> str | None:
    code = detect_language(text.readable).code
    return None if code == UNDETERMINED else code
