"""Titles are there in every language, found by words and codes, and give way to an office's own table."""

import pytest

from models.image_search.concept_codes import Rules
from services.image_search.codes import NiceClass, ViennaCode
from services.image_search.titles import Language, Titles
from services.image_search.vienna import OWN_EDITION, ViennaTable

OWN = Titles.beside(ViennaTable(OWN_EDITION, {}))


def codes(titles: Titles, asked: str, language: Language = Language.ENGLISH) -> list[str]:
    return [str(code) for code, _ in titles.find_vienna(asked, language)]


@pytest.mark.parametrize("language", Language)
def test_every_class_and_code_has_a_title_of_its_own_in_every_language(language):
    assert [each.number for each in OWN.nice[language]] == list(range(1, 46))
    assert len(set(OWN.nice[language].values())) == 45
    vienna = OWN.vienna[language]
    assert list(vienna) == sorted(vienna)
    assert {code.numbers[0] for code in vienna if len(code.numbers) == 1} == set(range(1, 30))
    assert all(ViennaCode(code.numbers[:1]) in vienna for code in vienna)
    for titles in (OWN.nice[language], vienna):
        assert all(title == title.strip() and 2 < len(title) < 70 for title in titles.values())


def test_the_english_titles_are_those_of_suggestions():
    suggested = Rules.read().titles
    assert {code: OWN.vienna[Language.ENGLISH][code] for code in suggested} == suggested


@pytest.mark.parametrize(
    ("asked", "language", "expected"),
    [
        ("lion", "en", ["03.01"]),
        ("LEÃO", "pt", []),
        ("leoes", "pt", ["03.01"]),
        ("étoiles", "fr", ["01.01", "01.11"]),
        ("etoil", "fr", ["01.01", "01.11"]),
        ("fruta", "es", ["05.07"]),
        ("snakes", "en", []),
        ("leaves with bran", "en", ["05.03"]),
        ("05.03", "en", ["05.03"]),
        ("5.", "en", ["05", "05.01", "05.03", "05.05", "05.07", "05.09", "05.11", "05.13"]),
        ("0503", "en", ["05.03"]),
        ("99", "en", []),
        ("00", "en", []),
        ("5.3.13.1", "en", []),
    ],
)
def test_codes_are_found_by_words_and_by_codes(asked, language, expected):
    assert codes(OWN, asked, Language(language)) == expected


def test_all_are_given_where_nothing_is_asked_parents_first():
    everything = codes(OWN, "")
    assert everything[:3] == ["01", "01.01", "01.03"]
    assert len(everything) == len(OWN.vienna[Language.ENGLISH])


def test_an_offices_table_is_used_as_it_is_with_our_titles_above_it():
    table = {(5, 3, 13): "Una hoja", (26,): "Figuras", (26, 3): "Triángulos"}
    titles = Titles.beside(ViennaTable("8", {ViennaCode(numbers): title for numbers, title in table.items()}))
    assert titles.find_vienna("", Language.FRENCH) == [
        (ViennaCode((5,)), "Plantes"),
        (ViennaCode((5, 3)), "Feuilles, branches avec feuilles"),
        (ViennaCode((5, 3, 13)), "Una hoja"),
        (ViennaCode((26,)), "Figuras"),
        (ViennaCode((26, 3)), "Triángulos"),
    ]
    assert (titles.edition, titles.is_own) == ("8", False)


def test_a_code_is_read_by_the_title_of_what_it_lies_below():
    assert OWN.of_vienna(ViennaCode((5, 3, 13)), Language.PORTUGUESE) == "Folhas, ramos com folhas"
    assert OWN.of_vienna(ViennaCode((98, 1)), Language.ENGLISH) is None
    assert OWN.nice[Language.FRENCH][NiceClass(32)] == "Bière, boissons sans alcool, eaux, jus"
