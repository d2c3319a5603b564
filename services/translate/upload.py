"""A document that a client sends in a form, written to a file as it arrives, and what is wanted of it."""

from pathlib import Path
from typing import Any, Final

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from examkit.errors import NotReadyError
from examkit.web.upload import Awaited, StreamedForm, missing_part, receive_file
from examkit.web.wire import MULTIPART
from services.translate.document_schemas import DocumentRequest
from services.translate.documents.document import DocumentFormat
from services.translate.documents.jobs import Order

FILE_PART: Final = "file"
_LISTED: Final = "glossaryIds"
_TRUTH: Final = {"true": True, "false": False}
_MOST_FIELDS: Final = 32
_LONGEST_ENDING: Final = 8
_MISSING: Final = "A part of the form is missing."


class DocumentsDiskFullError(NotReadyError):
    """There is no room for a document."""

    code = "documents-disk-full"


DOCUMENT: Final = Awaited(FILE_PART, "the document", _MISSING, DocumentsDiskFullError)


async def receive_document(request: Request, file: Path) -> Order:
    """Write the part `file` of a form to a new file, readable by its owner alone, and give what is asked for.

    Raise MalformedRequestError for a body that breaks off, InvalidInputError (`missing-part`,
    `malformed-language-tag`), RequestValidationError for other fields that cannot be used, DocumentsDiskFullError.
    """
    form = StreamedForm(FILE_PART, _MOST_FIELDS)
    await receive_file(form.content(request), file, DOCUMENT)
    return _order(form)


def body_description() -> dict[str, Any]:
    """Describe the form for OpenAPI: the document, and the members of its request."""
    schema = DocumentRequest.model_json_schema(by_alias=True, ref_template="#/components/schemas/{model}")
    members = {FILE_PART: {"type": "string", "format": "binary"}, **schema["properties"]}
    form = {"type": "object", "required": [FILE_PART, *schema["required"]], "properties": members}
    description = f"A document ({', '.join(DocumentFormat)}) and what is wanted of it"
    return {"required": True, "description": description, "content": {MULTIPART: {"schema": form}}}


def _order(form: StreamedForm) -> Order:
    if "targetLanguage" not in form.fields:
        raise missing_part("targetLanguage", "This part is needed: a BCP-47 tag such as pt-BR.", _MISSING)
    try:
        return DocumentRequest.model_validate(_members(form.fields)).order(_ending_of(form.file_name))
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        raise RequestValidationError([{**item, "loc": ("body", *item["loc"])} for item in found]) from None


def _members(fields: dict[str, list[str]]) -> dict[str, object]:
    return {
        name: values if name == _LISTED else _TRUTH.get(values[-1].lower(), values[-1])
        for name, values in fields.items()
    }


def _ending_of(name: bytes) -> str:
    """Give the ending of a file's name, all that is kept of it."""
    ending = name.rpartition(b".")[2][:_LONGEST_ENDING].decode("ascii", "replace").lower()
    return ending if ending.isalnum() else ""
