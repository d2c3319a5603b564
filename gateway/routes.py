"""The table of the public door: which path of which method goes to which service, and what a key needs for it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Scope(StrEnum):
    """What an API key may allow."""

    CLASSIFY = "classify"
    TRANSLATE = "translate"
    MARKS_READ = "marks:read"
    MARKS_WRITE = "marks:write"
    FEEDBACK = "feedback"
    TERMINOLOGY = "terminology"
    ADMIN = "admin"


class Upstream(StrEnum):
    """The services behind the gateway."""

    CLASSIFY = "classify"
    IMAGE_SEARCH = "image_search"
    TRANSLATE = "translate"


@dataclass(frozen=True)
class Route:
    """One public operation; the upstream serves it under the same path."""

    method: str
    path: str
    upstream: Upstream
    scope: Scope


CLASSIFY_PATH: Final = "/api/v1/classify"
BATCH_PATH: Final = "/api/v1/classify/batch"
TRANSLATE_PATH: Final = "/api/v1/translate"
IMPORT_PATH: Final = "/api/v1/marks/import"
DOCUMENTS_PATH: Final = "/api/v1/translate/documents"
READING_PATH: Final = "/api/v1/documents/text"

# POSTed, but only to be computed: a service may carry these out twice.
COMPUTING_PATHS: Final = frozenset(
    {
        b"/api/v1/classify",
        b"/api/v1/classify/batch",
        b"/api/v1/marks/report",
        b"/api/v1/documents/text",
        b"/api/v1/ipc/st96",
        b"/api/v1/marks/search",
        b"/api/v1/marks/suggest-codes",
        b"/api/v1/translate",
    }
)

ROUTES: Final = (
    Route("POST", CLASSIFY_PATH, Upstream.CLASSIFY, Scope.CLASSIFY),
    Route("POST", BATCH_PATH, Upstream.CLASSIFY, Scope.CLASSIFY),
    Route("POST", "/api/v1/classify/feedback", Upstream.CLASSIFY, Scope.FEEDBACK),
    Route("GET", "/api/v1/classify/feedback", Upstream.CLASSIFY, Scope.FEEDBACK),
    Route("DELETE", "/api/v1/classify/feedback/{id}", Upstream.CLASSIFY, Scope.FEEDBACK),
    Route("POST", READING_PATH, Upstream.CLASSIFY, Scope.CLASSIFY),
    Route("POST", "/api/v1/ipc/st96", Upstream.CLASSIFY, Scope.CLASSIFY),
    Route("GET", "/api/v1/ipc", Upstream.CLASSIFY, Scope.CLASSIFY),
    Route("GET", "/api/v1/ipc/{symbol:path}/validity", Upstream.CLASSIFY, Scope.CLASSIFY),
    Route("GET", "/api/v1/ipc/{symbol:path}", Upstream.CLASSIFY, Scope.CLASSIFY),
    Route("GET", "/api/v1/marks", Upstream.IMAGE_SEARCH, Scope.MARKS_READ),
    Route("POST", "/api/v1/marks/search", Upstream.IMAGE_SEARCH, Scope.MARKS_READ),
    Route("GET", "/api/v1/marks/status", Upstream.IMAGE_SEARCH, Scope.MARKS_READ),
    Route("POST", IMPORT_PATH, Upstream.IMAGE_SEARCH, Scope.MARKS_WRITE),
    Route("GET", "/api/v1/jobs/marks-{number}", Upstream.IMAGE_SEARCH, Scope.MARKS_WRITE),
    Route("DELETE", "/api/v1/jobs/marks-{number}", Upstream.IMAGE_SEARCH, Scope.MARKS_WRITE),
    Route("GET", "/api/v1/jobs/marks-{number}/results", Upstream.IMAGE_SEARCH, Scope.MARKS_WRITE),
    Route("POST", "/api/v1/marks/suggest-codes", Upstream.IMAGE_SEARCH, Scope.MARKS_READ),
    Route("POST", "/api/v1/marks/report", Upstream.IMAGE_SEARCH, Scope.MARKS_READ),
    Route("PUT", "/api/v1/marks/{markId}", Upstream.IMAGE_SEARCH, Scope.MARKS_WRITE),
    Route("POST", "/api/v1/marks/feedback", Upstream.IMAGE_SEARCH, Scope.FEEDBACK),
    Route("GET", "/api/v1/marks/feedback", Upstream.IMAGE_SEARCH, Scope.FEEDBACK),
    Route("DELETE", "/api/v1/marks/feedback/{id}", Upstream.IMAGE_SEARCH, Scope.FEEDBACK),
    Route("GET", "/api/v1/marks/{markId}", Upstream.IMAGE_SEARCH, Scope.MARKS_READ),
    Route("DELETE", "/api/v1/marks/{markId}", Upstream.IMAGE_SEARCH, Scope.MARKS_WRITE),
    Route("GET", "/api/v1/marks/{markId}/image", Upstream.IMAGE_SEARCH, Scope.MARKS_READ),
    Route("GET", "/api/v1/nice", Upstream.IMAGE_SEARCH, Scope.MARKS_READ),
    Route("GET", "/api/v1/vienna", Upstream.IMAGE_SEARCH, Scope.MARKS_READ),
    Route("POST", TRANSLATE_PATH, Upstream.TRANSLATE, Scope.TRANSLATE),
    Route("POST", DOCUMENTS_PATH, Upstream.TRANSLATE, Scope.TRANSLATE),
    Route("GET", "/api/v1/jobs/translate-{number}", Upstream.TRANSLATE, Scope.TRANSLATE),
    Route("GET", "/api/v1/jobs/translate-{number}/result", Upstream.TRANSLATE, Scope.TRANSLATE),
    Route("DELETE", "/api/v1/jobs/translate-{number}", Upstream.TRANSLATE, Scope.TRANSLATE),
    Route("GET", "/api/v1/translate/languages", Upstream.TRANSLATE, Scope.TRANSLATE),
    Route("POST", "/api/v1/glossaries", Upstream.TRANSLATE, Scope.TERMINOLOGY),
    Route("GET", "/api/v1/glossaries", Upstream.TRANSLATE, Scope.TRANSLATE),
    Route("GET", "/api/v1/glossaries/{id}", Upstream.TRANSLATE, Scope.TRANSLATE),
    Route("GET", "/api/v1/glossaries/{id}/entries", Upstream.TRANSLATE, Scope.TRANSLATE),
    Route("DELETE", "/api/v1/glossaries/{id}", Upstream.TRANSLATE, Scope.TERMINOLOGY),
    Route("POST", "/api/v1/translate/memory", Upstream.TRANSLATE, Scope.TERMINOLOGY),
    Route("GET", "/api/v1/translate/memory", Upstream.TRANSLATE, Scope.TERMINOLOGY),
    Route("DELETE", "/api/v1/translate/memory", Upstream.TRANSLATE, Scope.TERMINOLOGY),
    Route("DELETE", "/api/v1/translate/memory/{id}", Upstream.TRANSLATE, Scope.TERMINOLOGY),
)
