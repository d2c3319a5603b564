"""The errors a client may see, and nothing of how they travel.

ExamError                            kind, code, detail
├── MalformedRequestError            400   the bytes cannot be read as what they claim to be
├── UnauthorizedError                401   gateway, service token
├── ForbiddenError                   403   gateway: the key lacks the scope
├── NotFoundError                    404
├── NotAcceptableError               406
├── SlowRequestError                 408   gateway: the request does not arrive
├── TooLargeError                    413
├── UnsupportedMediaTypeError        415
├── InvalidInputError                422   well formed, but a value cannot be used
├── RateLimitedError                 429   gateway, with Retry-After
├── OverloadedError                  503   with Retry-After
├── NotReadyError                    503   with Retry-After
├── UpstreamFailedError              502   gateway
├── UpstreamUnavailableError         503   gateway, with Retry-After
└── UpstreamTimeoutError             504   gateway

`StartError` and, below it, `ArtifactError` are apart: they stop a start or an install, and no client ever sees them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class ErrorKind(StrEnum):
    """Every kind of failure there is; `examkit.web.problems` gives each its HTTP status."""

    MALFORMED = "malformed"
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not-found"
    NOT_ACCEPTABLE = "not-acceptable"
    TOO_SLOW = "too-slow"
    TOO_LARGE = "too-large"
    UNSUPPORTED_MEDIA_TYPE = "unsupported-media-type"
    INVALID_INPUT = "invalid-input"
    RATE_LIMITED = "rate-limited"
    OVERLOADED = "overloaded"
    NOT_READY = "not-ready"
    UPSTREAM_FAILED = "upstream-failed"
    UPSTREAM_UNAVAILABLE = "upstream-unavailable"
    UPSTREAM_TIMEOUT = "upstream-timeout"


@dataclass(frozen=True)
class ErrorDetail:
    """One offending value: where it stands (JSON pointer) and what is wrong with it, without quoting it."""

    pointer: str
    message: str


class ExamError(Exception):
    """A failure with a stable machine name (`code`) and a sentence for a person (`detail`).

    `detail` and `details` never contain submitted content: they are logged and shown.
    """

    kind: ErrorKind
    code: str

    def __init__(
        self,
        detail: str,
        *,
        code: str | None = None,
        details: Sequence[ErrorDetail] = (),
        target: str | None = None,
        retry_after_seconds: int | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or type(self).code
        self.details = tuple(details)
        self.target = target
        self.retry_after_seconds = retry_after_seconds


class MalformedRequestError(ExamError):
    """The request cannot be read: broken JSON, broken multipart."""

    kind = ErrorKind.MALFORMED
    code = "malformed-request"


class UnauthorizedError(ExamError):
    """No credential, or one that is not known."""

    kind = ErrorKind.UNAUTHORIZED
    code = "unauthorized"


class ForbiddenError(ExamError):
    """A known caller without the scope that the call needs."""

    kind = ErrorKind.FORBIDDEN
    code = "missing-scope"


class NotFoundError(ExamError):
    """The thing that the path names does not exist."""

    kind = ErrorKind.NOT_FOUND
    code = "not-found"


class NotAcceptableError(ExamError):
    """The client accepts no media type that the route can answer in."""

    kind = ErrorKind.NOT_ACCEPTABLE
    code = "not-acceptable"


class SlowRequestError(ExamError):
    """A request that does not arrive in time; the connection is closed, for the rest may still come."""

    kind = ErrorKind.TOO_SLOW
    code = "body-too-slow"


class TooLargeError(ExamError):
    """More bytes, pixels or items than the deployable takes; the detail names the limit."""

    kind = ErrorKind.TOO_LARGE
    code = "too-large"


class UnsupportedMediaTypeError(ExamError):
    """A body of a media type that the route does not take."""

    kind = ErrorKind.UNSUPPORTED_MEDIA_TYPE
    code = "unsupported-media-type"


class InvalidInputError(ExamError):
    """A well-formed request with a value that cannot be used."""

    kind = ErrorKind.INVALID_INPUT
    code = "invalid-input"


class RateLimitedError(ExamError):
    """A caller who has used up what is allowed in some time."""

    kind = ErrorKind.RATE_LIMITED
    code = "rate-limited"


class OverloadedError(ExamError):
    """All inference slots are taken and the waiting line is full."""

    kind = ErrorKind.OVERLOADED
    code = "overloaded"


class NotReadyError(ExamError):
    """The deployable runs but has not loaded its artifact yet."""

    kind = ErrorKind.NOT_READY
    code = "not-ready"


class UpstreamFailedError(ExamError):
    """A service behind the gateway broke off or answered something unusable."""

    kind = ErrorKind.UPSTREAM_FAILED
    code = "upstream-failed"


class UpstreamUnavailableError(ExamError):
    """A service behind the gateway cannot be reached."""

    kind = ErrorKind.UPSTREAM_UNAVAILABLE
    code = "upstream-unavailable"


class UpstreamTimeoutError(ExamError):
    """A service behind the gateway did not answer in time."""

    kind = ErrorKind.UPSTREAM_TIMEOUT
    code = "upstream-timeout"


class StartError(Exception):
    """A deployable or a command cannot start; the message is one sentence for the operator."""


class ArtifactError(StartError):
    """An artifact that is missing, half-written, altered or of an unknown format; the message is one sentence."""
