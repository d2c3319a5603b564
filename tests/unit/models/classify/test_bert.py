"""Reading the weights of an encoder."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from examkit.errors import ArtifactError
from models.classify.bert import BLOCK, WordTable, read_bert, read_safetensors
from tests.tiny_bert import EPSILON, HEADS, LAYERS, POSITIONS, WIDTH, rounded, safetensors, tensors, write_hugging_face


def test_every_part_comes_to_its_place(tmp_path):
    values = tensors()
    bert = read_bert(write_hugging_face(tmp_path / "encoder", values))
    assert (bert.width, bert.heads, bert.epsilon, len(bert.layers)) == (WIDTH, HEADS, EPSILON, LAYERS)
    types = values["embeddings.token_type_embeddings.weight"]
    np.testing.assert_array_equal(bert.positions, values["embeddings.position_embeddings.weight"] + types[0])
    assert bert.positions.shape == (POSITIONS, WIDTH)
    value = values["encoder.layer.1.attention.self.value.weight"]
    np.testing.assert_array_equal(bert.layers[1].attention.weight[:, 2 * WIDTH :], value.T)
    np.testing.assert_array_equal(bert.layers[0].narrow.weight, values["encoder.layer.0.output.dense.weight"].T)
    np.testing.assert_array_equal(bert.layers[0].norm.scale, values["encoder.layer.0.output.LayerNorm.weight"])


@given(arrays.arrays(np.float32, (3, 2 * BLOCK), elements=st.floats(-4, 4, width=32)))
def test_four_bits_keep_a_number_to_an_eighth_of_the_largest_in_its_block(values):
    largest = np.abs(values.reshape(3, 2, BLOCK)).max(axis=2)
    error = np.abs(rounded(values) - values).reshape(3, 2, BLOCK).max(axis=2)
    # The side opposite to the largest number has one code less: a whole step may be lost there.
    assert (error <= largest / 8 * 1.01 + 1e-6).all()


def test_rounding_what_is_rounded_changes_nothing():
    table = WordTable.of(tensors()["embeddings.word_embeddings.weight"])
    again = WordTable.of(rounded(tensors()["embeddings.word_embeddings.weight"]))
    np.testing.assert_array_equal(again.codes, table.codes)
    np.testing.assert_array_equal(again.scales, table.scales)


def test_numbers_of_16_bits_are_read_and_integers_left_out(tmp_path):
    file = tmp_path / "model.safetensors"
    file.write_bytes(safetensors({"half": np.array([[0.5, 2]], np.float16), "position_ids": np.arange(3)}))
    found = read_safetensors(file)
    assert list(found) == ["half"]
    np.testing.assert_array_equal(found["half"], np.array([[0.5, 2]], np.float32))


@pytest.mark.parametrize("missing", ["config.json", "model.safetensors"])
def test_a_folder_without_a_file_is_refused_by_the_files_name(tmp_path, missing):
    folder = write_hugging_face(tmp_path / "encoder", tensors())
    (folder / missing).unlink()
    with pytest.raises(ArtifactError, match=missing):
        read_bert(folder)


@pytest.mark.parametrize("config", [{"model_type": "mpnet"}, {"hidden_act": "relu"}])
def test_another_kind_of_network_is_refused(tmp_path, config):
    with pytest.raises(ArtifactError, match="no BERT with GELU"):
        read_bert(write_hugging_face(tmp_path / "encoder", tensors(), **config))


@pytest.mark.parametrize("lacking", ["encoder.layer.1.output.dense.bias", "embeddings.word_embeddings.weight"])
def test_an_encoder_that_lacks_a_part_is_refused_with_its_name(tmp_path, lacking):
    values = {name: value for name, value in tensors().items() if name != lacking}
    with pytest.raises(ArtifactError, match=lacking):
        read_bert(write_hugging_face(tmp_path / "encoder", values))


@pytest.mark.parametrize("data", [b"", b"\x05", b"\x02\0\0\0\0\0\0\0[]", safetensors(tensors())[:-40]])
def test_a_broken_file_is_refused(tmp_path, data):
    (tmp_path / "model.safetensors").write_bytes(data)
    with pytest.raises(ArtifactError, match="cannot be read"):
        read_safetensors(tmp_path / "model.safetensors")
