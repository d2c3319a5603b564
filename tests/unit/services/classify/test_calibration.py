"""Softmax, logarithms of shares, and calibration."""

import numpy as np
import pytest

from services.classify.calibration import Calibration, log_share, softmax


def test_shares_add_up_and_keep_the_order():
    shares = softmax(np.array([1.0, 3.0, -np.inf], np.float32))
    assert shares.sum() == pytest.approx(1)
    assert shares[1] > shares[0] > shares[2] == 0


def test_when_nothing_is_allowed_nothing_gets_a_share():
    assert softmax(np.full(3, -np.inf, np.float32)).tolist() == [0, 0, 0]


def test_a_share_of_nothing_is_not_impossible():
    assert np.isfinite(log_share(np.zeros(2, np.float32), 0.002)).all()


def test_calibration_of_a_one_to_one_curve_is_the_share_itself():
    shares = np.array([0.1, 0.5, 0.9], np.float32)
    assert Calibration(1, 1, 0)(shares) == pytest.approx(shares, abs=1e-6)


def test_calibrated_scores_are_probabilities_in_the_same_order():
    scores = Calibration(0.8, 0.4, 1.2)(np.array([0, 1e-20, 0.01, 0.6, 1], np.float32))
    assert (np.diff(scores) > 0).all()
    assert (scores >= 0).all()
    assert (scores <= 1).all()
