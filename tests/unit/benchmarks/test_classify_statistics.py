"""Statistics on made-up scores whose answers are known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.classify_statistics import (
    Estimate,
    calibration_error,
    calibration_floor,
    calibration_of,
    f1_of,
    mean_of,
    threshold_for,
)


def test_the_interval_of_a_share_is_that_of_the_binomial():
    found = mean_of(np.repeat([True, False], [60, 40]))
    assert found.value == pytest.approx(0.6)
    # Two standard errors: sqrt(.6 x .4 / 100) x 1.96 = .096.
    assert (found.low, found.high) == pytest.approx((0.504, 0.696), abs=0.015)


def test_the_interval_of_a_paired_difference_is_narrower_than_of_unpaired_ones():
    ours, theirs = np.repeat([1.0, 1, 0], [50, 10, 40]), np.repeat([1.0, 0, 0], [50, 10, 40])
    found = mean_of(ours - theirs)
    assert found.value == pytest.approx(0.1)
    assert found.low > 0.03
    assert found.high < 0.17


def test_more_documents_make_a_narrower_interval():
    few, many = (mean_of(np.tile([1.0, 0.0], count)) for count in (20, 2000))
    assert many.margin < few.margin / 5


def test_nothing_has_no_mean():
    assert np.isnan(mean_of(np.zeros(0)).value)


@given(st.lists(st.sampled_from([0.0, 0.5, 1.0]), min_size=1, max_size=200))
def test_an_estimate_lies_within_its_interval_and_the_interval_within_the_values(values):
    found = mean_of(np.array(values))
    assert min(values) <= found.low <= found.value + 1e-9
    assert found.value - 1e-9 <= found.high <= max(values)


def test_an_estimate_changes_its_unit():
    assert Estimate(0.1234, 0.1, 0.15).times(100, 1) == Estimate(12.3, 10.0, 15.0)


def test_the_calibration_error_of_scores_that_are_right_as_often_as_they_say_is_nothing():
    scores = np.repeat([0.2, 0.8], [150, 150])
    is_right = np.concatenate([np.tile([True, False, False, False, False], 30), np.tile([True] * 4 + [False], 30)])
    assert calibration_error(scores, is_right) == pytest.approx(0)


def test_the_calibration_error_of_scores_that_boast_is_by_how_much():
    scores = np.full(300, 0.9)
    assert calibration_error(scores, np.tile([True, False], 150)) == pytest.approx(0.4)


def test_the_calibration_error_counts_bins_of_equally_many_documents():
    # Fifteen bins of one document each: the distances are .3 for all that are right, .7 for all others.
    scores = np.full(15, 0.7) + np.arange(15) * 1e-9
    is_right = np.arange(15) < 10
    assert calibration_error(scores, is_right) == pytest.approx((10 * 0.3 + 5 * 0.7) / 15)


def test_perfect_scores_show_no_more_error_than_chance_and_their_interval_reaches_down():
    random = np.random.default_rng(1)
    scores = random.uniform(0.05, 0.95, 1500)
    is_right = random.random(1500) < scores
    found = calibration_of(scores, is_right)
    assert found.value == pytest.approx(calibration_floor(scores), abs=0.015)
    assert found.low < 0.02


def test_scores_that_boast_are_found_out_beyond_chance():
    random = np.random.default_rng(2)
    scores = random.uniform(0.3, 0.95, 1500)
    found = calibration_of(scores, random.random(1500) < scores - 0.2)
    assert found.low > calibration_floor(scores)
    assert found.value == pytest.approx(0.2, abs=0.04)


def test_the_threshold_accepts_as_many_as_the_wanted_precision_lets():
    scores = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    is_right = np.array([True, True, False, True, False])
    assert threshold_for(scores, is_right, 0.75) == 0.6
    assert threshold_for(scores, is_right, 1.0) == 0.8


def test_documents_of_one_score_are_accepted_together():
    scores = np.array([0.9, 0.8, 0.8, 0.8])
    assert threshold_for(scores, np.array([True, True, False, False]), 0.9) == 0.9


def test_nothing_is_accepted_where_no_score_is_good_enough():
    assert threshold_for(np.array([0.9, 0.8]), np.array([False, True]), 0.9) > 1


@pytest.mark.parametrize(
    ("found", "wanted", "f1"), [("ab", "ab", 1), ("ab", "bc", 0.5), ("a", "abc", 0.5), ("", "a", 0), ("d", "a", 0)]
)
def test_f1_of_sets(found, wanted, f1):
    assert f1_of(tuple(found), frozenset(wanted)) == f1
