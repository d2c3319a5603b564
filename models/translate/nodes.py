"""Writes parts of a Marian network as ONNX nodes: its 8-bit products, normalization, embeddings.

Names of parameters are Marian's: `encoder_l1_self_Wq`, `decoder_l2_rnn_Wf`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from models.translate.marian import Int8Matrix, MarianModel

_EPSILON: Final = 1e-9
_OPSET: Final = 17
_IR_VERSION: Final = 8
_RUNTIME_DOMAIN: Final = "com.microsoft"
_RUNTIME_OPERATORS: Final = frozenset({"QGemm", "FusedMatMul", "MatMulIntegerToFloat"})
# Inputs are kept as unsigned bytes around this zero: the pair (unsigned, signed) is the fast one on x86 processors.
ZERO_POINT: Final = 128
# The file's multipliers cut off the largest inputs. A little less of each leaves them room: on FLORES-200 0.85 scored
# best of 1, 0.85, 0.75 and 0.65 (0.3 and 0.5 BLEU over 1), on NTREX-128 they do not differ.
_HEADROOM: Final = 0.85


@dataclass(frozen=True)
class Bytes:
    """An input rounded to 8 bits: the multiplier used, and which byte stands for 0."""

    name: str
    multiplier: float
    zero: int = ZERO_POINT


class Nodes:
    """Collects nodes and constants; each method adds what it names and gives back the name of the result."""

    def __init__(self, model: MarianModel, scope: str = "") -> None:
        """Begin a graph; one within another needs a scope, as no two results may have one name."""
        self.model = model
        self.scope = scope
        self.dimension = model.sizes.dimension
        # The factor of scaled dot-product attention, taken into the query's matrix.
        self.query_factor = float(model.sizes.width**-0.5)
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}

    def add(self, operator: str, *inputs: str, outputs: Sequence[str] = (), **attributes: Any) -> str:
        """Add a node of the standard or the runtime's own operators; a result is named unless `outputs` names it."""
        results = list(outputs) or [f"{self.scope}t{len(self._nodes)}"]
        domain = _RUNTIME_DOMAIN if operator in _RUNTIME_OPERATORS else ""
        self._nodes.append(helper.make_node(operator, inputs, results, domain=domain, **attributes))
        return results[0]

    def constant(self, name: str, value: NDArray[np.generic]) -> str:
        """Keep an array under a name, once."""
        self._constants.setdefault(name, numpy_helper.from_array(np.asarray(value, order="C"), name))
        return name

    def scalar(self, value: float) -> str:
        """Keep a number."""
        return self.constant(f"scalar_{value!r}", np.asarray(value, np.float32))

    def whole(self, value: int) -> str:
        """Keep a whole number."""
        return self.constant(f"whole_{value}", np.asarray(value, np.int64))

    def shape(self, *sizes: int) -> str:
        """Keep a list of sizes, or of axes."""
        return self.constant("shape_" + "_".join(map(str, sizes)), np.asarray(sizes, np.int64))

    def byte(self, value: int) -> str:
        """Keep an unsigned byte."""
        return self.constant(f"byte_{value}", np.asarray(value, np.uint8))

    def quantize(self, x: str, matrix: str, zero: int = ZERO_POINT) -> Bytes:
        """Round the input of a matrix of the model to 8 bits."""
        multiplier = self._multiplier(matrix)
        return Bytes(self.add("QuantizeLinear", x, self.scalar(1 / multiplier), self.byte(zero)), multiplier, zero)

    def linear(self, x: Bytes, weight: str, bias: str = "", factor: float = 1.0) -> str:
        """Multiply (rows, columns) by a matrix of the model and add its bias; `factor` scales both."""
        return self.add("QGemm", *self._product(x, [weight], [bias], factor))

    def linear_pair(self, x: Bytes, weights: tuple[str, str], biases: tuple[str, str]) -> tuple[str, str]:
        """Multiply by two matrices at once."""
        both = self.add("QGemm", *self._product(x, weights, biases))
        names = [f"{both}_first", f"{both}_second"]
        self.add("Split", both, outputs=names, axis=-1)
        return names[0], names[1]

    def feed_forward(self, x: str, layer: str) -> str:
        """Add the two matrices of a layer; what is below 0 after the first is cut off by the rounding to bytes.

        As nothing below 0 is left, the bytes take steps half as large within the same bounds.
        """
        first, second = f"{layer}_ffn_W1", f"{layer}_ffn_W2"
        product = self._product(self.quantize(x, first), [first], [f"{layer}_ffn_b1"])
        multiplier = 2 * self._multiplier(second)
        wide = self.add("QGemm", *product, self.scalar(1 / multiplier), self.byte(0))
        change = self.linear(Bytes(wide, multiplier, 0), second, f"{layer}_ffn_b2")
        return self.residual(x, change, f"{layer}_ffn_ffn")

    def residual(self, x: str, change: str, layer: str) -> str:
        """Add a sublayer's result to its input and normalize."""
        names = f"{layer}_ln_scale", f"{layer}_ln_bias"
        parts = [self.constant(name, self.model.arrays[name].reshape(-1)) for name in names]
        return self.add("LayerNormalization", self.add("Add", x, change), *parts, epsilon=_EPSILON, axis=-1)

    def embedded(self, pieces: str, embedding: Int8Matrix) -> str:
        """Give the embeddings that bytes stand for, times the root of the dimension as Marian takes them."""
        scale = self.dimension**0.5 / embedding.multiplier
        return self.add("DequantizeLinear", pieces, self.scalar(scale), self.byte(ZERO_POINT))

    def scores(self, x: str, candidates: str) -> str:
        """Give how well each candidate's embedding (candidates, dimension) in bytes fits x (batch, dimension).

        The embeddings are the first operand: the runtime rearranges the second one for each product anew.
        """
        multiplier = self._multiplier(self.model.output_input)
        rounded = self.add(
            "QuantizeLinear", x, self.scalar(1 / multiplier), self.constant("s0", np.asarray(0, np.int8))
        )
        upright = self.add("Transpose", rounded, perm=[1, 0])
        scales = self.scalar(1 / self.model.output.multiplier), self.scalar(1 / multiplier)
        product = self.add("MatMulIntegerToFloat", candidates, upright, *scales, self.byte(ZERO_POINT))
        return self.add("Transpose", product, perm=[1, 0])

    def graph(
        self, inputs: Sequence[onnx.ValueInfoProto], outputs: Sequence[onnx.ValueInfoProto], name: str = "student"
    ) -> onnx.GraphProto:
        """Close the graph."""
        return helper.make_graph(self._nodes, name, inputs, outputs, list(self._constants.values()))

    def _multiplier(self, matrix: str) -> float:
        return _HEADROOM * float(self.model.arrays[f"{matrix}_QuantMultA"].item())

    def _product(self, x: Bytes, weights: Sequence[str], biases: Sequence[str], factor: float = 1.0) -> list[str]:
        """Give the operands of a product of bytes; the bias is rounded to the product's own fine steps."""
        matrices = [self.model.matrices[weight] for weight in weights]
        scales = np.concatenate([np.full(m.values.shape[1], factor / m.multiplier, np.float32) for m in matrices])
        summands = [self._bias(bias, matrix) for bias, matrix in zip(biases, matrices, strict=True)]
        steps = scales / np.float32(x.multiplier)
        name = "+".join(weights)
        return [
            x.name,
            self.scalar(1 / x.multiplier),
            self.byte(x.zero),
            self.constant(name, np.concatenate([matrix.values for matrix in matrices], axis=1)),
            self.constant(f"{name}_scales", scales),
            self.constant(f"{name}_zeros", np.zeros(len(scales), np.int8)),
            self.constant(f"{name}_bias", np.rint(factor * np.concatenate(summands) / steps).astype(np.int32)),
        ]

    def _bias(self, name: str, matrix: Int8Matrix) -> NDArray[np.float32]:
        return self.model.arrays[name].reshape(-1) if name else np.zeros(matrix.values.shape[1], np.float32)


def model_of(graph: onnx.GraphProto) -> onnx.ModelProto:
    """Give the model of a graph."""
    opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_RUNTIME_DOMAIN, 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION)


def floats(name: str, *shape: int | str) -> onnx.ValueInfoProto:
    """Declare an array of floats."""
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, list(shape))


def unsigned_bytes(name: str, *shape: int | str) -> onnx.ValueInfoProto:
    """Declare an array of unsigned bytes."""
    return helper.make_tensor_value_info(name, TensorProto.UINT8, list(shape))


def integers(name: str, *shape: int | str) -> onnx.ValueInfoProto:
    """Declare an array of 64-bit integers."""
    return helper.make_tensor_value_info(name, TensorProto.INT64, list(shape))


def booleans(name: str, *shape: int | str) -> onnx.ValueInfoProto:
    """Declare an array of truth values."""
    return helper.make_tensor_value_info(name, TensorProto.BOOL, list(shape))
