"""A drawing is turned every way in which it looks different, and no other."""

import numpy as np
import pytest

from services.image_search.image import decode_image
from services.image_search.turns import turned
from services.image_search.views import make_views
from tests.drawings import draw_mark, encode


def drawing(shape):
    return make_views(decode_image(encode(draw_mark(shape))).pixels).whole


@pytest.mark.parametrize(("shape", "ways"), [("cross", 0), ("disc", 1), ("triangle", 3), ("stairs", 4)])
def test_only_turns_that_look_different_are_kept(shape, ways):
    assert len(turned(drawing(shape))) == ways


def test_the_ways_are_the_mirror_and_the_quarter_turns():
    corner = np.zeros((128, 128), np.uint8)
    corner[:90, :20] = 255
    corner[:20, :50] = 255
    found = turned(corner)
    expected = [corner[:, ::-1], *(np.rot90(corner, quarter) for quarter in (1, 2, 3))]
    assert len(found) == 4
    assert all(np.array_equal(one, other) for one, other in zip(found, expected, strict=True))


def test_a_turn_of_a_turned_drawing_brings_the_first_one_back():
    stairs = drawing("stairs")
    assert any(np.array_equal(again, stairs) for other in turned(stairs) for again in turned(other))
