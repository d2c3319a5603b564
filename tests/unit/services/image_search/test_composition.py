"""Compositions are alike when their parts are, and more so when these lie in the same places."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.image_search.composition import compare_compositions
from services.image_search.portrait import Role
from tests.portraits import WHOLE, make_portrait

A, B, C, D = np.eye(4, dtype=np.float32)
LEFT = (Role.DEVICE, 0, 0, 50, 50, 0.5)
RIGHT = (Role.WORD, 50, 0, 50, 50, 0.5)


def compare(query, mark):
    return compare_compositions(query, mark, query.shape @ mark.shape.T)


def test_a_mark_is_wholly_like_itself():
    for mark in (make_portrait([A]), make_portrait([A, B, C])):
        assert compare(mark, mark).score == pytest.approx(1)


def test_a_mark_embedded_in_a_larger_one_is_found_at_its_place():
    alone, larger = make_portrait([B]), make_portrait([A, C, B])
    pairing = compare(alone, larger)
    assert (pairing.query_row, pairing.mark_row) == (0, 2)
    assert pairing.score > 0.6
    assert compare(make_portrait([D]), larger).score < 0.1


def test_a_part_of_the_query_finds_the_mark_that_it_is():
    pairing = compare(make_portrait([A, C, B]), make_portrait([B]))
    assert (pairing.query_row, pairing.mark_row) == (2, 0)
    assert pairing.score > 0.6


def test_parts_in_the_same_places_count_more_than_parts_exchanged():
    query = make_portrait([A, B, C], places=[WHOLE, LEFT, RIGHT])
    same = make_portrait([D, B, C], places=[WHOLE, LEFT, RIGHT])
    exchanged = make_portrait([D, C, B], places=[WHOLE, LEFT, RIGHT])
    assert compare(query, same).score > compare(query, exchanged).score


def test_two_like_parts_count_more_than_one():
    query = make_portrait([A, B, C], places=[WHOLE, LEFT, RIGHT])
    both = make_portrait([D, B, C], places=[WHOLE, LEFT, RIGHT])
    one = make_portrait([D, B, A], places=[WHOLE, LEFT, RIGHT])
    assert compare(query, both).score > compare(query, one).score


UNIT = st.integers(0, 3).map(lambda n: np.eye(4, dtype=np.float32)[n])


@settings(deadline=None)
@given(st.lists(UNIT, min_size=1, max_size=5), st.lists(UNIT, min_size=1, max_size=5))
def test_a_comparison_is_the_same_both_ways_and_within_its_bounds(first, second):
    one, other = make_portrait(first), make_portrait(second)
    score = compare(one, other).score
    assert -0.1 <= score <= 1 + 1e-5
    assert score == pytest.approx(compare(other, one).score, abs=1e-5)
