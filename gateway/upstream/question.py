"""What code of the gateway asks a service itself, and what the service answers."""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from examkit.web.problems import PROBLEM_MEDIA_TYPE


@dataclass(frozen=True)
class Question:
    """One request to a service; `path` is as it stands in the request line, quoted, with its query."""

    method: str
    path: str
    content: bytes | AsyncIterator[bytes] | None = None
    content_type: str | None = None
    accept: str | None = None


@dataclass(frozen=True)
class Answer:
    """A service's whole answer, a problem document included; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_problem(self) -> bool:
        """Whether the service refused, with a problem document."""
        return self.headers.get("content-type", "").startswith(PROBLEM_MEDIA_TYPE)

    def json(self) -> Any:
        """Read the body as JSON."""
        return json.loads(self.body)
