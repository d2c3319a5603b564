"""Words and their formats, through tags and back."""

import pytest
from examkit_office.markup import Words, base_format, has_words, plain_text, slots_of, tagged
from examkit_office.refusal import RefusedError
from hypothesis import given
from hypothesis import strategies as st

DEVICE = [[Words("The ", 0), Words("device", 1), Words(" holds H", 0), Words("2", 2, "sub"), Words("O", 0)]]
WITH_NOTE = [[Words("A lever", 0)], [Words(" and a ", 0), Words("spring", 3)], [Words(".", 0)]]


def test_words_of_the_commonest_format_have_no_tag():
    assert tagged(DEVICE) == 'The <g id="1">device</g> holds H<sub id="2">2</sub>O'
    assert base_format([[Words("A", 4), Words("longer", 7)]]) == 7


def test_what_is_no_text_is_a_tag_between():
    assert tagged(WITH_NOTE) == 'A lever<x id="1"/> and a <g id="3">spring</g><x id="2"/>.'


def test_signs_of_markup_and_line_breaks_are_text():
    text = [[Words("a < b & c\nd", 0)]]
    assert tagged(text) == "a &lt; b &amp; c<br/>d"
    assert slots_of(tagged(text), text) == text


def test_characters_that_xml_has_none_for_are_left_out():
    assert tagged([[Words("a\x00b\x1f", 0)]]) == "ab"


def test_a_translation_is_read_with_its_formats_in_another_order():
    markup = 'O H<sub id="2">2</sub>O no <g id="1">dispositivo</g>'
    assert slots_of(markup, DEVICE) == [
        [Words("O H", 0), Words("2", 2, "sub"), Words("O no ", 0), Words("dispositivo", 1)]
    ]


def test_tags_inside_tags_count_and_unknown_ones_do_not():
    markup = '<g id="1">um <sub id="2">2</sub></g> <g id="99">três</g><i>quatro</i>'
    assert plain_text(slots_of(markup, DEVICE)) == "um 2 trêsquatro"
    assert slots_of(markup, DEVICE)[0][:2] == [Words("um ", 1), Words("2", 2, "sub")]


@pytest.mark.parametrize(
    ("markup", "texts"),
    [
        ('Uma alavanca<x id="1"/> e uma mola<x id="2"/>.', ["Uma alavanca", " e uma mola", "."]),
        ("Uma alavanca e uma mola.", ["Uma alavanca e uma mola.", "", ""]),
        ('a<x id="1"/>b<x id="2"/>c<x id="3"/>d', ["a", "b", "cd"]),
    ],
)
def test_there_are_as_many_slots_as_before_and_no_word_is_lost(markup, texts):
    assert [plain_text([slot]) for slot in slots_of(markup, WITH_NOTE)] == texts


@pytest.mark.parametrize("markup", ["<g>", "a & b", "</t><t>"])
def test_what_is_no_markup_is_refused(markup):
    with pytest.raises(RefusedError, match="answer-unreadable"):
        slots_of(markup, DEVICE)


def test_only_what_has_letters_is_translated():
    assert has_words(DEVICE)
    assert not has_words([[Words("12 / 34", 0)], []])


# XML reads every end of a line as a line feed, so a carriage return cannot come back.
_TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), min_size=1)
_WORDS = st.builds(Words, _TEXTS, st.integers(0, 5))


@given(st.lists(st.lists(_WORDS, min_size=1, max_size=5), min_size=1, max_size=4))
def test_what_is_written_is_read_again(slots):
    found = slots_of(tagged(slots), slots)
    assert [plain_text([slot]) for slot in found] == [plain_text([slot]) for slot in slots]
    for slot, source in zip(found, slots, strict=True):
        letters = [(character, words.format) for words in slot for character in words.text]
        assert letters == [(character, words.format) for words in source for character in words.text]
