"""How a process that works for another behaves: it ends with the one that it works for, and before it."""

import multiprocessing
import os
import resource
import signal
import threading
from contextlib import suppress
from multiprocessing.connection import wait
from pathlib import Path
from typing import Final

_NICENESS: Final = 10  # a tenth of the time that a search gets, where both want all of it
_FIRST_TO_END: Final = "1000"
_PAGE_BYTES: Final = resource.getpagesize()


def serve_parent() -> None:
    """Leave Ctrl-C to the parent, which reaches every process of a terminal; end when the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def step_back() -> None:
    """Leave the machine to others, as far as they want it; be the first to end where the machine runs out of memory."""
    os.nice(_NICENESS)
    end_first()


def end_first() -> None:
    """Be the first to end where the machine runs out of memory."""
    with suppress(OSError):  # not every system has it
        Path("/proc/self/oom_score_adj").write_text(_FIRST_TO_END)


def bound_memory(most_bytes: int) -> None:
    """Let this process have so much beside what it has now; beyond that, it gets a MemoryError."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    bound = pages * _PAGE_BYTES + most_bytes
    resource.setrlimit(resource.RLIMIT_AS, (bound, bound))


def _end_with_parent() -> None:
    """End this process when its parent is gone without having said so; it would wait for work forever."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os._exit(1)
