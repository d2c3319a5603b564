"""What every handler needs, as one dependency."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Final

from anyio.to_thread import run_sync
from fastapi import Depends, FastAPI, Request

from examkit.tenants import DEFAULT_TENANT, Tenants
from examkit.web.app import loaded
from examkit.web.limits import InferenceSlots, slots_of
from examkit.web.tenants import holding
from examkit.web.wire import ModelInfo
from services.classify.engine import Classifier
from services.classify.feedback.store import FeedbackStore
from services.classify.scheme import Scheme

_FEEDBACK_RUNNING: Final = 4
_FEEDBACK_WAITING: Final = 64
# Each holds a document in memory, and most of it twice while it is read.
_READING_RUNNING: Final = 2
_READING_WAITING: Final = 6


def _feedback_slots() -> InferenceSlots:
    return InferenceSlots(_FEEDBACK_RUNNING, _FEEDBACK_WAITING)


def _reading_slots() -> InferenceSlots:
    return InferenceSlots(_READING_RUNNING, _READING_WAITING)


@dataclass(frozen=True)
class Loaded:
    """What the service loads at start.

    Feedback and reading have slots of their own, so that a slow database and a large document delay nothing else.
    """

    classifier: Classifier
    feedback: Tenants[FeedbackStore]
    feedback_slots: InferenceSlots = field(default_factory=_feedback_slots)
    reading_slots: InferenceSlots = field(default_factory=_reading_slots)

    def close(self) -> None:
        """Let go of the databases."""
        self.feedback.close()


@dataclass(frozen=True)
class Desk:
    """What every handler needs but those of feedback: the classifier, its slots, the request's correlation id."""

    classifier: Classifier
    slots: InferenceSlots
    correlation_id: str

    @property
    def model(self) -> ModelInfo:
        """Name the model that answers."""
        return ModelInfo(name=self.classifier.name, version=self.classifier.version)


@dataclass(frozen=True)
class FeedbackDesk:
    """What the handlers of feedback need: that of the caller's department, its slots, and what symbols there are."""

    feedback: FeedbackStore
    slots: InferenceSlots
    scheme: Scheme


async def not_ready(app: FastAPI, not_loaded: Callable[[], Awaitable[Sequence[str]]]) -> Sequence[str]:
    """Name what is missing: what is being loaded still, or else the database of feedback when it does not answer."""
    return await not_loaded() or await run_sync(_out_of_reach, app.state.engine)


def _out_of_reach(everything: Loaded) -> Sequence[str]:
    with everything.feedback.hold(DEFAULT_TENANT) as feedback:
        return () if feedback.is_reachable() else ("the database of feedback",)


async def _desk(request: Request) -> Desk:
    everything: Loaded = loaded(request)
    return Desk(everything.classifier, slots_of(request), request.state.correlation_id)


async def _feedback_desk(request: Request) -> AsyncIterator[FeedbackDesk]:
    everything: Loaded = loaded(request)
    async with holding(everything.feedback, request) as feedback:
        yield FeedbackDesk(feedback, everything.feedback_slots, everything.classifier.scheme)


async def _reading_desk(request: Request) -> InferenceSlots:
    everything: Loaded = loaded(request)
    return everything.reading_slots


AtDesk = Annotated[Desk, Depends(_desk)]
AtFeedbackDesk = Annotated[FeedbackDesk, Depends(_feedback_desk)]
AtReadingDesk = Annotated[InferenceSlots, Depends(_reading_desk)]
