"""Protecting spans and putting them back."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.translate.placeholders import Edit, Rewriting, protect, restore
from services.translate.untranslatable import Extent

READABLE = frozenset(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,;:!?()[]-+/'\"%&=*_|$°ÁÉàáâãçéêíóôõú"
)
TEXTS = st.text(max_size=80) | st.text(alphabet=st.sampled_from("aX31 γ≥µ().,-–“”’É\u0301\u00ad\n½12"), max_size=60)


def keeps(character):
    return character in READABLE


def protected(text, extent=Extent.NEEDED):
    return protect(text, keeps, extent)


def put_back(source, translation):
    restored = restore(source, translation)
    assert restored is not None
    return restored.after


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("TiO2 on γ-Al2O3.", "X31 on X32."),
        ("a pressure ≥ 5 bar", "a pressure X31 bar"),
        ("about 10 µm thick", "about 10 X31 thick"),
        ("the rod (12′) is", "the rod (X31) is"),
        ("f(α) grows", "X31 grows"),
        ("Dr. Müller says", "Dr. X31 says"),
        ("X31 and 12a", "X32 and X33"),
        ("a part 12AÀ here", "a part X31 here"),
        ("Índice e À direita", "índice e à direita"),
        ("ÍNDICE DE NOMES", "índice de nomes"),
        ("BACKGROUND OF 12A", "background of X31"),
        ("USB AND FIG. 3", "USB AND FIG. 3"),
        ("cao\u0303 ac\u0327a\u0303o", "caõ ação"),
        ("“smart” – the valve’s", '"smart" - the valve\'s'),
        ("word—word", "word - word"),
        ("o 3.º art. a 25 ºC", "o 3.o art. a 25 °C"),
        ("soft\u00adware\u200b", "software"),
        ("5\u00a0mm\u2009wide", "5 mm wide"),
    ],
)
def test_what_the_vocabulary_lacks_is_replaced(text, written):
    assert protected(text).text == written


@given(TEXTS, st.sampled_from(Extent))
def test_the_model_is_given_only_what_it_can_read(text, extent):
    assert all(map(keeps, protected(text, extent).text))


@given(TEXTS, st.sampled_from(Extent))
def test_each_placeholder_stands_for_a_span_of_the_text_and_is_new_in_it(text, extent):
    item = protected(text, extent)
    assert all(original in text for original in item.originals.values())
    assert all(re.search(name + r"(?!\d)", text) is None for name in item.originals)


@given(TEXTS, st.sampled_from(Extent), st.randoms())
def test_protected_spans_survive_any_order_of_words(text, extent, random):
    item = protected(text, extent)
    words = item.text.split(" ")
    random.shuffle(words)
    restored = restore(item, " ".join(words))
    assert restored is not None
    for name, original in item.originals.items():
        assert original in restored.after, name


@pytest.mark.parametrize("translation", ["nothing", "X31", "X31 X32 X32", "X31 X320", "x31 X32"])
def test_a_placeholder_lost_or_repeated_is_told(translation):
    assert restore(protected("12a and 12b"), translation) is None


def test_quotes_and_dashes_come_back_when_there_are_as_many():
    item = protected("the “smart” valve – a rod – is")
    restored = restore(item, 'a válvula "inteligente" - uma haste - é')
    assert restored is not None
    assert restored.after == "a válvula “inteligente” – uma haste – é"


def test_quotes_stay_plain_when_their_number_differs():
    assert put_back(protected("the “smart” valve"), 'a "válvula" "inteligente"') == 'a "válvula" "inteligente"'


@pytest.mark.parametrize(
    ("source", "translation", "restored"),
    [
        ("a PDA database 214f here", "um banco de dados PDAX31 aqui", "um banco de dados PDA 214f aqui"),
        ("the 12a rods", "X31hastes", "12a hastes"),
    ],
)
def test_a_code_is_parted_from_a_word_that_it_was_written_to(source, translation, restored):
    assert put_back(protected(source), translation) == restored


@pytest.mark.parametrize(
    ("source", "translation", "restored"),
    [
        ("2,3-dimetilfenol", "2.3-dimethylphenol", "2,3-dimethylphenol"),
        ("1,1,1-trifluor a 37 °C", "1.1,1-trifluoro at 37 oC", "1,1,1-trifluoro at 37 oC"),
        ("aquecido a 37°C", "heated to 37oC", "heated to 37°C"),
        ("o valor 2,3 e 4,5-dimetil", "the value 2.3 and 4.5-dimethyl", "the value 2.3 and 4,5-dimethyl"),
    ],
)
def test_locants_and_degrees_are_written_as_in_the_source(source, translation, restored):
    assert put_back(protected(source), translation) == restored


def test_an_ending_stays_with_its_number():
    assert put_back(protected("in the years 60", Extent.NUMBERS_TOO), "in the X31s") == "in the 60s"


def test_what_is_reworded_is_read_in_other_words_unless_it_is_protected():
    text = "wherein said 12a rod"
    edits = [Edit(8, 12, "the said"), Edit(13, 16, "twelve")]
    assert protect(text, keeps, Extent.NEEDED, (), edits).text == "wherein the said X31 rod"


@pytest.mark.parametrize(("text", "has_words"), [("γ-Al2O3 → (12)", False), ("12 + 5", False), ("12a rods", True)])
def test_what_has_no_words_needs_no_model(text, has_words):
    assert protected(text).has_words is has_words


@st.composite
def rewritings(draw):
    before = draw(st.text(alphabet="abc", max_size=20))
    bounds = sorted(draw(st.lists(st.integers(0, len(before)), max_size=8, unique=True)))
    pairs = zip(bounds[::2], bounds[1::2], strict=False)
    return Rewriting(before, tuple(Edit(start, end, draw(st.text(alphabet="XY", max_size=4))) for start, end in pairs))


@given(rewritings(), st.data())
def test_spans_are_found_again_across_a_rewriting(rewriting, data):
    start = data.draw(st.integers(0, len(rewriting.before)))
    span = (start, data.draw(st.integers(start, len(rewriting.before))))
    there = rewriting.forward(span)
    assert 0 <= there[0] <= there[1] <= len(rewriting.after)
    if not any(edit.start < span[1] and span[0] < edit.end for edit in rewriting.edits):
        assert rewriting.after[slice(*there)] == rewriting.before[slice(*span)]


def test_a_span_that_touches_an_edit_takes_it_in():
    rewriting = Rewriting("see γ-rays (12a)", (Edit(4, 10, "X31"), Edit(12, 15, "X32")))
    assert rewriting.after == "see X31 (X32)"
    assert rewriting.backward((4, 7)) == (4, 10)
    assert rewriting.backward((8, 13)) == (11, 16)
    assert rewriting.forward((12, 15)) == (9, 12)
