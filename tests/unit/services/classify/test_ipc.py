"""Symbols: every usual form is read to one value, written in one form, and rolled up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.classify.ipc import (
    Level,
    Lifetime,
    MalformedEditionError,
    MalformedSymbolError,
    Standing,
    Symbol,
    edition_of,
)
from services.classify.scheme import SYMBOLS_FILE, unpacked

subclasses = st.builds(
    "{}{:02d}{}".format, st.sampled_from("ABCDEFGH"), st.integers(1, 99), st.sampled_from("ABCDEFGHJKLMNPQRSTVWXYZ")
)
subgroups = st.integers(0, 999_999).map(lambda number: f"{number:06d}".rstrip("0").ljust(2, "0"))
groups = st.builds("{} {}/{}".format, subclasses, st.integers(1, 9999), subgroups)
symbols = st.one_of(st.sampled_from("ABCDEFGH"), subclasses.map(lambda text: text[:3]), subclasses, groups)


@given(symbols)
def test_the_canonical_form_is_read_back(text):
    assert str(Symbol.parse(text)) == text


def forms_of(text):
    """Write a group, `H01L 21/768`, as people, ST.8 and WIPO's files do."""
    subclass, group = text.split(" ")
    main_group, subgroup = group.split("/")
    return [
        text,
        f"{subclass}{group}".lower(),
        f"{subclass}{main_group:0>4}{subgroup:0<6}",
        f"{subclass}{main_group:>4}/{subgroup:<6}    20060101AFI20051220RMJP        ",
        text.translate(WIDE),
    ]


def rarer_forms_of(text):
    """Write a group in forms that are met now and then."""
    subclass, group = text.split(" ")
    main_group, subgroup = group.split("/")
    return [
        f"{subclass}{group}",
        f"  {subclass}\t{group}\n",
        f"{subclass}\u00a0{group}",
        f"{subclass[0]} {subclass[1:3]} {subclass[3]} {main_group} / {subgroup}",
        f"{subclass}-{main_group:0>4}/{subgroup}",
        f"{subclass} {main_group}:{subgroup}",
        f"{text} (2006.01)",
        f"{text} (2006.01) I",
        f"{text} (IPC1-7)",
        f"{text} 20060101AFI20051220RMJP",
        f"{text} 20060101 A I 20051220 R M JP",
    ]


WIDE = {code: 0xFEE0 + code for code in range(ord("!"), ord("~") + 1)} | {ord(" "): 0x3000}


@given(groups)
def test_every_form_of_a_group_is_the_same_symbol(text):
    assert {str(Symbol.parse(form)) for form in forms_of(text) + rarer_forms_of(text)} == {text}


@pytest.fixture(scope="module")
def installed(artifacts_dir):
    """Every symbol of the installed scheme."""
    lines = unpacked(artifacts_dir / "ipc-scheme" / SYMBOLS_FILE).splitlines()
    return [line.partition("\t")[0] for line in lines]


def test_every_symbol_of_the_installed_scheme_comes_back_from_every_form(installed):
    assert len(installed) > 70_000
    for text in installed:
        forms = forms_of(text) if " " in text else [text, text.lower(), text.translate(WIDE)]
        assert {str(Symbol.parse(form)) for form in forms} == {text}


def test_no_two_symbols_of_the_installed_scheme_are_written_alike(installed):
    symbols = [Symbol.parse(text) for text in installed]
    assert len({symbol.padded for symbol in symbols}) == len({symbol.st8 for symbol in symbols}) == len(installed)


@given(groups)
def test_the_padded_form_has_fourteen_characters_and_is_read_back(text):
    symbol = Symbol.parse(text)
    assert len(symbol.padded) == 14
    assert Symbol.parse(symbol.padded) == symbol


@given(groups)
def test_st_8_puts_every_part_at_its_position(text):
    symbol = Symbol.parse(text)
    record = symbol.st8
    assert len(record) == 15
    assert (record[0], record[1:3], record[3]) == (symbol.section, symbol.class_number, symbol.subclass_letter)
    assert (int(record[4:8]), record[8], record[9:15].rstrip()) == (symbol.main_group, "/", symbol.subgroup)
    assert Symbol.parse(record) == symbol


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
        "H01L 21/768 and more",
        "H01L 21/76, 21/78",
        "H01L 21/76 21/78",
        "H01L 21/76; H01L 21/78",
        "H01L 21/76 H01L 21/78",
        "H01L 21/7681234",
        "Y02E 10/50",
        "H01L0021",
        "A01B 12345/00",
        "Int. Cl. H01L 21/768",
        f"H01L 21/768 {' ' * 40}x",
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


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("A 01 B 1/02", "A01B 1/02"),  # editions 1 to 7, as printed
        ("C08K 5:00", "C08K 5/00"),  # indexing codes before 2006
        ("H01L21/76801", "H01L 21/76801"),  # CPC: no edition of the IPC has it, which the scheme tells
        ("A01B 2300/00", "A01B 2300/00"),  # CPC's 2000 series
        ("H01L 21/760", "H01L 21/76"),
        ("A01B 1/20", "A01B 1/20"),
        ("A01B 1/000", "A01B 1/00"),
    ],
)
def test_forms_of_other_editions_and_of_the_cpc_are_read(text, canonical):
    assert str(Symbol.parse(text)) == canonical


@pytest.mark.parametrize("text", ["2026.01", "20260101", " 2026.01 ", "202601"])
def test_an_edition_is_written_in_one_way(text):
    assert edition_of(text) == "2026.01"


@pytest.mark.parametrize("text", ["", "2026", "2026.13", "2026.1", "2026-01-01", "latest", "٢٠٢٦.01", "2026.01.01"])
def test_what_names_no_edition_is_refused(text):
    with pytest.raises(MalformedEditionError):
        edition_of(text)


def test_a_lifetime_starts_with_an_edition_and_ends_before_one():
    ended, running = Lifetime("2006.01", "2019.01"), Lifetime("2006.01")
    editions = ("2000.01", "2006.01", "2018.01", "2019.01", "2026.01")
    assert [ended.standing(edition) is Standing.VALID for edition in editions] == [False, True, True, False, False]
    assert [running.standing(edition) is Standing.VALID for edition in editions] == [False, True, True, True, True]
