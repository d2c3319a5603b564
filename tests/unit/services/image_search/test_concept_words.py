"""Words are read as concepts, the longest phrase first, in any of four languages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.image_search.concept_words import Match, Vocabulary, fold

VOCABULARY = Vocabulary(
    ["polar bear", "bear", "leaf", "flower", "lion", "horse", "animal"],
    {"polar bear": (0,), "bear": (1,), "leaf": (2,), "flor": (3,), "leao": (4,), "cheval": (5,), "animal": (6,)},
    {"bear claw": 0, "berry": 1},
)
POLAR, BEAR, LEAF = (Match(names=(name,)) for name in range(3))
CLAW, BERRY = Match(noun=0), Match(noun=1)


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("polar bear", [(POLAR,)]),
        ("polar and bear", [(BEAR,)]),
        ("Polar Bears", [(POLAR,)]),
        ("bear claw", [(CLAW,)]),
        ("leaves, berries", [(LEAF,), (BERRY,)]),
        ("leaf of a bear", [(LEAF,), (BEAR,)]),
        ("berry leaf", [(BERRY, LEAF)]),
        ("berry nothing leaf (bear)", [(BERRY, LEAF), (BEAR,)]),
        ("flores y leões", [(Match(names=(3,)),), (Match(names=(4,)),)]),
        ("des chevaux", [(Match(names=(5,)),)]),
        ("animais", [(Match(names=(6,)),)]),
        ("nothing here", []),
        ("", []),
    ],
)
def test_a_text_is_read(text, matches):
    assert VOCABULARY.phrases(text) == matches


@given(st.text(max_size=300))
def test_any_text_is_read_without_harm(text):
    phrases = VOCABULARY.phrases(text)
    assert all(phrases)
    assert all((match.noun is None) != (not match.names) for phrase in phrases for match in phrase)


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing(text):
    words = fold(text)
    assert fold(" ".join(words)) == words


def test_what_is_written_is_read_again(tmp_path):
    VOCABULARY.write(tmp_path)
    read = Vocabulary.read(tmp_path)
    assert (list(read.names), read.words, read.nouns) == (VOCABULARY.names, VOCABULARY.words, VOCABULARY.nouns)
