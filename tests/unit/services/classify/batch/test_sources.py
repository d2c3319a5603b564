"""What lies in files, folders and archives is found once each, in order, and nothing hostile is followed."""

import bz2
import gzip
import io
import os
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from examkit.errors import StartError
from services.classify.batch.sources import Backfile, Kind, UnreadableFileError

RECORD = b'{"documentId": "1", "title": "Toothbrush"}\n'


def write(folder, names, content=RECORD):
    for name in names:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


def zipped(path, members, **options):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return path


def contents(root):
    """Map what is read to its bytes, or to the sentence why it cannot be read."""
    return {source.name: content_of(source) for source in Backfile(root).sources()}


def content_of(source):
    try:
        with source.open() as stream:
            return stream.read(1 << 30)
    except UnreadableFileError as error:
        return error.detail


def test_a_folder_is_read_in_order_and_other_files_are_passed_over(tmp_path):
    write(tmp_path, ["b.xml", "a/z.XML", "a/c.jsonl.gz", "drawing.tif", ".hidden.xml", "a/.git/x.xml", "c.tsv"])
    sources = list(Backfile(tmp_path).sources())
    assert [(each.name, each.kind) for each in sources] == [
        ("b.xml", Kind.XML),
        ("c.tsv", Kind.TSV),
        ("a/c.jsonl.gz", Kind.JSONL),
        ("a/z.XML", Kind.XML),
    ]


def test_one_file_is_read_whole_and_metered(tmp_path):
    write(tmp_path, ["some.jsonl"])
    backfile = Backfile(tmp_path / "some.jsonl")
    (source,) = backfile.sources()
    assert (source.name, content_of(source)) == ("some.jsonl", RECORD)
    assert backfile.meter.read_bytes == len(RECORD) == backfile.survey().size_bytes


def test_packed_files_are_unpacked(tmp_path):
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(RECORD))
    zipped(tmp_path / "b.zip", [("in/c.xml", "<a/>"), ("d.csv.gz", gzip.compress(b"title\n")), ("e.tif", "no")])
    assert contents(tmp_path) == {"a.jsonl.gz": RECORD, "b.zip/in/c.xml": b"<a/>", "b.zip/d.csv.gz": b"title\n"}


def test_links_are_named_and_not_followed(tmp_path):
    outside = tmp_path / "outside"
    write(outside, ["secret.xml"], b"secret")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "link.xml").symlink_to(outside / "secret.xml")
    (folder / "link.zip").symlink_to(outside / "secret.xml")
    (folder / "loop").symlink_to(folder)
    os.mkfifo(folder / "pipe.xml")
    found = contents(folder)
    assert set(found) == {"link.xml", "link.zip", "loop", "pipe.xml"}
    assert all("symbolic link" in found[name] for name in ("link.xml", "link.zip", "loop"))
    assert "no regular file" in found["pipe.xml"]


def test_members_outside_the_zip_are_only_names(tmp_path):
    archive = zipped(tmp_path / "a.zip", [("../../up.xml", "<a/>"), ("/etc/root.xml", "<b/>")])
    assert contents(archive) == {"a.zip/../../up.xml": b"<a/>", "a.zip//etc/root.xml": b"<b/>"}
    assert list(tmp_path.iterdir()) == [archive]


def test_two_members_of_one_name_are_both_read(tmp_path):
    with pytest.warns(UserWarning, match="Duplicate name"):
        archive = zipped(tmp_path / "a.zip", [("a.xml", "<a/>"), ("a.xml", "<b/>")])
    assert [content_of(source) for source in Backfile(archive).sources()] == [b"<a/>", b"<b/>"]


def test_an_encrypted_member_is_named(tmp_path):
    archive = zipped(tmp_path / "a.zip", [("a.xml", "<a/>"), ("b.xml", "<b/>")])
    data = bytearray(archive.read_bytes())
    for mark, place in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        data[data.index(mark) + place] |= 1
    archive.write_bytes(data)
    found = contents(archive)
    assert "encrypted" in found["a.zip/a.xml"]
    assert found["a.zip/b.xml"] == b"<b/>"


def test_a_damaged_member_spoils_no_other(tmp_path):
    archive = zipped(tmp_path / "a.zip", [("a.xml", "<a>first</a>" * 50), ("b.xml", "<b/>")])
    data = bytearray(archive.read_bytes())
    data[40:44] = b"\xff\xff\xff\xff"
    archive.write_bytes(data)
    found = contents(archive)
    assert "damaged" in found["a.zip/a.xml"]
    assert found["a.zip/b.xml"] == b"<b/>"


@pytest.mark.parametrize("content", [b"", b"PK", b"no zip at all" * 100])
def test_what_is_no_zip_is_named(tmp_path, content):
    write(tmp_path, ["a.zip"], content)
    assert "no zip" in contents(tmp_path)["a.zip"]


def test_a_cut_off_gzip_is_named_after_what_could_be_read(tmp_path):
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(RECORD * 1000)[:-20])
    assert "damaged" in contents(tmp_path)["a.jsonl.gz"]


@pytest.mark.parametrize("name", ["a.zip", "a.jsonl.gz"])
def test_a_bomb_is_given_up(tmp_path, name):
    zeros = bytes(80 * 1024 * 1024)
    if name.endswith(".zip"):
        zipped(tmp_path / name, [("a.xml", zeros)])
    else:
        (tmp_path / name).write_bytes(gzip.compress(zeros))
    (detail,) = contents(tmp_path).values()
    assert "more than 100 times" in detail


def test_a_bomb_inside_a_member_is_given_up(tmp_path):
    packed = gzip.compress(bytes(80 * 1024 * 1024))
    archive = zipped(tmp_path / "a.zip", [("a.jsonl.gz", packed)])
    assert "more than 100 times" in contents(archive)["a.zip/a.jsonl.gz"]


def test_an_unreadable_file_is_named(tmp_path, monkeypatch):
    write(tmp_path, ["a.xml"])

    class RefusingFile(io.FileIO):
        def __init__(self, *_):
            raise PermissionError(13, "Permission denied")

    # As root, who runs some test machines, every file may be read.
    monkeypatch.setattr("services.classify.batch.sources._MeteredFile", RefusingFile)
    assert "permission denied" in contents(tmp_path)["a.xml"]


def test_packing_that_python_lacks_is_named(tmp_path):
    archive = zipped(tmp_path / "a.zip", [("a.xml", bz2.compress(b"<a/>"))])
    data = bytearray(archive.read_bytes())
    for mark, place in ((b"PK\x01\x02", 10), (b"PK\x03\x04", 8)):
        data[data.index(mark) + place] = 99
    archive.write_bytes(data)
    assert "unknown way" in contents(archive)["a.zip/a.xml"]


def test_the_fingerprint_changes_with_any_file(tmp_path):
    write(tmp_path, ["a.xml", "b/c.xml"])
    survey = Backfile(tmp_path).survey()
    assert (survey.files, survey.size_bytes) == (2, 2 * len(RECORD))
    fingerprints = {survey.fingerprint}
    os.utime(tmp_path / "a.xml", ns=(1, 1))
    fingerprints.add(Backfile(tmp_path).survey().fingerprint)
    (tmp_path / "b" / "c.xml").rename(tmp_path / "b" / "d.xml")
    fingerprints.add(Backfile(tmp_path).survey().fingerprint)
    assert len(fingerprints) == 3
    write(tmp_path, ["passed-over.tif"])
    assert Backfile(tmp_path).survey().fingerprint in fingerprints


def test_a_folder_without_documents_is_refused(tmp_path):
    write(tmp_path, ["a.tif"])
    with pytest.raises(StartError, match="holds no XML"):
        Backfile(tmp_path).survey()


def test_a_file_of_an_unknown_kind_is_refused(tmp_path):
    write(tmp_path, ["a.docx"])
    with pytest.raises(StartError, match="holds no XML"):
        Backfile(tmp_path / "a.docx").survey()


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_no_damage_to_a_zip_stops_a_run(tmp_path, data):
    archive = zipped(tmp_path / "a.zip", [("a.xml", "<a>some text</a>" * 20), ("b.jsonl", RECORD), ("c.csv.gz", b"x")])
    raw = bytearray(archive.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    archive.write_bytes(raw[: data.draw(st.integers(0, len(raw)))])
    contents(archive)
