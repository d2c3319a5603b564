"""The runner as a process, for tests that need a stack."""

import os
import re
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TCP_TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
# 127.0.0.1, as the kernel writes it for both versions of the protocol.
LOCAL = ("0100007F", "0000000000000000FFFF00000100007F")


class Runner:
    """`python -m stack up` as a process, with what it has said."""

    def __init__(self, home: Path, port: int) -> None:
        self.home = home
        self.url = f"http://127.0.0.1:{port}"
        self._output = home.parent / f"{home.name}.output"
        environment = {**os.environ, "EXAMKIT_HOME": str(home), "EXAMKIT_PORT": str(port), "TERM": "dumb"}
        command = (sys.executable, "-m", "stack", "up")
        with self._output.open("ab") as output:
            self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)

    def said(self) -> str:
        return self._output.read_text()

    def wait_for(self, pattern: str, seconds: float) -> str:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if found := re.search(pattern, self.said()):
                return found[0]
            time.sleep(0.1)
        pytest.fail(f"It never said {pattern!r}, but:\n{self.said()}")

    def processes(self) -> dict[int, str]:
        """Everything it started that still runs: command lines by process id."""
        marker = f"EXAMKIT_RUN_DIR={self.home / 'run'}".encode()
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if marker in (folder / "environ").read_bytes().split(b"\0"):
                    found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
        return found

    def programs(self) -> dict[int, str]:
        """Those of them that the runner or its supervisor started, without the processes that services begin."""
        return {number: command for number, command in self.processes().items() if "multiprocessing" not in command}

    def process_of(self, application: str) -> int:
        return next(number for number, command in self.programs().items() if application in command)

    def foreign_sockets(self) -> list[str]:
        """The TCP sockets of all its processes that are bound or connected to anything but this machine."""
        own = set()
        for number in self.processes():
            for descriptor in Path(f"/proc/{number}/fd").iterdir():
                with suppress(FileNotFoundError):  # closed in between
                    own.add(str(descriptor.readlink()))
        rows = [line.split() for table in TCP_TABLES for line in table.read_text().splitlines()[1:]]
        ends = [end for row in rows if f"socket:[{row[9]}]" in own for end in (row[1], row[2])]
        return [end for end in ends if end.rpartition(":")[0] not in LOCAL and not end.endswith(":0000")]

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(60)
