"""The text of a patent and its place in a vocabulary."""

import time

import pytest

from services.classify.terms import count_terms
from services.classify.text import READ_LETTERS, PatentText, clean


@pytest.mark.parametrize("part", ["title", "abstract", "claims", "description", "text"])
def test_any_part_makes_a_document(part):
    assert PatentText().is_blank
    assert PatentText(**{part: " \n\t"}).is_blank
    document = PatentText(**{part: "brush"})
    assert not document.is_blank
    assert "brush" in document.readable


@pytest.mark.parametrize("part", READ_LETTERS)
def test_only_the_beginning_of_a_part_is_read(part):
    document = PatentText(**{part: "a" * READ_LETTERS[part] + "b"})
    assert "a" in document.readable
    assert "b" not in document.readable


def test_the_title_counts_twice():
    assert PatentText(title="brush", abstract="handle").readable.split() == ["brush", "brush", "handle"]


@pytest.mark.parametrize(
    ("dirty", "read"),
    [
        ("semi-\nconductor", "semiconductor"),
        ("SEMI-\r\n  CONDUCTOR", "SEMICONDUCTOR"),
        ("semi- conductor", "semiconductor"),
        ("low- and high-pressure", "low- and high-pressure"),
        ("Vor- und Nachteile", "Vor- und Nachteile"),
        ("claim 1-\n2", "claim 1-\n2"),
        ("bris\u00adtles\u200b", "bristles"),
        ("<p class='a'>brush</p>", " brush "),
        ("<claim-text id=1>brush<br/>head</claim-text>", " brush head "),
        ("&lt;b&gt;brush&lt;/b&gt; &amp; head", " brush  & head"),
        ("a < b and c > d, x<y", "a < b and c > d, x<y"),
    ],
)
def test_markup_and_broken_words_are_mended_and_the_rest_left(dirty, read):
    assert clean(dirty) == read


@pytest.mark.parametrize("ligature", ["\ufb01lter", "FILTER", "fil\u00adter", "ﬁl-\nter"])
def test_every_way_to_print_a_word_is_one_term(ligature):
    assert count_terms(PatentText(text=ligature).readable) == {"filt": 1}


def test_what_stands_before_a_text_takes_none_of_its_letters():
    for before in (" " * 100_000, "<br class='x'/>" * 100):
        assert PatentText(title=before + "brush").readable.split() == ["brush", "brush"]


def test_the_front_is_all_but_the_description():
    document = PatentText("title", "abstract", "claims", "description", "text")
    assert document.front.split() == ["title", "title", "abstract", "claims", "text"]
    assert document.readable.split() == [*document.front.split(), "description"]


@pytest.mark.parametrize(
    "piece", ["<a b=", '<a b="', "ab-\n", "ab- ", "&", "&amp;", "<", "ab-" + "\n" * 50, "<a b='x' "]
)
def test_five_megabytes_of_anything_are_read_in_milliseconds(piece):
    document = PatentText(*[piece * (5_000_000 // len(piece))] * 5)
    started = time.process_time()
    assert not document.is_blank
    assert len(document.readable) < 20_000
    assert time.process_time() - started < 0.5
