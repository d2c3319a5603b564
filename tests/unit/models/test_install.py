"""An install ends with what was asked for, whole and checked, or with what was there before and one sentence."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from examkit.artifact import read_manifest, write_manifest
from examkit.errors import ArtifactError
from models.install import Installer
from models.registry import read_registry
from models.store import Store
from tests.unit.models.forge import (
    FORMAT,
    SLOW_BUILDER,
    Notes,
    install_here,
    make_artifact,
    make_wheel,
    write_registry,
    zip_folder,
)

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def wheels(tmp_path, monkeypatch):
    """A folder that pip takes its packages from, and nothing else."""
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "wheels"))
    return tmp_path / "wheels"


@pytest.fixture
def registry(tmp_path, wheels):
    """A registry file with one artifact kept in git and two that one wheel makes."""
    return write_registry(tmp_path / "registry", make_wheel(wheels, {"words/words.txt": "one two"}))


@pytest.fixture
def kept_only(tmp_path):
    """A registry file with one artifact, kept in git."""
    return write_registry(tmp_path / "registry")


def bring(registry_file: Path, root: Path, names: list[str], *locations: Path | str) -> Notes:
    notes = Notes()
    installer = Installer(read_registry(registry_file), Store(root), notes)
    installer.install_from(names, [str(location) for location in locations])
    return notes


def verify(registry_file: Path, root: Path, name: str) -> str:
    return Installer(read_registry(registry_file), Store(root), Notes()).verify(name).manifest.version


def entries(root: Path) -> list[str]:
    return sorted(entry.name for entry in root.iterdir() if not entry.name.startswith("."))


def leftovers(root: Path) -> list[str]:
    linked = {(root / name).resolve() for name in entries(root)}
    return [entry.name for entry in (root / ".store").iterdir() if entry.is_dir() and entry not in linked]


def test_the_default_set_is_built_described_and_hashed(registry, tmp_path):
    root = tmp_path / "artifacts"
    notes = install_here(registry, root)
    assert entries(root) == ["kept", "other-words", "words"]
    assert (root / "words" / "lists" / "words.txt").read_text() == "ONE TWO"
    assert (root / "words" / "card.md").read_text() == "# The card of words\n"
    manifest = read_manifest(root / "words")
    assert (manifest.name, manifest.version, manifest.format, manifest.format_version) == ("words", "1.0.0", FORMAT, 1)
    assert (manifest.licence, manifest.origin, manifest.properties) == ("CC0-1.0", "a test", {"count": 2})
    assert sorted(manifest.files) == ["card.md", "lists/words.txt"]
    assert [verify(registry, root, name) for name in entries(root)] == ["1.0.0"] * 3
    assert sum(step.startswith("Fetching") for step in notes.steps) == 1
    assert leftovers(root) == []


def test_a_second_install_touches_nothing(kept_only, tmp_path):
    install_here(kept_only, tmp_path / "artifacts")
    before = (tmp_path / "artifacts" / "kept").readlink()
    (tmp_path / "artifacts" / ".store" / "lock").unlink()
    assert install_here(kept_only, tmp_path / "artifacts").sentences == []
    assert (tmp_path / "artifacts" / "kept").readlink() == before
    assert not (tmp_path / "artifacts" / ".store" / "lock").exists()


def test_a_flipped_byte_is_found_and_repaired(kept_only, tmp_path):
    root = tmp_path / "artifacts"
    install_here(kept_only, root)
    file = root / "kept" / "lists" / "words.txt"
    content = bytearray(file.read_bytes())
    content[0] ^= 1
    file.write_bytes(content)
    with pytest.raises(ArtifactError, match=r"words.txt is not the file that was released \(SHA-256 differs\)"):
        verify(kept_only, root, "kept")
    notes = install_here(kept_only, root)
    assert "SHA-256 differs). It is installed again." in notes.sentences[0]
    assert verify(kept_only, root, "kept") == "1.0.0"
    assert leftovers(root) == []


@pytest.mark.parametrize("missing", ["manifest.json", "card.md", "lists/words.txt"])
def test_a_half_written_folder_is_refused(kept_only, tmp_path, missing):
    (tmp_path / "registry" / "artifacts" / "kept" / missing).unlink()
    with pytest.raises(ArtifactError, match="is missing"):
        install_here(kept_only, tmp_path / "artifacts")
    assert entries(tmp_path / "artifacts") == []
    assert leftovers(tmp_path / "artifacts") == ["downloads"]


def test_the_version_is_pinned(kept_only, tmp_path):
    kept_only.write_text(kept_only.read_text().replace('version = "1.0.0"', 'version = "1.1.0"'))
    with pytest.raises(ArtifactError, match=r"holds kept 1\.0\.0, not kept 1\.1\.0"):
        install_here(kept_only, tmp_path / "artifacts")


def test_a_new_release_replaces_the_old(registry, tmp_path):
    root = tmp_path / "artifacts"
    install_here(registry, root, "words")
    registry.write_text(
        registry.read_text().replace('[artifacts.words]\nversion = "1.0.0"', '[artifacts.words]\nversion = "2.0.0"')
    )
    install_here(registry, root, "words")
    assert verify(registry, root, "words") == "2.0.0"
    assert leftovers(root) == []


def test_a_wheel_that_is_not_the_pinned_one_installs_nothing(registry, tmp_path, wheels):
    make_wheel(wheels, {"words/words.txt": "one two three"})
    with pytest.raises(ArtifactError, match="SHA-256 differs"):
        install_here(registry, tmp_path / "artifacts", "words")
    assert entries(tmp_path / "artifacts") == []


def test_a_builder_that_cannot_be_imported_is_named(registry, tmp_path):
    registry.write_text(registry.read_text().replace(":build_words", ":absent"))
    with pytest.raises(ArtifactError, match=r"forge:absent cannot be used here"):
        install_here(registry, tmp_path / "artifacts", "words")


def test_nothing_is_built_without_a_card(registry, tmp_path):
    (registry.parent / "cards" / "words.md").unlink()
    with pytest.raises(ArtifactError, match="words has no card"):
        install_here(registry, tmp_path / "artifacts", "words")


@pytest.mark.parametrize("shape", ["folder", "zip", "zip with one folder"])
def test_an_office_brings_an_artifact(kept_only, tmp_path, shape):
    source = make_artifact(tmp_path / "brought", "office-words", "2026.01")
    if shape != "folder":
        source = zip_folder(source, tmp_path / "any name.zip", "office-words" if "one folder" in shape else "")
    bring(kept_only, tmp_path / "artifacts", [], source)
    assert entries(tmp_path / "artifacts") == ["office-words"]
    assert verify(kept_only, tmp_path / "artifacts", "office-words") == "2026.01"
    assert leftovers(tmp_path / "artifacts") == []


def test_what_is_not_listed_in_the_manifest_stays_outside(kept_only, tmp_path):
    source = make_artifact(tmp_path / "brought", "office-words")
    (source / "stowaway.txt").write_text("x")
    bring(kept_only, tmp_path / "artifacts", [], source)
    assert sorted(path.name for path in (tmp_path / "artifacts" / "office-words").iterdir()) == [
        "card.md",
        "lists",
        "manifest.json",
    ]


def test_an_office_artifact_is_kept_until_the_release_is_named(kept_only, tmp_path):
    root = tmp_path / "artifacts"
    bring(kept_only, root, ["kept"], make_artifact(tmp_path / "brought", "kept", "2026.01"))
    install_here(kept_only, root)
    assert verify(kept_only, root, "kept") == "2026.01"
    install_here(kept_only, root, "kept")
    assert verify(kept_only, root, "kept") == "1.0.0"


def test_a_damaged_office_artifact_is_reported_not_replaced(kept_only, tmp_path):
    root = tmp_path / "artifacts"
    bring(kept_only, root, [], make_artifact(tmp_path / "brought", "kept", "2026.01"))
    (root / "kept" / "lists" / "words.txt").write_text("damaged")
    with pytest.raises(ArtifactError, match=r"differs\). Bring it again, or name kept to go back to the release\.$"):
        install_here(kept_only, root)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ('"format_version": 1|"format_version": 2', "which this release of Examkit cannot read"),
        ('"manifest_format": 1|"manifest_format": 9', "of a format this version does not know"),
        ('"name": "kept"|"name": "../../kept"', "not allowed"),
        ('"lists/words.txt":|"../registry/registry.toml":', "outside the artifact"),
        ("}|", "cannot be read"),
    ],
)
def test_an_office_artifact_that_cannot_be_trusted_is_refused(kept_only, tmp_path, change, sentence):
    source = make_artifact(tmp_path / "brought", "kept")
    manifest = source / "manifest.json"
    manifest.write_text(manifest.read_text().replace(*change.split("|")))
    with pytest.raises(ArtifactError, match=sentence):
        bring(kept_only, tmp_path / "artifacts", [], source)
    assert entries(tmp_path / "artifacts") == []


def test_an_office_artifact_without_a_card_is_refused(kept_only, tmp_path):
    source = make_artifact(tmp_path / "brought", "kept")
    write_manifest(source, replace(read_manifest(source), files={}))
    with pytest.raises(ArtifactError, match=r"the manifest lists no file card\.md"):
        bring(kept_only, tmp_path / "artifacts", [], source)


def test_what_was_not_asked_for_is_not_installed(kept_only, tmp_path):
    with pytest.raises(ArtifactError, match="holds other, which was not asked for"):
        bring(kept_only, tmp_path / "artifacts", ["kept"], make_artifact(tmp_path / "brought", "other"))


@pytest.mark.parametrize("shape", ["folders", "zips"])
def test_a_mirror_holds_the_default_set(registry, tmp_path, shape, monkeypatch):
    install_here(registry, tmp_path / "connected")
    mirror = tmp_path / "connected"
    if shape == "zips":
        mirror = tmp_path / "mirror"
        mirror.mkdir()
        for name in entries(tmp_path / "connected"):
            zip_folder(tmp_path / "connected" / name, mirror / f"{name}-1.0.0.zip", name)
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    notes = bring(registry, tmp_path / "offline", [], mirror)
    assert [verify(registry, tmp_path / "offline", name) for name in entries(tmp_path / "offline")] == ["1.0.0"] * 3
    assert len(notes.sentences) == 3
    assert bring(registry, tmp_path / "offline", [], mirror).sentences == []
    assert install_here(registry, tmp_path / "offline").sentences == []


def test_a_mirror_gives_only_what_is_named(registry, tmp_path):
    install_here(registry, tmp_path / "connected")
    bring(registry, tmp_path / "offline", ["kept"], tmp_path / "connected")
    assert entries(tmp_path / "offline") == ["kept"]


def test_a_mirror_must_hold_the_pinned_version(registry, tmp_path):
    make_artifact(tmp_path / "mirror" / "kept", "kept", "0.9")
    with pytest.raises(ArtifactError, match=r"holds kept 0\.9, not kept 1\.0\.0"):
        bring(registry, tmp_path / "artifacts", ["kept"], tmp_path / "mirror")
    with pytest.raises(ArtifactError, match=r"None of the given locations holds words 1.0.0"):
        bring(registry, tmp_path / "artifacts", ["words"], tmp_path / "mirror")


def test_master_files_are_built_into_a_new_edition(registry, tmp_path):
    (tmp_path / "master").mkdir()
    for name in ("a.xml", "b.xml"):
        (tmp_path / "master" / name).write_text(name)
    (tmp_path / "c.xml").write_text("c.xml")
    bring(registry, tmp_path / "artifacts", ["words"], tmp_path / "master", tmp_path / "c.xml")
    manifest = read_manifest(tmp_path / "artifacts" / "words")
    assert (manifest.version, manifest.properties) == ("2026.01", {"edition": "2026.01", "sources": 3})
    assert (tmp_path / "artifacts" / "words" / "words.txt").read_text() == "a.xmlb.xmlc.xml"
    install_here(registry, tmp_path / "artifacts", "kept")
    found = Store(tmp_path / "artifacts").find("words")
    assert found is not None
    assert found.is_brought


@pytest.mark.parametrize("names", [[], ["kept"], ["words", "kept"]])
def test_master_files_need_the_name_of_what_to_build(registry, tmp_path, names):
    (tmp_path / "a.xml").write_text("a")
    with pytest.raises(ArtifactError, match=r"a.xml holds no artifact; if it is a master file, name what to build"):
        bring(registry, tmp_path / "artifacts", names, tmp_path / "a.xml")


def test_a_location_that_does_not_exist_is_named(kept_only, tmp_path):
    with pytest.raises(ArtifactError, match="nowhere does not exist"):
        bring(kept_only, tmp_path / "artifacts", [], tmp_path / "nowhere")


def start(registry_file: Path, root: Path, name: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.unit.models.forge", str(registry_file), str(root), name]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def wait_for(file: Path) -> None:
    deadline = time.monotonic() + 60
    while not file.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def gated(tmp_path, wheels):
    """A registry file whose artifacts are built halfway, until the gate is there, and the gate."""
    gate = tmp_path / "gate"
    wheel = make_wheel(wheels, {"words/words.txt": "one two", "words/gate.txt": str(gate)})
    return write_registry(tmp_path / "registry", wheel, builder=SLOW_BUILDER), gate


def test_an_install_killed_halfway_leaves_nothing_and_is_completed_by_the_next(gated, tmp_path, wheels):
    registry_file, gate = gated
    root = tmp_path / "artifacts"
    with start(registry_file, root, "words") as process:
        wait_for(gate.with_suffix(".reached"))
        process.send_signal(signal.SIGKILL)
    assert entries(root) == []
    assert any((root / ".store").glob(".partial-*/half.txt"))
    gate.touch()
    next(wheels.iterdir()).unlink()
    install_here(registry_file, root, "words")
    assert verify(registry_file, root, "words") == "1.0.0"
    assert leftovers(root) == []


def test_an_upgrade_killed_halfway_leaves_the_old_version_in_use(gated, tmp_path):
    registry_file, gate = gated
    root = tmp_path / "artifacts"
    gate.touch()
    install_here(registry_file, root, "words")
    gate.unlink()
    gate.with_suffix(".reached").unlink()
    registry_file.write_text(registry_file.read_text().replace('"1.0.0"', '"2.0.0"'))
    with start(registry_file, root, "words") as process:
        wait_for(gate.with_suffix(".reached"))
        assert verify(registry_file, root, "words") == "1.0.0"
        process.send_signal(signal.SIGKILL)
    assert verify(registry_file, root, "words") == "1.0.0"


def test_two_installs_at_once_take_turns(gated, tmp_path):
    registry_file, gate = gated
    root = tmp_path / "artifacts"
    with start(registry_file, root, "words") as first:
        wait_for(gate.with_suffix(".reached"))
        with start(registry_file, root, "words") as second:
            assert (
                next(second.stdout or iter([])) == f"Another install is writing to {root}; waiting for it to finish.\n"
            )
            gate.touch()
            assert first.communicate()[0] == "words 1.0.0 is installed.\n"
            assert second.communicate()[0] == ""
    assert (first.returncode, second.returncode) == (0, 0)
    assert leftovers(root) == []
