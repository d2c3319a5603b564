"""A preview shows what was submitted, small, upright and on white, in bytes that every browser shows."""

import io

import numpy as np
import pytest
from PIL import Image

from examkit.errors import InvalidInputError
from services.image_search.preview import make_preview
from tests.drawings import draw_mark, encode

FORMATS = ["PNG", "JPEG", "GIF", "TIFF", "WEBP", "BMP"]


def shown(data: bytes, side: int) -> Image.Image:
    preview = make_preview(data, side)
    opened = Image.open(io.BytesIO(preview.data))
    assert opened.format == "WEBP"
    assert opened.size == (preview.width, preview.height)
    return opened.convert("RGB")


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_is_shown_as_it_looks(format):
    mark = draw_mark("cross", "red")
    picture = shown(encode(mark, format), 100)
    assert picture.size == (100, 100)
    expected = np.asarray(mark.resize((100, 100), Image.Resampling.LANCZOS), int)
    assert np.abs(np.asarray(picture, int) - expected).mean() < 5


@pytest.mark.parametrize(
    ("size", "side", "expected"), [((400, 100), 200, (200, 50)), ((100, 400), 64, (16, 64)), ((60, 40), 320, (60, 40))]
)
def test_the_longer_side_is_bounded_and_nothing_is_enlarged(size, side, expected):
    assert shown(encode(draw_mark("disc").resize(size)), side).size == expected


def test_drawings_in_few_colors_stay_exact_and_others_are_small():
    mark = draw_mark("stairs", "red")
    assert np.array_equal(np.asarray(shown(encode(mark), 200)), np.asarray(mark))
    noise = np.random.default_rng(4711).integers(0, 255, (40, 40, 3), np.uint8)
    photograph = Image.fromarray(noise).resize((400, 400), Image.Resampling.BICUBIC)
    assert len(make_preview(encode(photograph), 400).data) < len(encode(photograph)) / 4


def test_what_is_transparent_is_white():
    assert shown(encode(draw_mark("disc", "black", (0, 0, 0, 0), "RGBA")), 200).getpixel((2, 2)) == (255, 255, 255)


def test_a_large_photograph_is_turned_upright_and_told_in_its_own_scale():
    photograph = draw_mark("disc").resize((1600, 800))
    photograph.paste("blue", (0, 0, 1600, 100))
    exif = Image.Exif()
    exif[274] = 6
    preview = make_preview(encode(photograph, "JPEG", exif=exif, quality=95), 160)
    assert (preview.width, preview.height, preview.scale) == (80, 160, 0.1)
    picture = shown(encode(photograph, "JPEG", exif=exif, quality=95), 160)
    red, green, blue = np.asarray(picture)[80, 76]
    assert blue > 200
    assert max(red, green) < 60


@pytest.mark.parametrize("data", [b"", b"no image", b"<svg ", encode(draw_mark("disc"))[:300]])
def test_what_cannot_be_decoded_is_refused(data):
    with pytest.raises(InvalidInputError):
        make_preview(data, 320)
