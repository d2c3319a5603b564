"""A book keeps what it was told of jobs over restarts, and what has ended stays as it is."""

import stat
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Column, MetaData, String

from examkit.database import Kept
from examkit.errors import NotFoundError, NotReadyError, StartError
from examkit.jobs.book import NO_TROUBLE, JobBook, jobs_table, trouble_of
from examkit.jobs.job import JobStatus, Trouble

KEPT = Kept("things", NotReadyError, NotReadyError)
TABLE = jobs_table(MetaData(), asked=(Column("wish", String),), found=(Column("made", String),))
TROUBLE = Trouble("away", "It is away.")


@dataclass(frozen=True)
class Job:
    id: str
    wish: str
    made: str | None
    status: JobStatus
    times: tuple[datetime | None, ...]
    progress: float
    trouble: Trouble | None
    starts: int


def read(row):
    times = (row.created_at, row.started_at, row.ended_at)
    return Job(row.id, row.wish, row.made, JobStatus(row.status), times, row.progress, trouble_of(row), row.starts)


def opened(folder):
    return JobBook(folder, KEPT, 2, TABLE, read)


@pytest.fixture
def book(tmp_path):
    found = opened(tmp_path / "things")
    yield found
    found.close()


def enter(book, job_id):
    with book.writing() as connection:
        return book.enter(connection, job_id, wish="a thing")


def test_a_job_goes_from_queued_over_running_to_its_end(book):
    before = datetime.now(UTC)
    job = enter(book, "J")
    assert (job.id, job.wish, job.status, job.progress, job.starts) == ("J", "a thing", JobStatus.QUEUED, 0, 0)
    running = book.begin("J")
    assert (running.status, running.starts) == (JobStatus.RUNNING, 1)
    assert book.begin("J").times == running.times
    book.end("J", JobStatus.SUCCEEDED, made="that")
    ended = book.job("J")
    assert (ended.status, ended.made, ended.progress, ended.trouble) == (JobStatus.SUCCEEDED, "that", 1, None)
    created_at, started_at, ended_at = ended.times
    assert before <= created_at <= started_at <= ended_at <= before + timedelta(minutes=5)
    book.end("J", JobStatus.FAILED, TROUBLE)
    book.change("J", progress=0.5)
    assert book.job("J") == ended


def test_a_job_that_failed_tells_why_and_how_far_it_was(book):
    enter(book, "J")
    book.change("J", progress=0.5)
    book.end("J", JobStatus.FAILED, TROUBLE)
    assert (book.job("J").progress, book.job("J").trouble) == (0.5, TROUBLE)


def test_what_holds_a_job_up_is_told_until_it_goes_on(book):
    enter(book, "J")
    book.note_trouble("J", TROUBLE)
    assert book.job("J").trouble == TROUBLE
    book.change("J", **NO_TROUBLE)
    assert book.job("J").trouble is None
    book.note_trouble("J", TROUBLE)
    book.end("J", JobStatus.SUCCEEDED)
    assert book.job("J").trouble is None


def test_starts_are_counted_anew_behind_a_halt(book):
    enter(book, "J")
    assert [book.begin("J").starts for _ in range(2)] == [1, 2]
    book.note_halt("J")
    assert book.begin("J").starts == 1


def test_a_time_of_another_zone_stays_the_same_moment(book):
    enter(book, "J")
    noon = datetime(2026, 11, 23, 12, tzinfo=timezone(timedelta(hours=5)))
    book.change("J", started_at=noon)
    assert book.job("J").times[1] == noon


def test_unfinished_jobs_are_named_oldest_first_over_restarts(book, tmp_path):
    for job_id in "CABD":
        enter(book, job_id)
    book.begin("C")
    book.end("A", JobStatus.CANCELLED)
    book.end("D", JobStatus.SUCCEEDED)
    again = opened(tmp_path / "things")
    assert (again.unfinished(), again.job("C")) == (["C", "B"], book.job("C"))
    assert again.ids(TABLE.c.ended_at < datetime.now(UTC)) == ["A", "D"]
    assert again.ids(TABLE.c.ended_at < datetime.now(UTC) - timedelta(hours=1)) == []
    again.close()


def test_a_job_that_is_not_known_is_told_as_such(book):
    for call in (book.job, book.begin):
        with pytest.raises(NotFoundError) as raised:
            call("J")
        assert raised.value.code == "unknown-job"


def test_a_transaction_that_fails_leaves_nothing(book):
    with pytest.raises(ZeroDivisionError), book.writing() as connection:
        book.enter(connection, "J", wish="a thing")
        raise ZeroDivisionError
    assert book.unfinished() == []


def test_a_book_is_its_owners_alone_and_one_of_another_form_gives_way(tmp_path):
    folder = tmp_path / "deep" / "things"
    folder.mkdir(parents=True)
    (folder / "jobs-1.sqlite").write_bytes(b"of another release")
    opened(folder).close()
    (file,) = folder.iterdir()
    assert (file.name, stat.S_IMODE(file.stat().st_mode)) == ("jobs-2.sqlite", 0o600)
    opened(tmp_path / "other").close()
    assert stat.S_IMODE((tmp_path / "other").stat().st_mode) == 0o700


def test_a_place_where_no_book_can_be_stops_the_start(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StartError, match="No things can be kept in"):
        opened(tmp_path / "file")
    (tmp_path / "jobs-2.sqlite").write_bytes(b"no book " * 100)
    with pytest.raises(StartError, match="The database of things"):
        opened(tmp_path)
