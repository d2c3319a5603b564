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
from services.translate.database import is_reachable
from services.translate.documents.background import DocumentJobs
from services.translate.engine import Translator
from services.translate.library import Library

_SIDE_RUNNING: Final = 4
_SIDE_WAITING: Final = 64


def _import_slots() -> InferenceSlots:
    """Let one import be prepared at a time, which holds up to some hundred megabytes, and three more hold a file."""
    return InferenceSlots(1, 3)


def _side_slots() -> InferenceSlots:
    return InferenceSlots(_SIDE_RUNNING, _SIDE_WAITING)


@dataclass(frozen=True)
class Loaded:
    """What the service loads at start; `store_slots` are for calls of the database, so that none delays translating."""

    translator: Translator
    libraries: Tenants[Library]
    documents: Tenants[DocumentJobs]
    store_slots: InferenceSlots = field(default_factory=_side_slots)
    import_slots: InferenceSlots = field(default_factory=_import_slots)

    def close(self) -> None:
        """Break documents off, end the programs of engines, and let go of the databases."""
        self.documents.close()
        self.translator.close()
        self.libraries.close()


@dataclass(frozen=True)
class Desk:
    """What every handler needs: the translator, what the caller's department keeps, and the slots for calls of each."""

    translator: Translator
    slots: InferenceSlots
    library: Library
    store_slots: InferenceSlots
    import_slots: InferenceSlots


async def not_ready(app: FastAPI, not_loaded: Callable[[], Awaitable[Sequence[str]]]) -> Sequence[str]:
    """Name what is missing: what is being loaded still, or else the database when it is away."""
    return await not_loaded() or await run_sync(_out_of_reach, app.state.engine)


def _out_of_reach(everything: Loaded) -> Sequence[str]:
    with everything.libraries.hold(DEFAULT_TENANT) as library:
        return () if is_reachable(library.database) else ("the database of glossaries and memory",)


async def _desk(request: Request) -> AsyncIterator[Desk]:
    everything: Loaded = loaded(request)
    async with holding(everything.libraries, request) as library:
        slots = slots_of(request)
        yield Desk(everything.translator, slots, library, everything.store_slots, everything.import_slots)


async def _documents(request: Request) -> AsyncIterator[DocumentJobs]:
    async with holding(loaded(request).documents, request) as documents:
        yield documents


AtDesk = Annotated[Desk, Depends(_desk)]
OwnDocuments = Annotated[DocumentJobs, Depends(_documents)]
