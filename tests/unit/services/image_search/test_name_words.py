"""Names and searches are cut into the same words, whatever their case, accents and signs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.image_search.name_words import words_of_name, words_to_search


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Café  L'Étoile", ["cafe", "l", "etoile"]),
        ("7-Up & Co.", ["7", "up", "co"]),
        ("FERN_fern/Fern", ["fern"]),
        ("Straße 24", ["strasse", "24"]),
        ("東京 スカイ", ["東京", "スカイ"]),
        ("!?", []),
        (None, []),
    ],
)
def test_a_name_has_its_words_once(name, words):
    assert words_of_name(name) == words


def test_words_that_only_join_are_not_looked_for_unless_there_are_no_others():
    assert words_to_search("an Eagle with the Crown") == ["eagle", "crown"]
    assert words_to_search("the and") == ["the", "and"]
    assert len(words_to_search(" ".join(f"w{n}" for n in range(5000)))) == 20


@given(st.text(max_size=200))
def test_words_are_found_again_in_themselves(text):
    words = words_of_name(text)
    assert words_of_name(" ".join(words)) == words
    assert all(len(word) <= 100 for word in words_of_name(text * 3))
