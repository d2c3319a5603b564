"""The book of imports keeps what it was told, over restarts, and forgets what ended long ago."""

from datetime import timedelta

import pytest

from examkit.errors import NotFoundError
from examkit.jobs.job import JobStatus, Trouble
from services.image_search.importing import ledger as ledger_module
from services.image_search.importing.jobs import Counts
from services.image_search.importing.ledger import Ledger
from services.image_search.importing.outcomes import Outcome, Verdict
from services.image_search.importing.records import Place

REFUSED = Outcome(Place("a.csv", 3), None, Verdict.REFUSED, "unreadable-record", "No.")
ADDED = Outcome(Place("a.csv", 2), "A", Verdict.ADDED, same_image="B")
ALIKE = Outcome(Place("b.xml", 1, "record"), "C", Verdict.REPLACED, alike="A")
NONE = dict.fromkeys(Verdict, 0)


@pytest.fixture
def ledger(tmp_path):
    opened = Ledger(tmp_path)
    yield opened
    opened.close()


def test_a_job_goes_from_queued_over_running_to_its_end(ledger):
    job = ledger.add("J", look_for_alike=True)
    assert (job.status, job.look_for_alike, job.progress, job.started_at) == (JobStatus.QUEUED, True, 0, None)
    running = ledger.begin("J")
    assert running.status is JobStatus.RUNNING
    assert running.started_at >= job.created_at
    ledger.end("J", JobStatus.SUCCEEDED)
    ended = ledger.job("J")
    assert (ended.status, ended.progress, ended.ended_at >= running.started_at) == (JobStatus.SUCCEEDED, 1, True)
    ledger.end("J", JobStatus.CANCELLED)
    assert ledger.job("J") == ended


def test_outcomes_are_counted_listed_in_order_and_told_over_restarts(tmp_path, ledger):
    ledger.add("J", look_for_alike=False)
    ledger.add("other", look_for_alike=False)
    ledger.record("J", [ADDED, REFUSED], 0.4)
    ledger.record("J", [ALIKE], 0.9)
    again = Ledger(tmp_path)
    job = again.job("J")
    assert (job.progress, job.counts) == (
        0.9,
        Counts(NONE | {Verdict.ADDED: 1, Verdict.REFUSED: 1, Verdict.REPLACED: 1}, 1, 1),
    )
    assert again.page("J", None, limit=2, offset=1) == ([REFUSED, ALIKE], 3)
    assert again.page("J", Verdict.ADDED, limit=9, offset=0) == ([ADDED], 1)
    assert again.page("other", None, limit=9, offset=0) == ([], 0)
    assert list(again.everything("J", Verdict.REPLACED)) == [ALIKE]
    again.close()


def test_everything_is_read_in_batches_without_a_gap(ledger, monkeypatch):
    monkeypatch.setattr(ledger_module, "_BATCH", 3)
    ledger.add("J", look_for_alike=False)
    ledger.record("J", [ADDED, REFUSED] * 4, 1)
    assert list(ledger.everything("J", None)) == [ADDED, REFUSED] * 4
    assert list(ledger.everything("J", Verdict.ADDED)) == [ADDED] * 4


def test_starts_count_those_without_a_row(ledger):
    ledger.add("J", look_for_alike=False)
    assert [ledger.begin("J").starts for _ in range(3)] == [1, 2, 3]
    ledger.record("J", [ADDED], 0.5)
    assert ledger.begin("J").starts == 1


def test_what_holds_a_job_up_is_told_until_it_goes_on(ledger):
    ledger.add("J", look_for_alike=False)
    ledger.note_trouble("J", Trouble("register-unavailable", "It is away."))
    assert ledger.job("J").trouble == Trouble("register-unavailable", "It is away.")
    ledger.record("J", [ADDED], 0.5)
    assert ledger.job("J").trouble is None


def test_unfinished_jobs_are_named_oldest_first(ledger):
    for name in "CAB":
        ledger.add(name, look_for_alike=False)
    ledger.begin("C")
    ledger.end("A", JobStatus.CANCELLED)
    assert ledger.unfinished() == ["C", "B"]


def test_what_ended_long_ago_is_forgotten_with_its_outcomes(ledger, monkeypatch):
    ledger.add("old", look_for_alike=False)
    ledger.record("old", [ADDED], 1)
    ledger.end("old", JobStatus.SUCCEEDED)
    ledger.add("new", look_for_alike=False)
    assert ledger.job("old").counts.rows == 1
    monkeypatch.setattr(ledger_module, "_KEPT", timedelta(seconds=-1))
    ledger.add("newer", look_for_alike=False)
    calls = (
        lambda: ledger.job("old"),
        lambda: ledger.page("old", None, limit=1, offset=0),
        lambda: ledger.everything("old", None),
    )
    for call in calls:
        with pytest.raises(NotFoundError) as raised:
            call()
        assert raised.value.code == "unknown-job"
    assert ledger.unfinished() == ["new", "newer"]


def test_a_book_of_another_form_gives_way(tmp_path):
    (tmp_path / "jobs-0.sqlite").write_bytes(b"of another release")
    Ledger(tmp_path).close()
    assert [file.name for file in tmp_path.iterdir()] == ["jobs-1.sqlite"]
