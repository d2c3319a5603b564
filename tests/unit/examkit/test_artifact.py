"""Is a folder that was altered, cut short or made for another version ever taken for an artifact?"""

import json
from pathlib import Path

import pytest

from examkit.artifact import Artifact, Manifest, hash_files, open_artifact, read_manifest, write_manifest
from examkit.errors import ArtifactError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "a.bin").write_bytes(b"\x00\x01" * 1000)
    (tmp_path / "card.md").write_text("# Card\n")
    files = hash_files(tmp_path, ["weights/a.bin", "card.md"])
    write_manifest(tmp_path, Manifest("toy", "1.0.0", "toy-format", 1, "CC0-1.0", "made here", files, {"size": 2000}))
    return tmp_path


def opened(folder: Path) -> Artifact:
    return open_artifact(folder, format="toy-format", format_version=1)


def test_a_whole_artifact_opens(folder):
    artifact = opened(folder)
    assert artifact.manifest.properties == {"size": 2000}
    assert artifact.file("weights/a.bin").read_bytes()[:2] == b"\x00\x01"


def test_a_flipped_byte_is_found(folder):
    content = bytearray((folder / "weights" / "a.bin").read_bytes())
    content[777] ^= 1
    (folder / "weights" / "a.bin").write_bytes(content)
    with pytest.raises(ArtifactError, match=r"a\.bin is not the file that was released"):
        opened(folder)


def test_a_missing_file_is_found(folder):
    (folder / "card.md").unlink()
    with pytest.raises(ArtifactError, match=r"card\.md is missing"):
        opened(folder)


@pytest.mark.parametrize(("format", "version"), [("other-format", 1), ("toy-format", 2)])
def test_another_format_is_refused(folder, format, version):
    with pytest.raises(ArtifactError, match="is needed"):
        open_artifact(folder, format=format, format_version=version)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"manifest_format": 1}', '{"manifest_format": 1, "nonsense": 2}']
)
def test_an_unreadable_manifest_is_refused(folder, text):
    (folder / "manifest.json").write_text(text)
    with pytest.raises(ArtifactError, match="cannot be read"):
        read_manifest(folder)


@pytest.mark.parametrize(("member", "value"), [("name", 5), ("files", []), ("files", {"a": 1}), ("properties", None)])
def test_a_manifest_with_values_of_wrong_types_is_refused(folder, member, value):
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | {member: value}))
    with pytest.raises(ArtifactError, match="cannot be read"):
        read_manifest(folder)


def test_a_manifest_of_a_future_format_is_refused(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | {"manifest_format": 99}))
    with pytest.raises(ArtifactError, match="does not know"):
        read_manifest(folder)


def test_a_folder_without_manifest_is_no_artifact(tmp_path):
    with pytest.raises(ArtifactError, match="holds no artifact"):
        read_manifest(tmp_path)


@pytest.mark.parametrize("name", ["../outside", "/etc/hostname"])
def test_a_manifest_cannot_reach_outside(folder, name):
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"][name] = "0" * 64
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ArtifactError, match="outside"):
        opened(folder)


def test_only_listed_files_can_be_asked_for(folder):
    (folder / "extra").write_text("not listed")
    with pytest.raises(ArtifactError, match="lists no file extra"):
        opened(folder).file("extra")
