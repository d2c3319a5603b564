"""The register in both databases for real: killed again and again while it writes, cut off, taken twice."""

import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import create_engine, make_url, text

from examkit.errors import StartError
from services.image_search.codes import NiceClass, ViennaCode
from services.image_search.database import RegisterDiskFullError, RegisterUnavailableError
from services.image_search.marks import MarkFilter, MarkMetadata
from services.image_search.register import Register
from tests.integration.register_writer import EMBEDDERS, MARKS, entry_of, is_removal
from tests.postgres import new_database, postgresql

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[2]
KILLS = 10
_NUMBERS = count()


@dataclass(frozen=True)
class Place:
    """Where a register is kept: a folder, or a database that has a URL."""

    folder: Path
    url: str | None = None

    def open(self) -> Register:
        return Register(self.folder, self.url)

    def writer(self, first: int) -> "subprocess.Popen[str]":
        module = "tests.integration.register_writer"
        command = [sys.executable, "-m", module, str(self.folder), self.url or "", str(first)]
        return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


@pytest.fixture(scope="module")
def server():
    with postgresql() as server:
        yield server


@pytest.fixture
def database(server):
    return new_database(server, f"register_{next(_NUMBERS)}")


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, tmp_path):
    return Place(tmp_path, request.getfixturevalue("database") if request.param == "postgresql" else None)


@pytest.fixture
def register(place):
    opened = place.open()
    yield opened
    opened.close()


@pytest.fixture
def postgres_register(tmp_path, database):
    opened = Register(tmp_path, database)
    yield opened
    opened.close()


def run(url: str, statement: str) -> None:
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def killed_after(seconds: float, writer: "subprocess.Popen[str]") -> int:
    """Kill a writer some time after its first write; return the number of the last write that it told."""
    assert writer.stdout is not None
    first = writer.stdout.readline()
    time.sleep(seconds)
    writer.kill()
    # What was told before the kill and not read yet is in the pipe; half a line was not told.
    told = [first, *writer.stdout.read().split("\n")[:-1]]
    writer.wait()
    writer.stdout.close()
    return int(told[-1])


def states_after(last: int) -> Iterator[dict[str, int]]:
    """Give what may be there after the last write that was told: that, or the next write as well."""
    state: dict[str, int] = {}
    for number in range(last + 2):
        if is_removal(number):
            state.pop(f"M{(number - 1) % MARKS}", None)
        else:
            state[f"M{number % MARKS}"] = number
        if number >= last:
            yield dict(state)


def contents(register: Register) -> dict[str, int]:
    """Return the number of the write that each mark is from, having seen that it is there whole."""
    found = {}
    for mark in register.page(MarkFilter(), limit=MARKS + 1, offset=0)[0]:
        number = int((mark.metadata.name or "").removeprefix("write "))
        expected = entry_of(number)
        assert mark == replace(expected.mark, metadata=mark.metadata)
        assert mark.metadata == replace(expected.metadata, vienna_codes=tuple(sorted(expected.metadata.vienna_codes)))
        assert register.image(mark.mark_id) == expected.image
        found[mark.mark_id] = number
    rows = {register.row_id(mark_id): number for mark_id, number in found.items()}
    for embedder in EMBEDDERS:
        described = {row_id: int(vectors[0, 0]) for row_id, vectors in register.embeddings(embedder)}
        assert described == {row_id: number % 2048 for row_id, number in rows.items()}
    return found


def test_a_process_killed_again_and_again_loses_nothing_it_had_told_and_leaves_nothing_in_half(place):
    first = 0
    for turn in range(KILLS):
        last = killed_after(0.03 * turn, place.writer(first))
        register = place.open()
        found = contents(register)
        assert found in list(states_after(last))
        first = (
            next(number for number, state in zip(count(last), states_after(last), strict=False) if state == found) + 1
        )
        register.close()
    assert first > KILLS


FERN = MarkMetadata(
    name="Rising\0Fern",
    applicant="Fern & Söhne GmbH 100%",
    office="NZ",
    status="registered",
    application_date=date(2021, 3, 4),
    nice_classes=(NiceClass(29), NiceClass(30)),
    vienna_codes=(ViennaCode((5, 3, 13)), ViennaCode((26, 1))),
    mark_feature="figurative",
)


@pytest.mark.parametrize(
    ("wanted", "passing"),
    [
        (MarkFilter(), ["A", "B-2", "b"]),
        (MarkFilter(nice_classes=(NiceClass(30),)), ["A"]),
        (MarkFilter(vienna_prefixes=(ViennaCode((26, 1)),)), ["A"]),
        (MarkFilter(vienna_prefixes=(ViennaCode((5, 3)),)), ["A"]),
        (MarkFilter(applicant="SÖHNE"), ["A"]),
        (MarkFilter(applicant="_"), []),
        (MarkFilter(office="NZ", status="registered"), ["A"]),
        (MarkFilter(status="no\0status"), []),
        (MarkFilter(date_from=date(2021, 3, 4), date_to=date(2021, 3, 4)), ["A"]),
        (MarkFilter(excluded_mark_id="A"), ["B-2", "b"]),
    ],
)
def test_both_databases_filter_and_order_alike(register, wanted, passing):
    marks = [("b", MarkMetadata()), ("A", FERN), ("B-2", MarkMetadata())]
    register.write([replace(entry_of(1), mark_id=mark_id, metadata=metadata) for mark_id, metadata in marks])
    found, number = register.page(wanted, limit=9, offset=0)
    assert [mark.mark_id for mark in found] == passing
    assert number == len(passing) == len(register.matching_rows(wanted))


def test_postgresql_keeps_marks_their_images_and_vectors(tmp_path, database):
    register = Register(tmp_path, database)
    (written,) = register.write([replace(entry_of(1), metadata=FERN)])
    register.close()
    register = Register(tmp_path, database)
    assert register.mark("M1").metadata == replace(FERN, name="Rising\N{SYMBOL FOR NULL}Fern")
    assert register.image("M1") == entry_of(1).image
    ((row_id, vectors),) = register.embeddings(EMBEDDERS[0])
    assert row_id == written.row_id
    assert np.array_equal(vectors, entry_of(1).vectors)
    assert register.delete("M1") == row_id
    assert register.write([entry_of(2)])[0].row_id > row_id
    assert list(tmp_path.iterdir()) == []
    register.close()


def test_a_postgresql_register_belongs_to_one_process_at_a_time(postgres_register, tmp_path, database):
    with pytest.raises(StartError, match="in use by another process"):
        Register(tmp_path, database)
    postgres_register.write([entry_of(1)])


def test_a_server_that_goes_away_is_named_and_found_again_with_the_ownership(
    server, postgres_register, tmp_path, database
):
    postgres_register.write([entry_of(1)])
    server.stop()
    with pytest.raises(RegisterUnavailableError):
        postgres_register.write([entry_of(2)])
    with pytest.raises(RegisterUnavailableError):
        postgres_register.mark("M1")
    assert not postgres_register.is_reachable()
    server.ensure_postgres_running()
    assert postgres_register.is_reachable()
    postgres_register.write([entry_of(2)])
    with pytest.raises(StartError, match="in use by another process"):
        Register(tmp_path, database)
    assert contents(postgres_register) == {"M1": 1, "M2": 2}


def test_a_register_that_another_process_took_over_is_written_no_more(postgres_register, tmp_path, database):
    run(database, "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")
    successor = Register(tmp_path, database)
    with pytest.raises(RegisterUnavailableError):
        postgres_register.write([entry_of(1)])
    successor.close()
    postgres_register.write([entry_of(1)])


def test_a_server_without_room_is_named_and_costs_nothing_that_was_stored(postgres_register, database):
    postgres_register.write([entry_of(1)])
    run(database, "CREATE FUNCTION full_() RETURNS trigger AS $$ BEGIN RAISE disk_full; END $$ LANGUAGE plpgsql")
    run(database, "CREATE TRIGGER full_ BEFORE INSERT ON images EXECUTE FUNCTION full_()")
    with pytest.raises(RegisterDiskFullError):
        postgres_register.write([entry_of(2)])
    assert contents(postgres_register) == {"M1": 1}


def test_a_database_that_is_not_there_stops_the_start_in_one_sentence(database, tmp_path):
    url = make_url(database).set(database="nowhere").render_as_string(hide_password=False)
    with pytest.raises(StartError, match="cannot be reached"):
        Register(tmp_path, url)
