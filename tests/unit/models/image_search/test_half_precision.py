"""A model with weights in 16 bits says nearly the same in half the size."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from examkit.inference import open_session
from models.image_search.half_precision import halve_weights


def test_large_weights_are_halved_and_small_ones_kept(tmp_path):
    random = np.random.default_rng(3)
    weights, bias = random.normal(size=(64, 32)).astype(np.float32), random.normal(size=32).astype(np.float32)
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["p"]), helper.make_node("Add", ["p", "b"], ["y"])],
        "layer",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 64])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 32])],
        [numpy_helper.from_array(weights, "w"), numpy_helper.from_array(bias, "b")],
    )
    file = tmp_path / "model.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), file)
    size = file.stat().st_size
    halve_weights(file)
    assert file.stat().st_size < 0.6 * size
    kept = {each.name: numpy_helper.to_array(each).dtype for each in onnx.load(file).graph.initializer}
    assert kept == {"w_half": np.float16, "b": np.float32}
    inputs = random.normal(size=(5, 64)).astype(np.float32)
    (outputs,) = open_session(file).run(["y"], {"x": inputs})
    assert np.abs(outputs - (inputs @ weights + bias)).max() < 0.05
