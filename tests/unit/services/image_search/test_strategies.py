"""Strategies weigh shape, color and composition against one another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examkit.errors import InvalidInputError
from services.image_search.strategies import Strategy, Weights, share_out, weights_of

WEIGHT = st.floats(0, 1000)


@pytest.mark.parametrize("is_colored", [False, True])
@pytest.mark.parametrize("strategy", list(Strategy))
def test_the_weights_of_a_strategy_add_up_to_one(strategy, is_colored):
    weights = weights_of(strategy, is_colored=is_colored)
    assert weights.shape + weights.color + weights.composition + weights.concept == pytest.approx(1)


@pytest.mark.parametrize("strategy", [Strategy.SHAPE, Strategy.COMPOSITION, Strategy.CONCEPT])
def test_each_strategy_looks_at_its_own_likeness_alone(strategy):
    assert weights_of(strategy, is_colored=True) == Weights(**{str(strategy): 1})


@pytest.mark.parametrize("is_colored", [False, True])
def test_the_color_strategy_is_led_by_color(is_colored):
    weights = weights_of(Strategy.COLOR, is_colored=is_colored)
    assert weights.color > weights.shape > 0 == weights.composition


def test_color_counts_in_a_combined_search_only_for_a_query_in_color():
    assert weights_of(Strategy.COMBINED, is_colored=False).color == 0
    colored = weights_of(Strategy.COMBINED, is_colored=True)
    assert 0 < colored.color < colored.shape


@given(WEIGHT, WEIGHT, WEIGHT, WEIGHT)
def test_shares_add_up_to_one_and_keep_their_proportion(shape, color, composition, concept):
    if shape + color + composition + concept == 0:
        return
    weights = share_out(Weights(shape, color, composition, concept))
    assert weights.shape + weights.color + weights.composition + weights.concept == pytest.approx(1)
    assert weights.shape * concept == pytest.approx(weights.concept * shape, rel=1e-6, abs=1e-6)
    assert weights.shape * color == pytest.approx(weights.color * shape, rel=1e-6, abs=1e-6)
    assert weights.shape * composition == pytest.approx(weights.composition * shape, rel=1e-6, abs=1e-6)


def test_no_weight_at_all_is_refused():
    with pytest.raises(InvalidInputError) as raised:
        share_out(Weights())
    assert raised.value.code == "no-weight"
