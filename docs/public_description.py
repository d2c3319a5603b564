"""What is said of every operation at the public door beyond what its service says: credentials, failures, examples."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from examkit.web.problems import PROBLEM_MEDIA_TYPE, problem_responses
from examkit.web.wire import JSON

_EXAMPLES: Final[Mapping[str, Any]] = json.loads(Path(__file__).with_name("openapi_examples.json").read_text())
_PARAMETERS: Final = {
    "markId": "NZ-1234567",
    "symbol": "A46B 9/04",
    "number": "0b9b3f2a7c5d4e6f8a1b2c3d4e5f6071",
    "id": "0b9b3f2a-7c5d-4e6f-8a1b-2c3d4e5f6071",
}
_CORRELATION_ID: Final = "6d0f3c1e-9a52-4f0e-8d57-2f1f7f6f0b11"
# What stands for each status: a code of docs/problems.md and a sentence.
_PROBLEMS: Final = {
    400: ("malformed-json", "The body is not valid JSON."),
    401: ("api-key-missing", "Send an API key in the API-Key header."),
    403: ("missing-scope", "The API key lacks the scope classify."),
    404: ("not-found", "There is nothing of this id."),
    406: ("not-acceptable", "This route answers as application/json."),
    408: ("body-too-slow", "The body arrives too slowly."),
    413: ("body-too-large", "The body is larger than the 27262976 bytes taken here."),
    415: ("unsupported-media-type", "Send the body as application/json."),
    422: ("invalid-input", "The request has values that cannot be used: /limit."),
    429: ("rate-limited", "The calls of a minute are used up."),
    500: ("internal-error", "The request failed here."),
    502: ("upstream-failed", "The classify service broke off."),
    503: ("upstream-unavailable", "The classify service cannot be reached."),
    504: ("upstream-timeout", "The classify service did not answer in time."),
}
_ALL_HEADERS: Final = ("Correlation-ID",)
_HEADERS_OF: Final = {429: ("Retry-After", "RateLimit", "RateLimit-Policy"), 503: ("Retry-After",)}

COMPONENTS: Final[Mapping[str, Any]] = {
    "securitySchemes": {
        "ApiKey": {
            "type": "apiKey",
            "in": "header",
            "name": "API-Key",
            "description": "A key that the office's operator gives out; never in a URL.",
        },
        "BearerToken": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "An access token of the office's identity provider, where the operator has named one.",
        },
    },
    "headers": {
        "Correlation-ID": {
            "description": "Names the call in logs and in the audit trail: what the client sent, else made here.",
            "schema": {"type": "string", "maxLength": 128},
            "example": _CORRELATION_ID,
        },
        "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}, "example": 12},
        "RateLimit": {
            "description": "What is left of each policy, and in how many seconds it is whole again.",
            "schema": {"type": "string"},
            "example": '"requests";r=0;t=12',
        },
        "RateLimit-Policy": {
            "description": "How much of what the caller may have in how many seconds.",
            "schema": {"type": "string"},
            "example": '"requests";q=6000;w=60',
        },
    },
}
TAGS: Final = [
    {"name": "classify", "description": "IPC symbols for patent texts."},
    {"name": "ipc", "description": "The classification itself: titles, children, validity."},
    {"name": "marks", "description": "The register of marks, and the search by image, words and colors."},
    {"name": "imports", "description": "Many marks at once, as a job; how the register stands."},
    {"name": "translate", "description": "Texts, with markup, terms, alternatives and quality."},
    {"name": "documents", "description": "Whole documents, as jobs."},
    {"name": "glossaries", "description": "The office's own terms."},
    {"name": "translation memory", "description": "Translations that the office has approved."},
    {"name": "feedback", "description": "What examiners decided, for training and evaluation."},
    {"name": "caller", "description": "What a key or token opens."},
    {"name": "probes", "description": "For whoever runs Examkit; no key is needed."},
]


def problem_examples() -> dict[str, Any]:
    """Return an example of a problem document for each status."""
    return {_example_name(status): {"value": _problem(status)} for status in _PROBLEMS}


def public_operation(operation: Mapping[str, Any], scope: str | None) -> dict[str, Any]:
    """Describe an operation as a caller of the gateway with a scope, or with any key, meets it."""
    added = problem_responses(*(403, 429, 502, 504), *([408] if "requestBody" in operation else []))
    responses = {**operation["responses"], **{str(status): answer for status, answer in added.items()}}
    return with_examples(operation) | {
        "responses": {status: _response(status, responses[status], operation) for status in sorted(responses)},
        "security": [{scheme: []} for scheme in COMPONENTS["securitySchemes"]],
        **({} if scope is None else {"x-scope": scope}),
    }


def public_probe(operation: Mapping[str, Any]) -> dict[str, Any]:
    """Describe a probe, which asks for no credential."""
    named = {**operation, "operationId": operation["operationId"].replace("classify", "gateway")}
    # A probe takes nothing that could be refused.
    kept = {status: answer for status, answer in named["responses"].items() if status in ("200", "503")}
    return named | {"responses": {s: _response(s, answer, named) for s, answer in kept.items()}, "security": []}


def with_examples(operation: Mapping[str, Any]) -> dict[str, Any]:
    """Give the parameters in the path and a body of JSON an example."""
    described = dict(operation)
    if "parameters" in operation:
        described["parameters"] = [_parameter(each) for each in operation["parameters"]]
    request = _EXAMPLES.get(operation["operationId"], {}).get("request")
    if request is not None:
        content = operation["requestBody"]["content"]
        described["requestBody"] = operation["requestBody"] | {
            "content": {**content, JSON: content[JSON] | {"example": request}}
        }
    return described


def _parameter(parameter: Mapping[str, Any]) -> dict[str, Any]:
    is_in_path = parameter["in"] == "path"
    return {**parameter, **({"example": _PARAMETERS[parameter["name"]]} if is_in_path else {})}


def _response(status: str, response: Mapping[str, Any], operation: Mapping[str, Any]) -> dict[str, Any]:
    names = (*_ALL_HEADERS, *_HEADERS_OF.get(int(status), ()))
    headers = response.get("headers", {}) | {name: {"$ref": f"#/components/headers/{name}"} for name in names}
    content = dict(response.get("content", {}))
    if PROBLEM_MEDIA_TYPE in content:
        example = {"$ref": f"#/components/examples/{_example_name(int(status))}"}
        content[PROBLEM_MEDIA_TYPE] = content[PROBLEM_MEDIA_TYPE] | {"examples": {"problem": example}}
    elif JSON in content:
        content[JSON] = content[JSON] | {"example": _EXAMPLES[operation["operationId"]]["answer"]}
    return {**response, "headers": headers, **({"content": content} if content else {})}


def _example_name(status: int) -> str:
    return f"Problem{status}"


def _problem(status: int) -> dict[str, Any]:
    code, detail = _PROBLEMS[status]
    return {
        "type": f"/problems/{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": f"urn:correlation:{_CORRELATION_ID}",
        "code": code,
        "correlationId": _CORRELATION_ID,
    }
