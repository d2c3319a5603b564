"""What the encoder sees of a mark: cut to the ink, in color on its ground, and the ink alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.image_search.concept_views import make_concept_views


def bar(height, width, ink=(200, 0, 0), ground=(255, 255, 255)):
    pixels = np.full((200, 200, 3), ground, np.uint8)
    pixels[50 : 50 + height, 40 : 40 + width] = ink
    return pixels


@settings(max_examples=30, deadline=None)
@given(height=st.integers(8, 120), width=st.integers(8, 120))
def test_the_ink_is_cut_out_and_keeps_its_ratio(height, width):
    views = make_concept_views(bar(height, width))
    red = (views.colored == (200, 0, 0)).all(axis=2)
    rows, columns = red.any(axis=1).sum(), red.any(axis=0).sum()
    assert max(rows, columns) == pytest.approx(116, abs=2)
    assert rows / columns == pytest.approx(height / width, rel=0.25)


def test_the_ground_keeps_its_color():
    views = make_concept_views(bar(60, 90, ground=(20, 60, 120)))
    assert tuple(views.colored[0, 0]) == (20, 60, 120)


def test_the_network_sees_color_and_dark_ink_on_white():
    colored, paper = make_concept_views(bar(60, 90)).for_network()
    assert colored.shape == paper.shape == (128, 128, 3)
    assert tuple(paper[0, 0]) == (255, 255, 255)
    assert tuple(paper[64, 64]) == (0, 0, 0)
