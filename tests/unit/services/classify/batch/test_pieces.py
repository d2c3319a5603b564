"""Back-files are cut without losing anything: what cannot be cut is named in its place."""

import gzip

import pytest

from services.classify.batch import pieces as module
from services.classify.batch.pieces import Cutter, Refusal
from services.classify.batch.sources import Backfile


def cut(path, tell=lambda _: None):
    return list(Cutter(Backfile(path), tell).pieces())


def written(path, content):
    path.write_bytes(content)
    return path


def short(found):
    """Return places and contents, codes in place of refusals."""
    return [(p.position, p.content.code if isinstance(p.content, Refusal) else p.content) for p in found]


@pytest.fixture
def small_limit(monkeypatch):
    monkeypatch.setattr(module, "LARGEST_PIECE_BYTES", 50)


def test_lines_are_numbered_as_an_editor_does(tmp_path):
    found = cut(written(tmp_path / "a.jsonl", b"\xef\xbb\xbf{}\n\n  \r\n[1]\r\nno newline"))
    assert short(found) == [(1, b"{}\n"), (4, b"[1]\r\n"), (5, b"no newline")]
    assert {piece.file for piece in found} == {"a.jsonl"}


def test_a_line_that_is_too_long_is_named_and_the_next_is_read(tmp_path, small_limit):
    found = cut(written(tmp_path / "a.jsonl", b"1\n" + b"x" * 151 + b"\n" + b"x" * 50 + b"\n3\n"))
    assert short(found) == [(1, b"1\n"), (2, "too-large"), (3, "too-large"), (4, b"3\n")]


def test_a_line_of_just_the_limit_is_read(tmp_path, small_limit):
    assert short(cut(written(tmp_path / "a.jsonl", b"x" * 50))) == [(1, b"x" * 50)]


@pytest.mark.parametrize("name", ["a.jsonl", "a.xml", "a.csv"])
def test_an_empty_file_is_named(tmp_path, name):
    (piece,) = cut(written(tmp_path / name, b""))
    assert piece.content.code == "unreadable-file"


@pytest.mark.parametrize("name", ["a.jsonl", "a.xml"])
def test_a_blank_file_is_named(tmp_path, name):
    (piece,) = cut(written(tmp_path / name, b" \n\n"))
    assert piece.content == Refusal("unreadable-file", "The file holds no document.")


def test_lines_in_utf_16_are_refused_once(tmp_path):
    (piece,) = cut(written(tmp_path / "a.jsonl", "{}\n{}\n{}\n".encode("utf-16")))
    assert "UTF-16" in piece.content.detail


def test_damage_is_named_after_the_lines_before_it(tmp_path):
    lines = b"".join(b'{"documentId": "%d"}\n' % number for number in range(50_000))
    found = short(cut(written(tmp_path / "a.jsonl.gz", gzip.compress(lines)[:-2000])))
    assert found[-1] == (len(found), "unreadable-file")
    assert len(found) > 1000
    assert all(isinstance(content, bytes) for _, content in found[:-1])


def test_rows_and_how_they_are_read(tmp_path):
    told: list[str] = []
    found = cut(written(tmp_path / "a.tsv", b"title\tyear\nBrush\t1\n\nComb\n"), told.append)
    assert short(found) == [(2, {"title": "Brush"}), (4, "unreadable-record")]
    (said,) = told
    assert said.startswith("a.tsv: UTF-8")
    assert "separated by tabs, with title, other columns passed over: 1" in said


def test_xml_files_one_after_another_are_cut(tmp_path):
    one, two = b'<?xml version="1.0"?>\n<a>\n</a>\n', b'<?xml version="1.0"?><b/>'
    assert short(cut(written(tmp_path / "a.xml", b"\n" + one + two))) == [(None, b"\n" + one), (None, two)]


def test_xml_that_is_too_large_spoils_no_other(tmp_path, small_limit):
    content = b"<?xml 1?><a/>\n<?xml 2?>" + b"<b/>\n" * 20 + b"<?xml 3?>" + b"x" * 50 + b"\n<?xml 4?><c/>"
    found = short(cut(written(tmp_path / "a.xml", content)))
    assert found == [(None, b"<?xml 1?><a/>\n"), (None, "too-large"), (None, "too-large"), (None, b"<?xml 4?><c/>")]


def test_it_is_known_how_far_the_disk_was_read(tmp_path):
    lines = b"x" * 9999 + b"\n"
    found = cut(written(tmp_path / "a.jsonl", lines * 100))
    places = [piece.read_bytes for piece in found]
    assert places == sorted(places)
    assert places[0] < 200_000
    assert places[-1] == 1_000_000


def test_the_size_of_a_piece_is_about_its_memory(tmp_path):
    (row,) = cut(written(tmp_path / "a.csv", b"title,abstract\nBrush,Comb\n"))
    assert row.size_bytes == 9
    (line,) = cut(written(tmp_path / "a.jsonl", b"12345678"))
    assert line.size_bytes == 8
    (nothing,) = cut(written(tmp_path / "a.xml", b""))
    assert nothing.size_bytes == 0
