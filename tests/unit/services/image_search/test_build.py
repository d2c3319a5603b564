"""Taking a register in is complete, can be repeated, and names what it refuses."""

import json

import pytest

from examkit.artifact import Manifest, hash_files, write_manifest
from services.image_search.build import main
from services.image_search.marks import MarkFilter
from services.image_search.register import Register
from tests.drawings import draw_mark, encode


@pytest.fixture
def environment(monkeypatch, embedder_folder, tmp_path):
    monkeypatch.setenv("IMAGE_SEARCH_ARTIFACTS_DIR", str(embedder_folder.parent))
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


def take_in(folder, capsys):
    status = main([str(folder)])
    return status, capsys.readouterr().err


def stored(tmp_path):
    register = Register(tmp_path / "data")
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
    assert [f"line {number}:" in report for number in range(1, 8)] == [False, True, True, True, True, True, False]
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
