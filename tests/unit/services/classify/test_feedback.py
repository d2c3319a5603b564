"""Feedback is kept as it came, in order, for its owner's eyes only; what is removed is gone; trouble has a name."""

import sqlite3
import threading
from dataclasses import replace
from uuid import uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import HealthCheck, given, settings
from sqlalchemy import Engine, create_engine, event

from examkit.errors import NotFoundError, StartError
from services.classify.feedback.database import FeedbackDiskFullError, FeedbackUnavailableError
from services.classify.feedback.store import FeedbackStore, schema
from services.classify.ipc import Symbol
from services.classify.text import PatentText
from tests.decisions import DECISION, DECISIONS


@pytest.fixture
def store(tmp_path):
    store = FeedbackStore.open(tmp_path)
    yield store
    store.close()


def decided(number):
    return replace(DECISION, document_id=f"XX{number}", text=PatentText(title=f"Toothbrush {number}"))


@given(decision=DECISIONS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_stored_comes_back_as_it_was(store, decision):
    kept = store.add(decision)
    (found,) = [stored for stored in store.everything() if stored.id == kept.id]
    assert (found.decision, found.stored_at) == (decision, kept.stored_at)


def test_decisions_are_listed_in_the_order_they_were_stored(store):
    ids = [store.add(decided(number)).id for number in range(50)]
    first, count = store.page(limit=20, offset=0)
    last, _ = store.page(limit=20, offset=40)
    assert [stored.id for stored in first + last] == ids[:20] + ids[40:]
    assert count == 50
    assert [stored.id for stored in store.everything()] == ids
    assert store.page(limit=20, offset=50) == ([], 50)


def test_the_history_of_a_document_is_kept_and_found_by_its_id(store):
    first = store.add(DECISION)
    store.add(decided(2))
    second = store.add(replace(DECISION, assigned=(Symbol.parse("A46B"),)))
    found, count = store.page(limit=10, offset=0, document_id="XX1")
    assert [stored.id for stored in found] == [first.id, second.id]
    assert count == 2
    assert [stored.id for stored in store.everything("XX1")] == [first.id, second.id]
    assert store.page(limit=10, offset=0, document_id="XX") == ([], 0)


@pytest.mark.parametrize("document_id", ["XX1", None])
def test_the_same_decision_sent_again_is_stored_once(store, document_id):
    decision = replace(DECISION, document_id=document_id)
    first, again = store.add(decision), store.add(decision)
    assert (again.id, again.stored_at, first.is_new, again.is_new) == (first.id, first.stored_at, True, False)
    changed = store.add(replace(decision, assigned=(Symbol.parse("A46B"),)))
    back = store.add(decision)
    assert (changed.is_new, back.is_new) == (True, True)
    assert [stored.id for stored in store.everything()] == [first.id, changed.id, back.id]


def test_decisions_stored_while_an_export_runs_are_in_it(store):
    ids = [store.add(decided(number)).id for number in range(30)]
    export = store.everything()
    seen = [next(export).id]
    ids.append(store.add(decided(30)).id)
    assert seen + [stored.id for stored in export] == ids


def test_what_is_removed_is_gone_from_the_disk_too(store, tmp_path):
    kept = store.add(replace(DECISION, text=PatentText(text="zyxwmark " * 5000)))
    other = store.add(decided(2))
    assert any(b"zyxwmark" in file.read_bytes() for file in tmp_path.iterdir())
    store.remove(kept.id)
    assert [stored.id for stored in store.everything()] == [other.id]
    assert not any(b"zyxwmark" in file.read_bytes() for file in tmp_path.iterdir())
    with pytest.raises(NotFoundError):
        store.remove(kept.id)
    with pytest.raises(NotFoundError):
        store.remove(uuid4())


def test_only_the_owner_can_read_the_files(tmp_path):
    folder = tmp_path / "deep" / "feedback"
    store = FeedbackStore.open(folder)
    store.add(DECISION)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.name: file.stat().st_mode & 0o777 for file in folder.iterdir()} == dict.fromkeys(
        ("feedback.sqlite", "feedback.sqlite-wal", "feedback.sqlite-shm", "feedback.lock"), 0o600
    )
    store.close()


def test_every_connection_writes_through_to_the_disk(tmp_path):
    with listening("connect", lambda connection, _: connections.append(connection)):
        connections: list[sqlite3.Connection] = []
        store = FeedbackStore.open(tmp_path)
        store.add(DECISION)
        for connection in connections:
            assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
            assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
        store.close()
    assert connections


def test_many_threads_lose_nothing(store):
    def write(thread):
        for number in range(20):
            ids.append(store.add(decided(f"{thread}-{number}")).id)

    ids: list[object] = []
    threads = [threading.Thread(target=write, args=(thread,)) for thread in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == 160
    assert {stored.id for stored in store.everything()} == set(ids)


def test_the_revisions_lead_to_the_table_that_code_uses(tmp_path):
    FeedbackStore.open(tmp_path).close()
    engine = create_engine(f"sqlite:///{tmp_path / 'feedback.sqlite'}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": "classify_feedback_version"})
        assert compare_metadata(context, schema) == []
    engine.dispose()


def test_it_is_still_there_after_a_restart(tmp_path):
    store = FeedbackStore.open(tmp_path)
    kept = store.add(DECISION)
    store.close()
    store = FeedbackStore.open(tmp_path)
    assert [stored.id for stored in store.everything()] == [kept.id]
    store.close()


def test_a_full_disk_is_named_and_costs_nothing_that_was_stored(tmp_path):
    with listening("connect", lambda connection, _: connection.execute("PRAGMA max_page_count = 40")):
        store = FeedbackStore.open(tmp_path)
        kept = store.add(DECISION)
        with pytest.raises(FeedbackDiskFullError) as caught:
            store.add(replace(DECISION, text=PatentText(text="bristles " * 100_000)))
        assert "bristles" not in str(caught.value)
        assert [stored.id for stored in store.everything()] == [kept.id]
        assert store.is_reachable()
        store.close()


def test_a_locked_file_is_named_and_works_again_afterwards(store, tmp_path):
    other = sqlite3.connect(tmp_path / "feedback.sqlite", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(FeedbackUnavailableError) as caught:
        store.add(DECISION)
    assert caught.value.retry_after_seconds
    other.execute("ROLLBACK")
    other.close()
    assert store.add(DECISION).is_new


def test_a_file_that_is_no_database_stops_the_start_in_one_sentence(tmp_path):
    (tmp_path / "feedback.sqlite").write_bytes(b"not a database, but long enough to be looked at" * 100)
    with pytest.raises(StartError, match="file is not a database"):
        FeedbackStore.open(tmp_path)


def test_a_folder_that_cannot_be_made_stops_the_start_in_one_sentence(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StartError, match="Feedback cannot be kept in"):
        FeedbackStore.open(tmp_path / "file" / "feedback")


def test_a_lock_that_cannot_be_had_stops_the_start_in_one_sentence(tmp_path):
    (tmp_path / "feedback.lock").mkdir()
    with pytest.raises(StartError, match="Is a directory"):
        FeedbackStore.open(tmp_path)


def test_the_file_of_a_newer_release_is_refused(tmp_path):
    FeedbackStore.open(tmp_path).close()
    with sqlite3.connect(tmp_path / "feedback.sqlite") as connection:
        connection.execute("UPDATE classify_feedback_version SET version_num = '99'")
    connection.close()
    with pytest.raises(StartError, match="newer release"):
        FeedbackStore.open(tmp_path)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("no url, but geheim", "cannot be read"),
        ("postgresql://office:geheim@host:port/feedback", "cannot be read"),
        ("mysql://office:geheim@host/feedback", "must begin with postgresql://"),
        ("sqlite:///geheim", "must begin with postgresql://"),
        ("postgresql://office:geheim@127.0.0.1:1/feedback", "cannot be reached"),
        ("postgresql://office:geheim@127.0.0.1:1/feedback?geheim=1", "cannot be reached"),
        ("postgresql://office:ge@geheim@127.0.0.1:1/feedback", "cannot be reached"),
    ],
)
def test_a_url_that_leads_nowhere_stops_the_start_without_its_password(tmp_path, url, sentence):
    with pytest.raises(StartError, match=sentence) as caught:
        FeedbackStore.open(tmp_path, url)
    assert "geheim" not in str(caught.value)


class listening:  # noqa: N801 - reads as what it is
    """Hear an event of every engine for a while."""

    def __init__(self, name, heard):
        self.event = (Engine, name, heard)

    def __enter__(self):
        event.listen(*self.event)

    def __exit__(self, *_):
        event.remove(*self.event)
