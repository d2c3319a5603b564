"""Strategies weigh shape against color, and say how they came to a score."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from examkit.errors import InvalidInputError
from services.image_search.descriptors import describe_palette
from services.image_search.strategies import MarkQuery, Strategy, Weights, share_out

SHAPE_DIMS = 3
RED, GREY = describe_palette([(200, 10, 10)]), describe_palette([(90, 90, 90)])
WEIGHT = st.floats(0, 1000)


def rows(color, *shapes):
    return np.array([[*shape, *color] for shape in shapes], np.float32)


def query(strategy, color=RED, mix=None):
    return MarkQuery(rows(color, (1, 0, 0), (0, 1, 0)), SHAPE_DIMS, strategy, mix)


def test_shape_and_color_each_look_at_their_own_part():
    other = rows(GREY, (1, 0, 0))
    assert query(Strategy.SHAPE).likeness(other).score == 1
    assert query(Strategy.COLOR).likeness(rows(RED, (0, 0, 1))).score == pytest.approx(1)
    assert query(Strategy.COLOR).likeness(other).score < 0.5


def test_color_counts_in_a_combined_search_only_for_a_query_in_color():
    assert query(Strategy.COMBINED, GREY).weights == Weights(1, 0)
    assert 0 < query(Strategy.COMBINED, RED).weights.color < query(Strategy.COMBINED, RED).weights.shape


def test_a_mix_that_is_asked_for_counts_whatever_the_query():
    assert query(Strategy.COMBINED, GREY, share_out(1, 3)).weights == Weights(0.25, 0.75)


@given(WEIGHT, WEIGHT)
def test_shares_add_up_to_one_and_keep_their_proportion(shape, color):
    if shape + color == 0:
        return
    weights = share_out(shape, color)
    assert weights.shape + weights.color == pytest.approx(1)
    assert weights.shape * color == pytest.approx(weights.color * shape, rel=1e-6, abs=1e-6)


def test_no_weight_at_all_is_refused():
    with pytest.raises(InvalidInputError) as raised:
        share_out(0, 0)
    assert raised.value.code == "no-weight"


@pytest.mark.parametrize("strategy", list(Strategy))
@pytest.mark.parametrize("color", [RED, GREY])
def test_the_weighted_rows_score_as_the_likeness_says(strategy, color):
    asked, mark = query(strategy, color), rows(RED, (0, 1, 0), (0, 0, 1))
    assert (asked.weighted_rows() @ mark.T).max() == pytest.approx(asked.likeness(mark).score, abs=1e-6)


def test_the_best_pairing_of_views_counts():
    likeness = query(Strategy.SHAPE).likeness(rows(GREY, (0, 0, 1), (0, 1, 0)))
    assert likeness.score == likeness.shape == 1


def test_a_score_is_never_below_zero():
    assert query(Strategy.SHAPE).likeness(rows(RED, (-1, -1, 0))).score == 0


def test_a_palette_has_no_shape_to_score():
    palette = MarkQuery(rows(RED, (0, 0, 0)), SHAPE_DIMS, Strategy.COLOR)
    assert palette.likeness(rows(RED, (1, 0, 0))).shape is None
