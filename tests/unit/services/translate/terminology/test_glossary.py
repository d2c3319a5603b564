"""Terms are found in texts by words."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.translate.languages import LanguagePair, LanguageTag
from services.translate.terminology.entries import Entry, compiled
from services.translate.terminology.glossary import Terminology
from services.translate.terminology.shipped import patent_glossaries

PAIR = LanguagePair(LanguageTag("en"), LanguageTag("pt"))
TERMS = {
    "spring": "mola",
    "coil spring": "mola helicoidal",
    "heat exchanger": "trocador",
    "C++": "C++",
    "assembly": "x",
}
SIGNS = ("a", "the", ",", ".", "(", ")", "-", "\n", "(12)", "γ")
OFFICE = Terminology((compiled("o", PAIR, [Entry(*item) for item in TERMS.items()]),))
PATENT = Terminology(patent_glossaries())


def found(text, terminology=OFFICE, pair=PAIR):
    return [text[match.start : match.end] for match in terminology.find(text, pair)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A Spring, two springs and a COIL SPRING.", ["Spring", "springs", "COIL SPRING"]),
        ("heat-exchangers and heat exchanger", ["heat-exchangers", "heat exchanger"]),
        ("heat\nexchanger", []),
        ("springy offspring; spring-loaded, multi-spring", []),
        ("a C++ assembly, assemblies", ["C++", "assembly", "assemblies"]),
        ("see https://spring.example/spring and <spring>", []),
        ("coil, spring", ["spring"]),
    ],
)
def test_terms_are_whole_words_in_any_case_and_number_the_longest_first(text, expected):
    assert found(text) == expected


def test_of_two_glossaries_the_first_is_followed_and_the_longer_term_wins():
    other = compiled("p", PAIR, [Entry("spring", "fonte"), Entry("spring washer", "arruela de pressão")])
    matches = Terminology((*OFFICE.glossaries, other)).find("a spring and a spring washer", PAIR)
    assert [(match.glossary, match.term.targets[0].singular) for match in matches] == [
        ("o", "mola"),
        ("p", "arruela de pressão"),
    ]


def test_a_glossary_is_used_for_its_languages_only():
    brazilian = LanguagePair(LanguageTag("en"), LanguageTag.parse("pt-BR"))
    assert found("spring", pair=brazilian) == ["spring"]
    assert found("spring", pair=LanguagePair(LanguageTag("pt"), LanguageTag("en"))) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("They claim that spring comes in March 2010.", []),
        ("The spring 2010 of the housing market", []),
        ("any one of claims 1 to 7", ["claims"]),
        ("a spring (14); the spring is closed", ["spring", "spring"]),
        ("a spring 14a and a bolt 16.", ["spring", "bolt"]),
        ("a spring 14% longer", []),
        ("a bolt 12 mm", ["bolt"]),
        ("the prior art", ["prior art"]),
    ],
)
def test_words_of_every_day_are_terms_beside_a_reference_sign_only(text, expected):
    assert found(text, PATENT) == expected


def test_the_patent_glossary_is_large_enough_and_whole_in_every_direction():
    assert len(patent_glossaries()) == 6
    for glossary in patent_glossaries():
        assert len({term.targets for term, _ in glossary._terms.values()}) >= 150
        for term, _ in glossary._terms.values():
            assert all(form.strip() == form and form for each in term.targets for form in (each.singular, each.plural))


@given(st.lists(st.sampled_from([*TERMS, *SIGNS]), max_size=30).map(" ".join))
def test_matches_are_in_order_and_apart(text):
    matches = OFFICE.find(text, PAIR)
    assert all(a.end <= b.start for a, b in pairwise(matches))


def test_what_a_text_names_twice_has_one_name():
    def wordings(text):
        return [len({*each.term.targets, *each.term.accepted}) for each in PATENT.find(text, PAIR)]

    assert wordings("a housing (12)")[0] > 1
    assert wordings("a housing (12), wherein the housings (12) are closed and wherein") == [
        1,
        len(VARIANTS),
        1,
        len(VARIANTS),
    ]


VARIANTS = {*PATENT.find("wherein", PAIR)[0].term.targets, *PATENT.find("wherein", PAIR)[0].term.accepted}
