"""What is kept for a tenant is opened once, held as long as it is used, and closed when others need the room."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from structlog.testing import capture_logs

from examkit.errors import NotReadyError, StartError
from examkit.tenants import DEFAULT_TENANT, Tenants, tenant_folder

SECRET = "postgresql://reader:Quagga-4711@inside"


class Kept:
    """What is kept for a tenant, and whether it is open."""

    def __init__(self, tenant):
        self.tenant, self.is_open = tenant, True

    def close(self):
        assert self.is_open
        self.is_open = False


class Office:
    """Tenants over things that tell what becomes of them."""

    def __init__(self, most=None):
        self.opened = []
        self.damaged = {"damaged"}
        self.may_open = threading.Event()
        self.may_open.set()
        self.tenants = Tenants(self.open_one, most)

    def open_one(self, tenant):
        assert self.may_open.wait(20)
        if tenant in self.damaged:
            raise StartError(f"{SECRET} cannot be opened.")
        if tenant == "bug":
            raise ZeroDivisionError
        assert not any(kept.is_open for kept in self.opened if kept.tenant == tenant), "opened twice"
        self.opened.append(Kept(tenant))
        return self.opened[-1]

    def use(self, tenant):
        with self.tenants.hold(tenant) as kept:
            assert (kept.tenant, kept.is_open) == (tenant, True)

    @property
    def open_ones(self):
        return [kept.tenant for kept in self.opened if kept.is_open]


def test_it_is_opened_at_the_first_use_and_once():
    office = Office()
    assert office.opened == []
    for tenant in ("a", "b", "a", "b"):
        office.use(tenant)
    assert [kept.tenant for kept in office.opened] == ["a", "b"]
    office.tenants.close()
    assert office.open_ones == []


def test_past_so_many_the_one_that_was_not_used_for_longest_is_closed_and_can_be_opened_again():
    office = Office(most=2)
    for tenant in ("a", "b", "a", "c"):
        office.use(tenant)
    assert office.open_ones == ["a", "c"]
    office.use("b")
    assert office.open_ones == ["c", "b"]


def test_what_is_used_or_kept_for_good_is_not_closed():
    office = Office(most=1)
    office.tenants.keep(DEFAULT_TENANT)
    with office.tenants.hold("a") as kept:
        for tenant in ("b", "c"):
            office.use(tenant)
        assert kept.is_open
        assert office.open_ones == [DEFAULT_TENANT, "a", "c"]
    office.use("d")
    assert office.open_ones == [DEFAULT_TENANT, "d"]


def test_one_that_is_used_does_not_stand_for_one_that_could_be_closed():
    office = Office(most=2)
    with office.tenants.hold("a"):
        for tenant in ("b", "c"):
            office.use(tenant)
        assert office.open_ones == ["a", "c"]


def test_what_was_taken_at_once_was_used_last():
    office = Office(most=2)
    for tenant in ("a", "b"):
        office.use(tenant)
    assert office.tenants.take_open("a") is not None
    office.tenants.give_back("a")
    office.use("c")
    assert office.open_ones == ["a", "c"]


def test_what_is_taken_while_it_is_about_to_be_closed_stays_open(monkeypatch):
    office = Office(most=1)
    office.use("a")
    find_spare = office.tenants._spare

    def taken_meanwhile():
        found = find_spare()
        office.tenants.take_open("a")
        return found

    monkeypatch.setattr(office.tenants, "_spare", taken_meanwhile)
    office.use("b")
    assert office.open_ones == ["a", "b"]


def test_what_is_open_is_taken_at_once_and_then_not_closed():
    office = Office(most=1)
    assert office.tenants.take_open("a") is None
    office.use("a")
    taken = office.tenants.take_open("a")
    assert taken is not None
    office.use("b")
    assert taken.is_open
    office.tenants.give_back("a")
    office.use("c")
    assert not taken.is_open
    assert office.tenants.take_open("a") is None


def test_one_that_cannot_be_opened_is_told_as_such_and_tried_again():
    office = Office(most=1)
    for _ in range(3):
        with capture_logs() as logged, pytest.raises(NotReadyError) as told, office.tenants.hold("damaged"):
            pass
        assert [(line["log_level"], line["tenant"]) for line in logged] == [("error", "damaged")]
        assert (told.value.code, told.value.retry_after_seconds) == ("tenant-unavailable", 5)
        assert SECRET not in told.value.detail
    with pytest.raises(StartError):
        office.tenants.keep("damaged")
    with pytest.raises(ZeroDivisionError), office.tenants.hold("bug"):
        pass
    office.damaged.clear()
    office.use("damaged")
    office.use("b")
    assert office.open_ones == ["b"]


def test_others_are_served_while_one_is_opened_slowly():
    office = Office(most=4)
    office.use("a")
    office.may_open.clear()
    with ThreadPoolExecutor(8) as threads:
        slow = [threads.submit(office.use, "b") for _ in range(4)]
        for _ in range(10):
            office.use("a")
        assert not any(each.done() for each in slow)
        office.may_open.set()
        for each in slow:
            each.result()
    assert [kept.tenant for kept in office.opened] == ["a", "b"]


def test_many_threads_never_see_a_closed_one():
    office = Office(most=2)
    names = [f"t{number % 5}" for number in range(2_000)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(office.use, names))
    office.use("last")
    assert len(office.open_ones) <= 2


def test_all_that_lie_in_a_folder_are_opened_and_a_damaged_one_holds_up_no_other(tmp_path):
    for tenant in ("marks", "damaged", "patents"):
        tenant_folder(tmp_path, tenant).mkdir(parents=True)
    office = Office(most=1)
    office.tenants.keep_all(tmp_path)
    assert office.open_ones == [DEFAULT_TENANT, "marks", "patents"]
