"""Processes that a benchmark has started: when they are ready, and what they have used."""

import subprocess
import time
from pathlib import Path
from typing import Final

import httpx2

_START_SECONDS: Final = 120
_POLL_SECONDS: Final = 0.02


def wait_until_ok(url: str, process: "subprocess.Popen[bytes]") -> None:
    """Wait until a process answers 200 at a URL; raise TimeoutError when it ends, or takes more than two minutes."""
    deadline = time.monotonic() + _START_SECONDS
    with httpx2.Client(trust_env=False) as client:
        while time.monotonic() < deadline and process.poll() is None:
            try:
                if client.get(url).status_code == httpx2.codes.OK:
                    return
            except httpx2.TransportError:
                pass
            time.sleep(_POLL_SECONDS)
    raise TimeoutError(f"Nothing answered at {url} in time.")


def cpu_seconds(process: int) -> float:
    """Give the processor time that a process has used, its ended threads included."""
    # The processor clock of another process, as clock_getcpuclockid(3) numbers it.
    return time.clock_gettime((~process << 3) | 2)


def resident_megabytes(process: int) -> float:
    """Give the memory of a process."""
    fields = dict(line.split(":", 1) for line in Path(f"/proc/{process}/status").read_text().splitlines())
    return round(int(fields["VmRSS"].split()[0]) / 1024, 1)
