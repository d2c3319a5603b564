"""Concordance lists and inventories in WIPO's format, tables of an office, and what is none of them."""

import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examkit.artifact import Manifest, hash_files, write_manifest
from examkit.errors import ArtifactError
from models.classify.concordance import build_from_lists
from models.install import Installer
from models.registry import read_registry
from models.store import Store
from services.classify.concordance import FORMAT, FORMAT_VERSION, LIFETIMES_FILE, TRANSFERS_FILE, Concordance
from services.classify.ipc import Lifetime, Symbol
from tests.unit.models.forge import Notes

LIST = """<?xml version="1.0" encoding="UTF-8"?>
<IPCConcordanceList xmlns="http://www.wipo.int/classifications/ipc/masterfiles"
  from-version="20180101" to-version="20190101">
<concordance from-symbol="G06F0017300000" modification="d" revision-project="C473">
 <concordance-to to-symbol="G06F0016000000" modification="n" default-reclassification="Y"/>
 <concordance-to to-symbol="G06F0016100000" modification="n"/>
</concordance>
<concordance from-symbol="G06F0012000000" modification="c">
 <concordance-to to-symbol="G06F0012000000" modification="c"/>
 <concordance-to to-symbol="G06F0016100000" modification="n"/>
</concordance>
<concordance from-symbol="A01B0099000000" modification="d"/>
<concordance from-symbol="heading"><concordance-to to-symbol="A01B0001000000"/></concordance>
</IPCConcordanceList>
"""
INVENTORY = "A01B;19680901;-\nA01B0099000000;20060101;20190101\nG06F0017300000;19950101;20190101\nnone;20060101;-\n"
INVENTORY_NAME = "20260101_inventory_of_IPC_ever_used_symbols.csv"
DELETED = Symbol.parse("G06F 17/30")


def written(folder, name, text):
    file = folder / name
    file.write_text(text, "utf-8")
    return file


@pytest.fixture
def build(tmp_path):
    target = tmp_path / "target"
    target.mkdir()

    def build_artifact(*sources):
        properties = build_from_lists(sources, target, lambda done, total: None)
        files = hash_files(target, [TRANSFERS_FILE, LIFETIMES_FILE])
        write_manifest(target, Manifest("ipc-concordance", "1", FORMAT, FORMAT_VERSION, "", "", files, properties))
        return properties, Concordance.open(target)

    return build_artifact


def successors(concordance, symbol, wanted=lambda _: True):
    return [str(each) for each in concordance.successors(symbol, wanted)]


def test_a_list_of_wipo_becomes_transfers(tmp_path, build):
    properties, concordance = build(written(tmp_path, "ipc_concordancelist_20190101.xml", LIST))
    assert properties == {"edition": "2019.01", "inventory": "", "transfers": 5, "symbols": 0}
    assert successors(concordance, DELETED) == ["G06F 16/00", "G06F 16/10"]
    assert successors(concordance, Symbol.parse("G06F 12/00")) == ["G06F 16/10"]
    gone = Symbol.parse("A01B 99/00")
    assert concordance.knows(gone)
    assert successors(concordance, gone) == []
    assert not concordance.knows(Symbol.parse("A01B 1/00"))


def test_an_inventory_becomes_lifetimes_and_the_newest_one_counts(tmp_path, build):
    older = tmp_path / "older"
    older.mkdir()
    old = written(older, INVENTORY_NAME.replace("2026", "2018"), INVENTORY.replace("20190101", "-"))
    new = written(tmp_path, INVENTORY_NAME, INVENTORY)
    for sources in ((old, new), (new, old)):
        properties, concordance = build(*sources)
        assert properties == {"edition": "2026.01", "inventory": "2026.01", "transfers": 0, "symbols": 3}
        assert concordance.lifetime(DELETED) == Lifetime("1995.01", "2019.01")
        assert concordance.lifetime(Symbol.parse("A01B")) == Lifetime("1968.09")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_table_of_an_office_is_read_with_or_without_heading_and_editions(tmp_path, build, separator):
    rows = [("old", "new", "when"), ("F24J 2/04", "f24s10/00", "20180101"), ("F24J0003000000", "", ""), ("", "", "")]
    table = written(tmp_path, "office.csv", "\n".join(separator.join(row) for row in rows))
    properties, concordance = build(table)
    assert properties["edition"] == "2018.01"
    assert successors(concordance, Symbol.parse("F24J 2/04")) == ["F24S 10/00"]
    assert concordance.knows(Symbol.parse("F24J 3/00"))


def test_a_table_of_two_columns_is_undated(tmp_path, build):
    properties, concordance = build(written(tmp_path, "office.tsv", "A01B 1/00\tA01B 3/00\n"))
    assert (properties["edition"], successors(concordance, Symbol.parse("A01B 1/00"))) == ("undated", ["A01B 3/00"])


def test_a_zip_holds_any_of_them(tmp_path, build):
    archive = tmp_path / "lists.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr("lists/ipc_concordancelist_20190101.xml", LIST)
        bundle.writestr(INVENTORY_NAME, INVENTORY)
        bundle.writestr("read me.txt", "nothing")
    properties, _ = build(archive)
    assert (properties["transfers"], properties["symbols"]) == (5, 3)


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("x.xml", LIST[:300], "not well-formed XML"),
        ("x.xml", "<IPCScheme edition='20260101'/>", "no IPC concordance list"),
        ("x.xml", LIST.replace("to-version", "version"), "does not tell its edition"),
        ("x.xml", LIST.replace("20190101", "20191301"), "does not tell its edition"),
        ("x.xml", '<!DOCTYPE a [<!ENTITY b "c">]><a/>', "declares entities"),
        ("x.csv", "A01B 1/00,A01B 3/00\nA01B 1/00,brushes", "line 2: from, to"),
        ("x.csv", "A01B 1/00,A01B 3/00\n,A01B 3/00", "line 2: from, to"),
        ("x.csv", "A01B 1/00,A01B 3/00\nA01B 1/00", "line 2: from, to"),
        ("x.csv", "A01B 1/00,A01B 3/00,soon", "does not tell its edition"),
        ("x.csv", "A" * 200_000, "is no table"),
        (INVENTORY_NAME, "A01B;19680901", "line 1: a symbol and two dates"),
        (INVENTORY_NAME, "A01B;1968;-", "does not tell its edition"),
        ("x.txt", "A01B 1/00,A01B 3/00", "holds no concordance list"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(tmp_path, build, name, text, sentence):
    with pytest.raises(ArtifactError, match=sentence):
        build(written(tmp_path, name, text))


@given(st.text(max_size=200), st.sampled_from(["x.xml", "x.csv", "x.tsv", INVENTORY_NAME]))
def test_no_content_breaks_the_readers(tmp_path_factory, content, name):
    folder = tmp_path_factory.mktemp("any")
    (folder / name).write_bytes(content.encode("utf-8", "replace"))
    try:
        build_from_lists([folder / name], folder, lambda done, total: None)
    except ArtifactError as error:
        assert name in str(error) or "entities" in str(error)


def test_an_office_installs_it_with_the_command_s_own_means(tmp_path):
    store = Store(tmp_path / "artifacts")
    sources = [
        written(tmp_path, "ipc_concordancelist_20190101.xml", LIST),
        written(tmp_path, INVENTORY_NAME, INVENTORY),
    ]
    Installer(read_registry(), store, Notes()).install_from(["ipc-concordance"], [str(file) for file in sources])
    installed = store.find("ipc-concordance")
    assert installed is not None
    assert installed.is_brought
    concordance = Concordance.open(installed.folder)
    assert successors(concordance, DELETED) == ["G06F 16/00", "G06F 16/10"]
    assert concordance.lifetime(DELETED) == Lifetime("1995.01", "2019.01")
