"""ST.96 out: well formed, in the order of the standard, marked as generated, and read back as it was."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from services.classify.ipc import Symbol
from services.classify.ipcr_xml import IpcrEntry, IpcrSource, write_bag
from services.classify.patent_xml import read_patent

SOURCE = IpcrSource("2023.01", date(2026, 11, 22), "ipc-test", "1.2.3")
NAMESPACES = {
    "pat": "http://www.wipo.int/standards/XMLSchema/ST96/Patent",
    "com": "http://www.wipo.int/standards/XMLSchema/ST96/Common",
}


def bag_of(*symbols: str):
    return etree.fromstring(write_bag([IpcrEntry(Symbol.parse(symbol), 0.5) for symbol in symbols], SOURCE))


def values_of(bag, path: str) -> list[str]:
    return [element.text or "" for element in bag.findall(f"pat:IPCRClassification/{path}", NAMESPACES)]


def test_a_group_has_every_field_in_the_order_of_the_standard():
    (classification,) = bag_of("H01L 21/768").findall("pat:IPCRClassification", NAMESPACES)
    texts = [(etree.QName(child).localname, child.text) for child in classification.iterchildren("*")]
    assert texts == [
        ("PatentClassificationText", "H01L  21/768       20230101AFI20261122BG          "),
        ("ClassificationVersionDate", "2023-01-01"),
        ("PatentClassificationLevelCode", "A"),
        ("SymbolPositionCode", "F"),
        ("IPCClassificationValueCode", "I"),
        ("ActionDate", "2026-11-22"),
        ("IPCClassificationStatusCode", "B"),
        ("PatentClassificationDataSourceCode", "G"),
        ("Section", "H"),
        ("Class", "01"),
        ("Subclass", "L"),
        ("MainGroup", "21"),
        ("Subgroup", "768"),
    ]


def test_elements_are_of_the_two_namespaces_of_st96():
    bag = bag_of("A46B 9/04")
    assert etree.QName(bag) == etree.QName(NAMESPACES["pat"], "IPCRClassificationBag")
    assert values_of(bag, "com:SymbolPositionCode") == ["F"]
    assert values_of(bag, "pat:MainGroup") == ["9"]


def test_the_first_symbol_is_first_and_each_has_its_rank_and_role():
    entries = [IpcrEntry(Symbol.parse(text), 0.5, text != "G06F 1/00") for text in ("A46B 9/04", "G06F 1/00", "H01L")]
    bag = etree.fromstring(write_bag(entries, SOURCE))
    assert values_of(bag, "com:SymbolPositionCode") == ["F", "L", "L"]
    assert values_of(bag, "pat:IPCClassificationValueCode") == ["I", "N", "I"]
    assert [text[27:30] for text in values_of(bag, "pat:PatentClassificationText")] == ["AFI", "ALN", "SLI"]
    ranks = [element.get(etree.QName(NAMESPACES["com"], "sequenceNumber")) for element in bag.iterchildren("*")]
    assert ranks == ["1", "2", "3"]


@pytest.mark.parametrize(("symbol", "level"), [("H01L", ["S"]), ("H01", []), ("H", [])])
def test_above_the_groups_there_is_as_much_as_the_standard_has(symbol, level):
    bag = bag_of(symbol)
    assert values_of(bag, "pat:PatentClassificationLevelCode") == level
    assert len(values_of(bag, "pat:PatentClassificationText")) == len(level)
    assert values_of(bag, "pat:MainGroup") == []


def test_scores_and_the_model_stand_where_no_schema_looks():
    bag = etree.fromstring(write_bag([IpcrEntry(Symbol.parse("A46B"), 0.71239)], SOURCE))
    of_bag, of_entry = bag.iter(etree.ProcessingInstruction)
    assert etree.tostring(of_bag).strip() == b'<?examkit model="ipc-test" version="1.2.3" edition="2023.01"?>'
    assert etree.tostring(of_entry).strip() == b'<?examkit score="0.7124"?>'
    assert etree.QName(of_entry.getparent()).localname == "IPCRClassification"


def test_a_name_cannot_end_the_instruction_it_stands_in():
    source = IpcrSource("2023.01", date(2026, 1, 1), 'a"?><evil/>', "1")
    bag = etree.fromstring(write_bag([], source))
    assert list(bag.iterchildren("*")) == []


def test_what_a_person_decided_names_no_model_and_no_score():
    source = IpcrSource("2023.01", date(2026, 11, 22))
    bag = etree.fromstring(write_bag([IpcrEntry(Symbol.parse("A46B 9/04"))], source))
    assert [etree.tostring(each).strip() for each in bag.iter(etree.ProcessingInstruction)] == [
        b'<?examkit edition="2023.01"?>'
    ]
    assert values_of(bag, "pat:PatentClassificationDataSourceCode") == ["H"]
    assert values_of(bag, "pat:PatentClassificationText") == ["A46B   9/04        20230101AFI20261122BH          "]


GROUPS = st.builds(
    "{}{:02}{} {}/{}".format,
    st.sampled_from("ABCDEFGH"),
    st.integers(1, 99),
    st.sampled_from("BCDFKZ"),
    st.integers(1, 9999),
    st.from_regex(r"[0-9]{2}|[0-9]{2,5}[1-9]", fullmatch=True),
)


@given(st.lists(st.builds(Symbol.parse, GROUPS | st.sampled_from(["A", "A46", "A46B"])), unique=True, min_size=1))
def test_what_is_written_is_read_back(symbols):
    bag = write_bag([IpcrEntry(symbol, 0.5) for symbol in symbols], SOURCE).partition(b"?>")[2]
    document = read_patent(b"<d><abstract>A brush.</abstract>" + bag + b"</d>")
    assert document.symbols == tuple(symbols)
    for text in values_of(etree.fromstring(bag), "pat:PatentClassificationText"):
        assert len(text) == 50
