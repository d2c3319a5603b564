"""A portrait has a row for each view and part, and comes back from the register as it was."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from services.image_search.image import Box, decode_image
from services.image_search.portrait import PLACE, Portrait, Role, portray, sketch
from tests.drawings import encode


def label(width=400, height=200):
    """Draw a disc left and stairs right, on a plate."""
    canvas = Image.new("RGB", (width, height), "white")
    ImageDraw.Draw(canvas).rectangle((5, 5, width - 6, height - 6), "#ffeeaa")
    canvas.paste("red", (60, 40, 140, 160))
    canvas.paste("blue", (220, 60, 340, 150))
    return canvas


def portrait_of(embedder, image, box=None):
    return portray(embedder, sketch(decode_image(encode(image), box)))


def test_the_views_come_first_then_the_parts(embedder):
    portrait = portrait_of(embedder, label())
    assert portrait.places["role"].tolist() == [Role.WHOLE, Role.PEELED, Role.DEVICE, Role.DEVICE]
    assert portrait.views == 2
    assert portrait.shape.shape == (4, embedder.shape_dims)
    assert np.linalg.norm(portrait.shape, axis=1) == pytest.approx(1, abs=1e-3)
    assert np.linalg.norm(portrait.color) == pytest.approx(1, abs=1e-3)


def test_boxes_are_in_pixels_of_the_image_as_it_was_submitted(embedder):
    image = label().resize((1600, 800), Image.Resampling.NEAREST)
    portrait = portrait_of(embedder, image)
    for row, expected in ((2, (880, 240, 480, 360)), (3, (240, 160, 320, 480))):
        box = portrait.box(row)
        assert (box.x, box.y, box.width, box.height) == pytest.approx(expected, abs=14)


def test_a_part_of_the_image_keeps_its_place_in_the_whole(embedder):
    (left, top, width, height) = (200, 40, 180, 140)
    box = portrait_of(embedder, label(), Box(left, top, width, height)).box(-1)
    assert (box.x, box.y, box.width, box.height) == pytest.approx((220, 60, 120, 90), abs=4)


def test_a_part_is_drawn_as_it_would_be_alone(embedder):
    alone = Image.new("RGB", (200, 200), "white")
    alone.paste("red", (60, 40, 140, 160))
    likeness = portrait_of(embedder, label()).shape @ portrait_of(embedder, alone).shape[0]
    assert likeness[3] > 0.9 > likeness[:3].max()


SIDE = st.integers(0, 2**31 - 1)


@given(st.lists(st.tuples(st.sampled_from(Role), SIDE, SIDE, SIDE, SIDE, st.floats(0, 1, width=32)), min_size=1))
def test_what_is_written_is_read_again(rows):
    numbers = np.random.default_rng(len(rows)).random((len(rows), 7)).astype(np.float16).astype(np.float32)
    portrait = Portrait(numbers[:, :3], numbers[0, 3:], np.array(rows, PLACE))
    again = Portrait.from_vectors(portrait.to_vectors(), 3)
    assert np.array_equal(again.shape, portrait.shape)
    assert np.array_equal(again.color, portrait.color)
    assert np.array_equal(again.places, portrait.places)
