"""Writes the audit trail in groups: an entry waits for others for a moment, one that a client waits for does not."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol, Self

import structlog
from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from prometheus_client import CollectorRegistry, Gauge

from examkit.errors import NotReadyError
from examkit.web.observe import failure_of
from gateway.audit.entry import Entry
from gateway.audit.store import AUDIT

_LONGEST_WAIT_SECONDS: Final = 0.25
_RETRY_SECONDS: Final = 1.0
# What may wait for a database that does not take it; some MB. Past it, nothing more is let in.
_MOST_WAITING: Final = 10_000


class Log(Protocol):
    """What entries are written to."""

    def append(self, entries: Sequence[Entry]) -> None:
        """Write entries to the disk, all or none; raise NotReadyError."""

    def close(self) -> None:
        """Give back what is held."""


@dataclass
class _Waiting:
    """An entry that is not on the disk yet, and who waits for it."""

    entry: Entry
    done: asyncio.Future[None] | None = None

    def succeed(self) -> None:
        """Tell who waits."""
        if self.done is not None and not self.done.done():
            self.done.set_result(None)

    def fail(self, error: NotReadyError) -> None:
        """Tell who waits; the entry is kept, and tells from now on what the client was told."""
        if self.done is not None:
            if not self.done.done():
                self.done.set_exception(error)
            self.done = None
            self.entry = replace(self.entry, status=503, refusal=error.code)


class AuditTrail:
    """The entries on their way to the disk; used as an asynchronous context manager around the serving."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._waiting: list[_Waiting] = []
        self._alike: dict[tuple[str, str, int, str | None], _Waiting] = {}
        self._trouble: NotReadyError | None = None
        self._some = asyncio.Event()
        self._hurry = asyncio.Event()
        self._is_ending = False
        self._limiter = CapacityLimiter(1)  # a thread of its own: no other work keeps entries waiting

    @property
    def waiting(self) -> int:
        """How many entries are not on the disk yet."""
        return len(self._waiting)

    @property
    def is_failing(self) -> bool:
        """Tell whether the last writing failed."""
        return self._trouble is not None

    def tell(self, registry: CollectorRegistry) -> None:
        """Have it told with other figures whether the trail is written, and what waits to be."""
        waiting = Gauge("examkit_audit_waiting", "Entries of the audit trail not on the disk yet.", registry=registry)
        waiting.set_function(lambda: self.waiting)
        failing = Gauge("examkit_audit_failing", "1 while the audit trail cannot be written.", registry=registry)
        failing.set_function(lambda: float(self.is_failing))

    async def __aenter__(self) -> Self:
        """Begin to write."""
        self._task = asyncio.create_task(self._write_on())
        return self

    async def __aexit__(self, *_: object) -> None:
        """Write what waits, then end."""
        self._is_ending = True
        self._some.set()
        self._hurry.set()
        await self._task
        if self._waiting:
            count = sum(each.entry.count for each in self._waiting)
            structlog.get_logger("examkit.audit").error("entries of the audit trail are lost", count=count)
        self._log.close()

    def check(self, *, is_change: bool) -> None:
        """Refuse what could not be recorded: a change while writing fails, anything when too much waits.

        Raises AuditUnavailableError or AuditDiskFullError.
        """
        if self._trouble is not None and (is_change or self.waiting >= _MOST_WAITING):
            raise self._trouble

    def add(self, entry: Entry) -> None:
        """Take an entry in; it is on the disk within a moment, while the database works."""
        if entry.caller is None and entry.status >= 400:
            self._add_refusal(entry)
        else:
            self._put(_Waiting(entry))

    async def add_and_wait(self, entry: Entry) -> None:
        """Take an entry in and return when it is on the disk; raise AuditUnavailableError or AuditDiskFullError."""
        done = asyncio.get_running_loop().create_future()
        self._put(_Waiting(entry, done))
        self._hurry.set()
        await done

    def _add_refusal(self, entry: Entry) -> None:
        """Count refusals alike of unknown callers in one entry, so that a flood of them cannot fill the disk."""
        kind = (entry.method, entry.route, entry.status, entry.refusal)
        first = self._alike.get(kind)
        if first is None:
            self._alike[kind] = first = _Waiting(entry)
            self._put(first)
        else:
            first.entry = replace(first.entry, count=first.entry.count + 1)

    def _put(self, waiting: _Waiting) -> None:
        self._waiting.append(waiting)
        self._some.set()

    async def _write_on(self) -> None:
        while not self._is_ending:
            await self._some.wait()
            await self._wait_for_hurry(_LONGEST_WAIT_SECONDS)
            await self._write()
            if self.is_failing:
                await asyncio.sleep(_RETRY_SECONDS)
        await self._write()

    async def _wait_for_hurry(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._hurry.wait(), seconds)
        except TimeoutError:
            return

    async def _write(self) -> None:
        batch, self._waiting, self._alike = self._waiting, [], {}
        self._some.clear()
        self._hurry.clear()
        try:
            if batch:
                await run_sync(self._log.append, [each.entry for each in batch], limiter=self._limiter)
        except NotReadyError as error:
            self._keep(batch, error)
        except Exception as error:  # noqa: BLE001 - a trail that ended without a word would let things go unrecorded
            structlog.get_logger("examkit.audit").error("the audit trail cannot be written", **failure_of(error))
            self._keep(batch, AUDIT.unavailable())
        else:
            self._trouble = None
            for each in batch:
                each.succeed()

    def _keep(self, batch: list[_Waiting], error: NotReadyError) -> None:
        """Keep what could not be written, to be tried again, and tell who waits for it."""
        if not self.is_failing:
            structlog.get_logger("examkit.audit").error("the audit trail cannot be written", code=error.code)
        self._trouble = error
        for each in batch:
            each.fail(error)
        self._waiting = batch + self._waiting
        self._some.set()
