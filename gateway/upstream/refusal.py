"""What a service refuses of a question of the gateway's own."""

from collections.abc import Mapping
from typing import Any, Final

from examkit.errors import ErrorKind, ExamError
from examkit.web.problems import status_of
from gateway.upstream.question import Answer

_KINDS: Final[Mapping[int, ErrorKind]] = {status_of(kind): kind for kind in reversed(ErrorKind)}


class RefusedError(ExamError):
    """A service refused; this is its problem document as an error of ours."""

    def __init__(self, answer: Answer) -> None:
        problem = answer.json()
        super().__init__(str(problem["detail"]), code=str(problem["code"]), target=problem.get("target"))
        self.kind = _KINDS.get(answer.status, ErrorKind.INVALID_INPUT)


def accepted(answer: Answer) -> Any:
    """Give the JSON of an answer, None where it is empty; raise RefusedError for a problem document."""
    if answer.is_problem:
        raise RefusedError(answer)
    return answer.json() if answer.body else None
