"""Jobs are carried out one after another; what fails, waits, is cancelled or halted ends no other."""

import threading
import time

import pytest
from sqlalchemy import MetaData

from examkit.database import Kept
from examkit.errors import InvalidInputError, NotReadyError, OverloadedError
from examkit.jobs import rounds as rounds_module
from examkit.jobs.book import JobBook, jobs_table, trouble_of
from examkit.jobs.job import JobStatus
from examkit.jobs.queue import JobKind, JobQueue
from examkit.jobs.rounds import Rounds

KEPT = Kept("things", NotReadyError, NotReadyError)
TABLE = jobs_table(MetaData(), asked=(), found=())
SECRET = "Quagga-4711"


class TooManyThingsError(OverloadedError):
    code = "too-many-things"


KIND = JobKind("thing", "making", "thing-", ".thing", 3, TooManyThingsError)


class Things:
    """A queue over a folder; what happens to a job is written in its file."""

    def __init__(self, folder, sweep=None):
        self.folder = folder
        self.book = JobBook(folder, KEPT, 1, TABLE, lambda row: row)
        self.queue = JobQueue(KIND, folder, self.book, self.carry_out, sweep)
        self.begun = []
        self.hold = threading.Event()
        self.hold.set()

    def carry_out(self, job):
        self.attempt(job.id)
        self.queue.end(job.id, JobStatus.SUCCEEDED)

    def attempt(self, job_id):
        content = self.queue.file(job_id).read_bytes()
        self.begun.append(content)
        while not self.hold.wait(0.005):
            self.queue.go_on(job_id)
        if content == b"away" and len(self.begun) < 3:
            raise NotReadyError("It is away.")
        if content == b"bad":
            raise InvalidInputError("It is bad.", code="bad")
        if content == b"bug":
            raise KeyError(SECRET)

    def send(self, content):
        with self.queue.arrival() as file:
            file.write_bytes(content)
            return self.queue.accept(file, self.enter).id

    def enter(self, job_id):
        with self.book.writing() as connection:
            return self.book.enter(connection, job_id)

    def ended(self, job_id):
        deadline = time.monotonic() + 20
        while (job := self.book.job(job_id)).ended_at is None or self.queue.is_waited_for(job_id):
            assert time.monotonic() < deadline
            time.sleep(0.005)
        return job.status, trouble_of(job)

    def files(self):
        return sorted(file.name for file in self.folder.iterdir() if not file.name.startswith("jobs-"))


def wait_until(is_so):
    deadline = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch):
    monkeypatch.setattr(rounds_module, "_PAUSE_SECONDS", 0.01)


@pytest.fixture
def things(tmp_path):
    found = Things(tmp_path / "things")
    found.queue.start(Rounds("things"))
    yield found
    found.queue.close()


def test_jobs_are_carried_out_in_order_and_their_files_removed(things):
    ids = [things.send(content) for content in (b"one", b"two")]
    assert all(job_id.startswith("thing-") for job_id in ids)
    assert [things.ended(job_id) for job_id in ids] == [(JobStatus.SUCCEEDED, None)] * 2
    assert (things.begun, things.files()) == ([b"one", b"two"], [])


def test_what_is_away_is_waited_for_and_told_meanwhile(things, monkeypatch):
    noted = []
    monkeypatch.setattr(things.book, "note_trouble", lambda job_id, trouble: noted.append(trouble.code))
    job_id = things.send(b"away")
    assert things.ended(job_id) == (JobStatus.SUCCEEDED, None)
    assert things.book.job(job_id).starts == 1  # those that were put off are none at which the service ended
    assert (len(things.begun), noted) == (3, ["not-ready"] * 2)


@pytest.mark.parametrize(
    ("content", "code", "detail"),
    [(b"bad", "bad", "It is bad."), (b"bug", "internal-error", "The making failed here.")],
)
def test_a_job_that_cannot_be_done_fails_and_the_next_is_done(things, content, code, detail, capsys):
    failed, after = things.send(content), things.send(b"fine")
    status, trouble = things.ended(failed)
    assert (status, trouble.code, trouble.detail) == (JobStatus.FAILED, code, detail)
    assert things.ended(after) == (JobStatus.SUCCEEDED, None)
    assert things.files() == []
    assert SECRET not in "".join(capsys.readouterr())


def test_a_job_is_ended_from_outside_while_it_waits_and_while_it_runs(things):
    things.hold.clear()
    running, waiting = things.send(b"one"), things.send(b"two")
    wait_until(lambda: things.begun)
    for job_id in (waiting, running):
        things.queue.end(job_id, JobStatus.CANCELLED)
        assert things.queue.is_halted(job_id)
    assert things.files() == []
    things.hold.set()
    assert things.ended(things.send(b"three")) == (JobStatus.SUCCEEDED, None)
    assert things.begun == [b"one", b"three"]
    assert things.ended(running) == (JobStatus.CANCELLED, None)


def test_a_job_halted_by_the_end_of_the_service_is_begun_again_as_if_for_the_first_time(tmp_path):
    first = Things(tmp_path)
    first.hold.clear()
    first.queue.start(Rounds("things"))
    ids = [first.send(content) for content in (b"one", b"two")]
    wait_until(lambda: first.begun)
    first.queue.close()
    job = first.book.job(ids[0])
    assert (job.status, job.starts) == (JobStatus.RUNNING, 0)
    (tmp_path / "half.arriving").touch()
    (tmp_path / "thing-0.thing").touch()
    second = Things(tmp_path)
    assert second.files() == sorted(f"{job_id}.thing" for job_id in ids)
    second.queue.start(Rounds("things"))
    assert [second.ended(job_id) for job_id in ids] == [(JobStatus.SUCCEEDED, None)] * 2
    second.queue.close()


def test_a_book_that_is_away_is_waited_for(tmp_path, monkeypatch):
    things = Things(tmp_path)
    job_id, begin, failures = things.send(b"one"), things.book.begin, [NotReadyError("It is away.")] * 2

    def begin_later(job_id):
        if failures:
            raise failures.pop()
        return begin(job_id)

    monkeypatch.setattr(things.book, "begin", begin_later)
    things.queue.start(Rounds("things"))
    assert things.ended(job_id) == (JobStatus.SUCCEEDED, None)
    assert failures == []
    things.queue.close()


def test_a_book_that_goes_away_at_the_end_of_a_job_does_not_make_it_fail(things, monkeypatch):
    end, failures = things.book.end, [NotReadyError("It is away.")]

    def end_later(*args):
        if failures:
            raise failures.pop()
        end(*args)

    monkeypatch.setattr(things.book, "end", end_later)
    assert things.ended(things.send(b"one")) == (JobStatus.SUCCEEDED, None)
    assert things.begun == [b"one", b"one"]


def test_so_many_may_wait_or_arrive_and_an_arrival_that_fails_leaves_nothing(tmp_path):
    things = Things(tmp_path)
    for _ in range(2):
        things.send(b"one")
    with pytest.raises(ZeroDivisionError), things.queue.arrival() as file:
        file.touch()
        with pytest.raises(TooManyThingsError), things.queue.arrival():
            pass
        raise ZeroDivisionError
    assert len(things.files()) == 2
    things.send(b"one")
    with pytest.raises(TooManyThingsError) as raised, things.queue.arrival():
        pass
    assert (raised.value.code, raised.value.retry_after_seconds) == ("too-many-things", 60)
    assert raised.value.detail == "Too many things wait; cancel one, or try again later."
    things.queue.close()


def test_what_the_book_did_not_take_is_not_kept(tmp_path):
    things = Things(tmp_path)

    def refuse(job_id):
        assert things.files() == [f"{job_id}.thing"]
        raise NotReadyError("It is away.")

    with pytest.raises(NotReadyError), things.queue.arrival() as file:
        file.write_bytes(b"one")
        things.queue.accept(file, refuse)
    assert (things.files(), things.book.unfinished()) == ([], [])
    things.queue.close()


def test_it_is_swept_at_the_start_and_before_each_job(tmp_path):
    swept = threading.Event()
    things = Things(tmp_path, swept.set)
    things.queue.start(Rounds("things"))
    assert swept.wait(20)
    swept.clear()
    things.ended(things.send(b"one"))
    assert swept.is_set()
    things.queue.close()


def test_strays_of_other_endings_are_removed_when_told(tmp_path):
    things = Things(tmp_path)
    for name in ("a.made", "b.made", "a.other"):
        (tmp_path / name).touch()
    things.queue.remove_strays(".made", ["a"])
    assert things.files() == ["a.made", "a.other"]
    things.queue.close()


def test_an_idle_queue_ends_at_once(tmp_path):
    for _ in range(5):
        things = Things(tmp_path)
        things.queue.start(Rounds("things"))
        began = time.monotonic()
        things.queue.close()
        assert time.monotonic() - began < 20
