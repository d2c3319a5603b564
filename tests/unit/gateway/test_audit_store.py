"""Is the audit trail kept alike in SQLite and PostgreSQL: one chain, only ever longer?"""

from concurrent.futures import ThreadPoolExecutor

import pytest
from pydantic import SecretStr
from sqlalchemy import delete, event, update
from sqlalchemy.exc import DBAPIError

from examkit.database import writing
from gateway.audit.chain import Head, checked
from gateway.audit.store import AuditDiskFullError, AuditStore, AuditUnavailableError
from gateway.audit.tables import audit_entries, audit_head
from gateway.database import open_database
from tests.audit_entries import entry
from tests.postgres import new_database, postgresql


@pytest.fixture(scope="module")
def server():
    with postgresql() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def open_engine(request, tmp_path):
    """Give what opens the same database as often as asked."""
    address = None
    if request.param == "postgresql":
        address = SecretStr(new_database(request.getfixturevalue("server"), f"audit_{tmp_path.name}"))
    engines = []

    def open_it():
        engines.append(open_database(tmp_path / "gateway", address))
        return engines[-1]

    yield open_it
    for engine in engines:
        engine.dispose()


def test_entries_come_back_as_one_chain_whose_head_is_known(open_engine):
    store = AuditStore(open_engine())
    assert store.head() == Head()
    assert list(store.links()) == []
    store.append([entry(), entry(caller=None, tenant=None)])
    store.append([entry(route="/api/v1/marks/{markId}")])
    links = list(checked(store.links(), [store.head()]))
    assert [link.number for link in links] == [1, 2, 3]
    assert store.head() == links[-1].head
    assert list(AuditStore(open_engine()).links()) == links


def test_several_gateways_write_one_chain(open_engine):
    stores = [AuditStore(open_engine()) for _ in range(4)]

    def write(store: AuditStore) -> None:
        for _ in range(15):
            store.append([entry(), entry()])

    with ThreadPoolExecutor(4) as gateways:
        list(gateways.map(write, stores))
    assert len(list(checked(stores[0].links(), [stores[1].head()]))) == 120


@pytest.mark.parametrize("change", [update(audit_entries).values(content="{}"), delete(audit_entries)])
def test_no_statement_changes_or_removes_an_entry(open_engine, change):
    engine = open_engine()
    store = AuditStore(engine)
    store.append([entry()])
    with pytest.raises(DBAPIError, match="never changed or removed"), writing(engine).begin() as connection:
        connection.execute(change)
    assert len(list(checked(store.links(), [store.head()]))) == 1


def test_nothing_is_added_where_one_of_a_group_cannot_be(open_engine):
    engine = open_engine()
    store = AuditStore(engine)
    store.append([entry(), entry()])
    head = store.head()
    _set_head(engine, Head(number=0))
    with pytest.raises(DBAPIError):
        store.append([entry(), entry(), entry()])
    _set_head(engine, head)
    assert len(list(checked(store.links(), [head]))) == 2


def _set_head(engine, head: Head) -> None:
    with writing(engine).begin() as connection:
        connection.execute(update(audit_head).values(number=head.number, hash=head.hash))


def test_a_database_without_room_is_told_apart_from_one_that_is_away(tmp_path):
    engine = open_database(tmp_path)
    engine.dispose()
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA max_page_count = 1"))
    store = AuditStore(engine)
    with pytest.raises(AuditDiskFullError) as full:
        for _ in range(100):
            store.append([entry() for _ in range(100)])
    assert full.value.retry_after_seconds
    engine.dispose()
    (tmp_path / "gateway.sqlite").unlink()
    (tmp_path / "gateway.sqlite").mkdir()
    with pytest.raises(AuditUnavailableError):
        store.append([entry()])
    engine.dispose()
