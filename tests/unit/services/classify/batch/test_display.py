"""What an operator reads is true, readable, and safe for a terminal."""

import io

import pytest
from rich.console import Console

from services.classify.batch.display import display, say, summary
from services.classify.batch.notes import Progress

BEGIN = Progress(pieces=10, documents=1000, seconds=50)
NOW = Progress(pieces=30, documents=3000, refused={"blank-text": 7, "too-large": 1}, seconds=100)


@pytest.fixture
def written():
    return io.StringIO()


def test_lines_in_a_log_come_now_and_then(written, monkeypatch):
    seconds = iter([0.0, 0.0, 10.0, 40.0, 40.0, 41.0])
    monkeypatch.setattr("services.classify.batch.display.time.monotonic", lambda: next(seconds))
    with display(Console(file=written), BEGIN, 4000) as shown:
        shown.show(NOW, 1000)
        shown.show(NOW, 2000)
        shown.show(NOW, 2000)
    assert written.getvalue() == "50.0% read: 3,000 documents, 50/s, 8 refused\n"


def test_a_terminal_shows_a_bar(written):
    console = Console(file=written, force_terminal=True, width=120)
    with display(console, BEGIN, 4000) as shown:
        shown.show(NOW, 2000)
    assert "50%" in written.getvalue()
    assert "3,000 documents" in written.getvalue()
    assert "8 refused" in written.getvalue()


def test_the_summary_counts_all_parts_of_a_run():
    assert summary(NOW, BEGIN) == (
        "3,000 documents: 2,992 classified, 8 refused (blank-text 7, too-large 1). "
        "100.0 s, 30.0 documents/s, earlier parts of the run counted."
    )


def test_the_summary_of_nothing():
    assert summary(Progress(), Progress()) == "0 documents: 0 classified, 0 refused. 0.0 s, 0.0 documents/s."


def test_names_of_files_do_nothing_to_a_terminal(written):
    say(Console(file=written), "a\x1b[31m\n[bold]b\udce9.csv")
    assert written.getvalue() == "a [31m [bold]b\\udce9.csv\n"
