"""What all jobs have in common: where they stand, what troubles them, and how one is left off."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from examkit.errors import ExamError, NotFoundError


class JobStatus(StrEnum):
    """Where a job stands; one that is queued or running goes on after a restart."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Trouble:
    """Why a job failed, or what holds it up: a stable code, and a sentence."""

    code: str
    detail: str

    @classmethod
    def of(cls, error: ExamError) -> Self:
        """Take code and sentence of an error."""
        return cls(error.code, error.detail)


class HaltedError(Exception):
    """A job is to be left where it is: it was cancelled, or the service ends."""


def unknown_job() -> NotFoundError:
    """Return the error for a job that is not known, or was forgotten since."""
    return NotFoundError("There is no job of this id.", code="unknown-job")
