"""Colors are alike when they are the same in like parts, and more so when they lie in the same places."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from services.image_search.colors import COLORS_DIMS, ask_for_palette, describe_colors, is_in_color
from services.image_search.image import decode_image
from services.image_search.views import make_views
from tests.drawings import draw_mark, encode

CHANNEL = st.integers(0, 255)
COLOR = st.tuples(CHANNEL, CHANNEL, CHANNEL)


def colors_of(image):
    pixels = decode_image(encode(image)).pixels
    return describe_colors(pixels, make_views(pixels).ink)


def flag(left, right, ground="white"):
    image = Image.new("RGB", (200, 200), ground)
    image.paste(left, (30, 40, 100, 160))
    image.paste(right, (100, 40, 170, 160))
    return image


def test_colors_are_of_unit_length_and_wholly_like_themselves():
    colors = colors_of(flag("red", "blue"))
    assert colors.shape == (COLORS_DIMS,)
    assert colors @ colors == pytest.approx(1, abs=1e-5)


def test_the_same_colors_are_more_alike_in_the_same_places():
    asked = colors_of(flag("red", "blue"))
    same, exchanged, other = (colors_of(flag(*pair)) for pair in (("red", "blue"), ("blue", "red"), ("green", "black")))
    assert asked @ same > asked @ exchanged + 0.2 > asked @ other + 0.4


def test_neither_ground_nor_margin_nor_size_counts():
    asked = colors_of(flag("red", "blue"))
    wide = ImageOps.expand(flag("red", "blue").resize((150, 150)), (60, 20, 200, 100), "white")
    assert asked @ colors_of(wide) > 0.97
    assert asked @ colors_of(flag("red", "blue", "#ffffcc")) > 0.97


@settings(deadline=None)
@given(st.lists(COLOR, min_size=1, max_size=8))
def test_a_palette_finds_a_mark_of_its_colors_wherever_they_lie(colors):
    stripes = np.repeat(np.array(colors, np.uint8), 16, axis=0)[:, None].repeat(64, axis=1)
    ink = np.ones(stripes.shape[:2], bool)
    asked = ask_for_palette(colors)
    assert asked @ describe_colors(stripes, ink) == pytest.approx(1, abs=0.02)
    assert asked @ describe_colors(stripes[::-1], ink) == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize(("ink", "expected"), [("black", False), ("#808080", False), ("navy", True), ("red", True)])
def test_black_and_grey_are_not_in_color(ink, expected):
    assert is_in_color(colors_of(draw_mark("disc", ink))) is expected


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (9, 1)])
def test_ink_of_a_single_pixel_a_side_has_colors(size):
    pixels = np.full((10, 10, 3), 40, np.uint8)
    ink = np.zeros((10, 10), bool)
    ink[: size[0], : size[1]] = True
    assert np.linalg.norm(describe_colors(pixels, ink)) == pytest.approx(1, abs=1e-5)
