"""Any file is either decoded as a person would see it, or refused with a reason."""

import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from examkit.errors import ExamError, InvalidInputError, TooLargeError
from services.image_search import image as image_module
from services.image_search.image import Box, decode_image
from tests.drawings import draw_mark, encode

FORMATS = ["PNG", "JPEG", "GIF", "TIFF", "WEBP", "BMP"]


def bomb(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds hardly a pixel."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = (header, b"IDAT" + zlib.compress(bytes(1000)))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) for chunk in chunks
    )


def code_of(data: bytes, box: Box | None = None) -> str:
    with pytest.raises((InvalidInputError, TooLargeError)) as raised:
        decode_image(data, box)
    return raised.value.code


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_gives_the_same_drawing(format):
    decoded = decode_image(encode(draw_mark("cross"), format))
    expected = decode_image(encode(draw_mark("cross"))).pixels
    assert decoded.media_type == f"image/{format.lower()}"
    assert decoded.pixels.shape == (256, 256, 3)
    assert np.abs(decoded.pixels.astype(int) - expected).mean() < 3


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "YCbCr", "LA", "RGBA"])
def test_every_color_mode_shows_dark_ink_on_white(mode):
    container = "TIFF" if mode in ("CMYK", "YCbCr") else "PNG"
    pixels = decode_image(encode(draw_mark("cross").convert(mode), container)).pixels
    assert pixels[128, 128].max() < 20
    assert pixels[5, 5].min() > 235


@pytest.mark.parametrize("mode", ["I;16", "I"])
def test_sixteen_bits_are_scaled_and_not_cut_off(mode):
    values = np.full((64, 64), 65535, np.uint16)
    values[16:48, 16:48] = 32768
    image = Image.fromarray(values) if mode == "I;16" else Image.fromarray(values.astype(np.int32))
    pixels = decode_image(encode(image, "TIFF")).pixels
    assert pixels[2, 2].tolist() == [255, 255, 255]
    assert 126 <= pixels[128, 128, 0] <= 129


def test_what_is_transparent_becomes_white_whatever_color_lies_below():
    image = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    image.paste((255, 0, 0, 128), (16, 16, 48, 48))
    pixels = decode_image(encode(image)).pixels
    assert pixels[2, 2].tolist() == [255, 255, 255]
    assert pixels[128, 128].tolist() == pytest.approx([255, 127, 127], abs=2)


def test_a_palette_with_a_transparent_entry_lies_on_white():
    image = Image.new("P", (64, 64), 0)
    image.putpalette([0, 0, 0, 200, 0, 0])
    image.paste(1, (16, 16, 48, 48))
    assert decode_image(encode(image, "GIF", transparency=0)).pixels[2, 2].tolist() == [255, 255, 255]


def test_the_camera_s_turn_is_undone():
    image = Image.new("RGB", (100, 50), "white")
    image.paste("black", (0, 0, 20, 50))
    exif = Image.Exif()
    exif[0x0112] = 6
    pixels = decode_image(encode(image, "JPEG", exif=exif)).pixels
    assert pixels.shape[:2] == (256, 128)
    assert pixels[10].max() < 40
    assert pixels[-10].min() > 215


@pytest.mark.parametrize("format", ["GIF", "TIFF"])
def test_of_several_frames_the_first_counts(format):
    later = [draw_mark("triangle"), draw_mark("disc")]
    several = encode(draw_mark("cross"), format, save_all=True, append_images=later)
    assert np.array_equal(decode_image(several).pixels, decode_image(encode(draw_mark("cross"), format)).pixels)


def test_the_longer_side_is_brought_to_256_pixels():
    assert decode_image(encode(Image.new("RGB", (400, 100)))).pixels.shape == (64, 256, 3)
    assert decode_image(encode(Image.new("RGB", (20, 40)))).pixels.shape == (256, 128, 3)
    assert decode_image(encode(Image.new("RGB", (8, 9000)))).pixels.shape == (256, 1, 3)


def test_a_box_cuts_out_a_part():
    image = Image.new("RGB", (100, 60), "white")
    image.paste("red", (50, 20, 90, 60))
    pixels = decode_image(encode(image), Box(50, 20, 40, 40)).pixels
    assert pixels.shape == (256, 256, 3)
    assert (pixels == (255, 0, 0)).all()


@pytest.mark.parametrize("box", [Box(61, 0, 40, 40), Box(0, 21, 40, 40), Box(-1, 0, 40, 40), Box(0, 0, 10**7, 10**7)])
def test_a_box_outside_the_image_is_refused(box):
    assert code_of(encode(Image.new("RGB", (100, 60))), box) == "box-outside-image"


def test_a_box_of_a_few_pixels_is_refused():
    assert code_of(encode(Image.new("RGB", (100, 60))), Box(0, 0, 7, 40)) == "image-too-small"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"A PNG in name only.",
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a",
    ],
)
def test_what_is_no_image_is_refused(data):
    assert code_of(data) == "unreadable-image"


@pytest.mark.parametrize(
    "data",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- drawn by hand -->\n<svg:svg xmlns:svg='x'/>",
        "<?xml version='1.0' encoding='utf-16'?><svg/>".encode("utf-16"),
        b"%PDF-1.7",
        b"%!PS-Adobe-3.0 EPSF-3.0",
    ],
)
def test_a_drawing_of_instructions_is_refused_with_what_to_send_instead(data):
    with pytest.raises(InvalidInputError, match="send the mark as PNG") as raised:
        decode_image(data)
    assert raised.value.code == "vector-image"


@pytest.mark.parametrize("format", FORMATS)
def test_half_an_image_is_refused(format):
    data = encode(draw_mark("stairs"), format)
    assert code_of(data[: len(data) // 2]) == "unreadable-image"


@pytest.mark.parametrize(("width", "height"), [(8000, 8000), (20_000, 20_000), (2**31 - 1, 2**31 - 1)])
def test_a_bomb_is_refused_by_its_header_alone(width, height):
    assert code_of(bomb(width, height)) == "image-too-large"


def test_too_many_bytes_are_refused_without_a_look(monkeypatch):
    monkeypatch.setattr(image_module, "MAX_IMAGE_BYTES", 100)
    assert code_of(encode(draw_mark("disc"))) == "image-too-large"


def test_too_few_pixels_are_refused():
    assert code_of(encode(Image.new("RGB", (7, 100)))) == "image-too-small"


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@settings(max_examples=300, deadline=None)
@given(data=st.data(), format=st.sampled_from(FORMATS))
def test_a_damaged_file_is_decoded_or_refused_but_never_breaks_anything(data, format):
    content = bytearray(encode(draw_mark("stairs").resize((40, 40)), format))
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        assert decode_image(bytes(content)).pixels.dtype == np.uint8
    except ExamError as error:
        assert error.code in {"unreadable-image", "image-too-large", "image-too-small"}
