"""Descriptors are of unit length, and tell drawings and colors apart."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.image_search.descriptors import (
    COLOR_DIMS,
    GRADIENT_DIMS,
    describe_color,
    describe_gradients,
    describe_palette,
    is_colored,
)
from services.image_search.image import decode_image
from services.image_search.views import make_views
from tests.drawings import draw_mark, encode

CHANNEL = st.integers(0, 255)
COLOR = st.tuples(CHANNEL, CHANNEL, CHANNEL)


def gradients_of(image):
    return describe_gradients(make_views(decode_image(encode(image)).pixels).whole)


def color_of(image):
    pixels = decode_image(encode(image)).pixels
    return describe_color(pixels, make_views(pixels).ink)


def test_gradients_have_unit_length_and_tell_drawings_apart():
    cross, stairs = gradients_of(draw_mark("cross")), gradients_of(draw_mark("stairs"))
    assert cross.shape == (GRADIENT_DIMS,)
    assert np.linalg.norm(cross) == pytest.approx(1, abs=1e-5)
    assert cross @ gradients_of(draw_mark("cross", "red")) > 0.98
    assert cross @ stairs < 0.6


def test_an_empty_view_has_no_gradients():
    assert not describe_gradients(np.zeros((128, 128), np.uint8)).any()


def test_gradients_of_a_vertical_edge_lie_in_the_orientation_across_it():
    view = np.zeros((128, 128), np.uint8)
    view[:, 64:] = 255
    blocks = describe_gradients(view).reshape(7, 7, 4, 9)
    by_orientation = (blocks**2).sum(axis=(0, 1, 2))
    assert by_orientation[[0, 8]].sum() == pytest.approx(1, abs=1e-4)


@given(st.lists(COLOR, min_size=1, max_size=8))
def test_a_palette_has_unit_length_and_is_its_own_best_match(colors):
    palette = describe_palette(colors)
    assert palette.shape == (COLOR_DIMS,)
    assert palette @ palette == pytest.approx(1, abs=1e-5)


def test_near_colors_are_alike_and_far_ones_are_not():
    red = describe_palette([(220, 20, 20)])
    assert red @ describe_palette([(200, 30, 25)]) > 0.8
    assert red @ describe_palette([(20, 120, 220)]) < 0.1


def test_a_mark_is_found_by_the_color_of_its_ink_and_not_of_its_ground():
    mark = color_of(draw_mark("cross", (200, 30, 30), "white"))
    assert mark @ describe_palette([(200, 30, 30)]) > 0.9
    assert mark @ describe_palette([(255, 255, 255)]) < 0.1


@pytest.mark.parametrize(("ink", "expected"), [("black", False), ("#808080", False), ("navy", True), ("red", True)])
def test_black_and_grey_are_not_in_color(ink, expected):
    assert is_colored(color_of(draw_mark("disc", ink))) is expected


@given(CHANNEL)
def test_no_grey_is_in_color(level):
    assert not is_colored(describe_palette([(level, level, level)]))
