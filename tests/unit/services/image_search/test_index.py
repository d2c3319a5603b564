"""The index finds exactly what comparing with every mark would find, also while it changes."""

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.image_search.index import EmbeddingIndex, Match

DIMS = 4


def vectors(seed: int, views: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(-8, 9, (views, DIMS)).astype(np.float32)


def filled(marks: dict[int, np.ndarray]) -> EmbeddingIndex:
    index = EmbeddingIndex(DIMS)
    index.put(list(marks), list(marks.values()))
    return index


def expected(marks, queries, limit, allowed=None):
    rows = marks if allowed is None else {row: marks[row] for row in allowed if row in marks}
    best = [Match(row, float((queries @ views.T).max())) for row, views in rows.items()]
    return sorted(best, key=lambda match: -match.score)[:limit]


@settings(deadline=None)
@given(
    st.dictionaries(st.integers(1, 60), st.integers(1, 2), max_size=25),
    st.integers(1, 2),
    st.integers(1, 30),
    st.data(),
)
def test_a_search_finds_what_comparing_with_every_mark_finds(views, query_views, limit, data):
    marks = {row: vectors(row, count) for row, count in views.items()}
    allowed = data.draw(st.none() | st.sets(st.integers(1, 80)))
    queries = vectors(999, query_views)
    found = filled(marks).search(queries, limit, None if allowed is None else np.array(sorted(allowed), np.int64))
    wanted = expected(marks, queries, limit, allowed)
    assert [match.score for match in found] == [match.score for match in wanted]
    assert all(match in expected(marks, queries, len(marks), allowed) for match in found)


def test_of_equal_marks_the_older_comes_first():
    same = np.ones((1, DIMS), np.float32)
    index = filled({7: same, 3: same, 5: same})
    assert [match.row_id for match in index.search(same, 3)] == [3, 5, 7]


def test_a_replaced_mark_is_found_as_it_is_now():
    index = filled({1: np.eye(DIMS, dtype=np.float32)[:2], 2: np.eye(DIMS, dtype=np.float32)[2:3]})
    index.put([1], [np.eye(DIMS, dtype=np.float32)[3:]])
    assert index.search(np.eye(DIMS, dtype=np.float32)[:1], 5)[0].score == 0
    assert index.search(np.eye(DIMS, dtype=np.float32)[3:], 1) == [Match(1, 1.0)]
    assert index.vectors(1).tolist() == [[0, 0, 0, 1]]
    assert len(index) == 2


def test_a_removed_mark_is_gone_and_removing_it_again_is_no_error():
    index = filled({1: vectors(1, 2), 2: vectors(2, 1)})
    index.remove(1)
    index.remove(1)
    assert [match.row_id for match in index.search(vectors(1, 1), 5)] == [2]
    assert index.vectors(1).shape == (0, DIMS)


@pytest.mark.parametrize("allowed", [None, np.array([], np.int64), np.array([9], np.int64)])
def test_an_empty_index_finds_nothing(allowed):
    assert EmbeddingIndex(DIMS).search(vectors(1, 1), 5, allowed) == []


def test_writes_and_searches_at_once_keep_the_index_whole():
    index = filled({row: vectors(row, 2) for row in range(1, 50)})
    found = {49}

    def write():
        for turn in range(50 * 49):
            row = 1 + turn % 49
            index.put([row], [vectors(row, 1 + row % 2)])

    def read():
        while writer.is_alive():
            found.add(len(index.search(vectors(999, 2), 49)))

    writer = threading.Thread(target=write)
    readers = [threading.Thread(target=read) for _ in range(2)]
    for thread in (writer, *readers):
        thread.start()
    for thread in (writer, *readers):
        thread.join()
    assert found == {49}
