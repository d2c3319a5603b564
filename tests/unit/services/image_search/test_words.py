"""Words are compared without regard to case and accents, and are read where they are drawn."""

import socket

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.image_search.words import WordReader, fold_words, open_word_reader
from tests.drawings import draw_word


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Rising FERN Foods", ("rising", "fern", "foods")),
        ("Café-Crème & Crème", ("cafe", "creme")),
        ("STRASSE straße", ("strasse",)),
        ("ＦＥＲＮ", ("fern",)),
        ("老干妈", ("老干妈",)),
        ("7-ELEVEN", ("7", "eleven")),
        (" -- & ", ()),
        ("", ()),
    ],
)
def test_words_are_folded(text, words):
    assert fold_words(text) == words


@given(st.text())
def test_folding_again_changes_nothing(text):
    words = fold_words(text)
    assert fold_words(" ".join(words)) == words
    assert "" not in words
    assert len(set(words)) == len(words)


@pytest.fixture(scope="module")
def reader() -> WordReader:
    return WordReader()


@pytest.mark.parametrize("word", ["FERNLAND", "Cafe 1898", "OBELISK"])
def test_a_word_is_read_where_it_is_drawn(reader, word):
    assert reader.read(np.asarray(draw_word(word))) == fold_words(word)


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
