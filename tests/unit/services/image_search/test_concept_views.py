"""What the encoder sees of a mark: cut to the ink, in color on its ground, and the ink alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from services.image_search.concept_views import make_concept_views

NAVY = (20, 60, 120)


def bar(height, width, ink=(200, 0, 0), ground=(255, 255, 255)):
    pixels = np.full((200, 200, 3), ground, np.uint8)
    pixels[50 : 50 + height, 40 : 40 + width] = ink
    return pixels


def on_paper(frame, ink="black"):
    """Draw a boot of 100 x 100 pixels, which no plate looks like, into a frame."""
    paper = Image.new("RGB", (256, 256), "white")
    draw = ImageDraw.Draw(paper)
    frame(draw)
    draw.polygon([(78, 78), (118, 78), (118, 138), (178, 138), (178, 178), (78, 178)], fill=ink)
    return np.asarray(paper)


PLAIN = on_paper(lambda draw: None)
RINGED = on_paper(lambda draw: draw.ellipse((8, 8, 247, 247), outline="black", width=8))
TILED = on_paper(lambda draw: draw.rounded_rectangle((8, 8, 247, 247), 28, fill=NAVY), ink="white")


@settings(max_examples=30, deadline=None)
@given(height=st.integers(8, 120), width=st.integers(8, 120))
def test_the_ink_is_cut_out_and_keeps_its_ratio(height, width):
    views = make_concept_views(bar(height, width))[0]
    red = (views.colored == (200, 0, 0)).all(axis=2)
    rows, columns = red.any(axis=1).sum(), red.any(axis=0).sum()
    assert max(rows, columns) == pytest.approx(116, abs=2)
    assert rows / columns == pytest.approx(height / width, rel=0.25)


def test_the_ground_keeps_its_color():
    (views,) = make_concept_views(bar(60, 90, ground=NAVY))
    assert tuple(views.colored[0, 0]) == NAVY


def test_the_network_sees_color_and_dark_ink_on_white():
    colored, paper = make_concept_views(bar(60, 90))[0].for_network()
    assert colored.shape == paper.shape == (128, 128, 3)
    assert tuple(paper[0, 0]) == (255, 255, 255)
    assert tuple(paper[64, 64]) == (0, 0, 0)


def test_a_mark_without_a_frame_is_read_once():
    assert len(make_concept_views(PLAIN)) == 1


@pytest.mark.parametrize("framed", [RINGED, TILED], ids=["ring", "tile"])
def test_what_a_frame_or_tile_holds_is_seen_as_if_it_stood_alone(framed):
    (alone,) = make_concept_views(PLAIN)
    whole, within = make_concept_views(framed)
    assert np.abs(within.inked.astype(int) - alone.inked).mean() < 6
    assert np.abs(whole.inked.astype(int) - alone.inked).mean() > 25


def test_within_a_tile_the_ground_is_the_tiles_and_the_ink_keeps_its_color():
    within = make_concept_views(TILED)[1].colored
    assert tuple(within[0, 0]) == tuple(within[40, 100]) == NAVY
    assert tuple(within[100, 64]) == (255, 255, 255)


def test_what_lies_outside_a_tile_is_not_seen_within_it():
    paper = Image.new("RGB", (256, 256), "red")
    draw = ImageDraw.Draw(paper)
    draw.ellipse((8, 8, 247, 247), fill=NAVY)
    draw.line((50, 128, 206, 128), "white", 10)
    draw.line((128, 20, 128, 236), "white", 10)
    within = make_concept_views(np.asarray(paper))[1].colored
    assert not (within == (255, 0, 0)).all(axis=2).any()
