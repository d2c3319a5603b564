"""The graphs of every shape against the network written out in NumPy."""

import numpy as np
import pytest

from examkit.inference import open_session
from models.translate.graphs import RUN, encoder_graph, greedy_graph, step_graph
from models.translate.marian import read_model
from models.translate.nodes import ZERO_POINT
from tests.marian_reference import ReferenceStudent, positions
from tests.tiny_student import SHAPES, marian_binary, parameters

SOURCE = [5, 17, 33, 8, 21, 0]


@pytest.fixture(scope="module", params=SHAPES, ids=lambda shape: f"{shape.dimension}-{shape.target_pieces}")
def model(request, tmp_path_factory):
    file = tmp_path_factory.mktemp("marian") / "model.bin"
    file.write_bytes(marian_binary(parameters(3, request.param), request.param.configuration))
    return read_model(file)


def run(graph, feed):
    session = open_session(graph.SerializeToString())
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, feed), strict=True))


def as_bytes(matrix, rows):
    return (matrix.values[rows].astype(np.int16) + ZERO_POINT).astype(np.uint8)


def run_encoder(model, sources):
    length = max(map(len, sources))
    mask = np.full((len(sources), 1, 1, length), -1e9, np.float32)
    ids = np.zeros((len(sources), length), np.int64)
    for row, source in enumerate(sources):
        mask[row, ..., : len(source)] = 0
        ids[row, : len(source)] = source
    places = positions(length, model.sizes.dimension).astype(np.float32)
    feed = {"pieces": as_bytes(model.source_embedding, ids), "positions": places, "mask": mask}
    return run(encoder_graph(model), feed) | {"mask": mask}


def decoder_feed(model, source, rows=1):
    """Give what the decoder takes when all pieces but the second are allowed."""
    ids = np.arange(len(model.target_embedding.values))
    padded = np.concatenate([ids, np.zeros(-len(ids) % RUN, np.int64)])
    bias = np.repeat(model.arrays["decoder_ff_logit_out_b"][:, padded], rows, axis=0)
    bias[:, 1] = bias[:, len(ids) :] = -1e9
    layers = range(1, model.sizes.decoder_layers + 1)
    nothing = np.zeros((rows, model.sizes.dimension), np.float32)
    return {
        **{name: np.repeat(array, rows, axis=0) for name, array in run_encoder(model, [source]).items()},
        "candidates": as_bytes(model.output, padded),
        "embeddings": as_bytes(model.target_embedding, padded),
        "candidate_bias": bias,
        "piece": nothing,
        **{f"state_{layer}": nothing for layer in layers},
    }


def greedy(model, source, most_steps, patience=0, rows=1):
    feed = decoder_feed(model, source, rows) | {
        "positions": positions(most_steps, model.sizes.dimension).astype(np.float32),
        "finished": np.zeros(rows, np.bool_),
        "end": np.asarray(0),
        "patience": np.asarray(patience),
    }
    return run(greedy_graph(model), feed)


def allowed(model):
    return np.delete(np.arange(len(model.target_embedding.values)), 1)


def test_the_encoder_is_the_network(model):
    reference = ReferenceStudent(model)
    found, memory = run_encoder(model, [SOURCE]), reference.encode(SOURCE)
    for layer in range(1, model.sizes.decoder_layers + 1):
        for part, name in (("k", "keys"), ("v", "values")):
            parameter = f"decoder_l{layer}_context"
            expected = reference.linear(memory, f"{parameter}_W{part}", f"{parameter}_b{part}")
            together = found[f"{name}_{layer}"][0].transpose(1, 0, 2).reshape(len(SOURCE), -1)
            np.testing.assert_allclose(together, expected, atol=0.2)
            assert np.median(np.abs(together - expected)) < 1e-4


def test_padding_changes_nothing(model):
    alone, padded = run_encoder(model, [SOURCE]), run_encoder(model, [SOURCE, [*SOURCE, 9, 11, 14]])
    np.testing.assert_array_equal(padded["values_2"][0, :, : len(SOURCE)], alone["values_2"][0])


def test_a_step_is_the_network(model):
    reference = ReferenceStudent(model)
    found = run(
        step_graph(model),
        decoder_feed(model, SOURCE)
        | {"position": positions(1, model.sizes.dimension)[0].astype(np.float32), "count": np.asarray([4])},
    )
    nothing = [np.zeros((1, model.sizes.dimension))] * model.sizes.decoder_layers
    scores, weights, states = reference.step(reference.encode(SOURCE), None, 0, nothing)
    open_ = allowed(model)
    log_shares = scores[open_] - np.log(np.exp(scores[open_]).sum())
    np.testing.assert_allclose(found["log_probability"][0], np.sort(log_shares)[::-1][:4], atol=0.15)
    places = np.searchsorted(open_, found["chosen"][0])
    np.testing.assert_allclose(found["log_probability"][0], log_shares[places], atol=0.15)
    assert found["looked_at"][0] == weights.argmax()
    for layer, state in enumerate(states, 1):
        np.testing.assert_allclose(found[f"next_state_{layer}"], state, atol=0.1)
    dequantized = model.target_embedding.values[found["chosen"][0]] / model.target_embedding.multiplier
    np.testing.assert_allclose(found["next_pieces"][0], dequantized * model.sizes.dimension**0.5, rtol=1e-5)


def test_going_on_by_itself_is_the_network_step_by_step(model):
    found = greedy(model, SOURCE, 20)
    pieces, log_probabilities, margins = ReferenceStudent(model).greedy(SOURCE, allowed(model), 0, 20)
    sure = next((i for i, margin in enumerate(margins) if margin < 0.3), len(pieces))
    assert sure >= 1
    assert found["chosen"][:sure, 0].tolist() == pieces[:sure]
    np.testing.assert_allclose(found["log_probability"][:sure, 0], log_probabilities[:sure], atol=0.2)


def test_steps_taken_in_parts_are_the_same(model):
    whole = greedy(model, SOURCE, 6, rows=3, patience=3)
    first = greedy(model, SOURCE, 3, rows=3, patience=3)
    feed = decoder_feed(model, SOURCE, 3) | {name[5:]: array for name, array in first.items() if name[:5] == "next_"}
    feed |= {"positions": positions(6, model.sizes.dimension)[3:].astype(np.float32), "finished": np.zeros(3, np.bool_)}
    second = run(greedy_graph(model), feed | {"end": np.asarray(0), "patience": np.asarray(3)})
    for name in ("chosen", "log_probability", "looked_at"):
        np.testing.assert_allclose(np.concatenate([first[name], second[name]]), whole[name], rtol=1e-6)


def test_it_stops_when_more_have_ended_than_is_borne(model):
    everything = greedy(model, SOURCE, 40, patience=1)["chosen"]
    chosen = int(everything[0, 0])
    feed = decoder_feed(model, SOURCE) | {
        "positions": positions(40, model.sizes.dimension).astype(np.float32),
        "finished": np.zeros(1, np.bool_),
        "end": np.asarray(chosen),
        "patience": np.asarray(0),
    }
    assert run(greedy_graph(model), feed)["chosen"].tolist() == [[chosen]]
    assert len(everything) == 40
