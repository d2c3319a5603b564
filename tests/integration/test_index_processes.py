"""Several processes search one register: one writes, others follow; one that is killed costs nothing."""

import subprocess
import sys
import threading
import time
from pathlib import Path
from uuid import uuid4

import pytest

from examkit.errors import StartError
from services.image_search import live_index
from services.image_search.database import RegisterReadOnlyError
from services.image_search.encoders import Encoders
from services.image_search.engine import FaissImageSearcher, NewMark
from services.image_search.live_index import LiveIndex
from services.image_search.marks import MarkMetadata
from services.image_search.register import Register
from services.image_search.snapshots import Snapshots
from tests.drawings import draw_mark, encode
from tests.marks_source import MarksSource
from tests.postgres import new_database, postgresql

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[2]
ARTIFACTS = ROOT / "models" / "artifacts"
SECONDS = 1.0
SHAPES = ("cross", "disc", "stairs", "triangle")


def started(*arguments: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.integration.index_process", *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def told(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def ended(process: "subprocess.Popen[str]") -> None:
    process.kill()
    process.wait()
    assert process.stdout is not None
    process.stdout.close()


@pytest.fixture(scope="module")
def encoders():
    return Encoders.open(ARTIFACTS)


@pytest.fixture(scope="module")
def server():
    with postgresql() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request):
    if request.param == "sqlite":
        return None
    return new_database(request.getfixturevalue("server"), f"index_{uuid4().hex}")


@pytest.fixture
def owner(encoders, tmp_path, url):
    searcher = FaissImageSearcher(encoders, Register(tmp_path, url))
    yield searcher
    searcher.close()


def new_mark(number: int) -> NewMark:
    return NewMark(f"M{number}", MarkMetadata(), encode(draw_mark(SHAPES[number % len(SHAPES)], "red")))


def test_what_one_process_writes_another_finds_within_a_second_and_so_with_what_it_removes(owner, tmp_path, url):
    owner.put(new_mark(0))
    reader = started("follow", str(tmp_path), str(ARTIFACTS), url or "")
    try:
        assert told(reader) == "1 0"
        for step, change in enumerate(
            (lambda: owner.put(new_mark(1)), lambda: owner.put(new_mark(2)), lambda: owner.delete("M1"))
        ):
            change()
            written = time.monotonic()
            assert told(reader) == f"{(2, 3, 2)[step]} 0"
            assert time.monotonic() - written < SECONDS
    finally:
        ended(reader)


def test_a_reader_takes_up_the_snapshot_that_the_owner_made(owner, tmp_path, url, monkeypatch):
    for number in range(4):
        owner.put(new_mark(number))
    reader = started("follow", str(tmp_path), str(ARTIFACTS), url or "")
    try:
        assert told(reader) == "4 0"
        monkeypatch.setattr(live_index, "FEWEST_CHANGES", 3)
        assert told(reader) == "4 4"
    finally:
        ended(reader)


def test_a_reader_changes_nothing_and_needs_a_register(owner, encoders, tmp_path, url):
    owner.put(new_mark(0))
    reader = FaissImageSearcher(encoders, Register(tmp_path, url, read_only=True))
    for change in (lambda: reader.put(new_mark(1)), lambda: reader.delete("M0")):
        with pytest.raises(RegisterReadOnlyError):
            change()
    reader.close()
    with pytest.raises(StartError):
        Register(tmp_path / "nowhere", read_only=True)
    (tmp_path / "empty").mkdir()
    with pytest.raises(StartError, match="start the process that owns it"):
        Register(tmp_path / "empty", read_only=True)


def test_a_process_killed_while_it_writes_a_snapshot_leaves_the_one_in_use(tmp_path, monkeypatch):
    monkeypatch.setattr(live_index, "FEWEST_CHANGES", 5)
    builder = started("rebuild", str(tmp_path))
    assert told(builder) == "writing"
    name = Snapshots(tmp_path).current_name()
    ended(builder)
    assert len(list((tmp_path / "index").glob("unfinished-*"))) == 1
    again = LiveIndex(MarksSource(range(20)), Snapshots(tmp_path), is_owner=True)
    assert (Snapshots(tmp_path).current_name(), again.size.on_disk, len(again)) == (name, 20, 20)
    monkeypatch.setattr(live_index, "FEWEST_CHANGES", 1)
    again.rebuild(threading.Event())
    assert [path.name for path in (tmp_path / "index").glob("*/")] == [Snapshots(tmp_path).current_name()]
