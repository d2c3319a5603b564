"""The points of an image are found again when it is turned, and not in another image."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from benchmarks.orb import POINTS, describe_points, likeness


def drawing(seed: int) -> Image.Image:
    random = np.random.default_rng(seed)
    image = Image.new("RGB", (256, 256), "white")
    pen = ImageDraw.Draw(image)
    for _ in range(14):
        x, y = random.integers(40, 170, 2).tolist()
        width, height = random.integers(10, 50, 2).tolist()
        pen.rectangle((x, y, x + width, y + height), tuple(random.integers(0, 256, 3).tolist()))
    return image


def test_an_image_is_like_itself_and_less_like_another():
    one, other = describe_points(drawing(1)), describe_points(drawing(2))
    assert 10 < len(one) <= POINTS
    assert likeness(one, one) == pytest.approx(1)
    assert likeness(one, other) < 0.5


@pytest.mark.parametrize("angle", [20, 90])
def test_a_turned_image_is_recognised(angle):
    one, other = describe_points(drawing(1)), describe_points(drawing(2))
    turned = describe_points(drawing(1).rotate(angle, Image.Resampling.BICUBIC, fillcolor="white"))
    assert likeness(one, turned) > likeness(one, other) + 0.1


def test_an_image_without_corners_is_like_nothing():
    blank = describe_points(Image.new("RGB", (256, 256), "white"))
    assert blank.shape == (0, 256)
    assert likeness(blank, describe_points(drawing(1))) == 0
