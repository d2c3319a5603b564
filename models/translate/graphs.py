"""The student network as ONNX graphs: the encoder, a decoder that goes on by itself, and one of its steps for a beam.

The network is the tiny student of Kim et al., "From Research to Production and Back: Ludicrously Fast Neural Machine
Translation" (WNGT 2019): a transformer encoder and an SSRU decoder, normalized after each sublayer. Matrices stay in
the 8 bits they were trained for; inputs are rounded with fixed multipliers that the file brings for each matrix, so
that a sentence's numbers are the same alone and in a batch, which multipliers found at run time would not give.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
import onnx
from onnx import TensorProto

from models.translate.marian import MarianModel
from models.translate.nodes import Nodes, booleans, floats, integers, model_of, unsigned_bytes

# The choices of a batch are searched in runs of so many, see `_best`.
RUN: Final = 64
# exp of anything much lower is a number so small that processors calculate with it a hundred times more slowly.
_FLOOR: Final = -60.0
_TOLD: Final = ("chosen", "log_probability", "looked_at")


def encoder_graph(model: MarianModel) -> onnx.ModelProto:
    """Build the encoder.

    In: `pieces` uint8 (batch, length, dimension), embeddings as kept; `positions` float (length, dimension); `mask`
    float (batch, 1, 1, length), 0 for a piece and a large negative number for padding. Out, for each decoder layer i
    from 1: `keys_i` and `values_i` (batch, heads, length, width), which the decoder's context attention looks at.
    """
    nodes = Nodes(model)
    sizes = model.sizes
    apart = _shape_of_heads(nodes)
    embedded = nodes.add("Add", nodes.embedded("pieces", model.source_embedding), "positions")
    x = nodes.add("Reshape", embedded, nodes.shape(-1, sizes.dimension))
    for layer in range(1, sizes.encoder_layers + 1):
        x = _self_attention(nodes, x, f"encoder_l{layer}_self", apart)
        x = nodes.feed_forward(x, f"encoder_l{layer}")
    outputs = []
    for layer in range(1, sizes.decoder_layers + 1):
        name = f"decoder_l{layer}_context"
        rounded = nodes.quantize(x, f"{name}_Wk")
        _heads(nodes, nodes.linear(rounded, f"{name}_Wk", f"{name}_bk"), apart, f"keys_{layer}")
        _heads(nodes, nodes.linear(rounded, f"{name}_Wv", f"{name}_bv"), apart, f"values_{layer}")
        outputs += _keys_and_values(model, layer)
    inputs = [unsigned_bytes("pieces", "batch", "length", sizes.dimension)]
    inputs += [floats("positions", "length", sizes.dimension), floats("mask", "batch", 1, 1, "length")]
    return model_of(nodes.graph(inputs, outputs))


def _shape_of_heads(nodes: Nodes) -> str:
    """Give the shape (batch, length, heads, width)."""
    sizes = nodes.model.sizes
    batch_and_length = nodes.add("Slice", nodes.add("Shape", "pieces"), nodes.shape(0), nodes.shape(2))
    return nodes.add("Concat", batch_and_length, nodes.shape(sizes.heads, sizes.width), axis=0)


def _heads(nodes: Nodes, x: str, apart: str, *output: str) -> str:
    """Reshape (pieces, dimension) to (batch, heads, length, width)."""
    return nodes.add("Transpose", nodes.add("Reshape", x, apart), outputs=output, perm=[0, 2, 1, 3])


def _self_attention(nodes: Nodes, x: str, name: str, apart: str) -> str:
    """Attend to the sentence itself; query, key and value share one input and thus its multiplier."""
    rounded = nodes.quantize(x, f"{name}_Wq")
    factors = {"q": nodes.query_factor}
    query, key, value = (
        _heads(nodes, nodes.linear(rounded, f"{name}_W{part}", f"{name}_b{part}", factors.get(part, 1.0)), apart)
        for part in "qkv"
    )
    _, mixed = _attend(nodes, query, key, value, _bounded)
    joined = nodes.add("Reshape", nodes.add("Transpose", mixed, perm=[0, 2, 1, 3]), nodes.shape(-1, nodes.dimension))
    return _attention_output(nodes, x, joined, name)


def _attend(
    nodes: Nodes, query: str, keys: str, values: str, adjust: Callable[[Nodes, str], str] | None = None
) -> tuple[str, str]:
    """Give the weights (batch, heads, queries, keys) and the weighted values (batch, heads, queries, width)."""
    scores = nodes.add("Add", nodes.add("FusedMatMul", query, keys, transB=1), "mask")
    weights = nodes.add("Softmax", adjust(nodes, scores) if adjust else scores, axis=-1)
    return weights, nodes.add("MatMul", weights, values)


def _bounded(nodes: Nodes, scores: str) -> str:
    """Bound how far scores are below their maximum; worth its nodes where there are many scores, in the encoder."""
    highest = nodes.add("ReduceMax", scores, axes=[-1], keepdims=1)
    return nodes.add("Max", nodes.add("Sub", scores, highest), nodes.scalar(_FLOOR))


def _attention_output(nodes: Nodes, x: str, mixed: str, name: str) -> str:
    change = nodes.linear(nodes.quantize(mixed, f"{name}_Wo"), f"{name}_Wo", f"{name}_bo")
    return nodes.residual(x, change, f"{name}_Wo")


def greedy_graph(model: MarianModel) -> onnx.ModelProto:
    """Build the decoder that goes on by itself, always with the best piece.

    In: what `step_graph` takes, `positions` float (steps, dimension) with as many steps as are to be done at most, and
    `finished` bool (batch), all false; `end`, which choice is the end; `patience`, how many sentences may have ended
    before it stops. Out: `chosen`, `log_probability`, `looked_at` (steps, batch), which say nothing of a sentence after
    its end; `next_piece`, `next_state_i`.
    """
    nodes = Nodes(model)
    carried = _carried(model)
    steps = nodes.add("Gather", nodes.add("Shape", "positions"), nodes.whole(0))
    going_on = nodes.constant("going_on", np.asarray(True))
    results = [*(f"next_{name}" for name in carried), "next_finished", "chosen", "shares", "weights"]
    nodes.add("Loop", steps, going_on, *carried, "finished", outputs=results, body=_body(model))
    nodes.add("Log", nodes.add("Squeeze", "shares", nodes.shape(2)), outputs=["log_probability"])
    heads = nodes.add("Squeeze", "weights", nodes.shape(2, 3))
    nodes.add("ArgMax", heads, axis=2, keepdims=0, outputs=["looked_at"])
    inputs = [*_inputs(model), floats("positions", "steps", model.sizes.dimension), booleans("finished", "batch")]
    inputs += [integers("end"), integers("patience")]
    outputs = [floats(f"next_{name}", "batch", model.sizes.dimension) for name in carried]
    chosen, log_probability, looked_at = ((name, "steps", "batch") for name in _TOLD)
    outputs += [integers(*chosen), floats(*log_probability), integers(*looked_at)]
    return model_of(nodes.graph(inputs, outputs))


def step_graph(model: MarianModel) -> onnx.ModelProto:
    """Build one step of the decoder, with the best choices of each row.

    In: `mask`, `keys_i`, `values_i` as of the encoder; `candidates` uint8 (choices, dimension), the rows of the output
    layer for the pieces that may come, and `embeddings`, the same of the target's embedding; `candidate_bias` float
    (batch, choices), very low where a sentence does not allow a choice, the number of choices a multiple of RUN;
    `piece` float (batch, dimension), the embedding of the last piece; `state_i` float (batch, dimension); `position`
    float (dimension); `count` int64 (1), how many choices are wanted. Out: `chosen`, `log_probability` (batch, count),
    best first, `looked_at` (batch), `next_pieces` (batch, count, dimension), `next_state_i`.
    """
    nodes = Nodes(model)
    scores, head = _decoder(nodes, "position")
    nodes.add("ArgMax", nodes.add("Squeeze", head, nodes.shape(1, 2)), axis=1, keepdims=0, outputs=["looked_at"])
    nodes.add("TopK", nodes.add("LogSoftmax", scores, axis=-1), "count", outputs=["log_probability", "chosen"], axis=-1)
    rows = nodes.add("Gather", "embeddings", "chosen", axis=0)
    nodes.add("Identity", nodes.embedded(rows, model.target_embedding), outputs=["next_pieces"])
    inputs = [*_inputs(model), floats("position", model.sizes.dimension), integers("count", 1)]
    outputs = [integers("chosen", "batch", "choices"), floats("log_probability", "batch", "choices")]
    outputs += [integers("looked_at", "batch"), floats("next_pieces", "batch", "choices", model.sizes.dimension)]
    return model_of(nodes.graph(inputs, outputs + _states(model, "next_state")))


def _carried(model: MarianModel) -> list[str]:
    return ["piece", *(f"state_{layer}" for layer in range(1, model.sizes.decoder_layers + 1))]


def _inputs(model: MarianModel) -> list[onnx.ValueInfoProto]:
    dimension = model.sizes.dimension
    inputs = [floats("mask", "batch", 1, 1, "length"), floats("piece", "batch", dimension), *_states(model, "state")]
    for layer in range(1, model.sizes.decoder_layers + 1):
        inputs += _keys_and_values(model, layer)
    inputs += [unsigned_bytes(name, "choices", dimension) for name in ("candidates", "embeddings")]
    return [*inputs, floats("candidate_bias", "batch", "choices")]


def _keys_and_values(model: MarianModel, layer: int) -> list[onnx.ValueInfoProto]:
    shape = "batch", model.sizes.heads, "length", model.sizes.width
    return [floats(f"{name}_{layer}", *shape) for name in ("keys", "values")]


def _states(model: MarianModel, name: str) -> list[onnx.ValueInfoProto]:
    layers = range(1, model.sizes.decoder_layers + 1)
    return [floats(f"{name}_{layer}", "batch", model.sizes.dimension) for layer in layers]


def _body(model: MarianModel) -> onnx.GraphProto:
    """Build what the decoder does again and again."""
    nodes = Nodes(model, "body_")
    scores, head = _decoder(nodes, nodes.add("Gather", "positions", "step", axis=0))
    chosen = _best(nodes, scores)
    column = nodes.add("Unsqueeze", chosen, nodes.shape(1))
    share = nodes.add("GatherElements", nodes.add("Softmax", scores, axis=-1), column, axis=1)
    piece = nodes.embedded(nodes.add("Gather", "embeddings", chosen, axis=0), model.target_embedding)
    finished = nodes.add("Or", "body_finished", nodes.add("Equal", chosen, "end"))
    ended = nodes.add("ReduceSum", nodes.add("Cast", finished, to=TensorProto.INT64), nodes.shape(0), keepdims=0)
    going_on = nodes.add("LessOrEqual", ended, "patience")
    before = [floats(f"body_{name}", "batch", nodes.dimension) for name in _carried(model)]
    inputs = [integers("step"), booleans("was_going_on"), *before, booleans("body_finished", "batch")]
    after = [floats(name, "batch", nodes.dimension) for name in (piece, *_next_states(nodes))]
    outputs = [booleans(going_on), *after, booleans(finished, "batch")]
    outputs += [integers(chosen, "batch"), floats(share, "batch", 1), floats(head, "batch", 1, 1, "length")]
    return nodes.graph(inputs, outputs, "body")


def _next_states(nodes: Nodes) -> list[str]:
    return [f"{nodes.scope}next_state_{layer}" for layer in range(1, nodes.model.sizes.decoder_layers + 1)]


def _decoder(nodes: Nodes, position: str) -> tuple[str, str]:
    """Give the scores (batch, choices) of the next pieces, and how much is looked at (batch, 1, 1, length)."""
    x = nodes.add("Add", f"{nodes.scope}piece", position)
    weights = ""
    for layer in range(1, nodes.model.sizes.decoder_layers + 1):
        x = _recurrent(nodes, x, layer)
        x, weights = _context_attention(nodes, x, layer)
        x = nodes.feed_forward(x, f"decoder_l{layer}")
    scores = nodes.add("Add", nodes.scores(x, "candidates"), "candidate_bias")
    # Marian trains the first head as a word alignment.
    return nodes.add("Max", scores, nodes.scalar(_FLOOR)), nodes.add("Gather", weights, nodes.shape(0), axis=1)


def _recurrent(nodes: Nodes, x: str, layer: int) -> str:
    """Add the simpler simple recurrent unit: f = sigmoid(x Wf + bf); c' = f c + (1 - f) x W; the result is relu(c')."""
    name = f"decoder_l{layer}_rnn"
    both = nodes.linear_pair(nodes.quantize(x, f"{name}_W"), (f"{name}_W", f"{name}_Wf"), ("", f"{name}_bf"))
    candidate, gate = both[0], nodes.add("Sigmoid", both[1])
    kept = nodes.add("Mul", gate, nodes.add("Sub", f"{nodes.scope}state_{layer}", candidate))
    state = nodes.add("Add", kept, candidate, outputs=[f"{nodes.scope}next_state_{layer}"])
    return nodes.residual(x, nodes.add("Relu", state), f"{name}_ffn")


def _context_attention(nodes: Nodes, x: str, layer: int) -> tuple[str, str]:
    name = f"decoder_l{layer}_context"
    sizes = nodes.model.sizes
    query = nodes.linear(nodes.quantize(x, f"{name}_Wq"), f"{name}_Wq", f"{name}_bq", nodes.query_factor)
    apart = nodes.add("Reshape", query, nodes.shape(0, sizes.heads, 1, sizes.width))
    weights, mixed = _attend(nodes, apart, f"keys_{layer}", f"values_{layer}")
    joined = nodes.add("Reshape", mixed, nodes.shape(0, sizes.dimension))
    return _attention_output(nodes, x, joined, name), weights


def _best(nodes: Nodes, scores: str) -> str:
    """Give the best choice of each row, by way of the best run of choices: finding a maximum's place is slow."""
    runs = nodes.add("Reshape", scores, nodes.shape(0, -1, RUN))
    run = nodes.add("ArgMax", nodes.add("ReduceMax", runs, axes=[2], keepdims=0), axis=1, keepdims=1)
    place = nodes.add("ArgMax", nodes.add("GatherND", runs, run, batch_dims=1), axis=1, keepdims=0)
    return nodes.add("Add", nodes.add("Mul", nodes.add("Squeeze", run, nodes.shape(1)), nodes.whole(RUN)), place)
