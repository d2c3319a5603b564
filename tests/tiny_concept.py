"""Makes a concept encoder of a few kilobytes, built for real: dark marks are eagles, pale ones crowns."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from examkit.artifact import Manifest, hash_files, write_manifest
from services.image_search import concept, vienna
from services.image_search.concept_space import COMPOSITION, EXAMPLES, NAMES, NOUNS, write_bytes
from services.image_search.concept_words import Vocabulary

WORD_VECTORS = np.array([[1, 0, 0], [0, 1, 0], [0.8, 0, 0.6]], np.float32)
EXAMPLE_VECTORS = np.array([[1, 0], [0, 1], [0.9, 0.4]], np.float32)
MIX = {"image": 0.5, "asked_image": 0.5, "smoothed": 0.5, "sharpness": 20.0, "names": 2}
VOCABULARY = Vocabulary(
    ["eagle", "crown", "falcon"],
    {"eagle": (0,), "crown": (1,), "falcon": (2,), "aguila": (0,), "bird of prey": (0, 2), "couronne": (1,)},
    {"buzzard": 0},
)


def write_concept_encoder(folder: Path) -> Path:
    """Write and seal the artifact; `folder` is made."""
    folder.mkdir(parents=True)
    onnx.save(_graph(), folder / concept.NETWORK_FILE)
    VOCABULARY.write(folder)
    write_bytes(folder, NAMES, WORD_VECTORS)
    write_bytes(folder, EXAMPLES, EXAMPLE_VECTORS)
    write_bytes(folder, NOUNS, np.array([[0.7, 0, 0.7]], np.float32))
    np.save(folder / f"{COMPOSITION}.npy", np.vstack([0.5 * np.eye(3), np.eye(3)]).astype(np.float16))
    (folder / concept.CODES_FILE).write_text("03.07.01:1.00\n24.09:1.00\n03.07.01:0.60 03.07.16:0.40\n")
    files = hash_files(folder, [file.name for file in folder.iterdir()])
    manifest = Manifest("concept-encoder", "0.0.1", concept.FORMAT, 1, "CC0-1.0", "made up", files, {"mix": MIX})
    write_manifest(folder, manifest)
    return folder


def write_vienna_codes(folder: Path, titles: dict[str, str]) -> Path:
    """Write and seal a table of codes; `folder` is made."""
    folder.mkdir(parents=True)
    (folder / vienna.CODES_FILE).write_text("".join(f"{code}\t{title}\n" for code, title in titles.items()))
    files = hash_files(folder, [vienna.CODES_FILE])
    properties = {"edition": "9"}
    write_manifest(folder, Manifest("vienna-codes", "9", vienna.FORMAT, 1, "CC0-1.0", "made up", files, properties))
    return folder


def _graph() -> onnx.ModelProto:
    """Give (darkness, paleness) of the ink's view as image vector, and the same with a zero as word vector."""
    constants: dict[str, np.ndarray] = {
        "scale": np.array(1 / 255, np.float32),
        "one": np.array(1, np.float32),
        "axes": np.array([1, 2, 3], np.int64),
        "last": np.array([1], np.int64),
        "zero": np.array(0, np.float32),
    }
    nodes = [
        helper.make_node("Cast", ["views"], ["numbers"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["numbers", "axes"], ["means"], keepdims=0),
        helper.make_node("Unsqueeze", ["means", "last"], ["column"]),
        helper.make_node("Mul", ["column", "scale"], ["pale"]),
        helper.make_node("Sub", ["one", "pale"], ["dark"]),
        helper.make_node("Mul", ["pale", "zero"], ["nothing"]),
        helper.make_node("Concat", ["dark", "pale"], ["image"], axis=1),
        helper.make_node("Concat", ["dark", "pale", "nothing"], ["words"], axis=1),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("views", TensorProto.UINT8, ["n", 128, 128, 3])],
        [
            helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 2]),
            helper.make_tensor_value_info("words", TensorProto.FLOAT, ["n", 3]),
        ],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
