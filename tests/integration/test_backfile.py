"""The back-file command as an operator gives it: what it prints, writes and ends with."""

import csv
import json
import zipfile

import pytest
from typer.testing import CliRunner

from services.classify.batch.__main__ import app
from services.classify.batch.run_files import RunFiles
from tests.tiny_classify import FIELDS

pytestmark = pytest.mark.integration

SECRET = "Quagga-Zephyr-4711"
BRUSH = FIELDS["A46B 9/00"]
XML = f"""<patent-document lang="en" country="EP" doc-number="1" kind="A1"><bibliographic-data>
<invention-title lang="en">{BRUSH}</invention-title></bibliographic-data></patent-document>"""


def give(backfile, out, artifacts, *options):
    arguments = [str(backfile), "--out", str(out), "--artifacts", str(artifacts), "--processes", "1", *options]
    return CliRunner().invoke(app, arguments, env={"COLUMNS": "200"})


def write_lines(path, documents):
    path.write_text("".join(f"{json.dumps(document)}\n" for document in documents))
    return path


def results(out):
    return [json.loads(line) for line in out.read_text().splitlines()]


@pytest.fixture
def backfile(tmp_path):
    return write_lines(tmp_path / "in.jsonl", [{"documentId": str(n), "abstract": BRUSH} for n in range(40)])


def test_all_classified_is_0(backfile, tiny_artifacts, tmp_path):
    done = give(backfile, tmp_path / "out.jsonl", tiny_artifacts)
    assert done.exit_code == 0, done.output
    found = results(tmp_path / "out.jsonl")
    assert [line["documentId"] for line in found] == [str(n) for n in range(40)]
    assert {line["predictions"][0]["symbol"] for line in found} == {"A46B"}
    assert {(line["edition"], line["model"]["name"]) for line in found} == {("2020.01", "ipc-classifier")}
    assert "40 documents: 40 classified, 0 refused" in done.output
    assert "documents/s" in done.output


def test_some_refused_is_1_and_they_are_listed_without_their_text(tiny_artifacts, tmp_path):
    path = tmp_path / "in.jsonl"
    good = json.dumps({"documentId": "1", "text": BRUSH})
    path.write_text(f'{good}\n{{"documentId": "2", "text": "{SECRET}"}}\n{{"text": "{SECRET}\n{good}\n')
    done = give(path, tmp_path / "out.jsonl", tiny_artifacts)
    assert done.exit_code == 1
    assert "4 documents: 2 classified, 2 refused (text-" in done.output
    assert "unreadable-record 1)" in done.output
    text = (tmp_path / "out.jsonl.errors.csv").read_text(encoding="utf-8-sig")
    listed = list(csv.DictReader(text.splitlines()))
    assert [(row["documentId"], row["position"]) for row in listed] == [("2", "2"), ("in.jsonl#3", "3")]
    written = [done.output, *(file.read_text() for file in tmp_path.iterdir() if file != path)]
    assert not any(SECRET in text for text in written)


def test_the_options_reach_the_engine(backfile, tiny_artifacts, tmp_path):
    options = ("--level", "mainGroup", "--limit", "1", "--start-from", "A46B", "--threshold", "0.1")
    assert give(backfile, tmp_path / "out.jsonl", tiny_artifacts, *options).exit_code == 0
    line = results(tmp_path / "out.jsonl")[0]
    assert line["level"] == "mainGroup"
    assert [each["symbol"] for each in line["predictions"]] == ["A46B 9/00"]


def test_a_zip_of_everything(tiny_artifacts, tmp_path):
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
        archive.writestr("a.xml", XML)
        archive.writestr("b.csv", f"Document ID;Title\n7;{BRUSH}\n7;{BRUSH}\n")
        archive.writestr("c/d.jsonl", json.dumps({"text": BRUSH}))
        archive.writestr("picture.tif", "II*")
    done = give(tmp_path / "in.zip", tmp_path / "out.jsonl", tiny_artifacts)
    assert done.exit_code == 0, done.output
    assert [(line["documentId"], line["file"]) for line in results(tmp_path / "out.jsonl")] == [
        ("EP1A1", "in.zip/a.xml"),
        ("7", "in.zip/b.csv"),
        ("7", "in.zip/b.csv"),
        ("in.zip/c/d.jsonl#1", "in.zip/c/d.jsonl"),
    ]
    assert "in.zip/b.csv: UTF-8" in done.output
    assert "separated by semicolons, with documentId, title." in done.output


def test_given_again_there_is_nothing_left_to_do(backfile, tiny_artifacts, tmp_path):
    out = tmp_path / "out.csv"
    give(backfile, out, tiny_artifacts)
    before = out.read_bytes()
    done = give(backfile, out, tiny_artifacts)
    assert done.exit_code == 0
    assert "Going on after 40 documents (in.jsonl, 40)." in done.output
    assert out.read_bytes() == before


def test_other_options_are_refused(backfile, tiny_artifacts, tmp_path):
    give(backfile, tmp_path / "out.jsonl", tiny_artifacts)
    done = give(backfile, tmp_path / "out.jsonl", tiny_artifacts, "--limit", "3")
    assert done.exit_code == 2
    assert "belongs to another run: --limit was 5, is 3" in done.output


def test_a_changed_input_is_refused(backfile, tiny_artifacts, tmp_path):
    give(backfile, tmp_path / "out.jsonl", tiny_artifacts)
    with backfile.open("a") as file:
        file.write("{}\n")
    done = give(backfile, tmp_path / "out.jsonl", tiny_artifacts)
    assert done.exit_code == 2
    assert "the input has changed" in done.output


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--start-from", "nonsense"), "An IPC symbol looks like"),
        (("--start-from", "C99Z"), "has no such symbol"),
        (("--start-from", "A46B 9/00", "--level", "subclass"), "at or above the level"),
        (("--limit", "0"), "Invalid value for '--limit'"),
        (("--level", "leaf"), "Invalid value for '--level'"),
        (("--artifacts", "/"), "holds no artifact"),
    ],
)
def test_what_cannot_be_carried_out_is_2(backfile, tiny_artifacts, tmp_path, options, sentence):
    done = give(backfile, tmp_path / "out.jsonl", tiny_artifacts, *options)
    assert done.exit_code == 2
    assert sentence in done.output
    assert give(backfile, tmp_path / "out.jsonl", tiny_artifacts).exit_code == 0


@pytest.mark.parametrize("out", ["results.txt", "in/out.jsonl", "missing/out.jsonl"])
def test_an_unusable_out_is_2(backfile, tiny_artifacts, tmp_path, out):
    folder = tmp_path / "in"
    folder.mkdir()
    backfile.rename(folder / "in.jsonl")
    assert give(folder, tmp_path / out, tiny_artifacts).exit_code == 2
    assert [file.name for file in folder.iterdir()] == ["in.jsonl"]


def test_the_input_is_never_written_over(backfile, tiny_artifacts):
    before = backfile.read_bytes()
    assert give(backfile, backfile, tiny_artifacts).exit_code == 2
    assert backfile.read_bytes() == before


def test_a_full_disk_is_3_and_can_be_gone_on_after(backfile, tiny_artifacts, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("services.classify.batch.run_files.os.pwrite", full)
        done = give(backfile, tmp_path / "out.jsonl", tiny_artifacts)
    assert done.exit_code == 3
    assert "No space left on device. Give the same command again" in done.output
    assert give(backfile, tmp_path / "out.jsonl", tiny_artifacts).exit_code == 0
    assert len(results(tmp_path / "out.jsonl")) == 40


def test_an_interruption_is_130(backfile, tiny_artifacts, tmp_path, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(RunFiles, "append", interrupt)
        done = give(backfile, tmp_path / "out.jsonl", tiny_artifacts)
    assert done.exit_code == 130
    assert "Interrupted; what was done is kept. Give the same command again to go on." in done.output
    assert give(backfile, tmp_path / "out.jsonl", tiny_artifacts).exit_code == 0
