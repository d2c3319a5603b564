"""The one door to ONNX Runtime: its reporting switched off before it is loaded, one thread a call."""

import os
from pathlib import Path

# Since 1.29 the released binaries report to their maker, with a persistent device id and properties of the model,
# unless this is set before they are loaded (microsoft/onnxruntime pull request 27379). Nothing may leave an office.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # noqa: TID251 - it sets a variable, and must do so before the import below

import onnxruntime  # noqa: TID251 - this is the door


def open_session(model: Path | bytes) -> onnxruntime.InferenceSession:
    """Open a model, a file or its bytes, for the processor.

    One thread a call: a second one spins against other calls and makes both slower. No memory arena: it would keep the
    largest call's memory for good.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    source = model if isinstance(model, bytes) else str(model)
    return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
