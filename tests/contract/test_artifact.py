"""Every artifact of the registry can be installed by this tree: folders are intact, builders fit, cards are there."""

import inspect
import pkgutil
import re
import shutil
from pathlib import Path

import pytest

from examkit.artifact import open_artifact
from examkit.errors import ArtifactError
from models.registry import BuiltFromPackage, KeptInGit, Release, read_registry

RELEASES = list(read_registry().releases.values())
IN_GIT = [(release, release.source.folder) for release in RELEASES if isinstance(release.source, KeptInGit)]
BUILDERS = [release.source.builder for release in RELEASES if isinstance(release.source, BuiltFromPackage)]
BUILDERS += [release.master_files_builder for release in RELEASES if release.master_files_builder]
CARD_HEADINGS = ("## How it is made", "## How good it is", "## Use it for", "## Do not use it for")
BLANK = re.compile(r"\b[A-Z]+_[A-Z_]+\b|\bartifact-name\b")


@pytest.mark.parametrize("release", RELEASES, ids=lambda release: release.name)
def test_no_card_no_artifact(release: Release):
    card = release.card.read_text(encoding="utf-8")
    assert card.startswith("# ")
    assert "| Licence |" in card
    assert [heading for heading in CARD_HEADINGS if heading not in card] == []
    assert BLANK.findall(card) == []


@pytest.mark.parametrize("builder", BUILDERS)
def test_a_builder_takes_what_the_install_gives_it(builder: str):
    inspect.signature(pkgutil.resolve_name(builder)).bind(Path(), Path(), lambda done, total: None)


@pytest.mark.parametrize(("release", "folder"), IN_GIT, ids=[release.name for release, _ in IN_GIT])
def test_an_artifact_kept_in_git_is_the_release(release: Release, folder: Path):
    manifest = open_artifact(folder, format=release.format, format_version=release.format_version).manifest
    assert (manifest.name, manifest.version, manifest.licence) == (release.name, release.version, release.licence)
    on_disk = {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}
    assert on_disk == {*manifest.files, "manifest.json"}


@pytest.mark.parametrize(("release", "folder"), IN_GIT, ids=[release.name for release, _ in IN_GIT])
def test_one_flipped_bit_in_any_file_is_refused(release: Release, folder: Path, tmp_path: Path):
    copy = shutil.copytree(folder, tmp_path / "copy")
    for file in [file for file in copy.rglob("*") if file.is_file() and file.name != "manifest.json"]:
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 1
        file.write_bytes(content)
        with pytest.raises(ArtifactError, match="SHA-256 differs"):
            open_artifact(copy, format=release.format, format_version=release.format_version)
        shutil.copyfile(folder / file.relative_to(copy), file)


def test_the_repository_stays_small_enough_to_clone():
    in_git = sum(file.stat().st_size for _, folder in IN_GIT for file in folder.rglob("*") if file.is_file())
    assert in_git < 120_000_000
