"""Find and stop processes that a killed runner left behind.

Everything that the runner starts inherits a variable that names its home's run folder. Whoever carries it belongs to
that home, whatever process id it has: unlike a pid file alone, this cannot hit a stranger.
"""

import os
import signal
import time
from pathlib import Path

from stack.layout import Layout

MARKER = "EXAMKIT_RUN_DIR"
_PROCESSES = Path("/proc")
_PATIENCE_SECONDS = 25.0
_POLL_SECONDS = 0.1


def mark(layout: Layout) -> dict[str, str]:
    """Return the variable that everything started for this home carries."""
    return {MARKER: str(layout.run)}


def stop_leftovers(layout: Layout) -> int:
    """Stop what an earlier run of this home left running, with force after a while; return how many there were.

    Supervisor is asked alone where it still lives, because it stops the rest in order.
    """
    found = _belonging_to(layout)
    supervisor = _supervisor_pid(layout)
    _signal([supervisor] if supervisor in found else found, signal.SIGTERM)
    _signal(_await_end(layout, _PATIENCE_SECONDS), signal.SIGKILL)
    _await_end(layout, _PATIENCE_SECONDS)
    return len(found)


def _await_end(layout: Layout, patience_seconds: float) -> list[int]:
    deadline = time.monotonic() + patience_seconds
    while (left := _belonging_to(layout)) and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
    return left


def _belonging_to(layout: Layout) -> list[int]:
    wanted = f"{MARKER}={layout.run}".encode()
    return [int(folder.name) for folder in _PROCESSES.glob("[0-9]*") if wanted in _environment(folder).split(b"\0")]


def _environment(folder: Path) -> bytes:
    try:
        return (folder / "environ").read_bytes()
    except OSError:  # another account's process, or one that has just ended
        return b""


def _supervisor_pid(layout: Layout) -> int | None:
    try:
        return int(layout.supervisor_pid.read_text())
    except (OSError, ValueError):
        return None


def _signal(processes: list[int], number: signal.Signals) -> None:
    for process in processes:
        try:
            os.kill(process, number)
        except ProcessLookupError:
            continue
