"""Taking a register in is complete, can be repeated, and names what it refuses."""

import csv
import json
import shutil

import pytest

from examkit.artifact import Manifest, hash_files, write_manifest
from examkit.tenants import DEFAULT_TENANT
from services.image_search.build import main
from services.image_search.marks import MarkFilter
from services.image_search.register import Register
from tests.drawings import draw_mark, encode


@pytest.fixture
def environment(monkeypatch, kept_artifacts, tmp_path):
    monkeypatch.setenv("IMAGE_SEARCH_ARTIFACTS_DIR", str(kept_artifacts))
    monkeypatch.setenv("IMAGE_SEARCH_DATA_DIR", str(tmp_path / "data"))


def make_register(folder, rows, images=None):
    """Write a register artifact; a row is given as text, or as its members."""
    folder.mkdir(exist_ok=True)
    for name, content in (images or {f"{shape}.png": encode(draw_mark(shape)) for shape in ("cross", "disc")}).items():
        (folder / name).write_bytes(content)
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    (folder / "marks.jsonl").write_text("\n".join(lines) + "\n")
    names = [file.name for file in folder.iterdir() if file.name != "manifest.json"]
    files = hash_files(folder, names)
    write_manifest(folder, Manifest("some-register", "1", "mark-register", 1, "CC0-1.0", "a test", files, {}))
    return folder


def row(mark_id, image="cross.png", **metadata):
    return {"markId": mark_id, "image": image, "metadata": metadata}


def take_in(source, capsys, *options):
    status = main([str(source), "--processes", "1", *options])
    return status, capsys.readouterr().err


def stored(tmp_path, tenant=DEFAULT_TENANT):
    register = Register(tmp_path / "data", tenant=tenant)
    marks = register.page(MarkFilter(), limit=100, offset=0)[0]
    register.close()
    return {mark.mark_id: mark.metadata.name for mark in marks}


def test_marks_are_taken_in_once_and_changes_replace(environment, tmp_path, capsys):
    folder = make_register(tmp_path / "in", [row("A", name="one"), row("B", "disc.png", name="two", niceClasses=[9])])
    assert take_in(folder, capsys)[0] == 0
    assert stored(tmp_path) == {"A": "one", "B": "two"}
    assert "0 added, 0 replaced, 2 unchanged" in take_in(folder, capsys)[1]
    make_register(folder, [row("A", name="one"), row("B", name="two", niceClasses=[9]), row("C", name="three")])
    assert "1 added, 1 replaced, 1 unchanged" in take_in(folder, capsys)[1]
    assert stored(tmp_path) == {"A": "one", "B": "two", "C": "three"}


def test_marks_are_taken_in_for_a_department(environment, tmp_path, capsys):
    folder = make_register(tmp_path / "in", [row("A", name="one")])
    assert take_in(folder, capsys, "--tenant", "marks")[0] == 0
    assert stored(tmp_path, "marks") == {"A": "one"}
    assert stored(tmp_path) == {}
    for name in ("Marks", "../marks", ""):
        status, report = take_in(folder, capsys, "--tenant", name)
        assert (status, "small letters" in report) == (1, True)
    assert [path.name for path in (tmp_path / "data" / "tenants").iterdir()] == ["marks"]


def test_every_refused_row_is_named_and_the_others_are_taken_in(environment, tmp_path, capsys):
    images = {"cross.png": encode(draw_mark("cross")), "text.png": b"no image"}
    rows = [
        row("A"),
        "{broken",
        row("../B"),
        row("C", "text.png"),
        row("D", "../../secret.png"),
        row("E", viennaCodes=["00.00.00"]),
        row("F"),
    ]
    status, report = take_in(make_register(tmp_path / "in", rows, images), capsys)
    assert status == 1
    refused, _, twice = report.partition("1 with the image of another mark")
    assert "line 7: F has the image of A" in twice
    assert [f"line {number}:" in refused for number in range(1, 8)] == [False, True, True, True, True, True, False]
    assert stored(tmp_path).keys() == {"A", "F"}


def test_many_marks_go_in_batches(environment, tmp_path, capsys):
    folder = make_register(tmp_path / "in", [row(f"M{number}") for number in range(150)])
    assert "150 added" in take_in(folder, capsys)[1]
    assert len(stored(tmp_path)) == 100


def test_an_altered_register_is_refused(environment, tmp_path, capsys):
    folder = make_register(tmp_path / "in", [row("A")])
    (folder / "cross.png").write_bytes(b"altered")
    status, report = take_in(folder, capsys)
    assert status == 1
    assert "SHA-256 differs" in report.replace("\n", " ")


HEADER = "markId,image,name\n"


def make_folder(folder, table, images):
    folder.mkdir(exist_ok=True)
    (folder / "marks.csv").write_text(table)
    for name, shape in images.items():
        (folder / name).write_bytes(encode(draw_mark(shape)))
    return folder


def test_a_table_with_images_is_taken_in_from_a_folder_and_from_a_zip(environment, tmp_path, capsys):
    folder = make_folder(tmp_path / "in", HEADER + "A,a.png,one\nB,B,two\n", {"a.png": "cross", "b.PNG": "disc"})
    assert take_in(folder, capsys)[0] == 0
    packed = shutil.make_archive(str(tmp_path / "packed"), "zip", folder)
    assert "2 unchanged" in take_in(packed, capsys)[1]
    assert stored(tmp_path) == {"A": "one", "B": "two"}


def test_trademark_xml_is_taken_in_with_the_image_it_names(environment, tmp_path, capsys):
    folder = tmp_path / "in" / "ATTACHMENT"
    folder.mkdir(parents=True)
    (folder / "logo.png").write_bytes(encode(draw_mark("cross")))
    number = "<ApplicationNumber>NZ/12</ApplicationNumber>"
    name = "<MarkVerbalElementText>Fern</MarkVerbalElementText>"
    image = "<MarkImage><MarkImageFilename>ATTACHMENT/logo</MarkImageFilename></MarkImage>"
    (tmp_path / "in" / "1.xml").write_text(f"<T><TradeMark>{number}{name}{image}</TradeMark></T>")
    (tmp_path / "in" / "2.xml").write_text(f"<T><TradeMark>{number}</TradeMark></T>")
    status, report = take_in(tmp_path / "in", capsys)
    assert status == 1
    assert "2.xml, record 1: The record names no image." in report
    assert stored(tmp_path) == {"NZ-12": "Fern"}


def test_what_is_refused_or_found_twice_is_told_and_listed(environment, tmp_path, capsys):
    rows = "A,a.png,one\nB,a.png,two\nC,none.png,three\nD,d.png,four\nA,a.png,five\n"
    folder = make_folder(tmp_path / "in", HEADER + rows, {"a.png": "cross"})
    (folder / "d.png").write_bytes(encode(draw_mark("cross").resize((300, 300))))
    status, told = take_in(folder, capsys, "--report", str(tmp_path / "report.csv"), "--alike")
    assert status == 1
    assert "3 added, 1 replaced, 0 unchanged, 1 refused (mark-without-image 1)." in told
    assert "line 3: B has the image of A" in told
    with (tmp_path / "report.csv").open() as file:
        listed = [(row["place"], row["outcome"], row["sameImageAs"], row["looksLike"]) for row in csv.DictReader(file)]
    assert ("line 4", "refused", "", "") in listed
    assert ("line 3", "added", "A", "") in listed
    assert next(row for row in listed if row[0] == "line 5")[3] in ("A", "B")
    assert stored(tmp_path)["A"] == "five"


def test_of_rows_of_one_mark_the_last_counts_however_often_it_is_taken_in(environment, tmp_path, capsys):
    rows = [f"A,a.png,{number}" for number in range(150)] + ["A,a.png,0"]
    folder = make_folder(tmp_path / "in", HEADER + "\n".join(rows), {"a.png": "cross"})
    for _ in range(2):
        assert take_in(folder, capsys)[0] == 0
        assert stored(tmp_path) == {"A": "0"}


def test_an_archive_that_cannot_be_read_is_refused_in_one_sentence(environment, tmp_path, capsys):
    (tmp_path / "in.zip").write_bytes(b"no zip" * 200)
    assert take_in(tmp_path / "in.zip", capsys) == (1, "The archive is damaged, or is neither a zip nor a tar.\n")
    (tmp_path / "empty").mkdir()
    assert take_in(tmp_path / "empty", capsys) == (1, "There is no XML, JSONL, CSV or TSV file of marks in there.\n")


def test_a_report_that_cannot_be_written_stops_the_import_before_it_begins(environment, tmp_path, capsys):
    folder = make_folder(tmp_path / "in", HEADER + "A,a.png,one\n", {"a.png": "cross"})
    status, told = take_in(folder, capsys, "--report", str(tmp_path / "nowhere" / "report.csv"))
    assert (status, "cannot be written" in told) == (1, True)


def test_a_register_in_use_is_left_alone(environment, tmp_path, capsys):
    owner = Register(tmp_path / "data")
    status, report = take_in(make_register(tmp_path / "in", [row("A")]), capsys)
    owner.close()
    assert status == 1
    assert "in use" in report


def test_a_missing_setting_is_named(monkeypatch, tmp_path, capsys):
    monkeypatch.delenv("IMAGE_SEARCH_DATA_DIR", raising=False)
    monkeypatch.delenv("IMAGE_SEARCH_ARTIFACTS_DIR", raising=False)
    assert take_in(tmp_path, capsys) == (1, "Set IMAGE_SEARCH_ARTIFACTS_DIR, IMAGE_SEARCH_DATA_DIR.\n")
