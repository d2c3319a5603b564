"""Exporting the English encoder."""

import numpy as np
import pytest
from typer import Typer
from typer.testing import CliRunner

from examkit.errors import ArtifactError
from models.classify.export import export, main
from services.classify.encoder import Encoder
from tests.tiny_bert import WIDTH, tensors, write_hugging_face


def test_the_artifact_opens_in_the_service(tmp_path):
    source = write_hugging_face(tmp_path / "encoder", tensors(), max_position_embeddings=16)
    app = Typer()
    app.command()(main)
    arguments = ["--encoder", str(source), "--tokenizer", str(source / "tokenizer.json"), "--out", str(tmp_path / "to")]
    done = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert done.exit_code == 0
    encoder = Encoder.open(tmp_path / "to")
    assert encoder.name == "text-encoder-english"
    assert (encoder.properties.dimensions, encoder.properties.languages) == (WIDTH, ("en",))
    # The tokenizer of training cut at three tokens.
    assert not np.allclose(encoder.encode("a valve spring"), encoder.encode("a valve spring pump"))


def test_the_export_is_the_same_every_time(tmp_path):
    source = write_hugging_face(tmp_path / "encoder", tensors())
    targets = [tmp_path / "one", tmp_path / "two"]
    for target in targets:
        target.mkdir()
        export(source, source / "tokenizer.json", target)
    one, two = ((target / "manifest.json").read_bytes() for target in targets)
    assert one == two


def test_another_kind_of_network_is_refused(tmp_path):
    source = write_hugging_face(tmp_path / "encoder", tensors(), model_type="xlm-roberta")
    with pytest.raises(ArtifactError, match="no BERT"):
        export(source, source / "tokenizer.json", tmp_path)
