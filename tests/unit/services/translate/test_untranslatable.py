"""Finding what must not be translated."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.translate.untranslatable import Coverage, Extent, code_spans


def found(text, extent=Extent.NEEDED):
    return {text[start:end] for start, end in code_spans(text, extent)}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("the sensors (122a, 122b')", "122b'"),
        ("supported on Al2O3 here", "Al2O3"),
        ("R1 is C1-C6 alkyl", "C1-C6"),
        ("classified in H01L 21/768 and more", "H01L 21/768"),
        ("as in H01L alone", "H01L"),
        ("of SEQ ID NO: 12, and", "SEQ ID NO: 12"),
        ("any of SEQ ID NOs 3-5", "SEQ ID NOs 3-5"),
        ("known from EP 1 234 567 A1.", "EP 1 234 567 A1"),
        ("known from US 2012/0123456 A1.", "US 2012/0123456 A1"),
        ("pedido BR 10 2012 012345-6", "BR 10 2012 012345-6"),
        ("filed as PCT/EP2012/001234", "PCT/EP2012/001234"),
        ("see https://example.org/a?b=c.", "https://example.org/a?b=c"),
        ("write to a.b@example.org!", "a.b@example.org"),
        ("a <b>bold</b> word", "</b>"),
        ("of formula (I) or", "(I)"),
        ("a compound of formula IIa", "IIa"),
        ("fórmula II", "II"),
        ("in step (b), the", "(b)"),
        ("by Langer et al., J. Biomed.", "Langer et al."),
        ("U.S. Patent Nos. 5,830,670 and 5,948,634;", "5,948,634"),
        ("mutations at 17/52/87/118/129.", "17/52/87/118/129"),
        ("formula ##STR00001## in which", "##STR00001##"),
        ("of 5,000 N*s/m2 at", "N*s/m2"),
        ("application 60/123,456 of", "60/123,456"),
        ("surfaces (21 a, 22 b) of", "(21 a, 22 b)"),
        ("heated for 12s at", "12s"),
    ],
)
def test_a_code_is_found_whole(text, code):
    assert code in found(text)


@pytest.mark.parametrize(
    "text", ["a 4-month-old mouse", "the 19th century", "in the 1980s", "às 12h55", "I am here", "A US patent"]
)
def test_words_are_no_codes(text):
    assert not found(text)


def test_a_number_is_a_patents_only_where_it_is_said_so():
    assert not found("a population of 5,123,456 people")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("with reference to FIG. 7.", "FIG. 7"),
        ("a 2-t-butylpyrrol-4-yl group", "2-t-butylpyrrol-4-yl"),
        ("in N,N-dimethylformamide.", "N,N-dimethylformamide"),
        ("a 1,4-phenylene group", "1,4-phenylene"),
        ("an N-bit word", "N-bit"),
        ("of 8-quinolinole derivatives", "8-quinolinole"),
        ("p-coumarate 3-hydroxylase activity", "3-hydroxylase"),
        ("about 760 nm wide", "760 nm"),
        ("marked +++ or", "+++"),
    ],
)
def test_with_numbers_go_what_they_belong_to(text, code):
    assert code in found(text, Extent.NUMBERS_TOO)
    assert code not in found(text)


def test_numbers_are_codes_when_asked_for():
    assert not found("at 2.5 MPa and 1,000 rpm")
    assert found("at 2.5 MPa and 1,000 rpm", Extent.NUMBERS_TOO) == {"2.5 MPa", "1,000"}


@pytest.mark.parametrize("run", ["x", "γ", "1", ".", "-", "_", "a-", "a1-", "a.", "X31", "1.", "a@", "www.", "EP 1 "])
def test_a_long_run_takes_no_more_time_than_its_length_does(run):
    started = time.process_time()
    list(code_spans(run * (100_000 // len(run)), Extent.NUMBERS_TOO))
    assert time.process_time() - started < 2  # with time that grows by the square it was 90


SPANS = st.tuples(st.integers(0, 30), st.integers(0, 30))


@settings(deadline=None)
@given(spans=st.lists(SPANS, max_size=8), start=st.integers(0, 30), length=st.integers(1, 30))
def test_coverage_touches_what_any_of_its_spans_does(spans, start, length):
    end = start + length
    expected = any(first < last and first < end and start < last for first, last in spans)
    assert Coverage.of(spans).touches(start, end) is expected
