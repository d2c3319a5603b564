"""The process in which one document is read: whatever the document does, it does it to this process alone.

The document comes on standard input, the answer goes to standard output, and nothing to anywhere else.
"""

import json
import resource
import sys
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from examkit.errors import ExamError
from services.classify.reading.reader import read_document

_PROCESSOR_SECONDS: Final = 20
_MEMORY_BYTES: Final = 768 * 1024 * 1024
_FIRST_TO_END: Final = "1000"


def main() -> None:
    """Read a document, and tell what is in it or why it cannot be read."""
    bound()
    sys.stdout.write(json.dumps(answer(sys.stdin.buffer.read())))


def bound() -> None:
    """Bound this process before it sees the document; it can write no file, and what it leaves behind is nothing."""
    with suppress(OSError):  # not every system has it
        Path("/proc/self/oom_score_adj").write_text(_FIRST_TO_END)
    for what, most in {
        resource.RLIMIT_CPU: _PROCESSOR_SECONDS,
        resource.RLIMIT_AS: _MEMORY_BYTES,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
    }.items():
        resource.setrlimit(what, (most, most))


def answer(data: bytes) -> dict[str, Any]:
    """Return what the process that waits for it expects: the document, or the problem with it."""
    try:
        return {"document": asdict(read_document(data))}
    except ExamError as error:
        return {"problem": {"code": error.code, "detail": error.detail}}


if __name__ == "__main__":
    main()
