"""Wherever a run is broken off, going on gives the files of a run that was not."""

import os
import shutil
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from examkit.errors import StartError
from services.classify.batch import run_files
from services.classify.batch.notes import RunKey, read_note
from services.classify.batch.pieces import Refusal
from services.classify.batch.results import Origin, Rows
from services.classify.batch.run_files import RunPaths, open_run
from services.classify.batch.workers import Answer, Batch, Outcome, Proposal
from services.classify.ipc import Level

KEY = RunKey("0.1.0", "ipc-classifier 1.0.0", "abc", "subclass", 2, 0.0, None, "def")
FORMAT = Rows(Origin("ipc-classifier", "1.0.0", "2023.01"), 2)
ANSWER = Answer("en", Level.SUBCLASS, [Proposal("A46B", "BRUSHES", 0.75)], [])
REFUSAL = Refusal("blank-text", "None.")
# XML of one document and of three, lines with and without an id, a file of the same name again.
BATCHES = [
    Batch(2, [Outcome("a.xml", None, "EP1", ANSWER), Outcome("b.xml", None, "", REFUSAL)], 10),
    Batch(1, [Outcome("b.xml", None, "", ANSWER), Outcome("b.xml", None, "EP1", REFUSAL)], 20),
    Batch(2, [Outcome("c.jsonl", 1, "X", ANSWER), Outcome("c.jsonl", 7, "", ANSWER)], 30),
    Batch(1, [Outcome("c.jsonl", 8, "X", Refusal("unreadable-record", "None."))], 40),
]


def run(folder, batches=BATCHES, key=KEY):
    with open_run(folder / "out.csv", key, FORMAT) as files:
        done = files.progress.pieces
        for batch in batches:
            if done >= batch.pieces:
                done -= batch.pieces
            else:
                files.append(batch, FORMAT)
    return files.progress


def bytes_of(folder):
    paths = RunPaths(folder / "out.csv")
    return paths.results.read_bytes(), paths.refused.read_bytes()


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("uninterrupted")
    run(folder)
    return bytes_of(folder)


def test_outcomes_stand_in_order_and_documents_of_xml_are_numbered(uninterrupted):
    results, refused = uninterrupted
    places = [row.split(",")[:3] for row in results.decode("utf-8-sig").splitlines()[1:]]
    assert places == [
        ["EP1", "a.xml", "1"],
        ["b.xml#1", "b.xml", "1"],
        ["b.xml#2", "b.xml", "2"],
        ["EP1", "b.xml", "3"],
        ["X", "c.jsonl", "1"],
        ["c.jsonl#7", "c.jsonl", "7"],
        ["X", "c.jsonl", "8"],
    ]
    assert [row.split(",")[0] for row in refused.decode().splitlines()[1:]] == ["b.xml#1", "EP1", "X"]


def test_progress_counts(tmp_path):
    progress = run(tmp_path)
    assert (progress.pieces, progress.documents, progress.file, progress.position) == (6, 7, "c.jsonl", 8)
    assert progress.refused == {"blank-text": 2, "unreadable-record": 1}
    note = read_note(RunPaths(tmp_path / "out.csv").note)
    assert note is not None
    assert (note.key, note.progress) == (KEY, progress)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(noted=st.integers(0, 4), written=st.integers(0, 4), torn=st.binary(max_size=30), cut=st.integers(0, 200))
def test_a_run_killed_at_any_moment_goes_on(tmp_path_factory, uninterrupted, noted, written, torn, cut):
    """What is on the disk: a note, and files as long as it says or longer, whatever stands there."""
    folder = tmp_path_factory.mktemp("killed")
    run(folder, BATCHES[:noted])
    note = (folder / "out.csv.run.json").read_bytes()
    sizes = [len(content) for content in bytes_of(folder)]
    run(folder, BATCHES[: max(noted, written)])
    (folder / "out.csv.run.json").write_bytes(note)
    for path, size in zip((folder / "out.csv", folder / "out.csv.errors.csv"), sizes, strict=True):
        content = path.read_bytes()
        path.write_bytes(content[: max(size, len(content) - cut)] + torn)
    run(folder)
    assert bytes_of(folder) == uninterrupted
    shutil.rmtree(folder)


def test_an_interruption_while_writing_leaves_the_progress_true(tmp_path, uninterrupted, monkeypatch):
    with open_run(tmp_path / "out.csv", KEY, FORMAT) as files:
        files.append(BATCHES[0], FORMAT)

    def interrupted(file, data, place):
        os.pwrite(file, data[: len(data) // 2], place)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(run_files, "_write", interrupted)
        run(tmp_path)
    run(tmp_path)
    assert bytes_of(tmp_path) == uninterrupted


def test_a_kill_before_the_first_note_is_a_new_run(tmp_path, uninterrupted):
    (tmp_path / "out.csv").touch()
    run(tmp_path)
    assert bytes_of(tmp_path) == uninterrupted


def test_a_finished_run_changes_nothing(tmp_path, uninterrupted):
    first = run(tmp_path)
    assert run(tmp_path) == first
    assert bytes_of(tmp_path) == uninterrupted


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"limit": 3}, "--limit was 2, is 3"),
        ({"level": "class"}, "--level was subclass, is class"),
        ({"threshold": 0.5}, "--threshold was 0.0, is 0.5"),
        ({"start_from": "A46B"}, "--start-from was None, is A46B"),
        ({"model": "ipc-classifier 2.0.0"}, "the model was ipc-classifier 1.0.0, is ipc-classifier 2.0.0"),
        ({"artifacts": "xyz"}, "the files of the model or of the scheme are others"),
        ({"input": "xyz"}, "the input has changed"),
        ({"program": "0.2.0"}, "the program's version was 0.1.0, is 0.2.0"),
    ],
)
def test_another_run_is_not_gone_on_with(tmp_path, change, sentence):
    run(tmp_path, BATCHES[:2])
    before = bytes_of(tmp_path)
    with pytest.raises(StartError, match=sentence):
        run(tmp_path, key=replace(KEY, **change))
    assert bytes_of(tmp_path) == before


def test_a_run_that_wrote_nothing_may_be_given_anew(tmp_path, uninterrupted):
    run(tmp_path, [], replace(KEY, limit=9))
    run(tmp_path)
    assert bytes_of(tmp_path) == uninterrupted


def test_a_file_of_somebody_else_is_left_alone(tmp_path):
    (tmp_path / "out.csv").write_text("mine")
    with pytest.raises(StartError, match="no note beside it"):
        run(tmp_path)
    assert (tmp_path / "out.csv").read_text() == "mine"


@pytest.mark.parametrize("name", ["out.csv", "out.csv.errors.csv"])
def test_results_that_were_shortened_are_not_gone_on_with(tmp_path, name):
    run(tmp_path, BATCHES[:2])
    (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:-1])
    with pytest.raises(StartError, match="shorter than it was"):
        run(tmp_path)


@pytest.mark.parametrize("note", ["", "{", "{}", '{"key": 1}'])
def test_a_note_that_cannot_be_read_is_told(tmp_path, note):
    run(tmp_path, BATCHES[:2])
    (tmp_path / "out.csv.run.json").write_text(note)
    with pytest.raises(StartError, match="cannot be read"):
        run(tmp_path)


def test_a_folder_that_is_missing_is_told(tmp_path):
    with pytest.raises(StartError, match="No such file"):
        run(tmp_path / "missing")


def test_notes_are_written_now_and_then(tmp_path, monkeypatch):
    monkeypatch.setattr(run_files, "_SECONDS_BETWEEN_NOTES", 0.0)
    with open_run(tmp_path / "out.csv", KEY, FORMAT) as files:
        for batch in BATCHES:
            files.append(batch, FORMAT)
            note = read_note(RunPaths(tmp_path / "out.csv").note)
            assert note is not None
            assert note.progress == files.progress
