"""Of a file with an image, only what the drawing is made of, so that no decoder meets the rest.

Metadata is where files are made to harm: a directory of 24 MB can say a thousand times that its values are all of it, a
million comments cost a gigabyte, a JPEG of 24 MB can hold 50,000 scans of the whole image. What is left is bounded in
time and memory by the number of bytes and pixels. A file that is not of these formats is left as it is.
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from examkit.errors import InvalidInputError

UPRIGHT: Final = 1  # of EXIF's orientations

_MOST_PIECES: Final = 20_000  # libpng writes a chunk for every 8 KB; a comment of a GIF is cut every 255 bytes
_MOST_SCANS: Final = 100  # of a progressive JPEG; usual are ten
_MOST_ENTRIES: Final = 1000

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_PNG_DRAWING: Final = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})

_JPEG: Final = b"\xff\xd8\xff"
_START_OF_SCAN, _END_OF_IMAGE, _EXIF = 0xDA, 0xD9, 0xE1
_EXIF_HEADER: Final = b"Exif\0\0"
_WITHOUT_LENGTH: Final = frozenset({0x01, *range(0xD0, 0xDA)})
# All that is for applications, and comments; but JFIF and Adobe say how colors are meant.
_JPEG_METADATA: Final = frozenset({*range(0xE1, 0xEE), 0xEF, 0xFE})
_MARKER: Final = re.compile(rb"\xff+([^\x00\xff])", re.DOTALL)
_MARKER_BETWEEN_SCANS: Final = re.compile(rb"\xff([^\x00\x01\xd0-\xd7\xff])", re.DOTALL)

_GIF: Final = (b"GIF87a", b"GIF89a")
_EXTENSION, _IMAGE, _GRAPHIC_CONTROL = 0x21, 0x2C, 0xF9

_TIFF: Final = (b"II*\0", b"MM\0*")
_ORIENTATION: Final = 274
_TIFF_DRAWING: Final = frozenset(
    {254, 256, 257, 258, 259, 262, 266, 273, _ORIENTATION, 277, 278, 279, 284, 292, 293, 317, 320, 322, 323, 324, 325}
    | {338, 339, 347, 512, 513, 514, 515, 517, 518, 519, 520, 521, 529, 530, 531, 532}
)
_VALUE_BYTES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_ENTRY_BYTES: Final = 12


@dataclass(frozen=True)
class Essentials:
    """A file that draws the same image, and how that is to be turned upright (an EXIF orientation, 1 to 8)."""

    data: bytes
    orientation: int = UPRIGHT


def essentials_of(data: bytes) -> Essentials:
    """Leave out what does not draw; raise InvalidInputError with code `unreadable-image` for a file of odd make."""
    try:
        if data.startswith(_PNG):
            return _of_png(data)
        if data.startswith(_JPEG):
            return _of_jpeg(data)
        if data.startswith(_GIF):
            return _of_gif(data)
        if data.startswith(_TIFF):
            return _of_tiff(data)
    except (IndexError, struct.error):
        raise InvalidInputError("The image is cut off.", code="unreadable-image") from None
    return Essentials(data)


def _of_png(data: bytes) -> Essentials:
    kept, orientation, at = [_PNG], UPRIGHT, len(_PNG)
    for _ in range(_MOST_PIECES):
        if at == len(data):
            return Essentials(b"".join(kept), orientation)
        length, kind = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if kind in _PNG_DRAWING:
            kept.append(data[at:end])
        elif kind == b"eXIf":
            orientation = read_orientation(data[at + 8 : end - 4])
        if kind == b"IEND":
            return Essentials(b"".join(kept), orientation)
        at = end
    raise _odd()


def _of_jpeg(data: bytes) -> Essentials:
    kept, orientation, at = [data[:2]], UPRIGHT, 2
    for _ in range(_MOST_PIECES):
        found = _MARKER.search(data, at)
        if found is None:
            break
        marker, at = found[1][0], found.end()
        if marker == _START_OF_SCAN:
            return Essentials(b"".join([*kept, data[at - 2 : _end_of_scans(data, at)]]), orientation)
        if marker in _WITHOUT_LENGTH:
            continue
        end = at + _length(data, at)
        if marker == _EXIF and data.startswith(_EXIF_HEADER, at + 2):
            orientation = read_orientation(data[at + 2 : end])
        if marker not in _JPEG_METADATA:
            kept.append(data[at - 2 : end])
        at = end
    raise _odd()


def _end_of_scans(data: bytes, at: int) -> int:
    """Return where the first image ends, from behind the marker of its first scan; refuse one of too many scans."""
    scans = 1
    for marker, behind in _markers(data, at + _length(data, at)):
        scans += marker == _START_OF_SCAN
        if scans > _MOST_SCANS:
            raise _odd()
        if marker == _END_OF_IMAGE:
            return behind
    return len(data)


def _markers(data: bytes, at: int) -> Iterator[tuple[int, int]]:
    """Give the markers among the scans of a JPEG, and the places behind them."""
    for _ in range(_MOST_PIECES):
        found = _MARKER_BETWEEN_SCANS.search(data, at)
        if found is None:
            return
        at = found.end()
        yield found[1][0], at
        at += _length(data, at)
    raise _odd()


def _length(data: bytes, at: int) -> int:
    length: int = struct.unpack_from(">H", data, at)[0]
    if length < 2:
        raise _odd()
    return length


def _of_gif(data: bytes) -> Essentials:
    """Keep what says how the first frame is drawn, and all from that on."""
    at = 13 + (3 << (data[10] & 7) + 1 if data[10] & 0x80 else 0)
    head, control = data[:at], b""
    pieces = 0
    while data[at] != _IMAGE:
        begin = at
        if data[at] == _EXTENSION:
            at += 2
            while data[at]:
                at += 1 + data[at]
                pieces += 1
                if pieces > _MOST_PIECES:
                    raise _odd()
            if data[begin + 1] == _GRAPHIC_CONTROL:
                control = data[begin : at + 1]
        elif data[at]:
            raise _odd()
        at += 1
        pieces += 1
        if pieces > _MOST_PIECES:
            raise _odd()
    return Essentials(head + control + data[at:])


def _of_tiff(data: bytes) -> Essentials:
    """Put a directory of what draws in the place of the first; values stay where they are. Pillow turns it upright."""
    order = _byte_order(data)
    entries = [entry for entry in _entries(data, order) if entry.tag in _TIFF_DRAWING]
    if sum(entry.size_bytes for entry in entries) > 2 * len(data):
        raise _odd()
    directory = struct.pack(f"{order}H", len(entries)) + b"".join(entry.raw for entry in entries) + bytes(4)
    return Essentials(data[:4] + struct.pack(f"{order}I", len(data)) + data[8:] + directory)


@dataclass(frozen=True)
class _Entry:
    """One entry of a directory of a TIFF."""

    raw: bytes
    tag: int
    size_bytes: int


def _entries(data: bytes, order: str) -> list[_Entry]:
    (at,) = struct.unpack_from(f"{order}I", data, 4)
    (count,) = struct.unpack_from(f"{order}H", data, at)
    if count > _MOST_ENTRIES:
        raise _odd()
    found = []
    for begin in range(at + 2, at + 2 + count * _ENTRY_BYTES, _ENTRY_BYTES):
        tag, kind, values = struct.unpack_from(f"{order}HHI", data, begin)
        found.append(_Entry(data[begin : begin + _ENTRY_BYTES], tag, values * _VALUE_BYTES.get(kind, 1)))
    return found


def read_orientation(exif: bytes) -> int:
    """Return how an image is to be turned (an EXIF orientation, 1 to 8); what cannot be read does not turn it."""
    exif = exif.removeprefix(_EXIF_HEADER)
    try:
        order = _byte_order(exif)
        for entry in _entries(exif, order):
            if entry.tag == _ORIENTATION:
                value: int = struct.unpack_from(f"{order}H", entry.raw, 8)[0]
                return value
    except (InvalidInputError, struct.error):
        return UPRIGHT
    return UPRIGHT


def _byte_order(tiff: bytes) -> str:
    return "<" if tiff.startswith(b"II") else ">"


def _odd() -> InvalidInputError:
    return InvalidInputError(
        "The file is built as no image usually is: open it and save it anew.", code="unreadable-image"
    )
