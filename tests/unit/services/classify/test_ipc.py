"""Symbols: every usual form is read to one value, written in one form, and rolled up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.classify.ipc import Level, MalformedSymbolError, Symbol

subclasses = st.builds(
    "{}{:02d}{}".format, st.sampled_from("ABCDEFGH"), st.integers(1, 99), st.sampled_from("ABCDEFGHJKLMNPQRSTVWXYZ")
)
subgroups = st.integers(0, 999_999).map(lambda number: f"{number:06d}".rstrip("0").ljust(2, "0"))
groups = st.builds("{} {}/{}".format, subclasses, st.integers(1, 9999), subgroups)
symbols = st.one_of(st.sampled_from("ABCDEFGH"), subclasses.map(lambda text: text[:3]), subclasses, groups)


@given(symbols)
def test_the_canonical_form_is_read_back(text):
    assert str(Symbol.parse(text)) == text


@given(groups)
def test_every_form_of_a_group_is_the_same_symbol(text):
    subclass, group = text.split(" ")
    main_group, subgroup = group.split("/")
    forms = [
        f"{subclass}{group}",
        f"{subclass}{main_group:>4}/{subgroup}",
        f"{subclass}{main_group:0>4}{subgroup:0<6}",
        f"{subclass}-{main_group:0>4}/{subgroup}",
        f"{subclass}{main_group:>4}/{subgroup:<6}     20060101AFI20051220RMJP  ",
        f"  {text.lower()}  ",
        f"{text} (2006.01)",
        f"{subclass} {main_group}:{subgroup}",
    ]
    assert {Symbol.parse(form) for form in forms} == {Symbol.parse(text)}


@given(groups)
def test_the_padded_form_has_fourteen_characters_and_is_read_back(text):
    symbol = Symbol.parse(text)
    assert len(symbol.padded) == 14
    assert Symbol.parse(symbol.padded) == symbol


@given(symbols, st.sampled_from(Level))
def test_rolling_up_gives_a_symbol_of_that_level_or_refuses(text, level):
    symbol = Symbol.parse(text)
    if level.depth > symbol.level.depth:
        with pytest.raises(ValueError, match="lies above"):
            symbol.at(level)
    else:
        above = symbol.at(level)
        assert above.at(Level.SECTION) == symbol.at(Level.SECTION)
        assert above.level is level or (above.level, level) == (Level.MAIN_GROUP, Level.SUBGROUP)


@given(st.text(max_size=80))
def test_no_text_breaks_the_parser(text):
    try:
        symbol = Symbol.parse(text)
    except MalformedSymbolError as error:
        assert error.code == "malformed-symbol"
        assert len(text) < 8 or text not in error.detail
    else:
        assert Symbol.parse(str(symbol)) == symbol


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I01",
        "A1",
        "H01L 21",
        "H01L 21/",
        "H01L 21/7",
        "H01L 0/00",
        "H01L 21/768 and more" * 9,
        "A01B1/02/03",
        "٣01A",
    ],
)
def test_what_is_no_symbol_is_refused(text):
    with pytest.raises(MalformedSymbolError):
        Symbol.parse(text)


@pytest.mark.parametrize(
    ("text", "level"),
    [("H", "section"), ("H01", "class"), ("H01L", "subclass"), ("H01L 21/00", "mainGroup"), ("H01L 21/02", "subgroup")],
)
def test_the_level_is_told_by_the_parts(text, level):
    assert Symbol.parse(text).level == level


def test_symbols_sort_as_the_scheme_does():
    ordered = ["A", "A01", "A01B", "A01B 1/00", "A01B 1/02", "A01B 1/022", "A01B 1/04", "A01B 13/00", "A01C", "B"]
    assert sorted(set(ordered), key=Symbol.parse) == ordered
