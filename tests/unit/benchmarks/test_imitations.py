"""The sixteen imitations do to a mark what their recipe says, and the same on every machine."""

import hashlib
import json

import mahotas
import numpy as np
import pytest
from PIL import Image, ImageDraw

from benchmarks.imitation_canvas import SIDE, WHITE, commonest_color, drawing_of, ink_box, ink_of, rounded
from benchmarks.imitations import IMITATIONS, SourceMark, imitate


def mark(color="black", image_id="L00001") -> SourceMark:
    image = Image.new("RGB", (SIDE, SIDE), WHITE)
    pen = ImageDraw.Draw(image)
    pen.polygon(((60, 30), (220, 110), (60, 200)), color)
    pen.ellipse((90, 90, 120, 130), "white")
    other = Image.new("RGB", (SIDE, SIDE), WHITE)
    ImageDraw.Draw(other).rectangle((20, 100, 236, 156), "green")
    return SourceMark(image_id, image, other)


def pixels(name, source=None):
    return np.asarray(imitate(name, source or mark())).astype(int)


def many(name, source_of=mark, count=24):
    return [imitate(name, source_of(image_id=f"L{number:05}")) for number in range(count)]


@pytest.mark.parametrize("name", IMITATIONS)
def test_an_imitation_is_a_changed_canvas_and_always_the_same(name):
    first, again = pixels(name, mark("red")), pixels(name, mark("red"))
    assert first.shape == (SIDE, SIDE, 3)
    assert (first == again).all()
    assert (first != np.asarray(mark("red").image)).any()


@pytest.mark.integration
def test_there_is_one_for_each_transform_of_the_benchmark(shared_data):
    recipe = json.loads((shared_data / "logos" / "transforms.json").read_text())
    assert list(IMITATIONS) == [transform["id"] for transform in recipe["transforms"]]


def test_random_numbers_come_from_the_hash_of_the_recipe():
    source = np.asarray(mark().image)
    for number, image in enumerate(many("rotate90")):
        digest = hashlib.sha256(f"confusable-v1:rotate90:L{number:05}:0".encode()).hexdigest()
        turns = 1 if int(digest[:8], 16) / 2**32 < 0.5 else 3
        assert (np.asarray(image) == np.rot90(source, turns)).all()


def test_halves_are_rounded_up():
    assert [rounded(value) for value in (0.5, 1.5, 2.5, 2.49)] == [1, 2, 3, 2]


def test_grey_negative_and_mirror_are_exact():
    source = np.asarray(mark("red").image).astype(int)
    assert np.abs(pixels("grey", mark("red"))[100, 80] - round(0.299 * 255)).max() <= 1
    assert (pixels("negative", mark("red")) == 255 - source).all()
    assert (pixels("mirror", mark("red")) == source[:, ::-1]).all()


def test_a_colored_mark_changes_its_hue_and_a_black_one_becomes_colored():
    for color in ("red", "black"):
        changed = pixels("hue", mark(color))[50, 70]
        assert changed.max() - changed.min() > 150
        assert tuple(changed) != (255, 0, 0)


def test_quarter_turns_go_both_ways():
    source = np.asarray(mark().image)
    turned = [np.asarray(image) for image in many("rotate90")]
    ways = {next(turns for turns in (1, 3) if (image == np.rot90(source, turns)).all()) for image in turned}
    assert ways == {1, 3}


@pytest.mark.parametrize("name", ["rotate", "stretch"])
def test_a_turned_or_stretched_mark_is_fitted_to_the_canvas(name):
    for image in many(name):
        left, top, right, bottom = ink_box(image)
        assert min(left, top) == pytest.approx(12, abs=2)
        assert max(right, bottom) == pytest.approx(SIDE - 12, abs=2)


def test_half_removed_leaves_out_a_band_of_30_percent_at_one_of_four_sides():
    before = ink_box(mark().image)
    lost = {
        side
        for image in many("half_removed")
        for side, (one, two) in enumerate(zip(before, ink_box(image), strict=True))
        if abs(one - two) > 40
    }
    assert lost == {0, 1, 2, 3}


def test_an_element_in_the_color_of_the_mark_stands_at_a_corner_of_its_ink():
    source = mark("red")
    for number in range(24):
        image = imitate("add_element", mark("red", f"L{number:05}"))
        added = ink_of(image) & ~ink_of(source.image)
        assert added.sum() > 200
        assert commonest_color(image) == (255, 0, 0)


def test_a_frame_is_a_line_or_a_plate_with_the_mark_in_white():
    middles = [np.asarray(image)[128, 128] for image in many("frame")]
    grounds = {tuple(np.asarray(image)[128, 24].tolist()) for image in many("frame")}
    assert WHITE in grounds
    assert len(grounds) > 3
    assert any(tuple(middle) == WHITE for middle in middles)


def test_a_word_stands_below_the_smaller_mark():
    try:
        changed = ink_of(imitate("word_added", mark()))
    except OSError:
        pytest.skip("The font DejaVu Sans Bold is not on this machine.")
    assert changed[SIDE - 60 :].sum() > 500
    assert changed[: round(0.68 * SIDE)].sum() < 0.55 * ink_of(mark().image).sum()


def test_an_outline_is_hollow_and_a_fill_has_no_holes():
    outline, filled = ink_of(imitate("outline", mark())), ink_of(imitate("fill", mark()))
    assert not outline[60:70, 85:88].any()
    assert outline.sum() < ink_of(mark().image).sum()
    assert (mahotas.close_holes(filled) == filled).all()
    assert filled[110, 105]


def test_a_plate_is_taken_off_before_the_outline_is_drawn():
    plate = Image.new("RGB", (SIDE, SIDE), WHITE)
    ImageDraw.Draw(plate).rectangle((12, 12, 243, 243), "navy")
    ImageDraw.Draw(plate).ellipse((100, 100, 150, 150), "white")
    drawing = drawing_of(plate)
    assert drawing[125, 125]
    assert not drawing[20, 20]
    assert drawing.sum() < 2500


def test_an_embedded_mark_shares_a_label_with_another_in_all_four_quarters():
    corners = set()
    for image in many("embedded"):
        values = np.asarray(image).astype(int)
        assert (values[0] == values[9]).all()
        assert (values[4] == values[-4]).all()
        black = np.argwhere(values.max(axis=2) < 60).mean(axis=0) // 128
        green = np.argwhere((values[..., 1] > 90) & (values[..., 0] < 40) & (values[..., 2] < 40))[len(values) // 4 :]
        assert len(green) > 0
        corners.add(tuple(black))
    assert len(corners) == 4


def test_a_scan_is_grey_grainy_and_soft():
    scan = pixels("scan")
    assert 235 < np.median(scan) < 255
    assert scan[:20, :20].std() > 1
    assert len(np.unique(scan)) > 60


def test_heavy_is_a_chain():
    source = mark("red")
    expected = source
    for name in ("hue", "rotate", "add_element", "scan"):
        expected = SourceMark(source.image_id, imitate(name, expected), source.other)
    assert (pixels("heavy", source) == np.asarray(expected.image)).all()
