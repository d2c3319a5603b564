"""Archives are read without trust: no name leads out of them, no member bursts, no damage goes unnamed."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from examkit.errors import StartError, TooLargeError
from services.image_search.image import MAX_IMAGE_BYTES
from services.image_search.importing import stores
from services.image_search.importing.bundle import Bundle, open_bundle
from services.image_search.importing.records import MarkWithoutImageError, UnreadableFileError
from services.image_search.importing.stores import FolderStore, open_archive

FILES = {"marks.csv": b"markId\nA\n", "images/One.PNG": b"one", "images/two": b"two", ".hidden/x.png": b"hidden"}


def make_zip(files: dict[str, bytes], **options) -> io.BytesIO:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", **options) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream


def make_tar(files: dict[str, bytes]) -> io.BytesIO:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return stream


def opened(stream: io.BytesIO):
    return open_archive(io.BytesIO(stream.getvalue()))


def packed(files: dict[str, bytes], how) -> io.BytesIO:
    return io.BytesIO(how(make_tar(files).getvalue()))


@pytest.fixture(params=["folder", "zip", "tar", "tar.gz", "tar.bz2", "tar.xz"])
def store(request, tmp_path):
    if request.param == "folder":
        for name, content in FILES.items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_bytes(content)
        return FolderStore(tmp_path)
    packers = {"tar.gz": gzip.compress, "tar.bz2": bz2.compress, "tar.xz": lzma.compress}
    if request.param in packers:
        return opened(packed(FILES, packers[request.param]))
    return opened(make_zip(FILES) if request.param == "zip" else make_tar(FILES))


def test_a_bundle_finds_records_and_images_in_every_kind_of_store(store):
    with Bundle(store) as bundle:
        assert bundle.record_files == ["marks.csv"]
        assert bundle.open("marks.csv").read() == b"markId\nA\n"
        assert bundle.meter.read_bytes == bundle.size_bytes == 9
        assert bundle.image(["none.png", "IMAGES\\one.png"]) == b"one"
        assert bundle.image(["/images/one"]) == b"one"
        assert bundle.image(["images/two"]) == b"two"
        for names in ([], ["x.png"], ["../images/two"], [".hidden/x.png"], ["marks.csv"], ["images"], [""]):
            with pytest.raises(MarkWithoutImageError):
                bundle.image(names)


TRICKS = ["../out.png", "/etc/out.png", "a/../../out.png", "..\\out.png", "__MACOSX/out.png"]


@pytest.mark.parametrize("make", [make_zip, make_tar])
def test_a_member_whose_name_leads_elsewhere_is_not_there(make):
    with Bundle(opened(make(dict.fromkeys([*TRICKS, "in.png"], b"x")))) as bundle:
        assert bundle.image(["in.png"]) == b"x"
        for name in TRICKS:
            with pytest.raises(MarkWithoutImageError):
                bundle.image([name])


def test_links_and_devices_are_passed_over(tmp_path):
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, kind in (("a.png", tarfile.SYMTYPE), ("b.png", tarfile.LNKTYPE), ("c.png", tarfile.CHRTYPE)):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, "/etc/passwd"
            archive.addfile(member)
    assert not opened(stream).sizes()
    (tmp_path / "secret").write_bytes(b"secret")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.png").symlink_to(tmp_path / "secret")
    (tmp_path / "in" / "b").symlink_to(tmp_path)
    assert not FolderStore(tmp_path / "in").sizes()


def test_a_file_that_became_a_link_is_not_followed(tmp_path):
    (tmp_path / "a.png").write_bytes(b"image")
    store = FolderStore(tmp_path)
    (tmp_path / "a.png").unlink()
    (tmp_path / "a.png").symlink_to("/etc/passwd")
    with pytest.raises(UnreadableFileError):
        store.open("a.png")


def test_bombs_are_refused(monkeypatch):
    with pytest.raises(UnreadableFileError, match="100 times"):
        opened(make_zip({"a.png": bytes(70 * 1024 * 1024)}, compression=zipfile.ZIP_DEFLATED))
    monkeypatch.setattr(stores, "_LARGEST_PACKED_TAR", 100_000)
    with pytest.raises(UnreadableFileError, match="packed tar"):
        opened(packed({"a.png": bytes(200_000)}, gzip.compress))


def test_an_image_is_read_no_further_than_the_limit():
    with Bundle(opened(make_tar({"a.png": bytes(MAX_IMAGE_BYTES + 1)}))) as bundle, pytest.raises(TooLargeError):
        bundle.image(["a.png"])


def test_an_encrypted_member_is_refused():
    data = bytearray(make_zip({"a.png": b"image"}).getvalue())
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + flags] |= 1
    with pytest.raises(UnreadableFileError, match="encrypted"):
        open_archive(io.BytesIO(data)).open("a.png")


def test_a_member_whose_bytes_are_damaged_is_refused_when_it_is_read():
    data = bytearray(make_zip({"a.png": b"image" * 100}).getvalue())
    data[60] ^= 0xFF
    with Bundle(open_archive(io.BytesIO(data))) as bundle, pytest.raises(UnreadableFileError, match="damaged"):
        bundle.image(["a.png"])


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"no archive" * 100, b"\x1f\x8bno gzip"])
def test_what_is_no_archive_is_refused(data):
    with pytest.raises(UnreadableFileError, match="damaged"):
        store = open_archive(io.BytesIO(data))
        assert store.sizes()
        raise AssertionError


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damage_anywhere_raises_nothing_but_a_refusal(data):
    whole = data.draw(st.sampled_from([make_zip(FILES), make_tar(FILES), packed(FILES, gzip.compress)])).getvalue()
    at = data.draw(st.integers(0, len(whole)))
    broken = whole[:at] + data.draw(st.binary(max_size=20)) + whole[at + data.draw(st.integers(0, 30)) :]
    try:
        with Bundle(open_archive(io.BytesIO(broken))) as bundle:
            bundle.image(["images/two"])
    except (UnreadableFileError, MarkWithoutImageError):
        pass


def test_a_file_of_records_is_read_with_the_images_beside_it(tmp_path):
    for name in ("marks.csv", "other.csv", "a.png"):
        (tmp_path / name).write_bytes(b"x")
    with open_bundle(tmp_path / "marks.csv") as bundle:
        assert bundle.record_files == ["marks.csv"]
        assert bundle.image(["a.png"]) == b"x"


def test_a_source_that_is_not_there_is_named(tmp_path):
    with pytest.raises(StartError, match="neither a file nor a folder"):
        open_bundle(tmp_path / "nowhere")
