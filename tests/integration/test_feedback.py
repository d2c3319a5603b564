"""Feedback in both databases for real: killed while it writes, started twice at once, cut off, out of reach."""

import subprocess
import sys
import time
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import create_engine, make_url, text

from examkit.errors import StartError
from services.classify.feedback.database import FeedbackDiskFullError, FeedbackUnavailableError
from services.classify.feedback.decisions import Decision
from services.classify.feedback.store import FeedbackStore
from services.classify.ipc import Symbol
from services.classify.text import PatentText
from tests.decisions import DECISION, DECISIONS
from tests.postgres import new_database, postgresql

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[2]
_NUMBERS = count()


@dataclass(frozen=True)
class Place:
    """Where feedback is kept: a folder, or a database that has a URL."""

    folder: Path
    url: str | None = None

    def open(self):
        return FeedbackStore.open(self.folder, self.url)

    def writer(self, name, decisions=0):
        module = "tests.integration.feedback_writer"
        command = [sys.executable, "-m", module, str(self.folder), self.url or "", name, str(decisions)]
        return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


@pytest.fixture(scope="module")
def server():
    with postgresql() as server:
        yield server


@pytest.fixture
def database(server):
    return new_database(server, f"feedback_{next(_NUMBERS)}")


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, tmp_path):
    return Place(tmp_path, request.getfixturevalue("database") if request.param == "postgresql" else None)


@pytest.fixture
def postgres_store(tmp_path, database):
    store = FeedbackStore.open(tmp_path, database)
    yield store
    store.close()


def run(database, statement):
    engine = create_engine(make_url(database).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        result = connection.execute(text(statement))
        rows = result.all() if result.returns_rows else []
    engine.dispose()
    return rows


@pytest.mark.parametrize("seconds", [0.0, 0.05, 0.3])
def test_a_process_killed_while_it_writes_loses_nothing_it_had_told(place, seconds):
    writer = place.writer("killed")
    told = [writer.stdout.readline().split()]
    time.sleep(seconds)
    writer.kill()
    # What was told before the kill and not read yet is in the pipe; half a line was not told.
    told += [line.split() for line in writer.stdout.read().split("\n")[:-1]]
    writer.wait()
    writer.stdout.close()
    store = place.open()
    found = {str(stored.id): stored.decision for stored in store.everything()}
    store.close()
    assert {own_id: found[own_id].text.title for own_id, _ in told} == dict(told)
    assert all(decision.text.description == "bristle " * 500 for decision in found.values())
    assert len(found) - len(told) <= 3


def test_processes_that_start_at_the_same_time_all_work(place):
    writers = [place.writer(f"writer{number}", decisions=4) for number in range(4)]
    outputs = [writer.communicate(timeout=120)[0] for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0, 0, 0]
    ids = {line.split()[0] for output in outputs for line in output.splitlines()}
    store = place.open()
    assert {str(stored.id) for stored in store.everything()} == ids
    assert len(ids) == 4 * 3 * 4
    store.close()


@given(decision=DECISIONS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_postgresql_keeps_every_character(postgres_store, decision):
    kept = postgres_store.add(decision)
    (found,) = [stored for stored in postgres_store.everything() if stored.id == kept.id]
    assert (found.decision, found.stored_at) == (decision, kept.stored_at)


def test_postgresql_pages_finds_and_removes(postgres_store):
    first, again = postgres_store.add(DECISION), postgres_store.add(DECISION)
    assert (again.id, again.stored_at, again.is_new) == (first.id, first.stored_at, False)
    other = postgres_store.add(Decision(None, None, PatentText(text="x" * 5_000_000), "1", (), DECISION.assigned))
    found, count = postgres_store.page(limit=1, offset=1)
    assert ([stored.id for stored in found], count) == ([other.id], 2)
    assert postgres_store.page(limit=9, offset=0, document_id="XX1")[1] == 1
    postgres_store.remove(other.id)
    assert [stored.id for stored in postgres_store.everything()] == [first.id]


def test_a_commit_is_on_the_disk_even_where_the_server_would_not_wait(server, tmp_path, database):
    run(database, "ALTER ROLE postgres SET synchronous_commit = off")
    store = FeedbackStore.open(tmp_path, database)
    with store._engine.connect() as connection:
        assert connection.execute(text("SHOW synchronous_commit")).scalar_one() == "on"
    store.close()
    run(database, "ALTER ROLE postgres RESET synchronous_commit")


def test_a_server_that_goes_away_is_named_and_found_again(server, postgres_store):
    kept = postgres_store.add(DECISION)
    server.stop()
    with pytest.raises(FeedbackUnavailableError):
        postgres_store.add(DECISION)
    assert not postgres_store.is_reachable()
    server.ensure_postgres_running()
    assert postgres_store.is_reachable()
    assert [stored.id for stored in postgres_store.everything()] == [kept.id]


def test_a_table_that_is_locked_is_named(postgres_store, database):
    engine = create_engine(make_url(database).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        connection.execute(text("LOCK TABLE classify_feedback"))
        with pytest.raises(FeedbackUnavailableError):
            postgres_store.add(DECISION)
    engine.dispose()
    assert postgres_store.add(DECISION).is_new


def test_a_server_without_room_is_named_and_costs_nothing_that_was_stored(postgres_store, database):
    kept = postgres_store.add(DECISION)
    run(database, "CREATE FUNCTION full_() RETURNS trigger AS $$ BEGIN RAISE disk_full; END $$ LANGUAGE plpgsql")
    run(database, "CREATE TRIGGER full_ BEFORE INSERT ON classify_feedback EXECUTE FUNCTION full_()")
    with pytest.raises(FeedbackDiskFullError):
        postgres_store.add(Decision("XX9", None, PatentText(title="x"), "1", (), (Symbol.parse("A"),)))
    assert [stored.id for stored in postgres_store.everything()] == [kept.id]


def test_a_database_of_another_encoding_stops_the_start(database, tmp_path):
    name = f"latin_{next(_NUMBERS)}"
    run(database, f"CREATE DATABASE {name} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    with pytest.raises(StartError, match="encoding LATIN1"):
        FeedbackStore.open(tmp_path, make_url(database).set(database=name).render_as_string(hide_password=False))


def test_a_user_who_may_not_create_tables_is_told_so(database, tmp_path):
    run(database, "CREATE ROLE examiner LOGIN PASSWORD 'geheim'")
    url = make_url(database).set(username="examiner", password="geheim").render_as_string(hide_password=False)
    with pytest.raises(StartError, match="permission denied") as caught:
        FeedbackStore.open(tmp_path, url)
    assert "geheim" not in str(caught.value)


def test_a_database_that_is_not_there_stops_the_start_in_one_sentence(database, tmp_path):
    url = make_url(database).set(database="nowhere").render_as_string(hide_password=False)
    with pytest.raises(StartError, match="cannot be reached"):
        FeedbackStore.open(tmp_path, url)
