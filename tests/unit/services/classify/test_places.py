"""Places of terms: in the text as it was sent, in any inflection, however it is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.classify.places import MOST_PLACES, Occurrences
from services.classify.terms import count_terms, terms_of, words_of
from services.classify.text import PatentText, clean


def marked(text: PatentText, term: str) -> list[str]:
    """Cut out of a document what is said to be a term."""
    return [getattr(text, place.part)[place.start : place.end] for place in Occurrences(text).of({term})[term]]


@pytest.mark.parametrize(
    ("text", "term", "found"),
    [
        ("Brushes with a brush, BRUSHING.", "brush", ["Brushes", "brush", "BRUSHING"]),
        ("A brush-head of a brush has heads.", "brush head", ["brush-head", "brush has heads"]),
        ("the head of the brushes", "head brush", ["head of the brushes"]),
        ("semi-\n  conductors", "semiconduct", ["semi-\n  conductors"]),
        ("semi\u00adconductor", "semiconduct", ["semi\u00adconductor"]),
        ("\ufb01lters", "filt", ["\ufb01lters"]),
        ("\uff22\uff32\uff35\uff33\uff28", "brush", ["\uff22\uff32\uff35\uff33\uff28"]),
        ("e\u0301lectricite\u0301 et électricité", "electricit", ["e\u0301lectricite\u0301", "électricité"]),
        ("𝄞𝄞 a brush", "brush", ["brush"]),
        ("一种牙刷及牙刷头", "牙刷", ["牙刷", "牙刷"]),
        ("ガラス製品", "ガラ", ["ガラ"]),
        ("a brush of 牙刷 brushes", "牙刷", ["牙刷"]),
        ("\uff76\uff9e\uff97\uff7d", "ガラ", ["\uff76\uff9e\uff97\uff7d"]),
        ("a brush, brushes", "brush brush", []),
        ("a brush2head", "head", ["head"]),
        ("brushwood", "brush", []),
        ("", "brush", []),
    ],
)
def test_a_term_is_found_as_it_was_written(text, term, found):
    assert marked(PatentText(abstract=text), term) == found


def test_places_name_the_part_and_come_in_the_order_of_the_document():
    text = PatentText(title="Brush", abstract="a brush", claims="brushes", description="brushing", text="BRUSH")
    assert [place.part for place in Occurrences(text).of({"brush"})["brush"]] == [
        "title",
        "abstract",
        "claims",
        "description",
        "text",
    ]


def test_a_pair_does_not_span_two_parts():
    assert Occurrences(PatentText(title="brush", abstract="head")).of({"brush head"}) == {"brush head": []}


def test_a_term_that_stands_everywhere_has_its_first_places_only():
    places = Occurrences(PatentText(text="brush " * 1_000)).of({"brush"})["brush"]
    assert len(places) == MOST_PLACES == 50
    assert places[-1].start == 49 * 6


def test_very_long_parts_are_searched_from_their_beginning():
    text = PatentText(description="brush" + " x" * 100_000 + " brush")
    assert len(Occurrences(text).of({"brush"})["brush"]) == 1


HARD = st.sampled_from("abc ABC-\u00ad\n\u0301é一种牙刷ｶﾞ²ß")
LETTERS = st.text(HARD | st.characters(exclude_categories=["Cs"]), max_size=60)


@given(LETTERS)
def test_every_place_reads_as_its_term_and_lies_in_the_text(written):
    text = PatentText(text=written)
    terms = set(count_terms(text.text))
    for term, places in Occurrences(text).of(terms).items():
        for place in places:
            assert 0 <= place.start < place.end <= len(written)
            read = {found for found, _ in terms_of(words_of(clean(written[place.start : place.end])))}
            assert term in read
