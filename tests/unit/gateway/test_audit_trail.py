"""Entries on their way to the disk: in groups, and kept while the disk does not take them."""

import asyncio
import threading

import anyio
import pytest
from structlog.testing import capture_logs

from examkit.errors import NotReadyError
from gateway.audit import trail as module
from gateway.audit.entry import Entry
from gateway.audit.store import AuditDiskFullError, AuditUnavailableError
from gateway.audit.trail import AuditTrail
from tests.audit_entries import entry


class Disk:
    """Stands in for the database: takes groups, or fails as a test says."""

    def __init__(self) -> None:
        self.groups: list[list[Entry]] = []
        self.trouble: Exception | None = None
        self.may_write = threading.Event()
        self.may_write.set()
        self.tried = 0
        self.is_closed = False

    def append(self, entries) -> None:
        self.tried += 1
        assert self.may_write.wait(60)
        if self.trouble is not None:
            raise self.trouble
        self.groups.append(list(entries))

    def close(self) -> None:
        self.is_closed = True

    @property
    def entries(self) -> list[Entry]:
        return [each for group in self.groups for each in group]


@pytest.fixture
def disk(monkeypatch) -> Disk:
    monkeypatch.setattr(module, "_RETRY_SECONDS", 0.01)
    return Disk()


async def until(is_so) -> None:
    with anyio.fail_after(60):
        while not is_so():
            await anyio.sleep(0.005)


def test_what_nobody_waits_for_is_written_in_a_group(disk):
    async def scenario():
        async with AuditTrail(disk) as trail:
            for number in range(50):
                trail.add(entry(correlation_id=str(number)))
            assert trail.waiting == 50
            await until(lambda: disk.groups)

    anyio.run(scenario)
    assert [each.correlation_id for each in disk.entries] == [str(number) for number in range(50)]
    assert len(disk.groups) == 1


def test_who_waits_goes_on_when_the_entry_is_on_the_disk_and_not_before(disk):
    async def scenario():
        async with AuditTrail(disk) as trail:
            disk.may_write.clear()
            waiting = asyncio.create_task(trail.add_and_wait(entry()))
            await until(lambda: disk.tried)
            assert not waiting.done()
            disk.may_write.set()
            with anyio.fail_after(60):
                await waiting
            assert disk.entries == [entry()]

    anyio.run(scenario)


def test_those_who_come_while_a_group_is_written_share_the_next(disk):
    async def scenario():
        async with AuditTrail(disk) as trail:
            disk.may_write.clear()
            first = asyncio.create_task(trail.add_and_wait(entry()))
            await until(lambda: disk.tried)
            others = [asyncio.create_task(trail.add_and_wait(entry())) for _ in range(20)]
            await until(lambda: trail.waiting == 20)
            disk.may_write.set()
            with anyio.fail_after(60):
                await asyncio.gather(first, *others)

    anyio.run(scenario)
    assert [len(group) for group in disk.groups] == [1, 20]


def test_the_end_writes_what_waits(disk):
    async def scenario():
        async with AuditTrail(disk) as trail:
            trail.add(entry())
        assert disk.is_closed

    anyio.run(scenario)
    assert disk.entries == [entry()]


@pytest.mark.parametrize("failure", [AuditDiskFullError("full"), ValueError("a bug, with content")])
def test_while_the_disk_fails_changes_are_refused_readings_are_kept_and_all_is_written_later(disk, failure):
    disk.trouble = failure
    code = "audit-disk-full" if isinstance(failure, AuditDiskFullError) else "audit-unavailable"

    async def scenario():
        async with AuditTrail(disk) as trail:
            trail.check(is_change=True)
            with pytest.raises(NotReadyError) as refused:
                await trail.add_and_wait(entry(method="PUT", status=201))
            assert refused.value.code == code
            assert trail.is_failing
            with pytest.raises(NotReadyError):
                trail.check(is_change=True)
            trail.check(is_change=False)
            trail.add(entry(method="GET"))
            disk.trouble = None
            await until(lambda: not trail.is_failing)
            trail.check(is_change=True)

    anyio.run(scenario)
    told = [(each.method, each.status, each.refusal) for each in disk.entries]
    assert told == [("PUT", 503, code), ("GET", 200, None)]


def test_what_is_lost_at_the_end_is_told(disk):
    disk.trouble = AuditUnavailableError("away")

    async def scenario():
        async with AuditTrail(disk) as trail:
            trail.add(entry())
            trail.add(entry())

    with capture_logs() as logs:
        anyio.run(scenario)
    assert [line["count"] for line in logs if line["event"].endswith("are lost")] == [2]


def test_when_too_much_waits_nothing_more_is_let_in(disk, monkeypatch):
    monkeypatch.setattr(module, "_MOST_WAITING", 10)
    disk.trouble = AuditUnavailableError("away")

    async def scenario():
        async with AuditTrail(disk) as trail:
            for _ in range(10):
                trail.check(is_change=False)
                trail.add(entry(method="GET"))
            await until(lambda: trail.is_failing)
            with pytest.raises(AuditUnavailableError):
                trail.check(is_change=False)
            disk.trouble = None
            await until(lambda: not trail.is_failing)
            trail.check(is_change=False)

    anyio.run(scenario)
    assert len(disk.entries) == 10


def test_a_flood_of_refusals_of_unknown_callers_is_one_entry_a_kind(disk):
    async def scenario():
        async with AuditTrail(disk) as trail:
            for number in range(1000):
                refused = entry(caller=None, tenant=None, status=401, correlation_id=str(number))
                trail.add(refused)
                trail.add(entry(caller=None, tenant=None, status=404, route="unmatched"))
            trail.add(entry(caller=None, status=200, route="/deepl/v2/languages"))
            trail.add(entry(status=403))
            trail.add(entry(status=403))

    anyio.run(scenario)
    told = [(each.status, each.count, each.correlation_id) for each in disk.entries]
    assert told == [(401, 1000, "0"), (404, 1000, "c-1"), (200, 1, "c-1"), (403, 1, "c-1"), (403, 1, "c-1")]
