"""The extension's file: the same bytes each time, and everything that its manifest names."""

import ast
import zipfile
from xml.etree import ElementTree

import pytest

from examkit import __version__
from plugins.libreoffice.build import NAME, SOURCES, build

_FULL_PATH = "{http://openoffice.org/2001/manifest}full-path"
FILES = sorted(SOURCES.rglob("*.py"))


def test_the_same_sources_give_the_same_bytes(tmp_path):
    first, second = build(tmp_path / "one"), build(tmp_path / "two")
    assert first.name == NAME == f"examkit-libreoffice-{__version__}.oxt"
    assert first.read_bytes() == second.read_bytes()


def test_everything_that_the_manifest_names_is_in_it(tmp_path):
    with zipfile.ZipFile(build(tmp_path)) as extension:
        names = set(extension.namelist())
        manifest = ElementTree.fromstring(extension.read("META-INF/manifest.xml"))
        description = extension.read("description.xml").decode()
    assert {entry.get(_FULL_PATH) for entry in manifest} <= names
    assert {"LICENSE", "pythonpath/examkit_office/texts/pt.json"} <= names
    assert not [name for name in names if "__pycache__" in name]
    assert f'<version value="{__version__}"/>' in description


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(SOURCES).as_posix())
def test_the_python_of_libreoffice_7_4_can_read_it(file):
    tree = ast.parse(file.read_text(), feature_version=(3, 8))
    if len(tree.body) > 1:
        assert "from __future__ import annotations" in file.read_text()
