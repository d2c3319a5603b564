"""Every change gives a view again, does what it says, and never loses all ink."""

import mahotas
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.image_search import augment
from models.image_search.augment import _CHANGES

CHANGES = [change for _, change in _CHANGES]


def ring() -> np.ndarray:
    down, across = np.indices((128, 128)) - 64
    distance = np.hypot(down, across)
    ring = np.where((distance < 50) & (distance > 30) & (across > -40), 255, 0)
    return np.where((ring > 0) & (down > 40), 160, ring).astype(np.uint8)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_change_gives_another_view_of_the_same_kind(change):
    before = ring()
    outcomes = [change(before, np.random.default_rng(seed)) for seed in range(6)]
    assert all(after.shape == (128, 128) and after.dtype == np.uint8 for after in outcomes)
    assert any((after != before).any() for after in outcomes)
    assert (before == ring()).all()


@given(seed=st.integers(0, 10_000), height=st.integers(1, 128), width=st.integers(1, 128))
def test_any_drawing_can_be_augmented(seed, height, width):
    view = np.zeros((128, 128), np.uint8)
    view[:height, -width:] = 255
    after = augment.augment(view, np.random.default_rng(seed))
    assert after.shape == (128, 128)
    assert (after > 60).any()


def test_the_same_random_numbers_give_the_same_view():
    first, again = (augment.augment(ring(), np.random.default_rng(5)) for _ in range(2))
    assert (first == again).all()


def test_an_outline_is_hollow_and_a_silhouette_is_full():
    outline = augment.outline(ring(), np.random.default_rng(0))
    filled = augment.fill(ring(), np.random.default_rng(0))
    assert outline[64, 104] == 0
    assert outline[64, 64] == 0
    assert filled[64, 64] == 255
    assert (mahotas.close_holes(filled > 0) == (filled > 0)).all()


def test_a_refitted_drawing_reaches_the_margins():
    small = np.zeros((128, 128), np.uint8)
    small[20:40, 50:80] = 255
    fitted = augment.refit(small, np.random.default_rng(0))
    columns = np.flatnonzero((fitted > 60).any(axis=0))
    assert (columns[0], columns[-1]) == (6, 121)
