"""Does ONNX Runtime, opened through the frame's door, leave no trace and call nobody?"""

import os
import subprocess
import sys
from pathlib import Path

import onnx
from onnx import TensorProto, helper

ROOT = Path(__file__).resolve().parents[3]
# Every socket that the process opens shows in its folder of descriptors; a reporter's threads show by their number.
SCRIPT = """
import sys
from pathlib import Path
from examkit.inference import open_session
session = open_session(Path(sys.argv[1]))
for _ in range(200):
    (y,) = session.run(None, {"x": [1.0]})
links = [str(link.readlink()) for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
print(y[0], sum("socket" in link for link in links), len(list(Path("/proc/self/task").iterdir())))
"""


def doubling_model(file: Path) -> Path:
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])
    graph = helper.make_graph([helper.make_node("Add", ["x", "x"], ["y"])], "doubling", [x], [y])
    opset = helper.make_opsetid("", 17)
    onnx.save(helper.make_model(graph, opset_imports=[opset], ir_version=9), file)
    return file


def test_a_session_computes_keeps_no_device_id_and_starts_no_reporter(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    # Not as in CI, where the library is silent by itself.
    environment = {"HOME": str(home), "PATH": os.defpath, "OMP_NUM_THREADS": "1"}
    command = (sys.executable, "-c", SCRIPT, str(doubling_model(tmp_path / "doubling.onnx")))
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == ["2.0", "0", "1"]
    assert list(home.rglob("*")) == []
    assert "telemetry" not in done.stderr
