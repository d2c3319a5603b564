"""An index finds the same whatever is on disk and whatever in memory, and never more than the register holds."""

import threading
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.image_search import live_index, snapshot_writing
from services.image_search.index import Face, QueryRows, owners_of, rows_of
from services.image_search.live_index import LiveIndex, StoppedError
from services.image_search.portraits import Portraits
from services.image_search.snapshots import Snapshots
from tests.marks_source import DIMS, MarksSource, portrait

WIDTHS = {Face.VIEWS: DIMS.shape, Face.PARTS: DIMS.shape, Face.COLOR: DIMS.color, Face.CONCEPT: DIMS.concept}
SEEDS = st.lists(st.integers(0, 500), min_size=16, max_size=40, unique=True)


@pytest.fixture(params=["flat", "lists"], autouse=True)
def kind(request, monkeypatch):
    """Search all rows, or by lists; and never take few marks for a reason to search none."""
    monkeypatch.setattr(live_index, "_FEW", 0)
    monkeypatch.setattr(live_index, "FEWEST_CHANGES", 5)
    if request.param == "lists":
        monkeypatch.setattr(snapshot_writing, "EXACT_UP_TO", 0)


@pytest.fixture
def snapshots(tmp_path):
    return Snapshots(tmp_path)


def asked(face, seed=999):
    rows = np.random.default_rng(seed).standard_normal((2, WIDTHS[face])).astype(np.float32)
    return QueryRows(rows, np.array([0, 0.1], np.float32))


def opened(source, snapshots, *, is_owner=True):
    return LiveIndex(source, snapshots, is_owner=is_owner)


def found(index, face, allowed=None, limit=1000):
    return set(index.candidates(face, asked(face), limit, allowed).tolist())


def holders(source, face, allowed=None):
    """Return the marks that have a row of a face, the nearest to what is asked first."""
    kept = {row: mark for row, mark in source.marks.items() if allowed is None or row in allowed}
    if not kept:
        return []
    marks, queries = Portraits.of(kept, DIMS.concept), asked(face)
    scores = (rows_of(marks, face) @ queries.rows.T - queries.penalties).max(axis=1)
    return list(dict.fromkeys(marks.row_ids[owners_of(marks, face)][np.argsort(-scores)].tolist()))


def agrees(index, source, face, allowed=None):
    """Tell whether only what is there is found, and all that is near; codes may lose what is farthest."""
    wanted, named = holders(source, face, allowed), found(index, face, allowed)
    return named <= set(wanted) and set(wanted[: (len(wanted) + 1) // 2]) <= named


CHANGES = st.lists(st.tuples(st.integers(1, 50), st.none() | st.integers(0, 500)), max_size=25)


@settings(deadline=None, max_examples=15)
@given(SEEDS, CHANGES, st.sampled_from(Face), st.sets(st.integers(1, 60)))
def test_what_is_found_is_what_the_register_holds_and_a_filter_lets_pass(seeds, changes, face, passing):
    source, allowed = MarksSource(seeds), np.array(sorted(passing), np.int64)
    with TemporaryDirectory() as folder:
        index = opened(source, Snapshots(Path(folder)))
        for row_id, seed in changes:
            source.remove(row_id) if seed is None else source.put(row_id, seed)
        index.catch_up()
        for each in (index, opened(source, Snapshots(Path(folder)), is_owner=False)):
            assert len(each) == len(source.marks)
            assert agrees(each, source, face)
            assert agrees(each, source, face, allowed)


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 10_000), st.sampled_from(Face), st.floats(0.02, 0.9))
def test_a_filtered_search_finds_the_nearest_of_those_that_pass(seed, face, share):
    random = np.random.default_rng(seed)
    source = MarksSource(range(seed, seed + 600))
    allowed = np.flatnonzero(random.random(601) < share)[1:]
    with TemporaryDirectory() as folder:
        index = opened(source, Snapshots(Path(folder)))
        nearest = holders(source, face, set(allowed.tolist()))[:3]
        assert set(nearest) <= found(index, face, allowed, limit=50)


def test_portraits_come_back_nearly_as_they_were_and_the_changed_ones_as_they_are(snapshots):
    source = MarksSource(range(100))
    index = opened(source, snapshots)
    source.put(3, 777)
    source.remove(4)
    index.catch_up()
    marks = index.portraits(np.array([2, 3, 4, 5]))
    assert sorted(marks.row_ids.tolist()) == [2, 3, 5]
    for n, row_id in enumerate(marks.row_ids.tolist()):
        one, wanted = marks.portrait(n), source.marks[row_id]
        assert one.shape == pytest.approx(wanted.shape, abs=0.01)
        assert one.color == pytest.approx(wanted.color, abs=0.01)
        assert np.array_equal(one.places, wanted.places)
        assert (one.concept is None) == (wanted.concept is None)


def test_a_rebuild_takes_all_changes_to_the_disk_and_those_made_meanwhile_are_found(snapshots):
    source = MarksSource(range(30))
    index = opened(source, snapshots)
    for row_id in range(31, 40):
        source.put(row_id, row_id)
    index.catch_up()
    assert index.is_rebuild_due()
    read = source.in_batches

    def in_batches():
        yield from read()
        source.put(77, 77)
        source.remove(1)

    source.in_batches = in_batches  # type: ignore[method-assign]
    index.rebuild(threading.Event())
    assert (index.size.on_disk, index.size.in_memory, len(index)) == (39, 1, 39)
    assert agrees(index, source, Face.COLOR)
    assert not index.is_rebuild_due()


def test_few_marks_stay_in_memory(snapshots):
    index = opened(MarksSource(range(4)), snapshots)
    assert (index.size.on_disk, index.size.in_memory) == (0, 4)
    assert snapshots.current_name() is None


def test_a_register_that_was_emptied_has_nothing_to_find(snapshots):
    source = MarksSource(range(9))
    index = opened(source, snapshots)
    for row_id in range(1, 10):
        source.remove(row_id)
    index.catch_up()
    index.rebuild(threading.Event())
    assert (len(index), found(index, Face.VIEWS), index.portraits(np.array([1]))) == (0, set(), None)


def test_a_reader_follows_marks_and_snapshots(snapshots):
    source = MarksSource(range(20))
    owner, reader = opened(source, snapshots), opened(source, snapshots, is_owner=False)
    source.put(50, 50)
    owner.catch_up()
    reader.follow()
    assert (len(reader), reader.size.in_memory) == (21, 1)
    owner.rebuild(threading.Event())
    assert agrees(reader, source, Face.COLOR)
    reader.follow()
    assert (reader.size.on_disk, reader.size.in_memory) == (21, 0)


def test_a_snapshot_of_other_encoders_is_left_alone_by_readers_and_replaced_by_the_owner(snapshots):
    source = MarksSource(range(20))
    opened(source, snapshots)
    old = snapshots.current_name()
    source.signature = "made-up/2"
    assert opened(source, snapshots, is_owner=False).size.on_disk == 0
    assert snapshots.current_name() == old
    assert opened(source, snapshots).size.on_disk == 20
    assert snapshots.current_name() != old


@pytest.mark.parametrize("damage", [b"", b"{}", None])
def test_a_damaged_snapshot_is_made_anew(snapshots, tmp_path, damage):
    source = MarksSource(range(20))
    opened(source, snapshots)
    folder = tmp_path / "index" / str(snapshots.current_name())
    file = folder / ("shape" if damage is None else "snapshot.json")
    file.write_bytes(file.read_bytes()[:-1] if damage is None else damage)
    assert opened(source, snapshots, is_owner=False).size.on_disk == 0
    assert agrees(opened(source, snapshots), source, Face.VIEWS)
    assert [path.name for path in (tmp_path / "index").glob("*/")] == [snapshots.current_name()]


def test_a_snapshot_that_is_broken_off_leaves_the_one_in_use(snapshots, tmp_path):
    source = MarksSource(range(20))
    index = opened(source, snapshots)
    name = snapshots.current_name()
    stopped = threading.Event()
    stopped.set()
    with pytest.raises(StoppedError):
        index.rebuild(stopped)
    assert snapshots.current_name() == name
    assert [path.name for path in (tmp_path / "index").glob("*/")] == [name]
    assert agrees(index, source, Face.VIEWS)


def test_what_the_lists_find_is_measured_and_kept(snapshots):
    source = MarksSource(range(300))
    opened(source, snapshots)
    manifest = snapshots.current(source.signature).manifest
    assert set(manifest.recalls) == {face.value for face in Face}
    assert all(recall >= 0.98 for recall in manifest.recalls.values())


def test_all_lists_are_looked_at_where_too_few_marks_have_a_face_to_measure(snapshots):
    """Ten marks of a concept have no tenth nearest: what fewer lists find of them is not known."""
    source = MarksSource(range(60))
    rows = np.random.default_rng(1).standard_normal((60, DIMS.concept)).astype(np.float32)
    for row_id, mark in source.marks.items():
        concept = rows[row_id - 1] / np.linalg.norm(rows[row_id - 1]) if row_id <= 10 else None
        source.marks[row_id] = replace(mark, concept=concept)
    opened(source, snapshots)
    snapshot = snapshots.current(source.signature)
    assert snapshot.manifest.probes["concept"] == snapshot.lists(Face.CONCEPT)
    for seed in range(20):
        named = snapshot.candidates(Face.CONCEPT, asked(Face.CONCEPT, seed), 60)
        assert sorted(snapshot.row_ids[named].tolist()) == list(range(1, 11))


def test_searches_while_marks_change_and_move_to_disk_always_see_what_stays(snapshots):
    source = MarksSource(range(60))
    index = opened(source, snapshots)
    seen, ended = [], threading.Event()

    def search():
        while not ended.is_set():
            seen.append({50, 51, 52} <= found(index, Face.COLOR))

    reader = threading.Thread(target=search)
    reader.start()
    for turn in range(12):
        for row_id in (50, 51, 52):
            source.put(row_id, 100 + turn)
        source.remove(turn + 1)
        index.catch_up()
        if turn % 4 == 3:
            index.rebuild(threading.Event())
    ended.set()
    reader.join()
    assert seen and all(seen)


def test_a_concept_that_becomes_known_is_found(snapshots):
    source = MarksSource([3] * 20)
    index = opened(source, snapshots)
    assert found(index, Face.CONCEPT) == set()
    source.put(7, 3)
    source.marks[7] = replace(portrait(3), concept=np.eye(16, dtype=np.float32)[0])
    index.catch_up()
    assert found(index, Face.CONCEPT) == {7}
    index.rebuild(threading.Event())
    assert found(index, Face.CONCEPT) == {7}
    assert index.portraits(np.array([7])).concepts[0] == pytest.approx(np.eye(16)[0], abs=0.01)
