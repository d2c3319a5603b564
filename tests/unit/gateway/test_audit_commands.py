"""Do the commands prove the trail, find what was done to it, and give it out?"""

import json
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from examkit.database import writing
from gateway.__main__ import app
from gateway.audit.store import AuditStore
from gateway.database import open_database
from tests.audit_entries import entry


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("EXAMKIT_HOME", str(tmp_path))
    return tmp_path / "gateway"


@pytest.fixture
def store(folder):
    opened = AuditStore(open_database(folder))
    days = [datetime(2026, 3, day, 12, tzinfo=UTC) for day in range(1, 6)]
    opened.append([entry(time=day, correlation_id=f"c-{day.day}") for day in days])
    yield opened
    opened.close()


def run(*arguments: str, fails: bool = False):
    result = CliRunner().invoke(app, ["audit", *arguments])
    assert result.exit_code == fails, result.output
    return result


def tamper(folder, statement: str) -> None:
    engine = open_database(folder)
    with writing(engine).begin() as connection:
        for what in ("update", "delete"):
            connection.exec_driver_sql(f"DROP TRIGGER audit_entries_no_{what}")
        connection.exec_driver_sql(statement)
    engine.dispose()


@pytest.mark.usefixtures("store")
def test_a_whole_trail_is_said_to_be_whole_with_its_head():
    head = run("head").stdout.strip()
    assert head.startswith("5:")
    said = run("verify", "--head", head).stdout
    assert said.startswith("5 entries, all as they were written.")
    assert head in said


def test_an_empty_trail_is_whole(folder):
    assert run("verify").stdout.startswith("0 entries")
    assert run("export").stdout == ""


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        (
            "UPDATE audit_entries SET content = replace(content, 'classify', 'ipc') WHERE number = 3",
            "Entry 3 was chang",
        ),
        ("DELETE FROM audit_entries WHERE number = 2", "Entry 2 is missing."),
        ("DELETE FROM audit_entries WHERE number > 3", "The chain ends at entry 3; entries up to 5 are gone."),
        ("UPDATE audit_entries SET number = 10 - number WHERE number < 5", "Entry 1 is missing."),
    ],
)
def test_what_was_done_to_a_trail_is_found_and_told_in_one_sentence(folder, statement, sentence):
    tamper(folder, statement)
    result = run("verify", fails=True)
    assert result.stderr.startswith(sentence)
    assert (result.stdout, result.stderr.count("\n")) == ("", 1)


@pytest.mark.usefixtures("store")
def test_a_cut_tail_whose_head_was_put_right_is_found_by_a_kept_head(folder):
    kept = run("head").stdout.strip()
    tamper(folder, "DELETE FROM audit_entries WHERE number > 3")
    put_right = "(SELECT hash FROM audit_entries WHERE number = 3)"
    engine = open_database(folder)
    with writing(engine).begin() as connection:
        connection.exec_driver_sql(f"UPDATE audit_head SET number = 3, hash = {put_right}")
    engine.dispose()
    run("verify")
    assert "entries up to 5 are gone" in run("verify", "--head", kept, fails=True).stderr


@pytest.mark.usefixtures("store")
def test_an_export_is_json_lines_of_the_time_asked_for():
    lines = [json.loads(line) for line in run("export").stdout.splitlines()]
    assert [line["number"] for line in lines] == [1, 2, 3, 4, 5]
    assert all(len(line["hash"]) == 64 for line in lines)
    some = run("export", "--since", "2026-03-02", "--until", "2026-03-04T12:00:00").stdout.splitlines()
    assert [json.loads(line)["correlationId"] for line in some] == ["c-2", "c-3"]


@pytest.mark.usefixtures("store")
def test_an_export_ends_with_a_sentence_where_the_trail_is_broken(folder):
    tamper(folder, "DELETE FROM audit_entries WHERE number = 4")
    result = run("export", fails=True)
    assert len(result.stdout.splitlines()) == 3
    assert "Entry 4 is missing" in result.stderr


@pytest.mark.parametrize("text", ["5", "x:y", "5:" + "g" * 64])
def test_a_head_that_is_none_is_refused_in_one_sentence(folder, text):
    assert run("verify", "--head", text, fails=True).stderr.startswith("A head is a number and a hash")
