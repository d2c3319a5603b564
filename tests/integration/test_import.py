"""Imports and changes of the embedder, killed in their midst: they go on without a duplicate or a gap."""

import hashlib
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from services.image_search.encoders import Encoders
from services.image_search.engine import FaissImageSearcher, MarkSubject, Search
from services.image_search.marks import Entry, MarkFilter, MarkMetadata, StoredImage
from services.image_search.register import Register
from services.image_search.strategies import Strategy
from tests.drawings import draw_mark, encode

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[2]
ARTIFACTS = ROOT / "models" / "artifacts"
MARKS = 130
OLDER = "mark-embedder/0.0.1"

OPENING = """
import sys, threading
from pathlib import Path
from services.image_search.engine import open_image_searcher
searcher = open_image_searcher(Path(sys.argv[1]), Path(sys.argv[2]))
threading.Event().wait()
"""


def images() -> list[bytes]:
    return [encode(draw_mark("cross", (number, 2 * number % 256, 90))) for number in range(MARKS)]


def count(folder: Path, statement: str) -> int:
    """Ask the database as an onlooker; one that is not there yet holds nothing."""
    if not (folder / "register.sqlite").exists():
        return 0
    with closing(sqlite3.connect(folder / "register.sqlite")) as connection:
        try:
            return int(connection.execute(statement).fetchone()[0])
        except sqlite3.OperationalError:
            return 0


def killed_when(process: "subprocess.Popen[bytes]", is_time: Callable[[], bool]) -> None:
    """Kill a process, and those it started, in the midst of what it does."""
    deadline = time.monotonic() + 240
    while not is_time():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.kill()
    process.wait()


def test_an_import_killed_twice_goes_on_without_a_duplicate_or_a_gap(tmp_path):
    source, folder = tmp_path / "in", tmp_path / "data"
    source.mkdir()
    for number, image in enumerate(images()):
        (source / f"{number}.png").write_bytes(image)
    (source / "marks.csv").write_text("markId,image\n" + "".join(f"M{n},{n}.png\n" for n in range(MARKS)))
    command = [sys.executable, "-m", "services.image_search.build", str(source)]
    environment = os.environ | {"IMAGE_SEARCH_ARTIFACTS_DIR": str(ARTIFACTS), "IMAGE_SEARCH_DATA_DIR": str(folder)}
    for least in (1, 70):
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
        killed_when(process, lambda: count(folder, "SELECT count(*) FROM marks") >= least)  # noqa: B023 - used at once
        assert 2 * count(folder, "SELECT count(*) FROM marks") == count(folder, "SELECT count(*) FROM embeddings")
    before = count(folder, "SELECT count(*) FROM marks")
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert f"{MARKS - before} added, 0 replaced, {before} unchanged, 0 refused." in done.stderr
    register = Register(folder)
    expected = {f"M{number}": hashlib.sha256(image).hexdigest() for number, image in enumerate(images())}
    found = register.page(MarkFilter(), limit=MARKS + 1, offset=0)[0]
    assert {mark.mark_id: mark.image_sha256 for mark in found} == expected
    for signature in Encoders.open(ARTIFACTS).signatures:
        assert len(list(register.embeddings(signature))) == MARKS
    register.close()


def test_describing_marks_anew_goes_on_after_a_kill_with_what_is_left(tmp_path):
    register = Register(tmp_path)
    vectors = np.ones((1, 3), np.float16)
    register.write(
        [
            Entry(f"M{n}", MarkMetadata(), StoredImage(data, "image/png"), vectors, OLDER)
            for n, data in enumerate(images())
        ]
    )
    register.close()
    by_either = f"SELECT row_id FROM embeddings WHERE embedder != '{OLDER}' GROUP BY row_id HAVING count(*) = 2"
    described = f"SELECT count(*) FROM ({by_either})"
    command = [sys.executable, "-c", OPENING, str(ARTIFACTS), str(tmp_path)]
    killed_when(subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL), lambda: count(tmp_path, described) >= 5)
    before = count(tmp_path, described)
    assert 5 <= before < MARKS
    searcher = FaissImageSearcher(Encoders.open(ARTIFACTS), Register(tmp_path))
    assert searcher.reembedding.state.total == MARKS - before
    searcher.reembedding.wait()
    assert count(tmp_path, f"SELECT count(*) FROM embeddings WHERE embedder = '{OLDER}'") == 0
    found = searcher.search(Search(MarkSubject("M0"), Strategy.SHAPE, limit=200))
    assert {hit.mark.mark_id for hit in found.hits} == {f"M{number}" for number in range(MARKS)}
    searcher.close()
