"""Halves the size of an ONNX file: its weights are stored in 16 bits and widened again when it is opened."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

_LEAST_VALUES = 1024  # what is smaller is not worth a node


def halve_weights(file: Path) -> None:
    """Rewrite a model so that every large float32 constant is float16, followed by a cast to float32."""
    model = onnx.load(file)
    graph = model.graph
    casts = []
    for constant in graph.initializer:
        values = numpy_helper.to_array(constant)
        if values.dtype == np.float32 and values.size >= _LEAST_VALUES:
            wide, narrow = constant.name, f"{constant.name}_half"
            constant.CopyFrom(numpy_helper.from_array(values.astype(np.float16), narrow))
            casts.append(helper.make_node("Cast", [narrow], [wide], to=TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.save(model, file)
