"""Turn the bytes of a submitted file into upright RGB pixels on white, or refuse them with a reason."""

import io
import logging
import struct
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from examkit.errors import InvalidInputError, TooLargeError

MAX_IMAGE_BYTES = 24 * 1024 * 1024
MAX_IMAGE_PIXELS = 40_000_000  # a page of A4 at 600 dpi has 35 million
MIN_SIDE_PIXELS = 8
WORKING_SIDE_PIXELS = 256  # the scale at which the view and color measures were tuned

# Pillow's name of each format taken, and the media type under which its bytes are served again.
MEDIA_TYPES = {
    "PNG": "image/png",
    "JPEG": "image/jpeg",
    "GIF": "image/gif",
    "TIFF": "image/tiff",
    "WEBP": "image/webp",
    "BMP": "image/bmp",
}

# What Pillow's decoders are seen to raise on damaged files; found by feeding them cut and altered ones.
_DECODER_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    EOFError,
    OverflowError,
    ZeroDivisionError,
    AttributeError,
    NotImplementedError,
    struct.error,
    zlib.error,
)
_BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)
_SIXTEEN_BIT_MODES = ("I", "I;16", "I;16B", "I;16L")

# At debug level Pillow tells the values of an image's tags, which are submitted content.
logging.getLogger("PIL").setLevel(logging.INFO)

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels of the upright image; `x` and `y` are its left and top edge."""

    x: int
    y: int
    width: int
    height: int

    @property
    def size(self) -> tuple[int, int]:
        """Return width and height."""
        return self.width, self.height


@dataclass(frozen=True)
class MarkImage:
    """A decoded image: `pixels` is height x width x 3, RGB, at most 256 on the longer side.

    `region` is what of the upright image, in its own pixels, is shown.
    """

    pixels: Pixels
    media_type: str
    region: Box

    def on_image(self, box: Box) -> Box:
        """Return the pixels of the upright image that a box of `pixels` shows, whole ones."""
        (left, right), (top, bottom) = (
            _stretch(box.x, box.width, self.pixels.shape[1], self.region.width),
            _stretch(box.y, box.height, self.pixels.shape[0], self.region.height),
        )
        return Box(self.region.x + left, self.region.y + top, right - left, bottom - top)


def decode_image(data: bytes, box: Box | None = None, side: int = WORKING_SIDE_PIXELS) -> MarkImage:
    """Decode the first frame or page, upright, transparent parts on white, cut to `box`, scaled to `side` pixels.

    Raise TooLargeError for too many bytes or pixels (seen before any pixel is decoded) and InvalidInputError with code
    `unreadable-image`, `image-too-small` or `box-outside-image`.
    """
    _check_size(data)
    try:
        with Image.open(io.BytesIO(data), formats=tuple(MEDIA_TYPES)) as opened:
            _check_pixels(opened.width, opened.height)
            media_type = MEDIA_TYPES[opened.format or ""]
            upright = _flatten(ImageOps.exif_transpose(opened))
    except _BOMBS:
        raise _too_many_pixels() from None
    except UnidentifiedImageError:
        raise InvalidInputError(
            "The file is not a PNG, JPEG, GIF, TIFF, WebP or BMP image.", code="unreadable-image"
        ) from None
    except _DECODER_ERRORS:
        raise InvalidInputError("The image is damaged and cannot be decoded.", code="unreadable-image") from None
    region = box or Box(0, 0, upright.width, upright.height)
    return MarkImage(_scaled(_cut(upright, box), side), media_type, region)


def _stretch(start: int, length: int, shown: int, real: int) -> tuple[int, int]:
    """Return first and last edge of a stretch of `shown` pixels on a side of `real` pixels, rounded outwards."""
    return start * real // shown, -(-(start + length) * real // shown)


def _check_size(data: bytes) -> None:
    if not data:
        raise InvalidInputError("The image is empty.", code="unreadable-image")
    if len(data) > MAX_IMAGE_BYTES:
        raise TooLargeError(f"An image may have at most {MAX_IMAGE_BYTES // 1024**2} MB.", code="image-too-large")


def _check_pixels(width: int, height: int) -> None:
    if width * height > MAX_IMAGE_PIXELS:
        raise _too_many_pixels()
    if min(width, height) < MIN_SIDE_PIXELS:
        raise InvalidInputError(f"An image needs at least {MIN_SIDE_PIXELS} pixels each way.", code="image-too-small")


def _too_many_pixels() -> TooLargeError:
    limit = MAX_IMAGE_PIXELS // 1_000_000
    return TooLargeError(f"An image may have at most {limit} million pixels.", code="image-too-large")


def _flatten(image: Image.Image) -> Image.Image:
    """Bring any mode to RGB on white."""
    if image.mode in _SIXTEEN_BIT_MODES:
        # Pillow would clip 16-bit values at 255 instead of scaling them.
        values: NDArray[Any] = np.asarray(image).astype(np.float32) / 257
        return Image.fromarray(values.clip(0, 255).astype(np.uint8)).convert("RGB")
    if not image.has_transparency_data:
        return image.convert("RGB")
    cover = image.convert("RGBA")
    white = Image.new("RGBA", cover.size, "white")
    return Image.alpha_composite(white, cover).convert("RGB")


def _cut(image: Image.Image, box: Box | None) -> Image.Image:
    if box is None:
        return image
    right, bottom = box.x + box.width, box.y + box.height
    if min(box.x, box.y) < 0 or right > image.width or bottom > image.height:
        raise InvalidInputError("The box reaches outside the image.", code="box-outside-image")
    _check_pixels(box.width, box.height)
    return image.crop((box.x, box.y, right, bottom))


def _scaled(image: Image.Image, side: int) -> Pixels:
    scale = side / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    resized = image if size == image.size else image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    return np.asarray(resized, dtype=np.uint8)
