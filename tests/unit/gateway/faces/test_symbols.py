"""Symbols and languages as other protocols write them."""

import pytest

from gateway.faces.languages import name_of, tag_of
from gateway.faces.symbols import components, padded


@pytest.mark.parametrize(
    ("symbol", "written"),
    [
        ("G06Q 10/06", "G06Q0010060000"),
        ("G06Q 10/00", "G06Q0010000000"),
        ("H01L 21/768", "H01L0021768000"),
        ("C12N 9999/123456", "C12N9999123456"),
        ("H01L", "H01L"),
        ("H", "H"),
    ],
)
def test_groups_are_padded_to_fourteen_characters(symbol, written):
    assert padded(symbol) == written


def test_parts_below_a_symbols_level_are_empty():
    assert components("H01L 21/768") == {
        "section": "H",
        "ipcClass": "01",
        "subclass": "L",
        "mainGroup": "21",
        "subGroup": "768",
    }
    assert components("H01")["subclass"] == components("H01")["mainGroup"] == ""


@pytest.mark.parametrize(
    ("code", "tag"), [("eng", "en"), ("pb", "pt-BR"), ("zt", "zh-Hant"), ("pt_BR", "pt-BR"), (" fr ", "fr"), ("x", "x")]
)
def test_codes_become_tags(code, tag):
    assert tag_of(code) == tag


def test_a_language_without_a_name_is_called_by_its_code():
    assert (name_of("pt-BR"), name_of("tlh")) == ("Portuguese", "tlh")
