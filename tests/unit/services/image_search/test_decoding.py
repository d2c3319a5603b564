"""Images are decoded as they would be in this process, and one that ends its process costs nothing but itself."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from examkit.errors import ExamError, InvalidInputError, NotReadyError, TooLargeError
from services.image_search.decoding import Bounds, Decoder, FatalImageError
from services.image_search.image import Box, decode_image
from services.image_search.preview import make_preview
from tests.drawings import draw_mark, encode

ROOT = Path(__file__).resolve().parents[4]
CROSS = encode(draw_mark("cross"))
GROUND: dict[str, int | tuple[int, ...]] = {
    "RGBA": (9, 9, 9, 200),
    "CMYK": (9, 9, 9, 0),
    "I;16": 900,
    "I": 900,
    "RGB": (9, 9, 9),
}


@pytest.fixture(scope="module")
def decoder():
    opened = Decoder(2)
    yield opened
    opened.close()


def assert_same(found, expected):
    assert np.array_equal(found.pixels, expected.pixels)
    assert (found.media_type, found.region) == (expected.media_type, expected.region)


@pytest.mark.parametrize("wanted", [(), (Box(20, 30, 90, 60),), (None, 640)])
def test_an_image_is_decoded_as_in_this_process(decoder, wanted):
    assert_same(decoder.decode(CROSS, *wanted), decode_image(CROSS, *wanted))


@pytest.mark.parametrize(
    ("data", "box"),
    [
        (b"no image", None),
        (b"", None),
        (CROSS[:300], None),
        (b"<svg ", None),
        (CROSS, Box(0, 0, 9000, 9)),
        (encode(Image.new("1", (7000, 7000))), None),
    ],
)
def test_what_is_refused_is_refused_as_in_this_process(decoder, data, box):
    with pytest.raises(ExamError) as expected:
        decode_image(data, box)
    with pytest.raises(ExamError) as refused:
        decoder.decode(data, box)
    assert type(refused.value) is type(expected.value)
    assert vars(refused.value) == vars(expected.value)
    assert str(refused.value) == str(expected.value)


@pytest.mark.parametrize(
    ("mode", "format", "sides", "options"),
    [
        ("RGBA", "PNG", (6324, 6324), {"compress_level": 1}),
        ("RGBA", "TIFF", (6324, 6324), {"compression": "tiff_lzw"}),
        ("CMYK", "JPEG", (6324, 6324), {"progressive": True}),
        ("I;16", "PNG", (6324, 6324), {"compress_level": 1}),
        ("I", "TIFF", (6324, 6324), {"compression": "tiff_lzw"}),
        ("RGBA", "WEBP", (4000, 4000), {"quality": 50, "method": 0}),
        ("RGB", "BMP", (2880, 2880), {}),
    ],
)
def test_the_largest_images_that_are_taken_keep_within_the_bounds(decoder, mode, format, sides, options):
    largest = encode(Image.new(mode, sides, GROUND[mode]), format, **options)
    assert decoder.decode(largest, side=640).region == Box(0, 0, *sides)


def test_a_preview_is_made_as_in_this_process(decoder):
    assert decoder.preview(CROSS, 64) == make_preview(CROSS, 64)
    with pytest.raises(InvalidInputError):
        decoder.preview(CROSS[:300], 64)


def test_an_image_of_too_many_bytes_is_refused(decoder):
    with pytest.raises(TooLargeError):
        decoder.decode(CROSS + bytes(24 * 1024 * 1024))


def work_by_fate(data, box, side):
    """Stand in for a decoder with flaws that an image brings out."""
    match data:
        case b"write where one must not":
            os.kill(os.getpid(), signal.SIGSEGV)
        case b"turn for ever":
            while True:
                pass
        case b"wait for ever":
            time.sleep(1000)
        case b"take all memory":
            bytearray(2 * Bounds.memory_bytes)
        case b"be at a loss":
            raise RuntimeError
    time.sleep(0.2)
    return decode_image(data, box, side)


def die(data, side):
    """Stand in for a preview at which the decoder ends."""
    os.kill(os.getpid(), signal.SIGSEGV)


def test_an_image_whose_preview_ends_the_process_is_refused_and_the_next_is_drawn(decoder, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr("services.image_search.decoding.make_preview", die)
        with pytest.raises(FatalImageError):
            decoder.preview(CROSS, 64)
    assert decoder.preview(CROSS, 64) == make_preview(CROSS, 64)


class NeverThere:
    """Stand in for a program that cannot even be begun."""

    def __reduce__(self):
        return sys.exit, (1,)

    __call__ = staticmethod(decode_image)


FATES = (b"write where one must not", b"turn for ever", b"wait for ever", b"take all memory", b"be at a loss")


@pytest.fixture
def flawed(monkeypatch):
    # The name stands for it in the other process, too.
    monkeypatch.setattr(Decoder, "work", staticmethod(work_by_fate))
    opened = Decoder(2, Bounds(wall_seconds=20, processor_seconds=0.5))
    opened.decode(CROSS)
    yield opened
    opened.close()


def is_refused(decoder, data) -> bool:
    with pytest.raises(FatalImageError, match="takes too long, or ends the program") as refused:
        decoder.decode(data)
    return refused.value.code == "unreadable-image"


@pytest.mark.parametrize("fate", [fate for fate in FATES if fate != b"wait for ever"])
def test_an_image_that_ends_its_process_is_refused_and_the_next_is_decoded(flawed, fate, caplog):
    assert is_refused(flawed, fate)
    assert_same(flawed.decode(CROSS), decode_image(CROSS))
    assert [record.name for record in caplog.records] == ["examkit.marks"]
    assert fate.decode() not in caplog.text


def test_processor_time_is_bounded_apart_from_time(flawed):
    started = time.monotonic()
    assert is_refused(flawed, b"turn for ever")
    assert time.monotonic() - started < 15


def test_a_process_that_only_waits_is_ended_and_never_answers_for_another_image(monkeypatch):
    monkeypatch.setattr(Decoder, "work", staticmethod(work_by_fate))
    decoder = Decoder(1, Bounds(wall_seconds=8))
    decoder.decode(CROSS)
    started = time.monotonic()
    assert is_refused(decoder, b"wait for ever")
    assert 8 <= time.monotonic() - started < 20
    assert_same(decoder.decode(CROSS), decode_image(CROSS))
    decoder.close()


def test_of_two_at_once_the_one_that_dies_leaves_the_other_alone(flawed):
    with ThreadPoolExecutor(4) as threads:
        good = [threads.submit(flawed.decode, encode(draw_mark(shape))) for shape in ("disc", "stairs")]
        bad = [threads.submit(is_refused, flawed, fate) for fate in FATES[:2]]
        assert all(each.result() for each in bad)
        for each, shape in zip(good, ("disc", "stairs"), strict=True):
            assert_same(each.result(), decode_image(encode(draw_mark(shape))))


def test_many_at_once_each_get_their_own_image(decoder):
    colors = [(n, 255 - n, 7) for n in range(0, 250, 5)]
    with ThreadPoolExecutor(6) as threads:
        found = threads.map(decoder.decode, [encode(Image.new("RGB", (9, 9), color)) for color in colors])
    assert [tuple(image.pixels[0, 0].tolist()) for image in found] == colors


def processes() -> set[int]:
    return {process.pid or 0 for process in multiprocessing.active_children()}


def test_a_process_that_ends_while_it_has_nothing_to_do_is_replaced_unseen():
    before = processes()
    decoder = Decoder(1)
    decoder.decode(CROSS)
    (child,) = processes() - before
    os.kill(child, signal.SIGKILL)
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    assert_same(decoder.decode(CROSS), decode_image(CROSS))
    decoder.close()
    assert processes() == before


def test_that_no_process_can_be_had_is_not_the_fault_of_the_image(monkeypatch):
    monkeypatch.setattr(Decoder, "work", NeverThere())
    decoder = Decoder(1)
    for _ in range(2):
        with pytest.raises(NotReadyError):
            decoder.decode(CROSS)
    decoder.close()


def test_no_more_processes_are_begun_than_work_at_once():
    before = processes()
    decoder = Decoder(3)
    for _ in range(5):
        decoder.decode(CROSS)
    assert len(processes() - before) == 1
    decoder.close()


def test_what_is_closed_decodes_nothing():
    decoder = Decoder(2)
    decoder.close()
    with pytest.raises(NotReadyError):
        decoder.decode(CROSS)


PARENT = """
import multiprocessing, sys, time
from services.image_search.decoding import Decoder
decoder = Decoder(2)
decoder.decode(sys.stdin.buffer.read())
print(*(process.pid for process in multiprocessing.active_children()), flush=True)
time.sleep(1000)
"""


def test_no_process_outlives_one_that_is_killed():
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdin is not None
        assert parent.stdout is not None
        parent.stdin.write(CROSS)
        parent.stdin.close()
        child = int(parent.stdout.readline())
        assert Path(f"/proc/{child}").exists()
        parent.kill()
    deadline = time.monotonic() + 20
    while Path(f"/proc/{child}").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_process_loads_nothing_but_what_decodes():
    loaded = "import sys, services.image_search.decoding; print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", loaded], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert not {"onnxruntime", "faiss", "cv2", "sqlalchemy", "fastapi", "structlog", "pydantic"} & set(told.split())
