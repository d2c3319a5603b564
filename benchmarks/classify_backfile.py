"""What a back-file costs: its command is run on a file of typical documents, with as many processes as goals assume."""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.classify_answers import PROCESSES
from services.classify.text import PatentText
from stack.programs import CHECKOUT

_FEW: Final = 32
_MANY: Final = 1600
# The second tells that some documents were refused.
_FINISHED: Final = (0, 1)


@dataclass(frozen=True)
class BackfileSpeed:
    """Documents a second once the processes run, the seconds before that, and processor time a document."""

    documents: int
    processes: int
    documents_per_second: float
    start_seconds: float
    cpu_milliseconds: float


def measure_backfile(artifacts: Path, texts: Sequence[PatentText]) -> BackfileSpeed:
    """Classify a short and a long back-file; what they differ in is the cost of the documents."""
    (few, few_cpu), (many, many_cpu) = (_run(artifacts, texts, count) for count in (_FEW, _MANY))
    more, seconds = _MANY - _FEW, many - few
    return BackfileSpeed(
        documents=_MANY,
        processes=PROCESSES,
        documents_per_second=round(more / seconds, 1),
        start_seconds=round(few - _FEW * seconds / more, 2),
        cpu_milliseconds=round(1000 * (many_cpu - few_cpu) / more, 1),
    )


def _run(artifacts: Path, texts: Sequence[PatentText], count: int) -> tuple[float, float]:
    """Return seconds on the clock and of processor time."""
    with TemporaryDirectory() as folder:
        backfile, results = Path(folder) / "backfile.jsonl", Path(folder) / "results.jsonl"
        backfile.write_text("".join(f"{_line(number, texts[number % len(texts)])}\n" for number in range(count)))
        command = [sys.executable, "-m", "services.classify.batch", str(backfile), "--out", str(results)]
        command += ["--artifacts", str(artifacts), "--processes", str(PROCESSES)]
        started, used = time.perf_counter(), _children_seconds()
        done = subprocess.run(command, cwd=CHECKOUT, stderr=subprocess.DEVNULL, check=False)
        if done.returncode not in _FINISHED:
            done.check_returncode()
        return time.perf_counter() - started, _children_seconds() - used


def _line(number: int, text: PatentText) -> str:
    return json.dumps(
        {"documentId": str(number), "title": text.title, "abstract": text.abstract, "claims": text.claims}
    )


def _children_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
