"""Small pictures of marks that every browser shows, whatever was submitted."""

import io
from dataclasses import dataclass
from typing import Final, Protocol

from PIL import Image

from services.image_search.image import read_upright, to_pixels

MEDIA_TYPE: Final = "image/webp"
SMALLEST_SIDE: Final = 16
LARGEST_SIDE: Final = 2048

# So much larger than asked for is a JPEG decoded, to be scaled down with care.
_DRAFT: Final = 2
_FEW_COLORS: Final = 256
# Drawings in few colors are kept exact, which is also small; the rest is for the eye. Slower methods save a tenth.
_EXACT: Final = {"lossless": True, "quality": 20, "method": 0}
_FOR_THE_EYE: Final = {"quality": 85, "method": 2}


@dataclass(frozen=True)
class Preview:
    """A picture as WebP; `scale` is how many of its pixels stand for one of the image it was made of."""

    data: bytes
    width: int
    height: int
    scale: float


class MakePreview(Protocol):
    """Makes previews as `make_preview` does, here or in another process."""

    def __call__(self, data: bytes, side: int) -> Preview:
        """Do what `make_preview` does, and raise what it raises."""


def make_preview(data: bytes, side: int) -> Preview:
    """Draw an image upright on white, at most `side` pixels on its longer side, never enlarged.

    Raise TooLargeError or InvalidInputError as `decode_image` does.
    """
    read = read_upright(data, enough=_DRAFT * side)
    picture = Image.fromarray(to_pixels(read.image, min(side, max(read.image.size))))
    stream = io.BytesIO()
    picture.save(stream, "WEBP", **(_FOR_THE_EYE if picture.getcolors(_FEW_COLORS) is None else _EXACT))
    return Preview(stream.getvalue(), picture.width, picture.height, max(picture.size) / read.full_side)
