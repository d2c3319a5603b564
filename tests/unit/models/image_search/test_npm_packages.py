"""Packages are taken only as they were pinned, and icon sets are read out of them."""

import io
import json
import tarfile

import pytest

from examkit.artifact import sha256_of
from examkit.errors import ArtifactError
from models.image_search.concept_drawings import see
from models.image_search.icon_sets import IconSet, Role, read_icons, read_sets
from models.image_search.npm_packages import NpmPackage, PackageFolder

ICONS = {
    "prefix": "toy",
    "width": 24,
    "height": 24,
    "icons": {
        "cat": {"body": '<path fill="currentColor" d="M4 4h16v16H4z"/>'},
        "old": {"body": "<path/>", "hidden": True},
    },
    "aliases": {"kitty": {"parent": "cat"}, "cat-left": {"parent": "cat", "hFlip": True}},
}


def pack(folder, members):
    file = folder / "iconify-json-toy-1.0.0.tgz"
    with tarfile.open(file, "w:gz") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(f"package/{name}")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return NpmPackage("@iconify-json/toy", "1.0.0", sha256_of(file))


def test_a_set_is_read_from_its_package(tmp_path):
    package = pack(tmp_path, {"icons.json": json.dumps(ICONS).encode()})
    icons = list(read_icons(IconSet("toy", package, "MIT", Role.TRAINED), PackageFolder(tmp_path)))
    assert [(icon.name, icon.other_names) for icon in icons] == [("cat", ("kitty",))]
    assert 'viewBox="0 0 24 24"' in icons[0].svg
    views = see(icons[0].svg)
    assert views is not None
    assert views.inked.max() == 255


def test_another_file_of_the_same_name_is_refused(tmp_path):
    package = pack(tmp_path, {"icons.json": b"{}"})
    with pytest.raises(ArtifactError, match="not the file that was pinned"):
        PackageFolder(tmp_path).read_json(NpmPackage(package.name, package.version, "0" * 64), "icons.json")


def test_a_missing_member_is_said(tmp_path):
    package = pack(tmp_path, {"icons.json": b"{}"})
    with pytest.raises(ArtifactError, match=r"holds no info\.json"):
        PackageFolder(tmp_path).read(package, "info.json")


def test_what_does_not_show_or_cannot_be_drawn_is_left_out():
    assert see('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"/>') is None
    assert see("no drawing") is None


def test_the_sets_that_teach_may_be_used_for_anything():
    sets = read_sets()
    free = {"Apache-2.0", "MIT", "ISC", "CC0-1.0", "CC-BY-3.0", "CC-BY-4.0"}
    assert {each.licence for each in sets if each.role.is_trained or each.role is Role.UNSEEN} <= free
    assert {each.name for each in sets if each.role is Role.UNSEEN} == {"emojione", "mingcute"}
    assert len({each.name for each in sets}) == len(sets)
    assert all(len(bytes.fromhex(each.package.sha256)) == 32 for each in sets)
