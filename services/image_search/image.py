"""Turn the bytes of a submitted file into upright RGB pixels on white, or refuse them with a reason."""

import io
import logging
import re
import struct
import warnings
import zlib
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from examkit.errors import InvalidInputError, TooLargeError
from services.image_search.essentials import essentials_of, read_orientation

MAX_IMAGE_BYTES = 24 * 1024 * 1024
MAX_IMAGE_PIXELS = 40_000_000  # a page of A4 at 600 dpi has 35 million
MAX_WEBP_PIXELS = 16_000_000  # its decoder needs five times the memory of the others
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
_GREY_MODES = ("1", "L")
_TIFF_PACKINGS = frozenset(
    {"raw", "packbits", "tiff_ccitt", "group3", "group4", "tiff_lzw", "tiff_adobe_deflate", "tiff_deflate"}
    | {"tiff_jpeg", "jpeg"}
)
_BMP_RUN_LENGTHS = (1, 2)
_LARGEST_RUN_LENGTH_BYTES = 1024 * 1024  # unpacked by Pillow in Python, a microsecond a byte
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_LOOKED_AT_BYTES = 4096
_VECTORS = re.compile(rb"<svg[\s>:/]|<!doctype\s+svg|^%pdf-|^%!ps")

# At debug level Pillow tells the values of an image's tags, which are submitted content.
logging.getLogger("PIL").setLevel(logging.INFO)
# What it warns of are damages; the image is decoded or refused all the same.
warnings.filterwarnings("ignore", category=UserWarning, module="PIL")

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


class Upright(NamedTuple):
    """A decoded image of any mode, the media type it came as, and the longer side that its file has."""

    image: Image.Image
    media_type: str
    full_side: int


class Decode(Protocol):
    """Decodes images as `decode_image` does, here or in another process."""

    def __call__(self, data: bytes, box: Box | None = None, side: int = WORKING_SIDE_PIXELS) -> MarkImage:
        """Do what `decode_image` does, and raise what it raises."""


def decode_image(data: bytes, box: Box | None = None, side: int = WORKING_SIDE_PIXELS) -> MarkImage:
    """Decode the first frame or page, upright, transparent parts on white, cut to `box`, scaled to `side` pixels.

    Raise TooLargeError for too many bytes or pixels (seen before any pixel is decoded) and InvalidInputError with code
    `unreadable-image`, `vector-image`, `image-too-small` or `box-outside-image`.
    """
    upright, media_type, _ = read_upright(data)
    region = box or Box(0, 0, upright.width, upright.height)
    return MarkImage(to_pixels(_cut(upright, box), side), media_type, region)


def read_upright(data: bytes, enough: int | None = None) -> Upright:
    """Decode the first frame or page and turn it upright; raise what `decode_image` raises but for boxes.

    Where `enough` is given, a JPEG may come out smaller, with no less than so many pixels on its longer side.
    """
    _check_size(data)
    essentials = essentials_of(data)
    try:
        with Image.open(io.BytesIO(essentials.data), formats=tuple(MEDIA_TYPES)) as opened:
            _check_pixels(opened)
            _check_packing(opened, data)
            media_type, full_side = MEDIA_TYPES[opened.format or ""], max(opened.size)
            if enough is not None:
                opened.draft(None, (opened.width * enough // full_side, opened.height * enough // full_side))
            return Upright(_turned(opened, essentials.orientation), media_type, full_side)
    except _BOMBS:
        raise _too_many_pixels(MAX_IMAGE_PIXELS) from None
    except UnidentifiedImageError:
        raise _not_an_image(data) from None
    except _DECODER_ERRORS:
        raise InvalidInputError("The image is damaged and cannot be decoded.", code="unreadable-image") from None


def _stretch(start: int, length: int, shown: int, real: int) -> tuple[int, int]:
    """Return first and last edge of a stretch of `shown` pixels on a side of `real` pixels, rounded outwards."""
    return start * real // shown, -(-(start + length) * real // shown)


def _check_size(data: bytes) -> None:
    if not data:
        raise InvalidInputError("The image is empty.", code="unreadable-image")
    if len(data) > MAX_IMAGE_BYTES:
        raise TooLargeError(f"An image may have at most {MAX_IMAGE_BYTES // 1024**2} MB.", code="image-too-large")


def _not_an_image(data: bytes) -> InvalidInputError:
    """Tell those who send a drawing of instructions what to send: what that costs to draw is not seen beforehand."""
    if _VECTORS.search(data[:_LOOKED_AT_BYTES].replace(b"\0", b"").lower()):
        return InvalidInputError(
            "SVG, PDF and EPS are not drawn here: send the mark as PNG, 1,000 pixels on its longer side.",
            code="vector-image",
        )
    return InvalidInputError("The file is not a PNG, JPEG, GIF, TIFF, WebP or BMP image.", code="unreadable-image")


def _check_pixels(image: Image.Image) -> None:
    most = MAX_WEBP_PIXELS if image.format == "WEBP" else MAX_IMAGE_PIXELS
    if image.width * image.height > most:
        raise _too_many_pixels(most)
    _check_sides(image.width, image.height)


def _check_sides(width: int, height: int) -> None:
    if min(width, height) < MIN_SIDE_PIXELS:
        raise InvalidInputError(f"An image needs at least {MIN_SIDE_PIXELS} pixels each way.", code="image-too-small")


def _check_packing(image: Image.Image, data: bytes) -> None:
    """Refuse what unpacks slowly, or by code that hardly any image needs."""
    packing = image.info.get("compression")
    if image.format == "TIFF" and packing not in _TIFF_PACKINGS:
        raise InvalidInputError(
            "The TIFF is packed in a way that is not read here: save it with LZW, Deflate or group 4.",
            code="unreadable-image",
        )
    if image.format == "BMP" and packing in _BMP_RUN_LENGTHS and len(data) > _LARGEST_RUN_LENGTH_BYTES:
        raise InvalidInputError("The BMP is packed: save it as PNG.", code="unreadable-image")


def _too_many_pixels(most: int) -> TooLargeError:
    return TooLargeError(f"An image may have at most {most // 1_000_000} million pixels.", code="image-too-large")


def _turned(image: Image.Image, orientation: int) -> Image.Image:
    """Load an image and turn it upright, as is said here or by what is left of its metadata."""
    image.load()
    exif = image.info.get("exif")
    method = _TURNS.get(read_orientation(exif) if exif else orientation)
    return image if method is None else image.transpose(method)


def _cut(image: Image.Image, box: Box | None) -> Image.Image:
    if box is None:
        return image
    right, bottom = box.x + box.width, box.y + box.height
    if min(box.x, box.y) < 0 or right > image.width or bottom > image.height:
        raise InvalidInputError("The box reaches outside the image.", code="box-outside-image")
    _check_sides(box.width, box.height)
    return image.crop((box.x, box.y, right, bottom))


def to_pixels(image: Image.Image, side: int) -> Pixels:
    """Scale an image of any mode to `side` pixels, as RGB on white; only then are further copies of it made."""
    small = _scaled(_scalable(image), side)
    if small.mode == "RGBA":
        small = Image.alpha_composite(Image.new("RGBA", small.size, "white"), small)
    return np.asarray(small.convert("RGB"), dtype=np.uint8)


def _scalable(image: Image.Image) -> Image.Image:
    """Bring any mode to grey, RGB or RGBA."""
    if image.mode in _SIXTEEN_BIT_MODES:
        # Pillow would clip 16-bit values at 255 instead of scaling them.
        values: NDArray[Any] = np.asarray(image).astype(np.float32) / 257
        return Image.fromarray(values.clip(0, 255).astype(np.uint8))
    if image.has_transparency_data:
        return image.convert("RGBA")
    return image.convert("L" if image.mode in _GREY_MODES else "RGB")


def _scaled(image: Image.Image, side: int) -> Image.Image:
    scale = side / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image if size == image.size else image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
