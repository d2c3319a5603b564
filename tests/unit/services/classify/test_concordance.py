"""Transfers are followed through the editions, forward and backward, and what is damaged is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examkit.artifact import Manifest, hash_files, write_manifest
from examkit.errors import ArtifactError
from services.classify.concordance import (
    FORMAT,
    FORMAT_VERSION,
    LIFETIMES_FILE,
    TRANSFERS_FILE,
    Concordance,
    Transfer,
)
from services.classify.engine import Options, TermClassifier, UnknownSymbolError
from services.classify.ipc import Level, Lifetime, Symbol
from services.classify.text import PatentText
from tests.tiny_classify import FIELDS

CONCORDANCE = Concordance(
    [
        Transfer("A01B 1/00", "A01B 3/00", "2010.01"),
        Transfer("A01B 1/00", "A01C 1/00", "2010.01"),
        Transfer("A01B 3/00", "A01D 1/00", "2015.01"),
        Transfer("A01B 3/00", "A01F 1/00", "2007.01"),
        Transfer("A01B 3/00", "A01B 3/00", "2015.01"),
        Transfer("B01B 1/00", "B01C 1/00", ""),
        Transfer("B01C 1/00", "B01B 1/00", ""),
        Transfer("B01D 1/00", "", "2012.01"),
        Transfer("C01B 1/00", "C01", "2012.01"),
    ]
)


def successors(text, *wanted):
    return [str(each) for each in CONCORDANCE.successors(Symbol.parse(text), lambda symbol: str(symbol) in wanted)]


def predecessors(text, *wanted):
    return [str(each) for each in CONCORDANCE.predecessors(Symbol.parse(text), lambda symbol: str(symbol) in wanted)]


def test_a_chain_ends_at_the_first_wanted_symbol_and_never_goes_back_in_time():
    assert successors("A01B 1/00", "A01B 3/00", "A01C 1/00", "A01D 1/00") == ["A01B 3/00", "A01C 1/00"]
    assert successors("A01B 1/00", "A01C 1/00", "A01D 1/00", "A01F 1/00") == ["A01C 1/00", "A01D 1/00"]
    assert successors("A01B 3/00", "A01D 1/00", "A01F 1/00", "A01B 3/00") == ["A01D 1/00", "A01F 1/00"]


def test_the_way_back_leads_to_what_a_newer_symbol_was_made_of():
    assert predecessors("A01D 1/00", "A01B 1/00") == ["A01B 1/00"]
    assert predecessors("A01F 1/00", "A01B 1/00") == []
    assert predecessors("A01C 1/00", "A01B 1/00", "A01B 3/00") == ["A01B 1/00"]


def test_circles_deletions_and_unknown_symbols_end():
    assert successors("B01B 1/00") == successors("B01D 1/00", "B01D 1/00") == successors("H01L") == []
    assert [CONCORDANCE.knows(Symbol.parse(text)) for text in ("B01D 1/00", "C01", "H01L", "H01L 1/00")] == [
        True,
        True,
        False,
        False,
    ]


def test_classes_and_subclasses_go_where_their_groups_go():
    assert successors("A01B", "A01C", "A01D", "A01F") == ["A01C", "A01D", "A01F"]
    assert predecessors("A01D", "A01B") == ["A01B"]
    assert successors("C01B", "C01") == ["C01"]
    assert successors("A", "A") == []


@given(
    st.lists(st.tuples(*[st.sampled_from([f"A01B {n}/00" for n in range(1, 8)])] * 2, st.sampled_from(["", "1", "2"])))
)
def test_any_table_can_be_followed(rows):
    concordance = Concordance(Transfer(*row) for row in rows)
    start = Symbol.parse("A01B 1/00")
    for follow in (concordance.successors, concordance.predecessors):
        assert start not in follow(start, lambda _: True)
        assert follow(start, lambda _: False) == []


@pytest.fixture
def write(tmp_path):
    def write_artifact(transfers, lifetimes="symbol\tsince\tuntil\n", **properties):
        folder = tmp_path / "ipc-concordance"
        folder.mkdir()
        (folder / TRANSFERS_FILE).write_text(transfers)
        (folder / LIFETIMES_FILE).write_text(lifetimes)
        files = hash_files(folder, [TRANSFERS_FILE, LIFETIMES_FILE])
        write_manifest(folder, Manifest("ipc-concordance", "1", FORMAT, FORMAT_VERSION, "", "", files, properties))
        return folder

    return write_artifact


def test_what_is_installed_beside_the_scheme_is_taken_along(write, tmp_path):
    assert Concordance.beside(tmp_path / "ipc-scheme") is None
    lifetimes = "symbol\tsince\tuntil\nA01B 1/00\t2006.01\t2010.01\nA01B 3/00\t2006.01\t\n"
    write("from\tto\tedition\nA01B 1/00\tA01B 3/00\t2010.01\nB01B 1/00\t\t\n", lifetimes, inventory="2026.01")
    concordance = Concordance.beside(tmp_path / "ipc-scheme")
    assert concordance is not None
    symbol = Symbol.parse("A01B 1/00")
    assert concordance.lifetime(symbol) == Lifetime("2006.01", "2010.01")
    assert concordance.standing(symbol, "2010.01") == "invalid"
    assert concordance.successors(symbol, lambda _: True) == [Symbol.parse("A01B 3/00")]
    assert concordance.knows(Symbol.parse("B01B 1/00"))


@pytest.mark.parametrize(
    ("transfers", "lifetimes", "properties"),
    [
        ("h\nA01B 1/00\tA01B 3/00", "h", {"inventory": ""}),
        ("h", "h\nA01B 1/00\t2006.01", {"inventory": ""}),
        ("h", "h", {}),
    ],
)
def test_tables_that_cannot_be_read_are_refused(write, transfers, lifetimes, properties):
    with pytest.raises(ArtifactError, match="tables cannot be read"):
        Concordance.open(write(transfers, lifetimes, **properties))


def test_the_classifier_refuses_a_start_of_another_edition_and_names_its_successors(write, tmp_path, tiny_artifacts):
    (tmp_path / "ipc-scheme").symlink_to(tiny_artifacts / "ipc-scheme")
    write("from\tto\tedition\nH01L 99/00\tH01L 21/768\t2018.01\n", inventory="")
    classifier = TermClassifier.open(tiny_artifacts / "ipc-classifier", tmp_path / "ipc-scheme")
    options = Options(start_from=Symbol.parse("H01L 99/00"), level=Level.SUBGROUP)
    with pytest.raises(UnknownSymbolError) as refused:
        classifier.classify(PatentText(text=" ".join(FIELDS.values())), options)
    assert (refused.value.code, refused.value.target) == ("symbol-of-another-edition", "/startFrom")
    assert [detail.message[:11] for detail in refused.value.details] == ["H01L 21/768"]
