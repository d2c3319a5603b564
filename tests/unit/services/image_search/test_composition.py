"""Compositions are alike when their parts are, and more so when these lie in the same places."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.image_search.composition import compare_compositions
from services.image_search.portrait import Role
from services.image_search.portraits import Portraits
from tests.portraits import WHOLE, make_portrait

A, B, C, D = np.eye(4, dtype=np.float32)
LEFT = (Role.DEVICE, 0, 0, 50, 50, 0.5)
RIGHT = (Role.WORD, 50, 0, 50, 50, 0.5)


def compare(query, *marks):
    beside = Portraits.of(dict(enumerate(marks)), concept_dims=2)
    return compare_compositions(query, beside, query.shape @ beside.shape.T)


def test_a_mark_is_wholly_like_itself():
    for mark in (make_portrait([A]), make_portrait([A, B, C])):
        assert compare(mark, mark).scores[0] == pytest.approx(1)


def test_a_mark_embedded_in_a_larger_one_is_found_at_its_place():
    alone, larger = make_portrait([B]), make_portrait([A, C, B])
    pairing = compare(alone, larger)
    assert (pairing.query_rows[0], pairing.mark_rows[0]) == (0, 2)
    assert pairing.scores[0] > 0.6
    assert compare(make_portrait([D]), larger).scores[0] < 0.1


def test_a_part_of_the_query_finds_the_mark_that_it_is():
    pairing = compare(make_portrait([A, C, B]), make_portrait([B]))
    assert (pairing.query_rows[0], pairing.mark_rows[0]) == (2, 0)
    assert pairing.scores[0] > 0.6


def test_parts_in_the_same_places_count_more_than_parts_exchanged():
    query = make_portrait([A, B, C], places=[WHOLE, LEFT, RIGHT])
    same = make_portrait([D, B, C], places=[WHOLE, LEFT, RIGHT])
    exchanged = make_portrait([D, C, B], places=[WHOLE, LEFT, RIGHT])
    assert compare(query, same).scores[0] > compare(query, exchanged).scores[0]


def test_two_like_parts_count_more_than_one():
    query = make_portrait([A, B, C], places=[WHOLE, LEFT, RIGHT])
    both = make_portrait([D, B, C], places=[WHOLE, LEFT, RIGHT])
    one = make_portrait([D, B, A], places=[WHOLE, LEFT, RIGHT])
    assert compare(query, both).scores[0] > compare(query, one).scores[0]


UNIT = st.integers(0, 3).map(lambda n: np.eye(4, dtype=np.float32)[n])


@settings(deadline=None)
@given(st.lists(UNIT, min_size=1, max_size=5), st.lists(UNIT, min_size=1, max_size=5))
def test_a_comparison_is_the_same_both_ways_and_within_its_bounds(first, second):
    one, other = make_portrait(first), make_portrait(second)
    score = compare(one, other).scores[0]
    assert -0.1 <= score <= 1 + 1e-5
    assert score == pytest.approx(compare(other, one).scores[0], abs=1e-5)


MARKS = st.lists(st.lists(UNIT, min_size=1, max_size=5), min_size=1, max_size=6)


@settings(deadline=None)
@given(st.lists(UNIT, min_size=1, max_size=5), MARKS)
def test_marks_are_compared_side_by_side_as_each_is_alone(asked, drawn):
    query, marks = make_portrait(asked), [make_portrait(rows) for rows in drawn]
    together = compare(query, *marks)
    alone = [compare(query, mark) for mark in marks]
    starts = np.cumsum([0, *(len(mark.shape) for mark in marks)])[:-1]
    assert together.scores == pytest.approx([one.scores[0] for one in alone])
    assert together.query_rows.tolist() == [one.query_rows[0] for one in alone]
    assert (together.mark_rows - starts).tolist() == [one.mark_rows[0] for one in alone]
