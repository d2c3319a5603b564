"""Words are read where they are drawn, without asking anybody."""

import socket

import numpy as np
import pytest

from services.image_search.name_words import words_of_name
from services.image_search.word_reader import WordReader, open_word_reader
from tests.drawings import draw_word


@pytest.fixture(scope="module")
def reader() -> WordReader:
    return WordReader()


@pytest.mark.parametrize("word", ["FERNLAND", "Cafe 1898", "OBELISK"])
def test_a_word_is_read_where_it_is_drawn(reader, word):
    assert reader.read(np.asarray(draw_word(word))) == tuple(words_of_name(word))


def test_the_reader_is_opened_where_its_package_is_installed():
    assert open_word_reader() is not None


def test_nothing_is_read_in_a_drawing_without_words(reader):
    assert reader.read(np.full((200, 200, 3), 255, np.uint8)) == ()


def test_reading_asks_nothing_of_the_network(monkeypatch):
    def refuse(*_arguments):
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert WordReader().read(np.asarray(draw_word("HARBOUR"))) == ("harbour",)
