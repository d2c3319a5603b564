"""The graphs against the network written out in NumPy."""

import numpy as np
import pytest

from examkit.inference import open_session
from models.translate.graphs import encoder_graph, step_graph
from models.translate.marian import MarianModel, read_model
from tests.tiny_student import CONFIGURATION, DIMENSION, HEADS, marian_binary, parameters

WIDTH = DIMENSION // HEADS
HEADROOM = 0.85


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> MarianModel:
    file = tmp_path_factory.mktemp("marian") / "model.bin"
    file.write_bytes(marian_binary(parameters(3), CONFIGURATION))
    return read_model(file)


def session(graph):
    return open_session(graph.SerializeToString())


def linear(model, x, weight, bias=None, shared=None):
    """Multiply in 8 bits, as said in Kim et al. 2019: round input times its multiplier, cut it off at 127."""
    matrix = model.matrices[weight]
    multiplier = HEADROOM * model.arrays[f"{shared or weight}_QuantMultA"].item()
    rounded = np.clip(np.rint(x * multiplier), -128, 127)
    product = rounded @ matrix.values.astype(np.float64) / multiplier / matrix.multiplier
    return product + (model.arrays[bias][0] if bias else 0)


def normalized(model, x, name):
    centered = x - x.mean(-1, keepdims=True)
    scaled = centered / np.sqrt((centered**2).mean(-1, keepdims=True) + 1e-9)
    return scaled * model.arrays[f"{name}_ln_scale"][0] + model.arrays[f"{name}_ln_bias"][0]


def feed_forward(model, x, layer):
    wide = np.maximum(linear(model, x, f"{layer}_ffn_W1", f"{layer}_ffn_b1"), 0)
    return normalized(model, x + linear(model, wide, f"{layer}_ffn_W2", f"{layer}_ffn_b2"), f"{layer}_ffn_ffn")


def attention(query, key, value):
    """Attend head by head; one sentence: (length, dimension) each."""
    mixed, weights = [], []
    for head in range(HEADS):
        part = slice(head * WIDTH, (head + 1) * WIDTH)
        scores = query[:, part] @ key[:, part].T / np.sqrt(WIDTH)
        weights.append(np.exp(scores - scores.max(-1, keepdims=True)))
        weights[-1] /= weights[-1].sum(-1, keepdims=True)
        mixed.append(weights[-1] @ value[:, part])
    return np.concatenate(mixed, axis=-1), weights


def attended(model, x, memory, name):
    query, key, value = (
        linear(model, x if letter == "q" else memory, f"{name}_W{letter}", f"{name}_b{letter}") for letter in "qkv"
    )
    mixed, weights = attention(query, key, value)
    return normalized(model, x + linear(model, mixed, f"{name}_Wo", f"{name}_bo"), f"{name}_Wo"), weights


def encoded(model, x):
    return feed_forward(model, attended(model, x, x, "encoder_l1_self")[0], "encoder_l1")


def run_encoder(model, embedded, lengths):
    mask = np.full((len(lengths), 1, 1, embedded.shape[1]), -1e9, np.float32)
    for row, length in enumerate(lengths):
        mask[row, ..., :length] = 0
    names = [output.name for output in session(encoder_graph(model)).get_outputs()]
    found = session(encoder_graph(model)).run(names, {"embedded": embedded, "mask": mask})
    return dict(zip(names, found, strict=True)), mask


def test_the_encoder_is_the_network(model):
    embedded = np.random.default_rng(1).normal(size=(1, 5, DIMENSION)).astype(np.float32)
    found, _ = run_encoder(model, embedded, [5])
    memory = encoded(model, embedded[0].astype(np.float64))
    for layer in (1, 2):
        name = f"decoder_l{layer}_context"
        key = linear(model, memory, f"{name}_Wk", f"{name}_bk")
        together = found[f"keys_{layer}"][0].transpose(2, 0, 1).reshape(5, DIMENSION)
        np.testing.assert_allclose(together, key, atol=0.1)
        assert np.median(np.abs(together - key)) < 1e-4


def test_padding_changes_nothing(model):
    embedded = np.random.default_rng(2).normal(size=(1, 4, DIMENSION)).astype(np.float32)
    alone, _ = run_encoder(model, embedded, [4])
    padded, _ = run_encoder(model, np.pad(embedded, ((0, 1), (0, 3), (0, 0)), constant_values=0.5), [4, 7])
    np.testing.assert_array_equal(padded["values_2"][0, :, :4], alone["values_2"][0])


def test_a_step_is_the_network(model):
    random = np.random.default_rng(4)
    embedded = random.normal(size=(1, 6, DIMENSION)).astype(np.float32)
    found, mask = run_encoder(model, embedded, [6])
    x = random.normal(size=(1, DIMENSION)).astype(np.float32)
    states = [random.normal(size=(1, DIMENSION)).astype(np.float32) for _ in range(2)]
    choices = np.array([0, 4, 9, 33])
    feed = {
        "embedded": x,
        "mask": mask,
        "candidates": np.ascontiguousarray(model.matrices["Wemb"].values[choices].T),
        "candidate_bias": model.arrays["decoder_ff_logit_out_b"][0, choices],
        "choice_mask": np.array([[0, 0, -1e9, 0]], np.float32),
        **{f"state_{layer}": state for layer, state in enumerate(states, 1)},
        **found,
    }
    names = ["best", "log_probability", "attention", "next_state_1", "next_state_2"]
    best, log_probability, looked_at, *next_states = session(step_graph(model)).run(names, feed)
    scores, weights, expected_states = expected_step(model, x, states, encoded(model, embedded[0].astype(np.float64)))
    allowed = scores[0, choices][[0, 1, 3]]
    assert choices[best[0]] == choices[[0, 1, 3]][allowed.argmax()]
    assert log_probability[0] == pytest.approx(allowed.max() - np.log(np.exp(allowed).sum()), abs=0.15)
    np.testing.assert_allclose(looked_at[0], weights[0][0], atol=0.05)
    for state, expected in zip(next_states, expected_states, strict=True):
        np.testing.assert_allclose(state, expected, atol=0.1)


def expected_step(model, x, states, memory):
    next_states = []
    for layer, state in enumerate(states, 1):
        name = f"decoder_l{layer}_rnn"
        gate = 1 / (1 + np.exp(-linear(model, x, f"{name}_Wf", f"{name}_bf")))
        next_states.append(gate * state + (1 - gate) * linear(model, x, f"{name}_W"))
        x = normalized(model, x + np.maximum(next_states[-1], 0), f"{name}_ffn")
        x, weights = attended(model, x, memory, f"decoder_l{layer}_context")
        x = feed_forward(model, x, f"decoder_l{layer}")
    rounded = np.clip(np.rint(x * HEADROOM * 20), -128, 127) / (HEADROOM * 20)
    matrix = model.matrices["Wemb"]
    scores = rounded @ (matrix.values.T / matrix.multiplier) + model.arrays["decoder_ff_logit_out_b"]
    return scores, weights, next_states
