"""The departments of an office, each of which sees what it has written itself, and nothing of another.

The default tenant keeps the places from before there were several, so that nothing moves at an upgrade.
"""

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Generic, Protocol, TypeVar

import structlog

from examkit.errors import InvalidInputError, NotReadyError, StartError

TENANT_HEADER: Final = "Examkit-Tenant"
DEFAULT_TENANT: Final = "office"

_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,31}", re.ASCII)
_FOLDER: Final = "tenants"
_RETRY_AFTER_SECONDS: Final = 5


class State(Protocol):
    """What a service keeps for a tenant."""

    def close(self) -> None:
        """Let go of it."""


StateT = TypeVar("StateT", bound=State)


class MalformedTenantError(InvalidInputError):
    """What should name a tenant cannot be a name."""

    code = "malformed-tenant"


class TenantUnavailableError(NotReadyError):
    """What a service keeps for a tenant cannot be opened."""

    code = "tenant-unavailable"


def tenant_name(text: str) -> str:
    """Return a tenant's name as it is; raise MalformedTenantError for what cannot be one."""
    if not _NAME.fullmatch(text):
        raise MalformedTenantError(
            "A tenant is named by at most 32 small letters, digits and hyphens, a letter first.", target=TENANT_HEADER
        )
    return text


def tenant_folder(folder: Path, tenant: str) -> Path:
    """Return where, below a folder of a service, the files of a tenant lie."""
    return folder if tenant == DEFAULT_TENANT else folder / _FOLDER / tenant


def tenant_schema(tenant: str) -> str | None:
    """Return the PostgreSQL schema of a tenant; None stands for the one that the database's user writes to anyway."""
    return None if tenant == DEFAULT_TENANT else f"tenant_{tenant}"


def tenants_in(folder: Path) -> list[str]:
    """Return the tenants that have files below a folder of a service, the default one first."""
    others = (path.name for path in (folder / _FOLDER).glob("*/") if _NAME.fullmatch(path.name))
    return [DEFAULT_TENANT, *sorted(name for name in others if name != DEFAULT_TENANT)]


class _Place(Generic[StateT]):
    """One tenant's: `lock` is held while its state is opened or closed; that of all is held for the rest."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.state: StateT | None = None
        self.holders = 0


class Tenants(Generic[StateT]):
    """What a service keeps for its tenants, each opened at its first use; safe to use from several threads."""

    def __init__(self, open_one: Callable[[str], StateT], most: int | None = None) -> None:
        """Take what opens a tenant's state; past `most`, the one that was not used for longest is closed."""
        self._open_one = open_one
        self._most = most
        self._lock = threading.Lock()
        self._places: OrderedDict[str, _Place[StateT]] = OrderedDict()

    def keep(self, tenant: str) -> StateT:
        """Return a tenant's state, which stays open from now on; raise StartError where it cannot be opened."""
        place = self._held(tenant)
        try:
            return self._opened(tenant, place)
        except BaseException:
            self.give_back(tenant)
            raise

    def keep_all(self, folder: Path) -> None:
        """Open for good what there is below a folder; raise StartError where that of the default tenant cannot be."""
        self.keep(DEFAULT_TENANT)
        for tenant in tenants_in(folder):
            with suppress(TenantUnavailableError):  # which is logged; the others are to be served all the same
                self.take(tenant)

    @contextmanager
    def hold(self, tenant: str) -> Iterator[StateT]:
        """Give a tenant's state, which is not closed meanwhile; raise TenantUnavailableError."""
        state = self.take(tenant)
        try:
            yield state
        finally:
            self.give_back(tenant)

    def take(self, tenant: str) -> StateT:
        """Return a tenant's state, which is not closed until it is given back; raise TenantUnavailableError."""
        try:
            state = self.keep(tenant)
        except StartError as error:
            # The client learns nothing of the machine.
            structlog.get_logger("examkit.tenants").error(f"tenant not opened: {error}", tenant=tenant)
            raise TenantUnavailableError(
                "What is kept for this department cannot be opened.", retry_after_seconds=_RETRY_AFTER_SECONDS
            ) from None
        self._close_spare()
        return state

    def take_open(self, tenant: str) -> StateT | None:
        """Do the same at once where the state is open; return None where it is not."""
        with self._lock:
            place = self._places.get(tenant)
            if place is None or place.state is None:
                return None
            place.holders += 1
            self._places.move_to_end(tenant)
            return place.state

    def give_back(self, tenant: str) -> None:
        """Have done with a state that was taken."""
        with self._lock:
            self._places[tenant].holders -= 1

    def close(self) -> None:
        """Close all states, whoever uses them."""
        for place in list(self._places.values()):
            with place.lock:
                state, place.state = place.state, None
                if state is not None:
                    state.close()

    def _held(self, tenant: str) -> _Place[StateT]:
        with self._lock:
            place = self._places.setdefault(tenant, _Place())
            place.holders += 1
            self._places.move_to_end(tenant)
            return place

    def _opened(self, tenant: str, place: _Place[StateT]) -> StateT:
        with place.lock:
            if place.state is None:
                place.state = self._open_one(tenant)
            return place.state

    def _close_spare(self) -> None:
        for place in self._spare():
            with place.lock:
                with self._lock:
                    if place.holders:  # taken meanwhile
                        continue
                    state, place.state = place.state, None
                if state is not None:
                    state.close()

    def _spare(self) -> list[_Place[StateT]]:
        with self._lock:
            opened = [place for place in self._places.values() if place.state is not None]
            unused = [place for place in opened if not place.holders]
            return unused[: 0 if self._most is None else max(len(opened) - self._most, 0)]
