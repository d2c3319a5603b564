"""What comes from outside arrives whole and is what was pinned, or is refused with one sentence."""

import hashlib
import os
import stat
import struct
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examkit.errors import ArtifactError
from models.registry import Package
from models.sources import artifact_root, download, fetch_wheel, is_inside, unpack
from tests.unit.models.forge import make_artifact, make_wheel, zip_folder

CONTENT = bytes(range(256)) * 4096


class FileServer(ThreadingHTTPServer):
    """Serves one content at every path on loopback, with Range and If-Range, and breaks off when told to."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), FileHandler)
        self.content = CONTENT
        self.break_off_after: list[int] = []
        self.knows_ranges = True
        self.has_length = True
        self.status = 200
        self.ranges: list[str | None] = []

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is part of the tests."""

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_port}/{path}"


class FileHandler(BaseHTTPRequestHandler):
    """Answers GET the way a plain file server does."""

    server: FileServer

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        self.server.ranges.append(wanted)
        tag = f'"{hashlib.sha256(self.server.content).hexdigest()[:8]}"'
        is_same = self.headers.get("If-Range", tag) == tag
        start = int(wanted[6:-1]) if wanted and self.server.knows_ranges and is_same else 0
        size = len(self.server.content)
        if start >= size:
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{size}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(206 if start else self.server.status)
        self.send_header("ETag", tag)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{size - 1}/{size}")
        if self.server.has_length:
            self.send_header("Content-Length", str(size - start))
        self.end_headers()
        limit = self.server.break_off_after.pop(0) if self.server.break_off_after else size
        self.wfile.write(self.server.content[start : start + limit])

    def log_message(self, format: str, *args: object) -> None:
        """Keep the test output clean."""


@pytest.fixture
def server():
    with FileServer() as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def folders(tmp_path):
    made = [tmp_path / "downloads", tmp_path / "workspace"]
    for folder in made:
        folder.mkdir()
    return made


def fetch(url: str, folders: list[Path], seen: list[tuple[int, int]] | None = None) -> Path:
    seen = [] if seen is None else seen
    return download(url, folders[0], folders[1], lambda done, total: seen.append((done, total)))


def test_a_download_arrives_under_its_own_name_with_progress(server, folders):
    seen: list[tuple[int, int]] = []
    file = fetch(server.url("some/ipc_scheme_20260101.zip?x=1"), folders, seen)
    assert file == folders[1] / "ipc_scheme_20260101.zip"
    assert file.read_bytes() == CONTENT
    assert seen[-1] == (len(CONTENT), len(CONTENT))


@pytest.mark.parametrize("path", ["", "..", "%2e%2e", "a%5cb", "a/.."])
def test_a_url_cannot_choose_a_place_outside(server, folders, path):
    assert fetch(server.url(path), folders).parent == folders[1]


def test_a_connection_that_breaks_off_is_taken_up_where_it_ended(server, folders):
    server.break_off_after = [300_000, 300_000]
    assert fetch(server.url("a.zip"), folders).read_bytes() == CONTENT
    assert server.ranges == [None, "bytes=300000-", "bytes=600000-"]


def test_a_download_is_resumed_by_the_next_command(server, folders):
    server.break_off_after = [100_000, 100_000, 100_000]
    with pytest.raises(
        ArtifactError, match=r"could not be fetched \(the connection broke off\); run the command again"
    ):
        fetch(server.url("a.zip"), folders)
    server.ranges.clear()
    assert fetch(server.url("a.zip"), folders).read_bytes() == CONTENT
    assert server.ranges == ["bytes=300000-"]


def test_a_file_that_changed_meanwhile_is_fetched_anew(server, folders):
    server.break_off_after = [100_000] * 3
    with pytest.raises(ArtifactError):
        fetch(server.url("a.zip"), folders)
    server.content = CONTENT[::-1]
    assert fetch(server.url("a.zip"), folders).read_bytes() == CONTENT[::-1]


def test_a_file_that_became_shorter_is_fetched_anew(server, folders):
    server.break_off_after = [100_000] * 3
    with pytest.raises(ArtifactError):
        fetch(server.url("a.zip"), folders)
    next(folders[0].glob("*.tag")).unlink()
    server.content = b"short"
    assert fetch(server.url("a.zip"), folders).read_bytes() == b"short"


def test_a_server_without_ranges_sends_it_all_again(server, folders):
    server.knows_ranges = False
    server.break_off_after = [100_000]
    assert fetch(server.url("a.zip"), folders).read_bytes() == CONTENT


def test_a_server_may_keep_the_length_to_itself(server, folders):
    server.has_length = False
    assert fetch(server.url("a.zip"), folders).read_bytes() == CONTENT


def test_a_download_that_was_complete_is_not_fetched_again(server, folders):
    url = server.url("a.zip")
    (folders[0] / f"{hashlib.sha256(url.encode()).hexdigest()[:16]}.part").write_bytes(CONTENT)
    assert fetch(url, folders).read_bytes() == CONTENT


def test_a_server_that_refuses_is_quoted_with_its_status(server, folders):
    server.status = 404
    with pytest.raises(ArtifactError, match="the server answers 404"):
        fetch(server.url("a.zip"), folders)


def test_an_unreachable_server_is_named(server, folders):
    url = server.url("a.zip")
    server.server_close()
    with pytest.raises(ArtifactError, match="could not be fetched"):
        fetch(url, folders)


def test_only_http_is_spoken(folders):
    with pytest.raises(ArtifactError, match="neither an http nor an https address"):
        fetch("file:///etc/hostname", folders)


def test_a_full_disk_is_not_mistaken_for_a_broken_connection(server, folders):
    url = server.url("a.zip")
    (folders[0] / f"{hashlib.sha256(url.encode()).hexdigest()[:16]}.part").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left on device"):
        fetch(url, folders)


def test_a_zip_is_unpacked_with_its_folders(tmp_path):
    archive = zip_folder(make_artifact(tmp_path / "made"), tmp_path / "a.zip")
    (tmp_path / "target").mkdir()
    unpack(archive, tmp_path / "target")
    assert (tmp_path / "target" / "lists" / "words.txt").read_text() == "words 1.0.0"


def zip_of(tmp_path: Path, *members: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(tmp_path / "bad.zip", "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, content in members:
            bundle.writestr(name, content)
    return tmp_path / "bad.zip"


def refused(archive: Path, sentence: str) -> None:
    target = archive.parent / "deep" / "target"
    target.mkdir(parents=True)
    with pytest.raises(ArtifactError, match=sentence):
        unpack(archive, target)
    assert {path.name for path in archive.parent.rglob("*")} <= {archive.name, "deep", "target"}


@pytest.mark.parametrize(
    "name", ["../out.txt", "/tmp/out.txt", "a/../../out.txt", "..\\out.txt", "C:\\out.txt", "C:out"]
)
def test_a_zip_that_reaches_outside_is_refused_before_anything_is_written(tmp_path, name):
    refused(zip_of(tmp_path, ("first.txt", b"x"), (name, b"x")), "reaches outside")


def test_a_zip_with_a_symbolic_link_is_refused(tmp_path):
    link = zipfile.ZipInfo("link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    refused(zip_of(tmp_path, (link, b"/etc")), "reaches outside")


def test_a_zip_bomb_is_refused(tmp_path):
    refused(zip_of(tmp_path, ("zeros", bytes(50_000_000))), "would unpack to 10.. times its size")


def test_a_zip_that_lies_about_its_size_is_refused(tmp_path):
    archive = zip_of(tmp_path, ("zeros", bytes(50_000_000)))
    lie = archive.read_bytes().replace(struct.pack("<L", 50_000_000), struct.pack("<L", 1000))
    archive.write_bytes(lie)
    with pytest.raises(ArtifactError, match="is not a whole zip file"):
        unpack(archive, tmp_path)
    assert (tmp_path / "zeros").stat().st_size <= 1000


def test_a_zip_of_too_many_files_is_refused(tmp_path):
    refused(zip_of(tmp_path, *((str(number), b"") for number in range(20_001))), "more than this release")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_zip_with_two_files_of_one_name_is_refused(tmp_path):
    refused(zip_of(tmp_path, ("a.txt", b"1"), ("A.txt", b"2")), "two files of one name")


def test_an_encrypted_zip_is_refused(tmp_path):
    archive = zip_of(tmp_path, ("a.txt", b"1"))
    content = bytearray(archive.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    archive.write_bytes(content)
    refused(archive, "is encrypted")


def test_a_zip_packed_in_an_unusual_way_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "bad.zip", "w", zipfile.ZIP_BZIP2) as bundle:
        bundle.writestr("a.txt", b"1")
    refused(tmp_path / "bad.zip", "packed in a way that is not read here")


@pytest.mark.parametrize("keep", [0.3, 0.7, 0.99])
def test_a_truncated_zip_is_refused(tmp_path, keep):
    archive = zip_of(tmp_path, ("a.txt", os.urandom(10_000)))
    archive.write_bytes(archive.read_bytes()[: int(archive.stat().st_size * keep)])
    refused(archive, "is not a whole zip file")


def test_a_flipped_byte_in_a_zip_is_noticed(tmp_path):
    archive = zip_of(tmp_path, ("a.txt", os.urandom(10_000)))
    content = bytearray(archive.read_bytes())
    content[5000] ^= 1
    archive.write_bytes(content)
    with pytest.raises(ArtifactError, match="is not a whole zip file"):
        unpack(archive, tmp_path)


@given(st.text(alphabet=st.characters() | st.sampled_from("./\\:a"), max_size=12))
def test_what_is_called_inside_is_inside(name):
    if is_inside(name):
        assert os.path.normpath(f"/root/target/{name}").startswith("/root/target/")


@pytest.mark.parametrize(("inside", "root"), [("", ""), ("words-1.0.0", "words-1.0.0"), ("too/deep", None)])
def test_an_artifact_is_found_at_the_top_of_a_zip_or_in_its_one_folder(tmp_path, inside, root):
    archive = zip_folder(make_artifact(tmp_path / "made"), tmp_path / "a.zip", inside)
    assert artifact_root(archive) == root


def test_what_is_no_zip_holds_no_artifact(tmp_path):
    (tmp_path / "a.zip").write_bytes(b"PK no zip")
    assert artifact_root(tmp_path / "a.zip") is None


@pytest.fixture
def wheels(tmp_path, monkeypatch):
    """A folder that pip takes its packages from, and nothing else."""
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "wheels"))
    return tmp_path / "wheels"


def package_of(wheel: Path, **tags: str) -> Package:
    return Package("words", "1.0", hashlib.sha256(wheel.read_bytes()).hexdigest(), size_bytes=1, **tags)


def test_pip_fetches_a_wheel_once(wheels, folders):
    wheel = make_wheel(wheels, {"words/words.txt": "one two"})
    package = package_of(wheel)
    fetched = fetch_wheel(package, *folders)
    wheel.unlink()
    assert fetch_wheel(package, *folders) == fetched
    assert fetched.parent == folders[0]
    fetched.write_bytes(b"damaged")
    with pytest.raises(ArtifactError, match=r"^pip could not fetch words 1.0: No matching distribution found"):
        fetch_wheel(package, *folders)


def test_a_wheel_of_another_platform_is_fetched_all_the_same(wheels, folders):
    wheel = make_wheel(wheels, {}, tag="cp38-abi3-manylinux_2_17_s390x.manylinux2014_s390x")
    with pytest.raises(ArtifactError):
        fetch_wheel(package_of(wheel), *folders)
    tags = {"platform": "manylinux2014_s390x", "python_version": "3.11", "implementation": "cp", "abi": "abi3"}
    assert fetch_wheel(package_of(wheel, **tags), *folders).is_file()


def test_a_wheel_with_another_hash_is_refused(wheels, folders):
    package = package_of(make_wheel(wheels, {"words/words.txt": "one two"}))
    make_wheel(wheels, {"words/words.txt": "one two three"})
    with pytest.raises(ArtifactError, match=r"words 1.0 that is not the file that was released \(SHA-256 differs\)"):
        fetch_wheel(package, *folders)
    assert list(folders[0].iterdir()) == []
