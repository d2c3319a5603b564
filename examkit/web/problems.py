"""Every failure becomes one RFC 9457 problem document with the members that WIPO ST.90 asks for."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final, assert_never

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import Field
from starlette.exceptions import HTTPException
from starlette.routing import Match

from examkit.errors import ErrorDetail, ErrorKind, ExamError, InvalidInputError, MalformedRequestError
from examkit.web.wire import WireModel

PROBLEM_MEDIA_TYPE: Final = "application/problem+json"
_MOST_DETAILS = 20
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


class ProblemDetail(WireModel):
    """One offending value."""

    pointer: str = Field(description="JSON pointer into the body, or `/query/name`, `/path/name`, `/header/name`")
    message: str


class Problem(WireModel):
    """RFC 9457 problem document; `code` is stable, the texts are for people."""

    type: str = Field(examples=["/problems/blank-text"])
    title: str
    status: int
    detail: str
    instance: str
    code: str = Field(examples=["blank-text"])
    correlation_id: str
    details: list[ProblemDetail] | None = None
    target: str | None = None


def status_of(kind: ErrorKind) -> HTTPStatus:  # noqa: C901, PLR0911, PLR0912 - one line a kind; mypy proves it complete
    """Give the HTTP status of a kind of failure."""
    match kind:
        case ErrorKind.MALFORMED:
            return HTTPStatus.BAD_REQUEST
        case ErrorKind.UNAUTHORIZED:
            return HTTPStatus.UNAUTHORIZED
        case ErrorKind.FORBIDDEN:
            return HTTPStatus.FORBIDDEN
        case ErrorKind.NOT_FOUND:
            return HTTPStatus.NOT_FOUND
        case ErrorKind.NOT_ACCEPTABLE:
            return HTTPStatus.NOT_ACCEPTABLE
        case ErrorKind.TOO_SLOW:
            return HTTPStatus.REQUEST_TIMEOUT
        case ErrorKind.TOO_LARGE:
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        case ErrorKind.UNSUPPORTED_MEDIA_TYPE:
            return HTTPStatus.UNSUPPORTED_MEDIA_TYPE
        case ErrorKind.INVALID_INPUT:
            return HTTPStatus.UNPROCESSABLE_ENTITY
        case ErrorKind.RATE_LIMITED:
            return HTTPStatus.TOO_MANY_REQUESTS
        case ErrorKind.OVERLOADED | ErrorKind.NOT_READY | ErrorKind.UPSTREAM_UNAVAILABLE:
            return HTTPStatus.SERVICE_UNAVAILABLE
        case ErrorKind.UPSTREAM_FAILED:
            return HTTPStatus.BAD_GATEWAY
        case ErrorKind.UPSTREAM_TIMEOUT:
            return HTTPStatus.GATEWAY_TIMEOUT
        case _:
            assert_never(kind)


def problem_of(error: ExamError, *, instance: str, correlation_id: str) -> Problem:
    """Describe an error for a client."""
    status = status_of(error.kind)
    return Problem(
        type=f"/problems/{error.code}",
        title=status.phrase,
        status=status,
        detail=error.detail,
        instance=instance,
        code=error.code,
        correlation_id=correlation_id,
        details=[ProblemDetail(pointer=d.pointer, message=d.message) for d in error.details] or None,
        target=error.target,
    )


def problem_response(error: ExamError, request: Request) -> Response:
    """Answer a request with an error's problem document."""
    headers = {}
    if error.retry_after_seconds is not None:
        headers["Retry-After"] = str(error.retry_after_seconds)
    if error.kind is ErrorKind.TOO_SLOW:
        headers["Connection"] = "close"
    if error.kind is ErrorKind.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "API-Key, Bearer"
    return _respond(problem_of(error, **_place(request)), request, headers)


def internal_error_response(request: Request) -> Response:
    """Answer for a bug: nothing of it is told but the correlation id under which it was logged."""
    problem = _plain(HTTPStatus.INTERNAL_SERVER_ERROR, "internal-error", "The request failed here.", request)
    return _respond(problem, request)


def add_problem_handlers(app: FastAPI) -> None:
    """Make an application answer every failure as a problem document."""

    # Coroutines: others are sent to a thread and back, which takes longer than they do.
    async def exam_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, ExamError)
        return problem_response(error, request)

    async def validation_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return problem_response(_from_validation(error.errors()), request)

    async def http_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return _from_http_exception(error, request)

    app.add_exception_handler(ExamError, exam_error)
    app.add_exception_handler(RequestValidationError, validation_error)
    app.add_exception_handler(HTTPException, http_error)


def problem_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Declare the problem documents of a route for its OpenAPI description; the common ones are always there."""
    return {status: _declaration(status) for status in sorted({401, 406, 422, 500, 503, *statuses})}


def _declaration(status: int) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": HTTPStatus(status).phrase, "content": {PROBLEM_MEDIA_TYPE: {"schema": schema}}}


def _from_validation(errors: Sequence[Any]) -> ExamError:
    if any(error["type"] == "json_invalid" for error in errors):
        return MalformedRequestError("The body is not valid JSON.", code="malformed-json")
    details = [ErrorDetail(_pointer(error["loc"]), error["msg"]) for error in errors[:_MOST_DETAILS]]
    where = ", ".join(dict.fromkeys(detail.pointer for detail in details[:3]))
    return InvalidInputError(f"The request has values that cannot be used: {where}.", details=details)


def _pointer(location: Sequence[str | int]) -> str:
    place, *rest = location
    parts = rest if place == "body" else location
    return "/" + "/".join(str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def _from_http_exception(error: HTTPException, request: Request) -> Response:
    status = HTTPStatus(error.status_code)
    code, detail = {
        HTTPStatus.NOT_FOUND: ("unknown-route", "There is nothing at this path."),
        HTTPStatus.METHOD_NOT_ALLOWED: ("method-not-allowed", "This path does not take this method."),
        HTTPStatus.BAD_REQUEST: ("malformed-request", "The body cannot be read."),
    }.get(status, (status.phrase.lower().replace(" ", "-"), status.description))
    headers = {"Allow": allowed_methods(request)} if status is HTTPStatus.METHOD_NOT_ALLOWED else {}
    return _respond(_plain(status, code, detail, request), request, headers)


def allowed_methods(request: Request) -> str:
    """Name the methods of all routes at a path; the router itself names only those of the first."""
    return ", ".join(method for method in _METHODS if _is_allowed(method, request))


def _is_allowed(method: str, request: Request) -> bool:
    scope = {**request.scope, "method": method}
    return any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)


def _plain(status: HTTPStatus, code: str, detail: str, request: Request) -> Problem:
    return Problem(
        type=f"/problems/{code}", title=status.phrase, status=status, detail=detail, code=code, **_place(request)
    )


def _place(request: Request) -> dict[str, str]:
    correlation_id: str = request.state.correlation_id
    return {"instance": f"urn:correlation:{correlation_id}", "correlation_id": correlation_id}


def _respond(problem: Problem, request: Request, headers: Mapping[str, str] | None = None) -> Response:
    request.state.refusal = problem.code  # for what counts and records requests
    body = problem.model_dump_json(by_alias=True, exclude_none=True)
    return Response(body, problem.status, dict(headers or {}), media_type=PROBLEM_MEDIA_TYPE)
