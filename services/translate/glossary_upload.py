"""A glossary that a client sends: JSON, a CSV or TBX file as the body, or a file of any of these in a form."""

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from examkit.errors import ErrorDetail, InvalidInputError, MalformedRequestError, UnsupportedMediaTypeError
from examkit.web.wire import JSON, MULTIPART
from services.translate.glossary_schemas import EntryBody, GlossaryHead, GlossaryRequest
from services.translate.languages import LanguagePair, LanguageTag
from services.translate.terminology.csv_file import read_csv
from services.translate.terminology.entries import Entry, Row, checked
from services.translate.terminology.tbx_file import read_tbx

Model = TypeVar("Model", bound=BaseModel)
Given = TypeVar("Given")

CSV_TYPES: Final = ("text/csv", "text/tab-separated-values")
TBX_TYPES: Final = ("application/x-tbx", "application/xml", "text/xml")
_FILE: Final = "file"
_ENDINGS: Final = {".csv": "text/csv", ".tsv": "text/csv", ".tbx": "text/xml", ".xml": "text/xml", ".json": JSON}
_HEAD: Final = ("name", "sourceLanguage", "targetLanguage")
_BINARY: Final = {"type": "string", "format": "binary"}
_TEXT: Final = {"type": "string"}

# Its warnings quote the bytes at which a body breaks off.
logging.getLogger("python_multipart").setLevel(logging.ERROR)


@dataclass(frozen=True)
class Submitted:
    """A glossary with nothing wrong in it."""

    name: str
    pair: LanguagePair
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Upload:
    """What was sent, not read yet: `head` are the members beside a file, as text."""

    media_type: str
    content: bytes
    head: Mapping[str, str]

    def read(self) -> Submitted:
        """Read it; raise RequestValidationError, MalformedRequestError, InvalidInputError or TooLargeError."""
        if self.media_type == JSON:
            return _from_json(self.content)
        head = _validated(GlossaryHead.model_validate, self.head)
        pair = _pair(head)
        reader: Callable[[bytes, LanguagePair], Iterator[Row]] = read_csv if self.media_type in CSV_TYPES else read_tbx
        return Submitted(head.name, pair, checked(reader(self.content, pair)))


class _InMemoryParser(MultiPartParser):
    """A parser that keeps files in memory; the body limit of the service bounds them."""

    spool_max_size = 1 << 40


async def receive_glossary(request: Request) -> Upload:
    """Take a body in; of a file alone, the query tells name and languages. Raise MalformedRequestError."""
    media_type = request.headers["content-type"].partition(";")[0].strip().lower()
    if media_type == MULTIPART:
        return await _from_form(request)
    head = {name: value for name, value in request.query_params.items() if name in _HEAD}
    return Upload(media_type, await request.body(), head)


def body_description() -> dict[str, Any]:
    """Describe the bodies for OpenAPI."""
    form = {
        "type": "object",
        "required": [_FILE, *_HEAD],
        "properties": {_FILE: _BINARY, **dict.fromkeys(_HEAD, _TEXT)},
    }
    of_json = {"schema": GlossaryRequest.model_json_schema(by_alias=True)}
    definitions = of_json["schema"].pop("$defs")
    of_json["schema"]["properties"]["terms"]["items"] = definitions[EntryBody.__name__]
    files = {name: {"schema": _BINARY} for name in (*CSV_TYPES, *TBX_TYPES)}
    return {"required": True, "content": {JSON: of_json, MULTIPART: {"schema": form}, **files}}


async def _from_form(request: Request) -> Upload:
    parser = _InMemoryParser(request.headers, request.stream(), max_files=1, max_fields=len(_HEAD))
    try:
        parts = await parser.parse()
        try:
            return await _of_parts(parts)
        finally:
            await parts.close()
    except (MultiPartException, UnicodeDecodeError):
        raise MalformedRequestError("The multipart body cannot be read.") from None


async def _of_parts(parts: FormData) -> Upload:
    file = parts.get(_FILE)
    if not isinstance(file, UploadFile):
        detail = ErrorDetail(f"/{_FILE}", "This part is needed, with a file name.")
        raise InvalidInputError("The form has no file.", code="missing-part", details=[detail])
    head = {name: value for name, value in parts.items() if isinstance(value, str)}
    return Upload(_media_type(file), await file.read(), head)


def _media_type(file: UploadFile) -> str:
    """Tell what a file is by its name, else by what its part says."""
    ending = "." + (file.filename or "").lower().rpartition(".")[2]
    said = (file.content_type or "").partition(";")[0].strip().lower()
    media_type = _ENDINGS.get(ending, said)
    if media_type not in (JSON, *CSV_TYPES, *TBX_TYPES):
        raise UnsupportedMediaTypeError("Send the file as CSV, TBX or JSON.")
    return media_type


def _from_json(content: bytes) -> Submitted:
    body = _validated(GlossaryRequest.model_validate_json, content)
    rows = (Row(f"/terms/{i}", f"term {i + 1}", each.source, each.target) for i, each in enumerate(body.terms))
    return Submitted(body.name, _pair(body), checked(rows))


def _pair(head: GlossaryHead) -> LanguagePair:
    pair = LanguagePair(LanguageTag.parse(head.source_language), LanguageTag.parse(head.target_language))
    if pair.source.serves(pair.target):
        raise InvalidInputError("Source and target are the same language.", code="same-language")
    return pair


def _validated(validate: Callable[[Given], Model], given: Given) -> Model:
    try:
        return validate(given)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        raise RequestValidationError([{**item, "loc": ("body", *item["loc"])} for item in found]) from None
