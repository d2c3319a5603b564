"""The index finds exactly what comparing with every mark would find, also while it changes."""

import threading
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.image_search.index import Face, MarkIndex, QueryRows
from services.image_search.portrait import PLACE, Portrait, Role
from services.image_search.portraits import Portraits

SHAPE_DIMS, COLOR_DIMS, CONCEPT_DIMS = 4, 3, 2
DIMS = {Face.COLOR: COLOR_DIMS, Face.CONCEPT: CONCEPT_DIMS}
ROLES = [Role.WHOLE, Role.PEELED, Role.DEVICE, Role.DEVICE, Role.WORD, Role.DEVICE]


def portrait(seed: int, views: int, parts: int = 0) -> Portrait:
    random = np.random.default_rng(seed)
    roles = ROLES[:views] + ROLES[2 : 2 + parts]
    places = np.array([(role, seed, 0, 10, 10, 0.5) for role in roles], PLACE)
    shape = random.integers(-8, 9, (views + parts, SHAPE_DIMS)).astype(np.float32)
    color = random.integers(-8, 9, COLOR_DIMS).astype(np.float32)
    concept = random.integers(-8, 9, CONCEPT_DIMS).astype(np.float32)
    return Portrait(shape, color, places, concept if seed % 3 else None)


def filled(marks: dict[int, Portrait]) -> MarkIndex:
    index = MarkIndex(SHAPE_DIMS, COLOR_DIMS, CONCEPT_DIMS)
    index.put(list(marks), list(marks.values()))
    return index


def portraits(index: MarkIndex, row_ids: list[int]) -> Portraits:
    found = index.portraits(row_ids)
    assert found is not None
    return found


def query(rows: np.ndarray, penalties=None) -> QueryRows:
    return QueryRows(rows, np.zeros(len(rows), np.float32) if penalties is None else np.array(penalties, np.float32))


def rows_of(mark: Portrait, face: Face) -> np.ndarray:
    return {
        Face.COLOR: mark.color[None],
        Face.VIEWS: mark.shape[: mark.views],
        Face.PARTS: mark.shape[mark.views :],
        Face.CONCEPT: np.empty((0, CONCEPT_DIMS)) if mark.concept is None else mark.concept[None],
    }[face]


def expected(marks, face, asked, allowed=None):
    kept = [row for row in marks if (allowed is None or row in allowed) and len(rows_of(marks[row], face))]
    return {row: float((asked.rows @ rows_of(marks[row], face).T - asked.penalties[:, None]).max()) for row in kept}


@settings(deadline=None)
@given(
    st.dictionaries(st.integers(1, 60), st.tuples(st.integers(1, 2), st.integers(0, 4)), max_size=25),
    st.sampled_from(Face),
    st.lists(st.integers(0, 5), min_size=1, max_size=4),
    st.integers(1, 30),
    st.data(),
)
def test_a_search_finds_what_comparing_with_every_mark_finds(counts, face, penalties, limit, data):
    marks = {row: portrait(row, *count) for row, count in counts.items()}
    allowed = data.draw(st.none() | st.sets(st.integers(1, 80)))
    dims = DIMS.get(face, SHAPE_DIMS)
    rows = np.random.default_rng(999).integers(-8, 9, (len(penalties), dims)).astype(np.float32)
    asked = query(rows, penalties)
    found = filled(marks).candidates(
        face, asked, limit, None if allowed is None else np.array(sorted(allowed), np.int64)
    )
    wanted = expected(marks, face, asked, allowed)
    assert len(found) == len(set(found)) == min(limit, len(wanted))
    assert [wanted[row] for row in found] == sorted(wanted.values(), reverse=True)[:limit]


def test_of_equal_marks_the_older_comes_first():
    same = portrait(1, 1)
    index = filled({7: same, 3: same, 5: same})
    assert index.candidates(Face.VIEWS, query(same.shape), 3).tolist() == [3, 5, 7]


def test_portraits_come_back_as_they_were_put():
    marks = {row: portrait(row, 1 + row % 2, row % 5) for row in range(1, 12)}
    found = portraits(filled(marks), [3, 99, 10, 7])
    assert found.row_ids.tolist() == [3, 10, 7]
    assert found.concepts is not None
    for n, row in enumerate([3, 10, 7]):
        assert np.array_equal(found.shape[found.rows_of(n)], marks[row].shape)
        assert np.array_equal(found.places[found.rows_of(n)], marks[row].places)
        assert np.array_equal(found.colors[n], marks[row].color)
        concept = marks[row].concept
        assert found.has_concept[n] == (concept is not None)
        assert concept is None or np.array_equal(found.concepts[n], concept)


def test_what_a_mark_shows_is_found_once_it_is_known():
    unknown = replace(portrait(1, 1), concept=None)
    index = filled({1: unknown, 2: portrait(2, 1)})
    asked = query(np.array([[1, 0]], np.float32))
    assert index.candidates(Face.CONCEPT, asked, 5).tolist() == [2]
    index.put([1], [replace(unknown, concept=np.array([9, 0], np.float32))])
    assert index.candidates(Face.CONCEPT, asked, 5).tolist() == [1, 2]
    index.put([1], [unknown])
    assert index.candidates(Face.CONCEPT, asked, 5).tolist() == [2]


def test_a_replaced_mark_is_found_as_it_is_now():
    before, now = portrait(1, 2, 4), portrait(2, 1, 1)
    index = filled({1: before, 5: portrait(5, 2, 2)})
    index.put([1], [now])
    assert np.array_equal(portraits(index, [1]).shape, now.shape)
    assert set(index.candidates(Face.PARTS, query(now.shape[1:]), 5)) == {1, 5}
    assert len(index) == 2


def test_a_mark_that_is_put_twice_at_once_is_there_once():
    first, second = portrait(1, 2, 1), portrait(2, 1, 3)
    index = MarkIndex(SHAPE_DIMS, COLOR_DIMS, CONCEPT_DIMS)
    index.put([4, 4], [first, second])
    assert len(index) == 1
    assert np.array_equal(portraits(index, [4]).shape, second.shape)


def test_a_removed_mark_is_gone_and_removing_it_again_is_no_error():
    index = filled({1: portrait(1, 2, 3), 2: portrait(2, 1)})
    index.remove(1)
    index.remove(1)
    assert index.candidates(Face.VIEWS, query(portrait(1, 1).shape), 5).tolist() == [2]
    assert index.candidates(Face.PARTS, query(portrait(1, 1).shape), 5).tolist() == []
    assert index.portraits([1]) is None


@pytest.mark.parametrize("allowed", [None, np.array([], np.int64), np.array([9], np.int64)])
@pytest.mark.parametrize("face", list(Face))
def test_an_empty_index_finds_nothing(face, allowed):
    asked = query(np.ones((1, DIMS.get(face, SHAPE_DIMS)), np.float32))
    assert MarkIndex(SHAPE_DIMS, COLOR_DIMS, CONCEPT_DIMS).candidates(face, asked, 5, allowed).tolist() == []


def test_writes_and_searches_at_once_keep_the_index_whole():
    index = filled({row: portrait(row, 2, 1) for row in range(1, 50)})
    found = {49}

    def write():
        for turn in range(20 * 49):
            row = 1 + turn % 49
            index.put([row], [portrait(row, 1 + row % 2, row % 5)])

    def read():
        asked = query(portrait(999, 2).shape)
        while writer.is_alive():
            found.add(len(index.candidates(Face.VIEWS, asked, 49)))

    writer = threading.Thread(target=write)
    readers = [threading.Thread(target=read) for _ in range(2)]
    for thread in (writer, *readers):
        thread.start()
    for thread in (writer, *readers):
        thread.join()
    assert found == {49}
