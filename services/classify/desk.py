"""What every handler needs, as one dependency."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Final

from anyio.to_thread import run_sync
from fastapi import Depends, FastAPI, Request

from examkit.web.app import loaded
from examkit.web.limits import InferenceSlots, slots_of
from examkit.web.wire import ModelInfo
from services.classify.engine import Classifier
from services.classify.feedback.store import FeedbackStore

_FEEDBACK_RUNNING: Final = 4
_FEEDBACK_WAITING: Final = 64


def _feedback_slots() -> InferenceSlots:
    return InferenceSlots(_FEEDBACK_RUNNING, _FEEDBACK_WAITING)


@dataclass(frozen=True)
class Loaded:
    """What the service loads at start; feedback has slots of its own, so that a slow database delays nothing else."""

    classifier: Classifier
    feedback: FeedbackStore
    feedback_slots: InferenceSlots = field(default_factory=_feedback_slots)

    def close(self) -> None:
        """Let go of the database."""
        self.feedback.close()


@dataclass(frozen=True)
class Desk:
    """What every handler needs: classifier and feedback, the slots for calls of each, the request's correlation id."""

    classifier: Classifier
    slots: InferenceSlots
    feedback: FeedbackStore
    feedback_slots: InferenceSlots
    correlation_id: str

    @property
    def model(self) -> ModelInfo:
        """Name the model that answers."""
        return ModelInfo(name=self.classifier.name, version=self.classifier.version)


async def not_ready(app: FastAPI, not_loaded: Callable[[], Awaitable[Sequence[str]]]) -> Sequence[str]:
    """Name what is missing: what is being loaded still, or else the database of feedback when it does not answer."""
    return await not_loaded() or await run_sync(_out_of_reach, app.state.engine)


def _out_of_reach(everything: Loaded) -> Sequence[str]:
    return () if everything.feedback.is_reachable() else ("the database of feedback",)


async def _desk(request: Request) -> Desk:
    everything: Loaded = loaded(request)
    return Desk(
        everything.classifier,
        slots_of(request),
        everything.feedback,
        everything.feedback_slots,
        request.state.correlation_id,
    )


AtDesk = Annotated[Desk, Depends(_desk)]
