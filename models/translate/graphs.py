"""The student network as two ONNX graphs: the encoder, and one step of the decoder.

The network is the tiny student of Kim et al., "From Research to Production and Back: Ludicrously Fast Neural Machine
Translation" (WNGT 2019): a transformer encoder and an SSRU decoder, normalized after each sublayer. Matrices stay in
the 8 bits they were trained for; inputs are rounded with fixed multipliers that the file brings for each matrix, so
that a sentence's numbers are the same alone and in a batch, which multipliers found at run time would not give.

Names of parameters are Marian's: `encoder_l1_self_Wq`, `decoder_l2_rnn_Wf`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from models.translate.marian import MarianModel

_EPSILON: Final = 1e-9
_OPSET: Final = 17
_RUNTIME_DOMAIN: Final = "com.microsoft"
_IR_VERSION: Final = 8
# Inputs are kept as unsigned bytes around this zero: the pair (unsigned, signed) is the fast one on x86 processors.
_ZERO_POINT: Final = 128
# The file's multipliers cut off the largest inputs. A little less of each leaves them room: on FLORES-200 0.85 scored
# best of 1, 0.85, 0.75 and 0.65 (0.3 and 0.5 BLEU over 1), on NTREX-128 they do not differ.
_HEADROOM: Final = 0.85


@dataclass(frozen=True)
class _Bytes:
    """An input rounded to 8 bits, and the multiplier used."""

    name: str
    multiplier: float


class _Graph:
    """Collects nodes and constants; each method adds what it names and gives back the name of the result."""

    def __init__(self, model: MarianModel) -> None:
        self.model = model
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, onnx.TensorProto] = {}
        self._count = 0

    def constant(self, name: str, value: NDArray[np.generic]) -> str:
        self.constants.setdefault(name, numpy_helper.from_array(np.asarray(value, order="C"), name))
        return name

    def scalar(self, value: float) -> str:
        return self.constant(f"scalar_{value!r}", np.asarray(value, np.float32))

    def shape(self, *sizes: int) -> str:
        return self.constant("shape_" + "_".join(map(str, sizes)), np.asarray(sizes, np.int64))

    def add(self, operator: str, *inputs: str, outputs: Sequence[str] = (), **attributes: Any) -> str:
        """Add a node of the standard or the runtime's own operators; a result is named unless `outputs` names it."""
        self._count += 1
        results = list(outputs) or [f"t{self._count}"]
        domain = _RUNTIME_DOMAIN if operator in ("MatMulIntegerToFloat", "SkipLayerNormalization") else ""
        self.nodes.append(helper.make_node(operator, inputs, results, domain=domain, **attributes))
        return results[0]

    def quantize(self, x: str, matrix: str) -> _Bytes:
        """Round the input of a matrix of the model to 8 bits."""
        multiplier = _HEADROOM * float(self.model.arrays[f"{matrix}_QuantMultA"].item())
        return _Bytes(self.add("QuantizeLinear", x, self.scalar(1 / multiplier), self.zero_point()), multiplier)

    def zero_point(self) -> str:
        return self.constant("zero_point", np.asarray(_ZERO_POINT, np.uint8))

    def multiply(self, x: _Bytes, matrix: str, scale: float, bias: str = "") -> str:
        """Multiply by a named 8-bit matrix whose values are to be taken times `scale`, and add the bias."""
        scales = self.scalar(1 / x.multiplier), self.scalar(scale)
        return self.add("MatMulIntegerToFloat", x.name, matrix, *scales, self.zero_point(), "", bias)

    def linear(self, x: _Bytes, weight: str, bias: str = "", factor: float = 1.0) -> str:
        """Multiply by a matrix of the model and add its bias; `factor` scales both."""
        matrix = self.model.matrices[weight]
        named_bias = self.constant(bias, self.model.arrays[bias].reshape(-1) * np.float32(factor)) if bias else ""
        return self.multiply(x, self.constant(weight, matrix.values), factor / matrix.multiplier, named_bias)

    def heads_apart(self, x: str, order: Sequence[int]) -> str:
        """Reshape (batch, length, dimension) to (batch, length, heads, width) and transpose."""
        sizes = self.model.sizes
        apart = self.add("Reshape", x, self.shape(0, -1, sizes.heads, sizes.dimension // sizes.heads))
        return self.add("Transpose", apart, perm=list(order))

    def residual(self, x: str, change: str, layer: str, output: str = "") -> str:
        """Add a sublayer's result to its input and normalize."""
        scale, bias = f"{layer}_ln_scale", f"{layer}_ln_bias"
        parts = [self.constant(name, self.model.arrays[name].reshape(-1)) for name in (scale, bias)]
        outputs = [output] if output else []
        return self.add("SkipLayerNormalization", change, x, *parts, outputs=outputs, epsilon=_EPSILON)

    def feed_forward(self, x: str, layer: str) -> str:
        wide = self.linear(self.quantize(x, f"{layer}_ffn_W1"), f"{layer}_ffn_W1", f"{layer}_ffn_b1")
        narrow = self.quantize(self.add("Relu", wide), f"{layer}_ffn_W2")
        return self.residual(x, self.linear(narrow, f"{layer}_ffn_W2", f"{layer}_ffn_b2"), f"{layer}_ffn_ffn")

    def attend(self, query: str, keys: str, values: str) -> tuple[str, str]:
        """Give the weights (batch, heads, queries, keys) and the weighted values (batch, heads, queries, width)."""
        weights = self.add("Softmax", self.add("Add", self.add("MatMul", query, keys), "mask"), axis=-1)
        return weights, self.add("MatMul", weights, values)

    def finish(self, inputs: Sequence[onnx.ValueInfoProto], outputs: Sequence[onnx.ValueInfoProto]) -> onnx.ModelProto:
        graph = helper.make_graph(self.nodes, "student", inputs, outputs, list(self.constants.values()))
        opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_RUNTIME_DOMAIN, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION)


def encoder_graph(model: MarianModel) -> onnx.ModelProto:
    """Build the encoder.

    In: `embedded` float (batch, length, dimension), embeddings with positions; `mask` float (batch, 1, 1, length), 0
    for a piece and a large negative number for padding. Out, for each decoder layer i from 1: `keys_i` (batch, heads,
    width, length) and `values_i` (batch, heads, length, width), which the decoder's context attention looks at.
    """
    graph = _Graph(model)
    x = "embedded"
    for layer in range(1, model.sizes.encoder_layers + 1):
        x = graph.feed_forward(_self_attention(graph, x, f"encoder_l{layer}_self"), f"encoder_l{layer}")
    for layer in range(1, model.sizes.decoder_layers + 1):
        _context_keys_and_values(graph, x, layer)
    sizes = model.sizes
    width = sizes.dimension // sizes.heads
    outputs = []
    for layer in range(1, sizes.decoder_layers + 1):
        outputs.append(_floats(f"keys_{layer}", "batch", sizes.heads, width, "length"))
        outputs.append(_floats(f"values_{layer}", "batch", sizes.heads, "length", width))
    inputs = [_floats("embedded", "batch", "length", sizes.dimension), _floats("mask", "batch", 1, 1, "length")]
    return graph.finish(inputs, outputs)


def _self_attention(graph: _Graph, x: str, name: str) -> str:
    """Attend to the sentence itself; query, key and value share one input and thus its multiplier."""
    rounded = graph.quantize(x, f"{name}_Wq")
    _, mixed = graph.attend(
        graph.heads_apart(graph.linear(rounded, f"{name}_Wq", f"{name}_bq", _query_factor(graph.model)), (0, 2, 1, 3)),
        graph.heads_apart(graph.linear(rounded, f"{name}_Wk", f"{name}_bk"), (0, 2, 3, 1)),
        graph.heads_apart(graph.linear(rounded, f"{name}_Wv", f"{name}_bv"), (0, 2, 1, 3)),
    )
    together = graph.add("Transpose", mixed, perm=[0, 2, 1, 3])
    joined = graph.add("Reshape", together, graph.shape(0, -1, graph.model.sizes.dimension))
    return _attention_output(graph, x, joined, name)


def _attention_output(graph: _Graph, x: str, mixed: str, name: str) -> str:
    change = graph.linear(graph.quantize(mixed, f"{name}_Wo"), f"{name}_Wo", f"{name}_bo")
    return graph.residual(x, change, f"{name}_Wo")


def _context_keys_and_values(graph: _Graph, x: str, layer: int) -> None:
    name = f"decoder_l{layer}_context"
    rounded = graph.quantize(x, f"{name}_Wk")
    key = graph.heads_apart(graph.linear(rounded, f"{name}_Wk", f"{name}_bk"), (0, 2, 3, 1))
    value = graph.heads_apart(graph.linear(rounded, f"{name}_Wv", f"{name}_bv"), (0, 2, 1, 3))
    graph.add("Identity", key, outputs=[f"keys_{layer}"])
    graph.add("Identity", value, outputs=[f"values_{layer}"])


def step_graph(model: MarianModel) -> onnx.ModelProto:
    """Build one step of the decoder, choice of the best piece included.

    In: `embedded` (batch, dimension), the last piece's embedding with its position; `mask`, `keys_i`, `values_i` as of
    the encoder; `state_i` (batch, dimension); `candidates` int8 (dimension, choices), the embeddings of the pieces that
    may come; `candidate_bias` (choices); `choice_mask` (batch, choices), 0 where a sentence allows a choice.
    Out: `best` int64 (batch), `log_probability` (batch), `attention` (batch, length), `next_state_i`.
    """
    graph = _Graph(model)
    sizes = model.sizes
    width = sizes.dimension // sizes.heads
    inputs = [_floats("embedded", "batch", sizes.dimension), _floats("mask", "batch", 1, 1, "length")]
    outputs = [
        helper.make_tensor_value_info("best", TensorProto.INT64, ["batch"]),
        _floats("log_probability", "batch"),
        _floats("attention", "batch", "length"),
    ]
    x = "embedded"
    weights = ""
    for layer in range(1, sizes.decoder_layers + 1):
        x = _recurrent(graph, x, layer)
        x, weights = _context_attention(graph, x, layer)
        x = graph.feed_forward(x, f"decoder_l{layer}")
        inputs.append(_floats(f"state_{layer}", "batch", sizes.dimension))
        inputs.append(_floats(f"keys_{layer}", "batch", sizes.heads, width, "length"))
        inputs.append(_floats(f"values_{layer}", "batch", sizes.heads, "length", width))
        outputs.append(_floats(f"next_state_{layer}", "batch", sizes.dimension))
    _first_head(graph, weights)
    _choose(graph, x)
    inputs.append(helper.make_tensor_value_info("candidates", TensorProto.INT8, [sizes.dimension, "choices"]))
    inputs += [_floats("candidate_bias", "choices"), _floats("choice_mask", "batch", "choices")]
    return graph.finish(inputs, outputs)


def _recurrent(graph: _Graph, x: str, layer: int) -> str:
    """Add the simpler simple recurrent unit: f = sigmoid(x Wf + bf); c' = f c + (1 - f) x W; the result is relu(c')."""
    name = f"decoder_l{layer}_rnn"
    rounded = graph.quantize(x, f"{name}_W")
    candidate = graph.linear(rounded, f"{name}_W")
    gate = graph.add("Sigmoid", graph.linear(rounded, f"{name}_Wf", f"{name}_bf"))
    kept = graph.add("Mul", gate, graph.add("Sub", f"state_{layer}", candidate))
    state = graph.add("Add", kept, candidate, outputs=[f"next_state_{layer}"])
    return graph.residual(x, graph.add("Relu", state), f"{name}_ffn")


def _context_attention(graph: _Graph, x: str, layer: int) -> tuple[str, str]:
    name = f"decoder_l{layer}_context"
    sizes = graph.model.sizes
    query = graph.linear(graph.quantize(x, f"{name}_Wq"), f"{name}_Wq", f"{name}_bq", _query_factor(graph.model))
    apart = graph.add("Reshape", query, graph.shape(0, sizes.heads, 1, sizes.dimension // sizes.heads))
    weights, mixed = graph.attend(apart, f"keys_{layer}", f"values_{layer}")
    return _attention_output(graph, x, graph.add("Reshape", mixed, graph.shape(0, sizes.dimension)), name), weights


def _first_head(graph: _Graph, weights: str) -> None:
    """Give out what the first head looks at: Marian trains it as a word alignment."""
    head = graph.add("Gather", weights, graph.constant("first", np.asarray(0, np.int64)), axis=1)
    graph.add("Squeeze", head, graph.shape(1), outputs=["attention"])


def _choose(graph: _Graph, x: str) -> None:
    scale = 1 / graph.model.matrices["Wemb"].multiplier
    scores = graph.multiply(graph.quantize(x, "none"), "candidates", scale, "candidate_bias")
    allowed = graph.add("Add", scores, "choice_mask")
    graph.add("ArgMax", allowed, axis=-1, keepdims=0, outputs=["best"])
    highest = graph.add("ReduceMax", allowed, axes=[-1], keepdims=0)
    total = graph.add("ReduceLogSumExp", allowed, axes=[-1], keepdims=0)
    graph.add("Sub", highest, total, outputs=["log_probability"])


def _query_factor(model: MarianModel) -> float:
    """Give the factor of scaled dot-product attention, taken into the query's matrix."""
    return float((model.sizes.dimension // model.sizes.heads) ** -0.5)


def _floats(name: str, *shape: int | str) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, list(shape))
