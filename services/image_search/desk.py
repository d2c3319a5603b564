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
from services.image_search.collection import Collection
from services.image_search.database import read_only
from services.image_search.decoding import Decoder
from services.image_search.engine import ImageSearcher
from services.image_search.feedback import FeedbackStore
from services.image_search.importing.background import ImportJobs
from services.image_search.preview import MakePreview
from services.image_search.titles import Titles

_SIDE_RUNNING: Final = 4
_REPORTS_RUNNING: Final = 1  # each takes seconds of a core
_REPORTS_WAITING: Final = 7
_PICTURES_RUNNING: Final = 2  # fewer than decode at once: a search finds one that is free
_SIDE_WAITING: Final = 64


def _side_slots() -> InferenceSlots:
    return InferenceSlots(_SIDE_RUNNING, _SIDE_WAITING)


def _picture_slots() -> InferenceSlots:
    return InferenceSlots(_PICTURES_RUNNING, _SIDE_WAITING)


def _report_slots() -> InferenceSlots:
    return InferenceSlots(_REPORTS_RUNNING, _REPORTS_WAITING)


@dataclass(frozen=True)
class Loaded:
    """What the service loads at start.

    Feedback and imports have slots of their own, so that a slow database delays no search, and so have pictures, which
    come by the hundred, and reports, which take long.
    """

    collections: Tenants[Collection]
    decoder: Decoder
    titles: Titles
    imports: Tenants[ImportJobs] | None = None  # not in a process that only reads the register
    office_name: str = ""
    picture_slots: InferenceSlots = field(default_factory=_picture_slots)
    report_slots: InferenceSlots = field(default_factory=_report_slots)
    feedback_slots: InferenceSlots = field(default_factory=_side_slots)
    import_slots: InferenceSlots = field(default_factory=_side_slots)

    def close(self) -> None:
        """Break imports and reading off, let go of the registers, and end the processes that decode."""
        if self.imports is not None:
            self.imports.close()
        self.collections.close()
        self.decoder.close()


@dataclass(frozen=True)
class Desk:
    """What every handler needs but those of imports: what searches and draws, the feedback, the slots for each."""

    searcher: ImageSearcher
    slots: InferenceSlots
    feedback: FeedbackStore
    feedback_slots: InferenceSlots
    preview: MakePreview
    picture_slots: InferenceSlots


@dataclass(frozen=True)
class ImportDesk:
    """What the handlers of imports need: those of the caller's department, and the slots for calls of them."""

    imports: ImportJobs
    slots: InferenceSlots


async def not_ready(app: FastAPI, not_loaded: Callable[[], Awaitable[Sequence[str]]]) -> Sequence[str]:
    """Name what is missing: what is being loaded still, or else the register when its database is away."""
    return await not_loaded() or await run_sync(_out_of_reach, app.state.engine)


def _out_of_reach(everything: Loaded) -> Sequence[str]:
    with everything.collections.hold(DEFAULT_TENANT) as collection:
        return () if collection.register.is_reachable() else ("the database of the register",)


async def _desk(request: Request) -> AsyncIterator[Desk]:
    everything: Loaded = loaded(request)
    async with holding(everything.collections, request) as collection:
        yield Desk(
            searcher=collection.searcher,
            slots=slots_of(request),
            feedback=collection.feedback,
            feedback_slots=everything.feedback_slots,
            preview=everything.decoder.preview,
            picture_slots=everything.picture_slots,
        )


async def _import_desk(request: Request) -> AsyncIterator[ImportDesk]:
    """Raise RegisterReadOnlyError in a process that only reads the register."""
    everything: Loaded = loaded(request)
    if everything.imports is None:
        raise read_only()
    async with holding(everything.imports, request) as imports:
        yield ImportDesk(imports, everything.import_slots)


AtDesk = Annotated[Desk, Depends(_desk)]
AtImportDesk = Annotated[ImportDesk, Depends(_import_desk)]
