"""What is ink is found whatever the colors, margins, tiles and frames around it."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageOps

from examkit.errors import InvalidInputError
from services.image_search.image import decode_image
from services.image_search.views import VIEW_SIDE, make_views
from tests.drawings import SIDE, draw_mark, encode

SHAPES = ["disc", "cross", "triangle", "stairs"]


def views_of(image):
    return make_views(decode_image(encode(image)).pixels)


def unlikeness(first, second):
    return np.abs(first.astype(float) - second).mean() / 255


@pytest.mark.parametrize("shape", SHAPES)
def test_a_view_fills_its_frame_up_to_the_margin(shape):
    whole = views_of(draw_mark(shape)).whole
    rows, columns = (np.flatnonzero((whole > 128).any(axis=axis)) for axis in (1, 0))
    extent = max(np.ptp(rows), np.ptp(columns)) + 1
    assert whole.shape == (VIEW_SIDE, VIEW_SIDE)
    assert abs(extent - 116) <= 2
    assert whole.max() == 255


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    ("ink", "ground"), [("white", "black"), ("navy", "yellow"), ("#888", "white"), ("red", "#333")]
)
def test_colors_of_ink_and_ground_do_not_matter(shape, ink, ground):
    assert unlikeness(views_of(draw_mark(shape)).whole, views_of(draw_mark(shape, ink, ground)).whole) < 0.02


def test_margins_do_not_matter():
    wide = ImageOps.expand(draw_mark("stairs"), (80, 10, 200, 150), "white")
    assert unlikeness(views_of(draw_mark("stairs")).whole, views_of(wide).whole) < 0.04


@pytest.mark.parametrize("plate", ["ellipse", "rectangle"])
@pytest.mark.parametrize("style", [{"fill": "#2255aa"}, {"outline": "black", "width": 14, "fill": "white"}])
def test_a_plate_or_a_frame_is_peeled_off(plate, style):
    canvas = Image.new("RGB", (400, 400), "white")
    getattr(ImageDraw.Draw(canvas), plate)((20, 20, 380, 380), **style)
    cover = ImageOps.invert(draw_mark("cross").convert("L"))
    canvas.paste("black" if style["fill"] == "white" else "white", (100, 100), cover)
    peeled = views_of(canvas).peeled
    assert peeled is not None
    assert unlikeness(views_of(draw_mark("cross")).whole, peeled) < 0.05


@pytest.mark.parametrize("shape", SHAPES)
def test_a_mark_without_a_plate_has_one_view(shape):
    views = views_of(draw_mark(shape))
    assert views.peeled is None
    assert len(views.drawings) == 1


def test_a_plain_plate_is_the_mark_itself():
    image = Image.new("RGB", (SIDE, SIDE), "white")
    image.paste("red", (30, 30, 170, 170))
    assert views_of(image).peeled is None


def test_the_ink_is_where_the_mark_is():
    image = Image.new("RGB", (256, 256), "white")
    image.paste("red", (100, 50, 200, 90))
    ink = views_of(image).ink
    assert ink.sum() == 100 * 40
    assert ink[50:90, 100:200].all()


def test_hair_lines_are_kept():
    image = Image.new("RGB", (256, 256), "white")
    ImageDraw.Draw(image).line((20, 20, 20, 230), "black", 1)
    assert views_of(image).whole.any()


def test_specks_are_not_part_of_a_mark():
    speckled = draw_mark("cross").resize((256, 256))
    speckled.putpixel((3, 250), (0, 0, 0))
    assert unlikeness(views_of(draw_mark("cross")).whole, views_of(speckled).whole) < 0.02


@pytest.mark.parametrize("color", ["white", "black", "#777777"])
def test_an_image_of_one_color_is_refused(color):
    with pytest.raises(InvalidInputError) as raised:
        views_of(Image.new("RGB", (50, 60), color))
    assert raised.value.code == "blank-image"


@pytest.mark.parametrize("size", [(8, 9000), (9000, 8), (8, 8)])
def test_extreme_sizes_have_views(size):
    image = Image.new("RGB", size, "white")
    image.paste("black", (2, 2, size[0] - 2, size[1] - 2))
    try:
        assert views_of(image).whole.shape == (VIEW_SIDE, VIEW_SIDE)
    except InvalidInputError as error:
        assert error.code == "blank-image"
