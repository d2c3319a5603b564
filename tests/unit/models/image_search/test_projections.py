"""The fitted steps do what their names say, on data where the right answer is known."""

import numpy as np
import pytest

from models.image_search.projections import apply_step, fit_components, fit_discriminant, fit_half_whitening

RANDOM = np.random.default_rng(7)


def test_half_whitening_keeps_the_strongest_components_and_evens_them_out():
    scales = np.array([10, 5, 1, 0.1])
    rows = (RANDOM.normal(size=(4000, 4)) * scales + 3).astype(np.float32)
    mean, matrix = fit_half_whitening(rows, 2)
    projected = (rows - mean) @ matrix
    assert projected.shape == (4000, 2)
    assert projected.std(axis=0) == pytest.approx(scales[:2] ** 0.5, rel=0.05)
    assert np.corrcoef(projected.T)[0, 1] == pytest.approx(0, abs=0.05)


def test_the_discriminant_turns_from_what_differs_within_a_mark():
    marks = RANDOM.normal(size=(500, 6)) * [1, 1, 1, 0, 0, 0]
    hands = [marks + RANDOM.normal(size=(500, 6)) * [0, 0, 0, 4, 4, 4] for _ in range(2)]
    rows = np.concatenate(hands).astype(np.float32)
    pairs = [(number, 500 + number) for number in range(500)]
    projected = apply_step(rows, fit_discriminant(rows, pairs, dims=3, ridge=0.01))
    likeness = projected[:500] @ projected[500:].T
    assert (likeness.argmax(axis=1) == np.arange(500)).mean() > 0.95
    assert ((rows[:500] @ rows[500:].T).argmax(axis=1) == np.arange(500)).mean() < 0.2


def test_a_step_leaves_rows_of_unit_length():
    rows = RANDOM.normal(size=(50, 4)).astype(np.float32)
    lengths = np.linalg.norm(apply_step(rows, fit_half_whitening(rows, 3)), axis=1)
    assert lengths == pytest.approx(np.ones(50), abs=1e-5)


def test_components_keep_the_inner_products_of_rows_that_lie_in_a_plane():
    plane = RANDOM.normal(size=(2, 6))
    rows = (RANDOM.normal(size=(200, 2)) @ plane + plane[0]).astype(np.float32)
    short = rows @ fit_components(rows, 2)
    assert short.shape == (200, 2)
    assert short @ short.T == pytest.approx(rows @ rows.T, abs=1e-3)
