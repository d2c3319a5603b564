"""Files that were made to cost a decoder seconds or gigabytes, or to be taken for something else."""

import io
import struct
import zlib
from collections.abc import Callable
from typing import Final

from PIL import Image

from services.image_search.image import MAX_IMAGE_BYTES
from tests.drawings import draw_mark, encode

ROOM: Final = MAX_IMAGE_BYTES - 100_000


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png_with(between: bytes) -> bytes:
    """Put chunks before the pixels of a PNG."""
    data = encode(draw_mark("cross"))
    at = data.index(b"IDAT") - 4
    return data[:at] + between + data[at:]


def jpeg_with(between: bytes, **options) -> bytes:
    """Put segments at the beginning of a JPEG."""
    data = encode(draw_mark("cross"), "JPEG", **options)
    return data[:2] + between + data[2:]


def gif_with(between: bytes) -> bytes:
    """Put blocks before the pixels of a GIF."""
    data = encode(draw_mark("cross").convert("P"), "GIF")
    at = 13 + 3 * 2 ** ((data[10] & 7) + 1)
    return data[:at] + between + data[at:]


def filled(piece: bytes) -> bytes:
    return piece * (ROOM // len(piece))


def jpeg_of_scans(count: int, side: int) -> bytes:
    """Repeat a scan of a few bytes that says of every block of the image that nothing changes."""
    stream = io.BytesIO()
    draw_mark("cross").convert("L").resize((side, side)).save(stream, "JPEG", progressive=True)
    blocks = ((side + 7) // 8) ** 2
    # One code in the table, "0", of runs of 2**14 blocks and more; 14 bits after it say how many more.
    table = b"\xff\xc4" + struct.pack(">H", 20) + bytes([0x10, 1, *bytes(15), 0xE0])
    bits = "011111111111111" * (blocks // 32767 + 1)
    codes = int(bits + "1" * (-len(bits) % 8), 2).to_bytes(-(-len(bits) // 8), "big").replace(b"\xff", b"\xff\0")
    scan = b"\xff\xda" + struct.pack(">H", 8) + bytes([1, 1, 0, 1, 63, 0]) + codes
    return stream.getvalue()[:-2] + table + scan * count + b"\xff\xd9"


def run_length_bmp() -> bytes:
    """Write a BMP of runs of one pixel each."""
    body = filled(b"\x01\x01")
    header = struct.pack("<IiiHHIIiiII", 40, 6300, 6300, 1, 8, 1, len(body), 0, 0, 256, 0)
    return b"BM" + struct.pack("<IHHI", 1078 + len(body), 0, 0, 1078) + header + bytes(1024) + body


def directory(entries: list[tuple[int, int, int, int]], at: int = 8) -> bytes:
    """Write a TIFF with a directory of (tag, type, count, value)."""
    packed = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return b"II*\0" + struct.pack("<I", at) + struct.pack("<H", len(entries)) + packed + bytes(4)


def tiff_of_large_values() -> bytes:
    """Say of hundreds of tags that their values are the whole file."""
    size = 4_000_000
    entries = [(256, 3, 1, 64), (257, 3, 1, 64), *((tag, 7, size, 8) for tag in range(40_000, 40_600))]
    return directory(entries) + bytes(size)


def tiff_of_drawing_tags() -> bytes:
    """Say so of tags that draw, and of the same ones again."""
    size = 4_000_000
    entries = [(256, 3, 1, 64), (257, 3, 1, 64), *((tag, 1, size, 8) for tag in (258, 273, 279, 320) * 100)]
    return directory(entries) + bytes(size)


def exif_of_large_values() -> bytes:
    """Say so in the EXIF of a JPEG, many times over."""
    values = directory([(tag, 7, 60_000, 8) for tag in range(40_000, 44_000)])
    exif = b"Exif\0\0" + values + bytes(65_000 - len(values))
    return jpeg_with(b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif)


def bomb(width: int, height: int) -> bytes:
    """Claim a size in a PNG that holds hardly a pixel."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000)))


def webp_bomb() -> bytes:
    """Claim 16,383 pixels a side in a WebP of a few bytes."""
    data = bytearray(encode(draw_mark("cross"), "WEBP", lossless=True))
    at = data.index(b"VP8L") + 9
    (sides,) = struct.unpack_from("<I", data, at)
    data[at : at + 4] = struct.pack("<I", sides >> 28 << 28 | 16382 << 14 | 16382)
    return bytes(data)


def packed_tiff(packing: str, side: int = 200) -> bytes:
    return encode(draw_mark("cross").resize((side, side)), "TIFF", compression=packing)


def many_frames(format: str) -> bytes:
    frames = [Image.new("RGB", (64, 64), (n % 256, n // 256, 0)) for n in range(2000)]
    frames[0] = draw_mark("cross").resize((64, 64))
    return encode(frames[0], format, save_all=True, append_images=frames[1:])


OVERSIZED: Final[dict[str, Callable[[], bytes]]] = {
    "PNG of 20,000 pixels a side": lambda: bomb(20_000, 20_000),
    "PNG of the largest sides": lambda: bomb(2**31 - 1, 2**31 - 1),
    "WebP of the largest sides": webp_bomb,
    "25 MB": lambda: bytes(MAX_IMAGE_BYTES + 1),
}
"""Refused as too large."""

OF_ODD_MAKE: Final[dict[str, Callable[[], bytes]]] = {
    "PNG of chunks": lambda: png_with(filled(chunk(b"aaAa", b""))),
    "PNG of texts": lambda: png_with(filled(chunk(b"tEXt", b"a\0b"))),
    "PNG of empty pixels": lambda: png_with(filled(chunk(b"IDAT", b""))),
    "JPEG of comments": lambda: jpeg_with(filled(b"\xff\xfe\x00\x02")),
    "JPEG of segments": lambda: jpeg_with(filled(b"\xff\xe3\x00\x02")),
    "JPEG of tables": lambda: jpeg_with(filled(b"\xff\xdb\x00\x43\x00" + bytes([1]) * 64)),
    "JPEG of scans": lambda: jpeg_of_scans(20_000, 1000),
    "JPEG of scans of 40 million pixels": lambda: jpeg_of_scans(101, 6300),
    "GIF of comments": lambda: gif_with(filled(b"\x21\xfe\x01a\x00")),
    "GIF of one comment": lambda: gif_with(b"\x21\xfe" + filled(b"\xff" + bytes(255)) + b"\0"),
    "GIF of empty blocks": lambda: gif_with(filled(b"\0")),
    "packed BMP": run_length_bmp,
    "TIFF of values that are all of it": tiff_of_drawing_tags,
    "TIFF packed by LZMA": lambda: packed_tiff("lzma"),
    "TIFF packed by Zstandard": lambda: packed_tiff("zstd"),
    "TIFF that ends in its directory": lambda: directory([(256, 3, 1, 64)] * 9)[:60],
    "text called PNG": lambda: b"A PNG in name only.",
    "HTML called GIF": lambda: b"GIF89a/*<script>alert(1)</script>*/",
    "zip before an image": lambda: b"PK\x03\x04" + encode(draw_mark("cross")),
}
"""Refused as unreadable."""

HARMLESS: Final[dict[str, Callable[[], bytes]]] = {
    "PNG of large texts": lambda: png_with(chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(50_000_000), 9)) * 40),
    "PNG that is a zip too": lambda: encode(draw_mark("cross")) + b"PK\x05\x06" + bytes(18),
    "PNG with HTML behind": lambda: encode(draw_mark("cross")) + b"<script>alert(1)</script>" * 1000,
    "JPEG of padding": lambda: jpeg_with(b"\xff" * ROOM),
    "JPEG of large EXIF": exif_of_large_values,
    "JPEG with a second image": lambda: jpeg_with(b"") + jpeg_with(b""),
    "JPEG of 90 scans": lambda: jpeg_of_scans(90, 1000),
    "GIF of 2,000 frames": lambda: many_frames("GIF"),
    "WebP of 2,000 frames": lambda: many_frames("WEBP"),
    "PNG of 2,000 frames": lambda: many_frames("PNG"),
    "TIFF of large values that do not draw": lambda: packed_tiff("tiff_lzw"),
}
"""Decoded, and cheaply."""
