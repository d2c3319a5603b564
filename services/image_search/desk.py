"""What every handler needs, as one dependency."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Final

from anyio.to_thread import run_sync
from fastapi import Depends, FastAPI, Request

from examkit.web.app import loaded
from examkit.web.limits import InferenceSlots, slots_of
from services.image_search.database import read_only
from services.image_search.decoding import Decoder
from services.image_search.engine import ImageSearcher
from services.image_search.feedback import FeedbackStore
from services.image_search.importing.background import ImportJobs
from services.image_search.register import Register
from services.image_search.word_reading import WordReading

_SIDE_RUNNING: Final = 4
_SIDE_WAITING: Final = 64


def _side_slots() -> InferenceSlots:
    return InferenceSlots(_SIDE_RUNNING, _SIDE_WAITING)


@dataclass(frozen=True)
class Loaded:
    """What the service loads at start.

    Feedback and imports have slots of their own, so that a slow database delays no search.
    """

    searcher: ImageSearcher
    register: Register
    feedback: FeedbackStore
    imports: ImportJobs | None = None  # neither in a process that only reads the register
    word_reading: WordReading | None = None
    decoder: Decoder | None = None  # of this process' own; whoever passes a searcher may have none
    feedback_slots: InferenceSlots = field(default_factory=_side_slots)
    import_slots: InferenceSlots = field(default_factory=_side_slots)

    def close(self) -> None:
        """Break imports and reading off, let go of the register, and end the processes that decode."""
        if self.imports is not None:
            self.imports.close()
        if self.word_reading is not None:
            self.word_reading.stop()
        self.searcher.close()
        if self.decoder is not None:
            self.decoder.close()


@dataclass(frozen=True)
class Desk:
    """What every handler needs: searcher, feedback and imports, and the slots for calls of each."""

    searcher: ImageSearcher
    slots: InferenceSlots
    feedback: FeedbackStore
    feedback_slots: InferenceSlots
    import_slots: InferenceSlots
    taking_in: ImportJobs | None

    @property
    def imports(self) -> ImportJobs:
        """Return the imports; raise RegisterReadOnlyError in a process that only reads the register."""
        if self.taking_in is None:
            raise read_only()
        return self.taking_in


async def not_ready(app: FastAPI, not_loaded: Callable[[], Awaitable[Sequence[str]]]) -> Sequence[str]:
    """Name what is missing: what is being loaded still, or else the register when its database is away."""
    return await not_loaded() or await run_sync(_out_of_reach, app.state.engine)


def _out_of_reach(everything: Loaded) -> Sequence[str]:
    return () if everything.register.is_reachable() else ("the database of the register",)


async def _desk(request: Request) -> Desk:
    everything: Loaded = loaded(request)
    return Desk(
        everything.searcher,
        slots_of(request),
        everything.feedback,
        everything.feedback_slots,
        everything.import_slots,
        everything.imports,
    )


AtDesk = Annotated[Desk, Depends(_desk)]
