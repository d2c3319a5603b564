"""Which groups a document counts in, and what is right for it."""

import pytest

from benchmarks.classify_documents import (
    ALL_COMPLETE,
    COMPLETE,
    ENGLISH,
    ENGLISH_TITLES,
    EUROPEAN_TITLES,
    KOREAN,
    PORTUGUESE_TITLES,
    PYGRAMS,
    Documents,
    groups_of,
    known_labels,
)
from models.classify.corpus import LabelledPatent
from services.classify.ipc import Level, Symbol
from services.classify.scheme import Scheme
from services.classify.text import PatentText
from tests.tiny_classify import write_scheme


@pytest.fixture(scope="module")
def scheme(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scheme")
    write_scheme(folder, ["A", "A46", "A46B", "A46B 9/00", "A46B 9/04", "H", "H01", "H01L"])
    return Scheme.open(folder)


def patent(symbols=("A46B 9/04",), *, source="pygrams", language="en", abstract="bristles", number="US1"):
    text = PatentText(title="Brush", abstract=abstract)
    return LabelledPatent(number, source, language, text, tuple(map(Symbol.parse, symbols)))


def test_a_text_counts_in_its_language_source_and_sections():
    groups = set(groups_of(patent(("A46B 9/04", "H01L"))))
    assert groups == {
        PYGRAMS,
        ENGLISH,
        COMPLETE,
        ALL_COMPLETE,
        "section A, English texts",
        "section H, English texts",
    }


@pytest.mark.parametrize(
    ("language", "group"), [("en", ENGLISH_TITLES), ("pt", PORTUGUESE_TITLES), ("fr", EUROPEAN_TITLES)]
)
def test_a_title_is_no_text(language, group):
    groups = set(groups_of(patent(language=language, abstract="")))
    assert group in groups
    assert not {ENGLISH, COMPLETE} & groups


def test_a_source_that_leaves_symbols_out_is_not_complete():
    groups = set(groups_of(patent(source="juliusgeo")))
    assert ENGLISH in groups
    assert not {COMPLETE, ALL_COMPLETE} & groups


def test_a_language_without_a_name_is_another():
    assert "Other texts" in set(groups_of(patent(language="fi")))
    assert KOREAN in set(groups_of(patent(language="ko")))


def test_labels_are_cut_to_the_level_and_the_edition(scheme):
    given = patent(("A46B 9/04", "A46B 17/02", "H01L"))
    assert known_labels(given, Level.SUBCLASS, scheme) == {Symbol.parse("A46B"), Symbol.parse("H01L")}
    assert known_labels(given, Level.MAIN_GROUP, scheme) == {Symbol.parse("A46B 9/00")}
    assert known_labels(given, Level.SUBGROUP, scheme) == {Symbol.parse("A46B 9/04")}


def test_a_main_group_alone_is_a_whole_symbol(scheme):
    assert known_labels(patent(("A46B 9/00",)), Level.SUBGROUP, scheme) == {Symbol.parse("A46B 9/00")}


def test_the_first_listed_symbol_means_something_only_in_some_sources(scheme):
    symbols = ("H01L", "A46B 9/04")
    documents = Documents.of(
        [patent(symbols), patent(symbols, source="teamlab"), patent(symbols, source="lucaslopes", number="LL4035")],
        scheme,
    )
    assert documents.first_listed(Level.SUBCLASS, 0) == Symbol.parse("H01L")
    assert documents.first_listed(Level.MAIN_GROUP, 0) is None
    assert documents.first_listed(Level.SUBCLASS, 1) is None
    assert documents.first_listed(Level.SUBCLASS, 2) is None
    assert documents.groups[PYGRAMS].tolist() == [True, False, False]
