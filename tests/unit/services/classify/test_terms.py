"""Terms: folding, words, stems and pairs, for alphabets and for CJK, in time linear in the text."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.classify.terms import count_terms, fold, is_cjk, stem, terms_of, words_of


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Électricité", "electricite"),
        ("ÜBER", "uber"),
        ("칫솔", "칫솔"),
        ("が", "が"),
        ("ПРИВЕТ", "привет"),
        ("abc", "abc"),
    ],
)
def test_case_and_accents_are_dropped_but_cjk_is_kept(text, folded):
    assert fold(text) == folded


def test_words_are_letters_only_and_cjk_runs_stand_alone():
    assert list(words_of("An oil-water x 12 H2O는 칫솔")) == ["an", "oil", "water", "칫솔"]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("brushes", "brush"),
        ("rotating", "rotat"),
        ("rotation", "rotation"),
        ("evaporation", "evapor"),
        ("gas", "gas"),
        ("ring", "ring"),
    ],
)
def test_stems_are_light_and_leave_four_letters(word, expected):
    assert stem(word) == expected


def test_function_words_are_skipped_and_neighbours_pair_across_them():
    assert count_terms("A method of etching the wafer") == {"etch": 1, "wafer": 1, "etch wafer": 1}


def test_a_word_beside_itself_makes_no_pair():
    assert count_terms("Communications communication network") == {
        "communic": 2,
        "network": 1,
        "communic network": 1,
    }


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("Verfahren zum Betrieb einer Bürste", "burst"),
        ("Método de produção para as escovas", "escova"),
        ("a die for", "die"),
    ],
)
def test_function_words_of_other_languages_are_skipped_but_not_english_words_like_them(text, term):
    single = {each for each in count_terms(text) if " " not in each}
    assert term in single
    assert not single & {"zum", "ein", "de", "para", "verfahr", "metod"}


def test_cjk_words_become_pairs_of_characters():
    assert count_terms("破冰清") == {"破冰": 1, "冰清": 1}
    assert is_cjk("破冰")
    assert not is_cjk("ice")


def test_each_term_tells_the_words_it_stands_for():
    assert ("brush head", "brush heads") in list(terms_of(words_of("Brush heads")))


@given(st.text(max_size=300))
def test_no_text_breaks_the_analysis_and_folding_twice_changes_nothing(text):
    assert all(count > 0 for count in count_terms(text).values())
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize("piece", ["semiconductor wafer ", "a", "칫", "é", "\n", "aé칫 1-", "ing"])
def test_time_is_linear_in_the_text(piece):
    def seconds(letters: int) -> float:
        text = piece * (letters // len(piece))
        started = time.process_time()
        count_terms(text)
        return time.process_time() - started

    seconds(50_000)
    assert seconds(800_000) < 10 * max(seconds(200_000), 0.01)
