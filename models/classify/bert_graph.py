"""A BERT encoder as an ONNX graph that takes a text's token ids and gives its vector.

Matrices are kept in 8 bits and their inputs are rounded to 8 bits as they come, which on processors with VNNI or AMX
takes a third of the time of 32-bit numbers; token vectors stay in the 4 bits of their table. Everything between the
matrices is computed in 32 bits.
"""

from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from models.classify.bert import BLOCK, Bert, Floats, Layer, Linear, Norm

_OPSET: Final = 17
_IR_VERSION: Final = 8
_RUNTIME_DOMAIN: Final = "com.microsoft"
_RUNTIME_OPERATORS: Final = frozenset({"DynamicQuantizeMatMul", "GatherBlockQuantized", "Gelu", "MultiHeadAttention"})
# One bit is left unused: processors without VNNI add two products in 16 bits and cut off what is more, so that with
# 127 they would give other numbers than those that the vectors of the documents were made with.
_LARGEST: Final = 63


def encoder_graph(bert: Bert, most_tokens: int) -> onnx.ModelProto:
    """Build the graph for texts of at most `most_tokens` tokens.

    In: `input_ids` int64 (texts, tokens), all of a call of the same length. Out: `sentence_embedding` float (texts,
    width), the mean over the tokens, brought to length 1.
    """
    graph = _Graph(bert)
    x = _embed(graph, bert.positions[:most_tokens])
    for number, layer in enumerate(bert.layers):
        x = _layer(graph, x, layer, f"layer_{number}")
    graph.add("LpNormalization", graph.add("ReduceMean", x, axes=[1], keepdims=0), output="sentence_embedding", axis=-1)
    return graph.finish()


class _Graph:
    """Collects nodes and constants; each method adds what it names and gives back the name of the result."""

    def __init__(self, bert: Bert) -> None:
        self.bert = bert
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def constant(self, name: str, value: NDArray[np.generic]) -> str:
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def add(self, operator: str, *inputs: str, output: str = "", **attributes: Any) -> str:
        """Add a node with one result, named `output` or by its number."""
        result = output or f"t{len(self._nodes)}"
        domain = _RUNTIME_DOMAIN if operator in _RUNTIME_OPERATORS else ""
        self._nodes.append(helper.make_node(operator, inputs, [result], domain=domain, **attributes))
        return result

    def split(self, x: str, parts: int) -> list[str]:
        """Cut the last axis into equal parts."""
        results = [f"t{len(self._nodes)}_{part}" for part in range(parts)]
        self._nodes.append(helper.make_node("Split", [x], results, axis=-1))
        return results

    def multiply(self, x: str, linear: Linear, name: str) -> str:
        """Round the input, multiply by the rounded matrix, add the bias."""
        scales = np.maximum(np.abs(linear.weight).max(axis=0), np.float32(1e-12)) / np.float32(_LARGEST)
        codes = np.rint(linear.weight / scales).astype(np.int8)
        matrix = self.constant(f"{name}_matrix", codes), self.constant(f"{name}_scales", scales)
        return self.add("DynamicQuantizeMatMul", x, *matrix, "", self.constant(f"{name}_bias", linear.bias))

    def normalize(self, x: str, change: str, norm: Norm, name: str) -> str:
        """Add a change to its input and normalize: apart, because the operator for both is six times as slow here."""
        parts = self.constant(f"{name}_scale", norm.scale), self.constant(f"{name}_shift", norm.bias)
        return self.add("LayerNormalization", self.add("Add", x, change), *parts, epsilon=self.bert.epsilon)

    def finish(self) -> onnx.ModelProto:
        ids = helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["texts", "tokens"])
        vectors = helper.make_tensor_value_info("sentence_embedding", TensorProto.FLOAT, ["texts", self.bert.width])
        graph = helper.make_graph(self._nodes, "encoder", [ids], [vectors], self._constants)
        opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_RUNTIME_DOMAIN, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION)


def _embed(graph: _Graph, positions: Floats) -> str:
    """Look the tokens up, add their positions and normalize."""
    codes = graph.bert.words.codes
    # Two codes a byte, the earlier one in the lower half.
    packed = graph.constant("words", codes[:, 0::2] | codes[:, 1::2] << 4)
    scales = graph.constant("word_scales", graph.bert.words.scales)
    found = graph.add("GatherBlockQuantized", packed, "input_ids", scales, bits=4, block_size=BLOCK)
    zero, one = (graph.constant(f"number_{number}", np.array([number], np.int64)) for number in (0, 1))
    length = graph.add("Gather", graph.add("Shape", "input_ids"), one)
    places = graph.add("Slice", graph.constant("positions", positions), zero, length, zero)
    return graph.normalize(graph.add("Cast", found, to=TensorProto.FLOAT), places, graph.bert.norm, "embedding_norm")


def _layer(graph: _Graph, x: str, layer: Layer, name: str) -> str:
    parts = graph.split(graph.multiply(x, layer.attention, f"{name}_attention"), 3)
    mixed = graph.add("MultiHeadAttention", *parts, num_heads=graph.bert.heads)
    change = graph.multiply(mixed, layer.attention_output, f"{name}_attention_output")
    x = graph.normalize(x, change, layer.attention_norm, f"{name}_attention_norm")
    wide = graph.add("Gelu", graph.multiply(x, layer.wide, f"{name}_wide"))
    return graph.normalize(x, graph.multiply(wide, layer.narrow, f"{name}_narrow"), layer.norm, f"{name}_norm")
