"""The graph against the network of Devlin et al. 2019 written out in NumPy."""

from math import erf

import numpy as np
import pytest

from examkit.inference import open_session
from models.classify.bert import Bert, read_bert
from models.classify.bert_graph import encoder_graph
from tests.tiny_bert import EPSILON, HEADS, LAYERS, WIDTH, WORDS, rounded, tensors, write_hugging_face

IDS = np.array([[2, 5, 4, 7, 6, 3]])


@pytest.fixture(scope="module")
def bert(tmp_path_factory) -> Bert:
    return read_bert(write_hugging_face(tmp_path_factory.mktemp("bert") / "encoder", tensors()))


@pytest.fixture(scope="module")
def session(bert):
    return open_session(encoder_graph(bert, 8).SerializeToString())


def run(session, ids):
    (vectors,) = session.run(["sentence_embedding"], {"input_ids": ids})
    return vectors


def expected(ids):
    values = tensors()
    words = rounded(values["embeddings.word_embeddings.weight"])[ids]
    places = values["embeddings.position_embeddings.weight"][: len(ids)]
    x = normalized(words + places + values["embeddings.token_type_embeddings.weight"][0], values, "embeddings")
    for layer in range(LAYERS):
        name = f"encoder.layer.{layer}"
        x = normalized(x + attended(x, values, name), values, f"{name}.attention.output")
        wide = linear(x, values, f"{name}.intermediate.dense")
        wide = wide * (1 + np.vectorize(erf)(wide / np.sqrt(2))) / 2
        x = normalized(x + linear(wide, values, f"{name}.output.dense"), values, f"{name}.output")
    mean = x.mean(axis=0)
    return mean / np.linalg.norm(mean)


def linear(x, values, name):
    return x @ values[f"{name}.weight"].T + values[f"{name}.bias"]


def normalized(x, values, name):
    centered = x - x.mean(-1, keepdims=True)
    scaled = centered / np.sqrt((centered**2).mean(-1, keepdims=True) + EPSILON)
    return scaled * values[f"{name}.LayerNorm.weight"] + values[f"{name}.LayerNorm.bias"]


def attended(x, values, name):
    query, key, value = (linear(x, values, f"{name}.attention.self.{part}") for part in ("query", "key", "value"))
    mixed = []
    for head in range(HEADS):
        part = slice(head * WIDTH // HEADS, (head + 1) * WIDTH // HEADS)
        weights = np.exp(query[:, part] @ key[:, part].T / np.sqrt(WIDTH / HEADS))
        mixed.append(weights / weights.sum(axis=1, keepdims=True) @ value[:, part])
    return linear(np.concatenate(mixed, axis=1), values, f"{name}.attention.output.dense")


def test_the_graph_is_the_network(session):
    found = run(session, IDS)
    assert found.shape == (1, WIDTH)
    # Only 8 bits part them; any bias left out of the network gives less than .998.
    assert found[0] @ expected(IDS[0]) > 0.999


def test_texts_of_any_length_up_to_the_most_get_a_vector_of_length_one(session):
    for length in range(1, 9):
        found = run(session, np.full((1, length), WORDS.index("pump")))
        assert np.linalg.norm(found) == pytest.approx(1, abs=1e-5)
        assert found[0] @ expected(np.full(length, WORDS.index("pump"))) > 0.995


def test_texts_of_one_length_can_share_a_call(session):
    other = np.array([[2, 7, 7, 4, 5, 3]])
    together = run(session, np.concatenate([IDS, other]))
    alone = np.concatenate([run(session, IDS), run(session, other)])
    assert (np.sum(together * alone, axis=1) > 0.999).all()


def test_a_graph_is_the_same_every_time(bert):
    assert encoder_graph(bert, 8).SerializeToString() == encoder_graph(bert, 8).SerializeToString()


def test_products_of_two_rounded_numbers_fit_in_16_bits(bert):
    constants = {constant.name: constant for constant in encoder_graph(bert, 8).graph.initializer}
    matrix = np.frombuffer(constants["layer_0_wide_matrix"].raw_data, np.int8)
    assert np.abs(matrix.astype(int)).max() > 60
    assert 2 * 255 * np.abs(matrix.astype(int)).max() <= np.iinfo(np.int16).max
