"""Reading Marian's files."""

import numpy as np
import pytest

from examkit.errors import ArtifactError
from models.translate.marian import read_model, read_shortlist
from tests.tiny_student import CONFIGURATION, SHAPES, VOCABULARY, marian_binary, parameters, shortlist


def write(tmp_path, data):
    file = tmp_path / "model.bin"
    file.write_bytes(data)
    return file


def test_matrices_and_arrays_come_back_as_they_were_written(tmp_path):
    written = parameters(seed=1)
    model = read_model(write(tmp_path, marian_binary(written, CONFIGURATION)))
    for name in ("Wemb", "encoder_l1_ffn_W1", "decoder_l2_rnn_Wf"):
        read = model.matrices[name].values / model.matrices[name].multiplier
        np.testing.assert_allclose(read, written[name], atol=0.51 / model.matrices[name].multiplier)
    np.testing.assert_array_equal(model.arrays["decoder_l1_context_bq"], written["decoder_l1_context_bq"])


@pytest.mark.parametrize("shape", SHAPES)
def test_sizes_are_those_of_the_file(tmp_path, shape):
    model = read_model(write(tmp_path, marian_binary(parameters(1, shape), shape.configuration)))
    sizes = model.sizes
    assert (sizes.dimension, sizes.heads, sizes.encoder_layers, sizes.decoder_layers) == (
        shape.dimension,
        shape.heads,
        shape.encoder_layers,
        shape.decoder_layers,
    )
    assert model.source_embedding.values.shape == (VOCABULARY, shape.dimension)
    assert model.target_embedding.values.shape == model.output.values.shape == (shape.target_pieces, shape.dimension)
    assert (model.output is model.target_embedding) == shape.is_output_tied


@pytest.mark.parametrize("cut", [0, 7, 40, 900])
def test_a_short_file_is_refused_in_one_sentence(tmp_path, cut):
    with pytest.raises(ArtifactError, match="is not the Marian file"):
        read_model(write(tmp_path, marian_binary(parameters(1), CONFIGURATION)[:cut]))


def test_another_version_is_refused(tmp_path):
    with pytest.raises(ArtifactError):
        read_model(write(tmp_path, marian_binary(parameters(1), CONFIGURATION, version=2)))


def test_another_network_is_refused_by_what_differs(tmp_path):
    other = CONFIGURATION.replace("dec-cell: ssru", "dec-cell: gru")
    with pytest.raises(ArtifactError, match="dec-cell is gru"):
        read_model(write(tmp_path, marian_binary(parameters(1), other)))


def test_a_shortlist_gives_each_piece_its_entries(tmp_path):
    read = read_shortlist(write(tmp_path, shortlist(first=10)))
    assert read.first == 10
    assert read.entries[read.offsets[5] : read.offsets[6]].tolist() == [5, 6]


def test_a_short_shortlist_is_refused(tmp_path):
    with pytest.raises(ArtifactError):
        read_shortlist(write(tmp_path, shortlist()[:-3]))
