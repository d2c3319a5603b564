"""A mark falls into its pieces, each told apart by where it lies and whether it is a word."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageOps

from services.image_search.image import Box, decode_image
from services.image_search.parts import MOST_PARTS, find_parts
from services.image_search.views import ink_box, make_views
from tests.drawings import draw_mark, encode


def parts_of(image):
    return find_parts(make_views(decode_image(encode(image)).pixels))


def side_by_side(*shapes, color="black"):
    canvas = Image.new("RGB", (200 * len(shapes), 200), "white")
    for number, shape in enumerate(shapes):
        canvas.paste(draw_mark(shape, color), (200 * number, 0))
    return canvas


def unlikeness(first, second):
    return np.abs(first.astype(float) - second).mean() / 255


def letters(count):
    image = Image.new("RGB", (256, 256), "white")
    pen = ImageDraw.Draw(image)
    pen.ellipse((88, 10, 168, 150), "black")
    for number in range(count):
        left = 40 + number * 180 // count
        pen.rectangle((left, 190, left + 120 // count, 230), "black")
    return image


@pytest.mark.parametrize("shape", ["disc", "cross", "triangle"])
def test_a_mark_of_one_piece_has_no_parts(shape):
    assert parts_of(draw_mark(shape)) == []


def test_each_piece_is_drawn_as_it_would_be_alone():
    parts = parts_of(side_by_side("disc", "triangle"))
    alone = [make_views(decode_image(encode(draw_mark(shape))).pixels).whole for shape in ("disc", "triangle")]
    by_place = sorted(parts, key=lambda part: ink_box(part.ink).x)
    assert [unlikeness(part.drawing, one) < 0.03 for part, one in zip(by_place, alone, strict=True)] == [True, True]
    assert sum(part.ink_share for part in parts) == pytest.approx(1, abs=0.01)
    assert parts[0].ink_share >= parts[1].ink_share


def test_a_piece_lies_where_it_is_drawn():
    image = Image.new("RGB", (256, 256), "white")
    image.paste("red", (20, 30, 100, 90))
    image.paste("blue", (150, 160, 240, 230))
    assert [ink_box(part.ink) for part in parts_of(image)] == [Box(150, 160, 90, 70), Box(20, 30, 80, 60)]


def test_pieces_within_a_frame_are_found():
    canvas = Image.new("RGB", (400, 400), "white")
    ImageDraw.Draw(canvas).rectangle((10, 10, 390, 390), "navy")
    cover = ImageOps.invert(side_by_side("disc", "triangle").resize((340, 170)).convert("L"))
    canvas.paste("white", (30, 115), cover)
    assert len(parts_of(canvas)) == 2


@pytest.mark.parametrize(("count", "is_word"), [(1, False), (2, False), (4, True), (6, True)])
def test_a_row_of_letters_is_a_word(count, is_word):
    below = [part for part in parts_of(letters(count)) if ink_box(part.ink).y > 160]
    assert [part.is_word for part in below] == ([is_word] if count > 2 else [False] * len(below))


def test_specks_are_no_parts():
    image = draw_mark("cross")
    image.paste("black", (5, 5, 12, 12))
    assert parts_of(image) == []


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(*[st.integers(0, 9)] * 2), min_size=1, max_size=12, unique=True))
def test_parts_are_few_and_share_the_ink_without_overlap(cells):
    image = Image.new("RGB", (250, 250), "white")
    for x, y in cells:
        image.paste("black", (25 * x + 2, 25 * y + 2, 25 * x + 22, 25 * y + 22))
    parts = parts_of(image)
    assert len(parts) <= MOST_PARTS
    assert sum((part.ink.astype(int) for part in parts), np.zeros((256, 256), int)).max(initial=0) <= 1
    assert sum(part.ink_share for part in parts) <= 1 + 1e-9
    assert all(part.drawing.max() == 255 for part in parts)
