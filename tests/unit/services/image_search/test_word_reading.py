"""Words of images are read in the background: once, again for another image, and further after a new start."""

import threading
import time
from contextlib import contextmanager

import numpy as np
import pytest
from sqlalchemy import select

from services.image_search.image import decode_image
from services.image_search.marks import Entry, MarkMetadata, StoredImage
from services.image_search.register import Register
from services.image_search.tables import mark_words, marks
from services.image_search.word_reader import open_word_reader
from services.image_search.word_reading import WordReading
from tests.drawings import draw_mark, draw_word, encode


@pytest.fixture(scope="module")
def reader():
    return open_word_reader()


@pytest.fixture
def register(tmp_path):
    opened = Register(tmp_path)
    yield opened
    opened.close()


def entry(mark_id, image, name=None):
    vectors = np.ones((1, 2), np.float16)
    return Entry(mark_id, MarkMetadata(name=name), StoredImage(image, "image/png"), vectors, "e/1")


def word(text):
    return encode(draw_word(text))


def words_of(register, mark_id):
    kept = select(mark_words.c.word).distinct().join(marks).where(marks.c.mark_id == mark_id)
    with register.database.connect() as connection:
        return sorted(word for word in connection.execute(kept).scalars() if word)


@contextmanager
def reading(register, reader):
    thread = WordReading(register, reader, decode_image)
    thread.start()
    yield
    thread.stop()


def wait_until_read(register, reader):
    deadline = time.monotonic() + 240
    while register.rows_unread(reader.name, 0, 1):
        assert time.monotonic() < deadline, "marks were not read in four minutes"
        time.sleep(0.02)


def test_marks_that_are_there_and_marks_that_come_later_are_read(register, reader):
    register.write([entry("A", word("FERNLAND"))])
    with reading(register, reader):
        wait_until_read(register, reader)
        assert words_of(register, "A") == ["fernland"]
        (written,) = register.write([entry("B", word("HARBOUR"), name="Blue Harbour")])
        assert words_of(register, "B") == ["blue", "harbour"]
        wait_until_read(register, reader)
    assert words_of(register, "B") == ["blue", "harbour"]
    assert register.mark("A").words_read == ("fernland",)
    assert register.mark("B").words_read == ("harbour",)
    assert register.rows_named(["blue", "fernland"]) == {
        written.row_id: 1,
        written.row_id - 1: 1,
    }


def test_a_mark_with_another_image_is_read_again(register, reader):
    register.write([entry("A", word("FERNLAND"))])
    with reading(register, reader):
        wait_until_read(register, reader)
        register.write([entry("A", word("OBELISK"))])
        wait_until_read(register, reader)
    assert words_of(register, "A") == ["obelisk"]


def test_what_cannot_be_decoded_and_what_has_no_words_is_not_read_for_ever(register, reader):
    register.write([entry("A", b"no image at all"), entry("B", encode(draw_mark("disc")))])
    with reading(register, reader):
        wait_until_read(register, reader)
    assert words_of(register, "A") == words_of(register, "B") == []


def test_what_was_read_of_an_image_that_was_replaced_meanwhile_is_dropped(register, reader):
    (written,) = register.write([entry("A", word("FERNLAND"))])
    register.keep_words(written.row_id, ["obelisk"], reader.name, "hash of another image")
    assert register.rows_unread(reader.name, 0, 10) == [written.row_id]
    register.delete("A")
    assert register.rows_unread(reader.name, 0, 10) == []


class OneAtATime:
    """A reader that tells when two use it at the same time."""

    name = "one/1"

    def __init__(self):
        self.turn = threading.Lock()
        self.in_use = 0
        self.most = 0

    def read(self, pixels):
        self.in_use += 1
        self.most = max(self.most, self.in_use)
        time.sleep(0.01)
        self.in_use -= 1
        return ("word",)


def test_several_registers_are_read_by_one_reader_in_turn(register, tmp_path):
    one, other = OneAtATime(), Register(tmp_path / "other")
    for each in (register, other):
        each.write([entry(f"M{n}", word("FERNLAND")) for n in range(6)])
    with reading(register, one), reading(other, one):
        wait_until_read(register, one)
        wait_until_read(other, one)
    assert one.most == 1
    assert words_of(other, "M5") == ["word"]
    other.close()


def test_reading_stops_at_once_and_goes_on_at_the_next_start(register, reader):
    register.write([entry(f"M{n}", word("FERNLAND")) for n in range(12)])
    with reading(register, reader):
        time.sleep(0.2)
    assert register.rows_unread(reader.name, 0, 1)
    with reading(register, reader):
        wait_until_read(register, reader)
    assert len(register.rows_named(["fernland"])) == 12
