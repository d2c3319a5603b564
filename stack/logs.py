"""Read what the log files say last, for people."""

import json
import re
import signal
from pathlib import Path

_TAIL_BYTES = 16 * 1024
_LONGEST_LINE = 300


def last_line(log: Path, start: int = 0) -> str:
    """Return the last line written after byte `start`, a JSON line as its message; empty when there is none."""
    lines = [line.strip() for line in _tail(log, start).splitlines() if line.strip()]
    return _message(lines[-1])[:_LONGEST_LINE] if lines else ""


def exit_reason(process_log: Path, name: str) -> str:
    """Return how supervisor saw a program end last ("signal 9", "exit status 3"), or "reason unknown"."""
    pattern = rf"exited: {re.escape(name)} \((?:terminated by (?P<signal>SIG\w+)|(?P<status>exit status \d+))"
    ends = list(re.finditer(pattern, _tail(process_log, 0)))
    if not ends:
        return "reason unknown"
    return ends[-1]["status"] or f"signal {signal.Signals[ends[-1]['signal']].value}"


def size(log: Path) -> int:
    """Return a log's size in bytes, 0 when it does not exist yet."""
    return log.stat().st_size if log.exists() else 0


def _tail(log: Path, start: int) -> str:
    if not log.exists():
        return ""
    with log.open("rb") as stream:
        end = stream.seek(0, 2)
        stream.seek(max(min(start, end), end - _TAIL_BYTES))
        return stream.read().decode(errors="replace")


def _message(line: str) -> str:
    try:
        entry = json.loads(line)
    except ValueError:
        return line
    if not isinstance(entry, dict):
        return line
    return ": ".join(str(entry[key]) for key in ("event", "error") if key in entry) or line
