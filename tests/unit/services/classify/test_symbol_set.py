"""The suggested set: as many as have the highest expected F1, no relatives, roles as in the guide."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.classify.ipc import Symbol
from services.classify.symbol_set import MOST_SUGGESTED, Role, best_count, is_deep_enough, roles_of, without_relatives

PROBABILITIES = st.lists(st.floats(0.01, 1), min_size=1, max_size=7).map(lambda values: sorted(values, reverse=True))


def expected_f1(scores, count):
    """Add up F1 over every way in which the symbols can be right or wrong."""
    total = 0.0
    for outcome in product((0, 1), repeat=len(scores)):
        chance = 1.0
        for score, is_right in zip(scores, outcome, strict=True):
            chance *= score if is_right else 1 - score
        total += chance * 2 * sum(outcome[:count]) / (count + sum(outcome))
    return total


@given(PROBABILITIES)
def test_no_other_count_has_a_higher_expected_f1(scores):
    count = best_count(scores)
    if scores[0] < 0.05:
        assert count == 0
    else:
        best = max(expected_f1(scores, each) for each in range(1, len(scores) + 1))
        assert expected_f1(scores, count) == pytest.approx(best)


@pytest.mark.parametrize(
    ("scores", "count"),
    [([], 0), ([0.04, 0.03], 0), ([0.9, 0.05], 1), ([0.9, 0.8, 0.1], 2), ([0.3] * 20, MOST_SUGGESTED)],
)
def test_a_sure_symbol_stands_alone_and_many_equal_ones_together(scores, count):
    assert best_count(scores) == count


def test_what_stands_above_or_below_a_better_symbol_is_left_out():
    above = {"H01L 21/768": ["H01L 21/00", "H01L 21/70"], "H01L 21/70": ["H01L 21/00"]}
    ranked = [(Symbol.parse(text), 0.5) for text in ("H01L 21/70", "H01L 21/00", "H01L 21/768", "A46B 9/04")]
    kept = without_relatives(ranked, lambda symbol: above.get(str(symbol), ()))
    assert [str(symbol) for symbol, _ in kept] == ["H01L 21/70", "A46B 9/04"]


@pytest.mark.parametrize(
    ("scores", "front_shares", "roles"),
    [
        ((0.8, 0.5, 0.3), (1.0, 0.6, 1.0), "inventive inventive additional"),
        ((0.8, 0.7), (0.3, 0.9), "additional inventive"),
        ((0.8, 0.7), (0.1, 0.2), "additional inventive"),
        ((0.8,), (0.0,), "inventive"),
        ((), (), ""),
    ],
)
def test_roles_follow_score_and_place_of_the_evidence_and_one_is_inventive(scores, front_shares, roles):
    assert roles_of(scores, front_shares) == [Role(role) for role in roles.split()]


def test_deep_enough_is_more_likely_right_than_not():
    assert is_deep_enough(0.5)
    assert not is_deep_enough(0.49)
