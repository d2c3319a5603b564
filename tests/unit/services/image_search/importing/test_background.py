"""Jobs are done one after another, wait for a database that is away, and end when they are told to."""

import threading
import time

import pytest

from examkit.errors import NotFoundError, OverloadedError
from examkit.jobs import rounds
from examkit.jobs.job import JobStatus
from examkit.jobs.rounds import Rounds
from services.image_search.database import RegisterUnavailableError
from services.image_search.importing.background import ImportJobs
from services.image_search.importing.outcomes import Outcome, Verdict
from services.image_search.importing.records import Place, UnreadableFileError
from services.image_search.importing.run import Taken


def taken(number: int) -> Taken:
    return Taken([Outcome(Place("a.csv", number), f"M{number}", Verdict.ADDED)], number / 4)


class Work:
    """Four rows an archive; what else happens is written in the archive."""

    def __init__(self) -> None:
        self.begun: list[tuple[bytes, int]] = []
        self.hold = threading.Event()
        self.hold.set()

    def __call__(self, archive, job, steering):
        content = archive.read_bytes()
        self.begun.append((content, job.counts.rows))
        for number in range(job.counts.rows, 4):
            while not self.hold.wait(0.01):
                steering.go_on()
            if content == b"database away" and len(self.begun) < 3:
                raise RegisterUnavailableError("The database is away.")
            if content == b"unreadable":
                raise UnreadableFileError("It is damaged.")
            if content == b"bug":
                raise KeyError("a secret")
            with steering.writing():
                outcome = taken(number)
            yield outcome


@pytest.fixture
def work():
    return Work()


@pytest.fixture
def jobs(tmp_path, work, monkeypatch):
    monkeypatch.setattr(rounds, "_PAUSE_SECONDS", 0.01)
    opened = ImportJobs(tmp_path / "imports", work)
    opened.start(Rounds("imports"))
    yield opened
    opened.close()


def send(jobs: ImportJobs, content: bytes):
    with jobs.arrival() as file:
        file.write_bytes(content)
        return jobs.accept(file, look_for_alike=False)


def ended(jobs: ImportJobs, job_id: str):
    deadline = time.monotonic() + 20
    while (job := jobs.ledger.job(job_id)).status in (JobStatus.QUEUED, JobStatus.RUNNING):
        assert time.monotonic() < deadline
        time.sleep(0.005)
    return job


def archives_in_the_end(tmp_path):
    """What is left once the last archive had time to go, which it does after its job has ended."""
    deadline = time.monotonic() + 20
    while (found := archives(tmp_path)) and time.monotonic() < deadline:
        time.sleep(0.005)
    return found


def archives(tmp_path):
    return [file.name for file in (tmp_path / "imports").iterdir() if not file.name.startswith("jobs-")]


def test_jobs_are_done_in_order_and_their_archives_removed(jobs, work, tmp_path):
    ids = [send(jobs, content).id for content in (b"one", b"two", b"three")]
    assert [ended(jobs, job_id).status for job_id in ids] == [JobStatus.SUCCEEDED] * 3
    assert work.begun == [(b"one", 0), (b"two", 0), (b"three", 0)]
    assert jobs.ledger.job(ids[0]).counts.rows == 4
    assert archives_in_the_end(tmp_path) == []


def test_a_database_that_is_away_is_waited_for(jobs, work):
    job = ended(jobs, send(jobs, b"database away").id)
    assert (job.status, job.trouble, len(work.begun)) == (JobStatus.SUCCEEDED, None, 3)


@pytest.mark.parametrize(("content", "code"), [(b"unreadable", "unreadable-file"), (b"bug", "internal-error")])
def test_a_job_that_cannot_be_done_fails_and_the_next_is_done(jobs, content, code, tmp_path):
    failed, after = send(jobs, content), send(jobs, b"fine")
    job = ended(jobs, failed.id)
    assert (job.status, job.trouble.code) == (JobStatus.FAILED, code)
    assert "secret" not in job.trouble.detail
    assert ended(jobs, after.id).status is JobStatus.SUCCEEDED
    assert archives_in_the_end(tmp_path) == []


def test_a_job_is_cancelled_while_it_waits_and_while_it_runs(jobs, work, tmp_path):
    work.hold.clear()
    running, waiting = send(jobs, b"one"), send(jobs, b"two")
    while not work.begun:
        time.sleep(0.005)
    for job in (waiting, running):
        jobs.cancel(job.id)
        assert jobs.ledger.job(job.id).status is JobStatus.CANCELLED
    assert archives(tmp_path) == []
    work.hold.set()
    assert ended(jobs, send(jobs, b"three").id).status is JobStatus.SUCCEEDED
    assert [content for content, _ in work.begun] == [b"one", b"three"]
    assert jobs.ledger.job(running.id).counts.rows == 0
    with pytest.raises(NotFoundError):
        jobs.cancel("unknown")


def test_jobs_go_on_at_the_next_start_and_what_has_no_job_is_removed(tmp_path, work):
    folder = tmp_path / "imports"
    work.hold.clear()
    first = ImportJobs(folder, work)
    first.start(Rounds("imports"))
    ids = [send(first, content).id for content in (b"one", b"two")]
    while not work.begun:
        time.sleep(0.005)
    first.ledger.record(ids[0], taken(0).outcomes, 0.25)
    first.close()
    (folder / "half.arriving").touch()
    (folder / "marks-0.archive").touch()
    assert first.ledger.job(ids[0]).status is JobStatus.RUNNING
    work.hold.set()
    second = ImportJobs(folder, work)
    second.start(Rounds("imports"))
    assert [ended(second, job_id).counts.rows for job_id in ids] == [4, 4]
    assert work.begun[1:] == [(b"one", 1), (b"two", 0)]
    assert archives_in_the_end(tmp_path) == []
    second.close()


def test_a_job_at_which_the_service_ended_over_and_over_is_given_up(tmp_path, work):
    first = ImportJobs(tmp_path / "imports", work)
    hopeless, lost = send(first, b"one"), send(first, b"two")
    for _ in range(5):
        first.ledger.begin(hopeless.id)
    first.close()
    (tmp_path / "imports" / f"{lost.id}.archive").unlink()
    second = ImportJobs(tmp_path / "imports", work)
    second.start(Rounds("imports"))
    codes = [ended(second, job.id).trouble.code for job in (hopeless, lost)]
    second.close()
    assert (codes, work.begun) == (["import-broke-off", "import-lost"], [])


def test_a_job_that_was_broken_off_in_order_is_never_given_up(tmp_path, work):
    work.hold.clear()
    jobs = ImportJobs(tmp_path / "imports", work)
    job = send(jobs, b"one")
    jobs.close()
    for start in range(7):
        jobs = ImportJobs(tmp_path / "imports", work)
        jobs.start(Rounds("imports"))
        while len(work.begun) <= start:
            time.sleep(0.005)
        jobs.close()
    work.hold.set()
    jobs = ImportJobs(tmp_path / "imports", work)
    jobs.start(Rounds("imports"))
    assert ended(jobs, job.id).status is JobStatus.SUCCEEDED
    jobs.close()


def test_so_many_may_wait_and_an_arrival_that_fails_leaves_nothing(jobs, work, tmp_path):
    work.hold.clear()
    for _ in range(7):
        send(jobs, b"one")
    with pytest.raises(ZeroDivisionError), jobs.arrival() as file:
        file.touch()
        with pytest.raises(OverloadedError), jobs.arrival():
            pass
        raise ZeroDivisionError
    assert len(archives(tmp_path)) == 7
    send(jobs, b"one")
    with pytest.raises(OverloadedError) as raised, jobs.arrival():
        pass
    assert (raised.value.code, raised.value.retry_after_seconds) == ("too-many-imports", 60)
