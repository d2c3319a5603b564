"""Finding what must not be translated."""

import pytest

from services.translate.untranslatable import Extent, code_spans


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
    ],
)
def test_a_code_is_found_whole(text, code):
    assert code in found(text)


@pytest.mark.parametrize(
    "text", ["a 4-month-old mouse", "the 19th century", "in the 1980s", "às 12h55", "I am here", "A US patent"]
)
def test_words_are_no_codes(text):
    assert not found(text)


def test_numbers_are_codes_when_asked_for():
    assert not found("at 2.5 MPa and 1,000 rpm")
    assert found("at 2.5 MPa and 1,000 rpm", Extent.NUMBERS_TOO) == {"2.5", "1,000"}
