"""Read multipart bodies without ever writing a submitted image to disk, and describe them for OpenAPI."""

import json
import logging
from collections.abc import Mapping
from typing import Any, Final, TypeVar

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from examkit.errors import ErrorDetail, InvalidInputError, MalformedRequestError
from examkit.web.wire import MULTIPART

Model = TypeVar("Model", bound=BaseModel)

IMAGE_PART: Final = frozenset({"image"})
_MOST_PARTS = 160  # a search may name 45 classes and 40 examples
_IMAGE_SCHEMA: Final = {"type": "string", "format": "binary", "description": "PNG, JPEG, GIF, TIFF, WebP or BMP"}

# Its warnings quote the bytes at which a body breaks off.
logging.getLogger("python_multipart").setLevel(logging.ERROR)


class _InMemoryParser(MultiPartParser):
    """A parser that keeps files in memory; the body limit of the service bounds them."""

    spool_max_size = 1 << 40


class Form:
    """The parts of a multipart body."""

    def __init__(self, files: Mapping[str, bytes], fields: Mapping[str, list[str]]) -> None:
        self._files = files
        self._fields = fields

    def file(self, name: str) -> bytes:
        """Return the bytes of a file part; raise InvalidInputError with code `missing-part`."""
        if name not in self._files:
            detail = ErrorDetail(f"/{name}", "This part is needed, with a file name.")
            raise InvalidInputError(f"The form has no file part {name}.", code="missing-part", details=[detail])
        return self._files[name]

    def text(self, name: str, default: str) -> bytes:
        """Return a field, or the default where it is absent."""
        return (self._fields.get(name) or [default])[-1].encode()

    def read(self, model: type[Model], *, json_fields: frozenset[str], list_fields: frozenset[str]) -> Model:
        """Read the fields as members of a model; empty ones count as absent.

        Raise MalformedRequestError for a JSON field that is no JSON, RequestValidationError for unusable values.
        """
        given = {name: [value for value in values if value] for name, values in self._fields.items()}
        return validate(
            model,
            {
                name: values if name in list_fields else _parse_json(values[-1]) if name in json_fields else values[-1]
                for name, values in given.items()
                if values
            },
        )


async def read_form(request: Request, *, file_names: frozenset[str]) -> Form:
    """Read a multipart body; parts of other names are fields, even when they come with a file name.

    Raise MalformedRequestError when the body is not what its content type says.
    """
    parser = _InMemoryParser(request.headers, request.stream(), max_files=_MOST_PARTS, max_fields=_MOST_PARTS)
    try:
        parts = await parser.parse()
        try:
            return await _sort(parts, file_names)
        finally:
            await parts.close()
    except (MultiPartException, UnicodeDecodeError):
        raise MalformedRequestError("The multipart body cannot be read.") from None


async def _sort(parts: FormData, file_names: frozenset[str]) -> Form:
    files: dict[str, bytes] = {}
    fields: dict[str, list[str]] = {}
    for name, part in parts.multi_items():
        content = await part.read() if isinstance(part, UploadFile) else part
        if isinstance(content, bytes) and name in file_names:
            files[name] = content
        else:
            fields.setdefault(name, []).append(content if isinstance(content, str) else content.decode())
    return Form(files, fields)


def validate(model: type[Model], members: Mapping[str, Any]) -> Model:
    """Read a model from parsed members; raise RequestValidationError."""
    try:
        return model.model_validate(members)
    except ValidationError as error:
        raise as_request_error(error) from None


def validate_json(model: type[Model], body: bytes) -> Model:
    """Read a model from a JSON body; raise RequestValidationError."""
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise as_request_error(error) from None


def as_request_error(error: ValidationError) -> RequestValidationError:
    """Turn a model's errors into those of a request body, as FastAPI would have raised them."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return RequestValidationError([{**item, "loc": ("body", *item["loc"])} for item in found])


def inline_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Return a model's JSON schema with every reference replaced by what it refers to."""
    schema = model.model_json_schema(by_alias=True)
    definitions = schema.pop("$defs", {})

    def resolve(node: Any) -> Any:
        if isinstance(node, list):
            return [resolve(item) for item in node]
        if not isinstance(node, dict):
            return node
        own = {key: resolve(value) for key, value in node.items() if key != "$ref"}
        return own if "$ref" not in node else resolve(definitions[node["$ref"].rpartition("/")[2]]) | own

    resolved: dict[str, Any] = resolve(schema)
    return resolved


def image_form(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Describe a multipart body with an image beside the members of a schema."""
    members = {"image": _IMAGE_SCHEMA, **schema["properties"]}
    return {MULTIPART: {"schema": {"type": "object", "required": ["image"], "properties": members}}}


def _parse_json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise MalformedRequestError("A form field that should hold JSON does not.", code="malformed-json") from None
