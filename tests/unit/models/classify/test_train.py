"""Training writes a sealed artifact, the same from the same tiny_data, that holds no abstract."""

import gzip
import shutil

import pytest

from examkit.artifact import open_artifact
from examkit.errors import ArtifactError
from models.classify.train import train
from services.classify.model import FORMAT, FORMAT_VERSION


@pytest.fixture(scope="module")
def artifact(tiny_data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("artifact")
    train(tiny_data, folder, lambda _: None)
    return folder


def test_the_artifact_is_sealed_and_described(artifact):
    manifest = open_artifact(artifact, format=FORMAT, format_version=FORMAT_VERSION).manifest
    assert manifest.name == "ipc-classifier"
    assert manifest.properties["documents"] > 200
    assert {"card.md", "stack.json", "terms.txt.gz"} <= set(manifest.files)


def test_the_same_data_gives_the_same_bytes(tiny_data, artifact, tmp_path):
    train(tiny_data, tmp_path, lambda _: None)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == {
        file.name: file.read_bytes() for file in artifact.iterdir()
    }


def test_a_flipped_byte_is_refused(artifact, tmp_path):
    shutil.copytree(artifact, tmp_path / "copy")
    file = tmp_path / "copy" / "documents-weights.npy"
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(bytes(content))
    with pytest.raises(ArtifactError, match="SHA-256 differs"):
        open_artifact(tmp_path / "copy", format=FORMAT, format_version=FORMAT_VERSION)


def test_documents_are_kept_as_number_symbols_and_title_only(artifact):
    lines = gzip.decompress((artifact / "documents.tsv.gz").read_bytes()).decode().splitlines()
    assert all(len(line) < 120 and line.count("\t") == 2 for line in lines)
