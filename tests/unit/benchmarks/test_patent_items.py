"""What a patent must keep is found in source and target alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.patent_items import Kind, items, missing


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        (Kind.SIGNS, "a rod (12a, 12') and a lid [7] (see above)", {"12a": 1, "12'": 1, "7": 1}),
        (Kind.CODES, "the 19th of IL2 and 12a", {"IL2": 1, "12a": 1}),
        (Kind.NUMBERS, "1,000.5 and 0.5", {"1000!5": 1, "0!5": 1}),
        (Kind.UNITS, "2.5 mm at 20 °C and 3 wt.%", {"2!5mm": 1, "20°C": 1, "3wt.%": 1}),
        (Kind.FORMULAE, "H2SO4 and Ca(OH)2 in USB", {"H2SO4": 1, "Ca(OH)2": 1}),
        (Kind.LOCANTS, "2-naphthyl, 1,3-dibromobenzene, 32-bit", {"2-": 1, "1,3-": 1}),
        (Kind.CHARACTERS, "γ ≥ 5%", {"γ": 1, "≥": 1, "%": 1}),
        (Kind.SYMBOLS, "in H01L 21/768", {"H01L21/768": 1}),
        (Kind.SEQUENCES, "of SEQ ID NO: 12", {"SEQIDNO:12": 1}),
        (Kind.CLAIMS, "any one of claims 1 to 5", {"1,5": 1}),
        (Kind.DOCUMENTS, "US 5,123,456", {"US5,123,456": 1}),
        (Kind.AUTHORS, "Smith et al. 1999", {"Smith": 1}),
        (Kind.ADDRESSES, "see www.example.org.", {"www.example.org": 1}),
        (Kind.LINES, "1. A rod\n  a) bent", {"1.": 1, "a)": 1}),
    ],
)
def test_each_kind_is_counted(kind, text, expected):
    assert items(text, kind) == expected


@pytest.mark.parametrize(
    ("kind", "source", "target"),
    [
        (Kind.NUMBERS, "1,000.5 and 0.125", "0,125 e 1.000,5"),
        (Kind.UNITS, "15 mL at 2.5 mm", "15 ml a 2,5 mm"),
        (Kind.CLAIMS, "according to claims 1, 2 or 3", "de acordo com as reivindicações 1, 2 ou 3"),
        (Kind.SIGNS, "(10 and 12)", "(10 e 12)"),
        (Kind.LOCANTS, "2-methylpropane", "2-metilpropano"),
    ],
)
def test_both_languages_say_the_same(kind, source, target):
    assert items(source, kind) == items(target, kind)


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        (Kind.UNITS, "arquivos 412 são 2 s", {"2s": 1}),
        (Kind.DOCUMENTS, "a weight of 2,000,000 to 12,000,000", {}),
        (Kind.UNITS, "CST = 0 A força de 5 A, a 410A session", {"5A": 1, "410A": 1}),
        (Kind.CLAIMS, "a DNA of 0 claim 13, the 3 claims", {"13": 1, "3": 1}),
        (Kind.CHARACTERS, "policy & preferences of AT&T", {"&": 1}),
        (Kind.SIGNS, "(6.5) of (1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0!)", {"6": 1, "5": 1}),
    ],
)
def test_what_only_looks_like_a_kind_is_not_counted(kind, text, expected):
    assert items(text, kind) == expected


def test_a_locant_is_kept_before_a_name_spelt_wrong():
    assert not missing("9,10-phenanthrene", "9,10-fennanthreno", Kind.LOCANTS)
    assert missing("9,10-phenanthrene", "9,10 fenantreno", Kind.LOCANTS) == {"9,10-": 1}


@given(st.text(max_size=100), st.sampled_from(Kind))
def test_any_text_can_be_counted(text, kind):
    assert all(count > 0 for count in items(text, kind).values())
